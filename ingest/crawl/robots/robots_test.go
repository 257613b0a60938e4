package robots

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// parseURL reads an address; "" is the empty one.
func parseURL(t testing.TB, address string) *url.URL {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// What the standard says, beyond what robots_google_test.go holds: RFC 9309,
// examples of sections 2.2.2, 2.2.3, 5.1 and 5.2.
func TestRobotsStandard(t *testing.T) {
	const multiple = `User-Agent: *
Disallow: *.gif$
Disallow: /example/
Allow: /publications/

User-Agent: foobot
Disallow:/
Allow:/example/page.html
Allow:/example/allowed.gif

User-Agent: barbot
User-Agent: bazbot
Disallow: /example/page.html

User-Agent: quxbot
`
	const longest = "User-Agent: foobot\nAllow: /example/page/\nDisallow: /example/page/disallowed.gif\n"
	rule := func(path string) string { return "User-agent: foobot\nDisallow: " + path + "\n" }
	for _, tt := range []struct {
		name, robots, agent, path string
		want                      bool
	}{
		{"5.1 any agent", multiple, "otherbot", "/", true},
		{"5.1 any agent, wildcard and end", multiple, "otherbot", "/a/b.gif", false},
		{"5.1 any agent, not the end", multiple, "otherbot", "/a/b.gif?x", true},
		{"5.1 any agent, folder", multiple, "otherbot", "/example/page.html", false},
		{"5.1 any agent, allowed", multiple, "otherbot", "/publications/", true},
		{"5.1 foobot", multiple, "foobot", "/", false},
		{"5.1 foobot, page", multiple, "foobot", "/example/page.html", true},
		{"5.1 foobot, picture", multiple, "foobot", "/example/allowed.gif", true},
		{"5.1 foobot, other picture", multiple, "foobot", "/example/other.gif", false},
		{"5.1 first of two agents", multiple, "barbot", "/example/page.html", false},
		{"5.1 second of two agents", multiple, "bazbot", "/example/page.html", false},
		{"5.1 second of two agents, not all", multiple, "bazbot", "/example/a.gif", true},
		{"5.1 agent without rules", multiple, "quxbot", "/example/page.html", true},
		{"5.2 longest match", longest, "foobot", "/example/page/disallowed.gif", false},
		{"5.2 shorter match", longest, "foobot", "/example/page/allowed.gif", true},

		{"2.2.2 query", rule("/foo/bar?baz=quz"), "foobot", "/foo/bar?baz=quz", false},
		{"2.2.2 address in query", rule("/foo/bar?baz=https://foo.bar"), "foobot", "/foo/bar?baz=https%3A%2F%2Ffoo.bar", false},
		{"2.2.2 address in query, same", rule("/foo/bar?baz=https://foo.bar"), "foobot", "/foo/bar?baz=https://foo.bar", false},
		{"2.2.2 address in query, escaped in the rule", rule("/foo/bar?baz=https%3A%2F%2Ffoo.bar"), "foobot", "/foo/bar?baz=https://foo.bar", false},
		{"2.2.2 beyond ASCII", rule("/foo/bar/ツ"), "foobot", "/foo/bar/%E3%83%84", false},
		{"2.2.2 beyond ASCII, escaped", rule("/foo/bar/%E3%83%84"), "foobot", "/foo/bar/%E3%83%84", false},
		{"2.2.2 beyond ASCII, escaped in lower case", rule("/foo/bar/%e3%83%84"), "foobot", "/foo/bar/ツ", false},
		{"2.2.2 unreserved, escaped", rule("/foo/bar/%62%61%7A"), "foobot", "/foo/bar/baz", false},
		{"2.2.2 reserved, escaped", rule("/foo%2Fbar"), "foobot", "/foo/bar", true},
		{"2.2.3 comment", rule("/a # b"), "foobot", "/a", false},
		{"2.2.3 literal star", rule("/path/file-with-a-%2A.html"), "foobot", "/path/file-with-a-*.html", false},
		{"2.2.3 literal star is no wildcard", rule("/path/file-with-a-%2A.html"), "foobot", "/path/file-with-a-b.html", true},
		{"2.2.3 literal dollar", rule("/path/foo-%24"), "foobot", "/path/foo-$", false},
		{"2.2.3 literal dollar is no end", rule("/path/foo-%24"), "foobot", "/path/foo-", true},
		{"2.2.3 dollar inside", rule("/path/$foo"), "foobot", "/path/$foo/bar", false},
		{"2.2.3 stars", rule("/this/*/exactly"), "foobot", "/this/is/not/exactly/so", false},

		{"index.html is the folder", rule("/private/index.html"), "foobot", "/private/", false},
		{"index.html is not all of the folder", rule("/private/index.html"), "foobot", "/private/a", true},
		{"wildcards and end", rule("/*a*b$"), "foobot", "/xaxbxb", false},
		{"wildcards and another end", rule("/*a*b$"), "foobot", "/xaxbxc", true},
		{"nothing between wildcards", rule("/**a"), "foobot", "/a", false},
		{"escaped query behind a wildcard", rule("/*u=http%3A"), "foobot", "/go?u=http%3A", false},
		{"typos", "Useragent foobot\nDissallow: /\n", "foobot", "/a", false},
		{"Crawl-delay does not end the agents", "User-agent: foobot\nCrawl-delay: 2\nUser-agent: b\nDisallow: /\n", "foobot", "/a", false},
		{"version of the agent", "User-agent: foobot/2.1\nDisallow: /\n", "foobot", "/a", false},
		{"longer name", "User-agent: foobot-news\nDisallow: /\n", "foobot", "/a", true},
		{"page instead of rules", "<!DOCTYPE html>\n<p>User-agent: *<br>Disallow: /</p>\n", "foobot", "/a", true},
		{"UTF-8 byte order mark", "\ufeffUser-agent: foobot\nDisallow: /\n", "foobot", "/a", false},
		{"CR alone, no end of line", "User-agent: foobot\rDisallow: /", "foobot", "/a", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, by := Parse([]byte(tt.robots)).Allowed(tt.agent, parseURL(t, "http://foo.bar"+tt.path))
			if got != tt.want {
				t.Errorf("Allowed(%s, %s) = %t by %q, want %t", tt.agent, tt.path, got, by, tt.want)
			}
		})
	}
}

func TestRobotsRule(t *testing.T) {
	file := "# ours\nUser-agent: *\nDisallow: /\n\nUser-agent: citewell\n\nDisallow: /private/\r\nAllow: /private/open\n"
	r := Parse([]byte(file))
	for _, tt := range []struct {
		name        string
		robots      *Rules
		agent, path string
		wantAllowed bool
		wantRule    string
	}{
		{"disallow", r, "citewell", "/private/a", false, "Disallow: /private/ (line 7)"},
		{"agent in capitals", r, "Citewell", "/private/a", false, "Disallow: /private/ (line 7)"},
		{"allow", r, "citewell", "/private/open/a", true, "Allow: /private/open (line 8)"},
		{"no match", r, "citewell", "/public", true, "no rule matches"},
		{"for all", r, "other", "/public", false, "Disallow: / (line 3)"},
		{"no group", Parse([]byte("User-agent: a\nDisallow: /")), "citewell", "/", true, "no rule for citewell"},
		{"no file", AllowAll(), "citewell", "/", true, "there is no robots.txt"},
		{"unreachable", DisallowAll("robots.txt: the server answers 503"), "citewell", "/", false, "robots.txt: the server answers 503"},
		{"terminal escapes", Parse([]byte("User-agent: *\nDisallow: /\x1b[31m")), "citewell", "/\x1b[31m", false, "Disallow: /%1B%5B31m (line 2)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			u := &url.URL{Scheme: "http", Host: "h", Path: tt.path}
			if ok, rule := tt.robots.Allowed(tt.agent, u); ok != tt.wantAllowed || rule != tt.wantRule {
				t.Errorf("Allowed(%s, %s) = %t, %q, want %t, %q", tt.agent, tt.path, ok, rule, tt.wantAllowed, tt.wantRule)
			}
		})
	}
}

func TestRobotsDelay(t *testing.T) {
	for _, tt := range []struct {
		name, robots string
		want         time.Duration
	}{
		{"none", "User-agent: *\nDisallow:\n", 0},
		{"for all", "User-agent: *\nCrawl-delay: 2\n", 2 * time.Second},
		{"fraction", "User-agent: citewell\nCrawl-delay: 0.5\n", 500 * time.Millisecond},
		{"ours before all", "User-agent: *\nCrawl-delay: 9\nDisallow: /a\n\nUser-agent: citewell\nCrawl-delay: 1\n", time.Second},
		{"ours without", "User-agent: *\nCrawl-delay: 9\nDisallow: /a\n\nUser-agent: citewell\nDisallow: /b\n", 0},
		{"another's", "User-agent: other\nCrawl-delay: 9\n", 0},
		{"two agents", "User-agent: other\nUser-agent: citewell\nCrawl-delay: 9\n", 9 * time.Second},
		{"the longest", "User-agent: *\nCrawl-delay: 9\nCrawl-delay: 3\n", 9 * time.Second},
		{"unit", "User-agent: *\nCrawl-delay: 3s\n", 3 * time.Second},
		{"negative", "User-agent: *\nCrawl-delay: -3\n", 0},
		{"no number", "User-agent: *\nCrawl-delay: NaN\nCrawl-delay: often\n", 0},
		{"endless", "User-agent: *\nCrawl-delay: 1e300\n", maxCrawlDelay},
		{"outside of groups", "Crawl-delay: 3\nUser-agent: *\n", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Parse([]byte(tt.robots)).Delay("citewell"); got != tt.want {
				t.Errorf("Delay = %v, want %v", got, tt.want)
			}
		})
	}
}

func TestRobotsSitemaps(t *testing.T) {
	file := "Sitemap: http://h/1.xml\nUser-agent: a\nSITEMAP:http://h/2.xml # old\nDisallow: /\n\n\nsite-map: http://h/3.xml?a=1:2\nsitemap:"
	want := []string{"http://h/1.xml", "http://h/2.xml", "http://h/3.xml?a=1:2"}
	if diff := cmp.Diff(want, Parse([]byte(file)).Sitemaps()); diff != "" {
		t.Errorf("sitemaps (-want +got):\n%s", diff)
	}
}

// Rules behind the limit are not read, and the line at the limit does not
// become another rule.
func TestRobotsLimit(t *testing.T) {
	comment := "#" + strings.Repeat("x", 98) + "\n"
	file := "User-agent: *\nDisallow: /first\n"
	file += strings.Repeat(comment, (MaxBytes-len(file))/len(comment))
	file += strings.Repeat("\n", MaxBytes-len(file)-len("Disallow: /"))
	file += "Disallow: /cut\nDisallow: /last\n"
	r := Parse([]byte(file))
	for path, want := range map[string]bool{"/first": false, "/other": true, "/cut": true, "/last": true} {
		if got, by := r.Allowed("citewell", parseURL(t, "http://h"+path)); got != want {
			t.Errorf("Allowed(%s) = %t by %q, want %t", path, got, by, want)
		}
	}
}

// Whatever the file: a verdict has a reason, more agents or comments don't
// change it, and CRLF reads like LF.
func FuzzParseRobots(f *testing.F) {
	f.Add([]byte("User-agent: *\nDisallow: /a*b$\nAllow: /%zz\n"), "/a/b?c=d")
	f.Add([]byte("\xef\xbb\xbfuser-agent citewell\rcrawl-delay: 1e9\rdisallow: //index.html"), "//")
	f.Fuzz(func(t *testing.T, body []byte, path string) {
		u := &url.URL{Scheme: "http", Host: "h", Path: "/" + path}
		r := Parse(body)
		ok, rule := r.Allowed("citewell", u)
		if rule == "" || ok && strings.HasPrefix(rule, "Disallow") || !ok && !strings.HasPrefix(rule, "Disallow") {
			t.Errorf("Allowed = %t by %q", ok, rule)
		}
		if d := r.Delay("citewell"); d < 0 || d > maxCrawlDelay {
			t.Errorf("Delay = %v", d)
		}
		if len(body) > MaxBytes/4 {
			return
		}
		text := strings.ReplaceAll(string(body), "\r\n", "\n")
		if !strings.Contains(text, "\r") && !strings.HasPrefix(text, "\xef") {
			more := "# x\n\nUser-agent: another\n" + text
			crlf := strings.ReplaceAll(more, "\n", "\r\n")
			a, _ := Parse([]byte(more)).Allowed("citewell", u)
			if b, by := Parse([]byte(crlf)).Allowed("citewell", u); a != ok || b != ok {
				t.Errorf("Allowed = %t, with LF %t, with CRLF %t by %q", ok, a, b, by)
			}
		}
	})
}
