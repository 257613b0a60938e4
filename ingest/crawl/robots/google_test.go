package robots

import (
	"strings"
	"testing"
)

// fish is a case of Google's documentation: which paths a rule allows where all
// else is disallowed.
type fish struct {
	rule            string
	allowed, denied []string
}

// The verdicts that Google publishes with its parser, github.com/google/robotstxt
// of 2026-04, as a table of our own. Three of its verdicts are not here, since
// RFC 9309, section 2.2.2, has them the other way: an address with ツ equals one
// with %E3%83%84, whichever way round the rule is, and %62%61%7A equals baz.
func TestRobotsGoogle(t *testing.T) {
	const (
		foo    = "user-agent: FooBot\n"
		denied = foo + "disallow: /\n"
		groups = "allow: /foo/bar/\n\nuser-agent: FooBot\ndisallow: /\nallow: /x/\nuser-agent: BarBot\ndisallow: /\nallow: /y/\n\n\n" +
			"allow: /w/\nuser-agent: BazBot\n\nuser-agent: FooBot\nallow: /z/\ndisallow: /\n"
		upper   = "USER-AGENT: FooBot\nALLOW: /x/\nDISALLOW: /\n"
		camel   = "uSeR-aGeNt: FooBot\nAlLoW: /x/\ndIsAlLoW: /\n"
		spaced  = "User-Agent: FoO bAr\nAllow: /x/\nDisallow: /\n"
		space   = "User-Agent: *\nDisallow: /\nUser-Agent: Foo Bar\nAllow: /x/\nDisallow: /\n"
		global  = "user-agent: *\nallow: /\nuser-agent: FooBot\ndisallow: /\n"
		only    = foo + "allow: /\nuser-agent: BarBot\ndisallow: /\nuser-agent: BazBot\ndisallow: /\n"
		sitemap = "User-agent: BarBot\nSitemap: https://foo.bar/sitemap\nUser-agent: *\nDisallow: /\n"
		unknown = "User-agent: FooBot\nInvalid-Unknown-Line: unknown\nUser-agent: *\nDisallow: /\n"
		special = foo + "Disallow: /foo/bar/quz\nAllow: /foo/*/qux\n"
		end     = foo + "Disallow: /foo/bar$\nAllow: /foo/bar/qux\n"
		comment = foo + "# Disallow: /\nDisallow: /foo/quz#qux\nAllow: /\n"
		index   = "User-Agent: *\nAllow: /allowed-slash/index.html\nDisallow: /\n"
		own     = "User-agent: *\nDisallow: /x/\nUser-agent: FooBot\nDisallow: /y/\n"
	)
	for _, tt := range []struct {
		name, robots, agent, path string
		want                      bool
	}{
		{"system: empty file, empty address", "", "FooBot", "", true},
		{"system: no agent", denied, "", "", true},
		{"system: empty address", denied, "FooBot", "", false},
		{"system: all empty", "", "", "", true},
		{"line: right", denied, "FooBot", "/x/y", false},
		{"line: unknown names", "foo: FooBot\nbar: /\n", "FooBot", "/x/y", true},
		{"line: no colon", "user-agent FooBot\ndisallow /\n", "FooBot", "/x/y", false},
		{"groups: first group", groups, "FooBot", "/x/b", true},
		{"groups: merged group", groups, "FooBot", "/z/d", true},
		{"groups: another's rule", groups, "FooBot", "/y/c", false},
		{"groups: second agent", groups, "BarBot", "/y/c", true},
		{"groups: after empty lines", groups, "BarBot", "/w/a", true},
		{"groups: not merged", groups, "BarBot", "/z/d", false},
		{"groups: two agents in a row", groups, "BazBot", "/z/d", true},
		{"groups: rule outside, FooBot", groups, "FooBot", "/foo/bar/", false},
		{"groups: rule outside, BarBot", groups, "BarBot", "/foo/bar/", false},
		{"groups: rule outside, BazBot", groups, "BazBot", "/foo/bar/", false},
		{"other lines: sitemap, FooBot", sitemap, "FooBot", "/", false},
		{"other lines: sitemap, BarBot", sitemap, "BarBot", "/", false},
		{"other lines: unknown, FooBot", unknown, "FooBot", "/", false},
		{"other lines: unknown, BarBot", unknown, "BarBot", "/", false},
		{"names: upper allow", upper, "FooBot", "/x/y", true},
		{"names: upper disallow", upper, "FooBot", "/a/b", false},
		{"names: lower allow", strings.ToLower(upper), "FooBot", "/x/y", true},
		{"names: lower disallow", strings.ToLower(upper), "FooBot", "/a/b", false},
		{"names: camel allow", camel, "FooBot", "/x/y", true},
		{"names: camel disallow", camel, "FooBot", "/a/b", false},
		{"agent: upper, Foo allowed", strings.Replace(spaced, "FoO bAr", "FOO BAR", 1), "Foo", "/x/y", true},
		{"agent: upper, Foo denied", strings.Replace(spaced, "FoO bAr", "FOO BAR", 1), "Foo", "/a/b", false},
		{"agent: upper, foo allowed", strings.Replace(spaced, "FoO bAr", "FOO BAR", 1), "foo", "/x/y", true},
		{"agent: upper, foo denied", strings.Replace(spaced, "FoO bAr", "FOO BAR", 1), "foo", "/a/b", false},
		{"agent: lower, Foo allowed", strings.Replace(spaced, "FoO bAr", "foo bar", 1), "Foo", "/x/y", true},
		{"agent: lower, Foo denied", strings.Replace(spaced, "FoO bAr", "foo bar", 1), "Foo", "/a/b", false},
		{"agent: lower, foo allowed", strings.Replace(spaced, "FoO bAr", "foo bar", 1), "foo", "/x/y", true},
		{"agent: lower, foo denied", strings.Replace(spaced, "FoO bAr", "foo bar", 1), "foo", "/a/b", false},
		{"agent: camel, Foo allowed", spaced, "Foo", "/x/y", true},
		{"agent: camel, Foo denied", spaced, "Foo", "/a/b", false},
		{"agent: camel, foo allowed", spaced, "foo", "/x/y", true},
		{"agent: camel, foo denied", spaced, "foo", "/a/b", false},
		{"agent: up to the space", space, "Foo", "/x/y", true},
		{"agent: with space", space, "Foo Bar", "/x/y", false},
		{"global: empty file", "", "FooBot", "/x/y", true},
		{"global: specific group", global, "FooBot", "/x/y", false},
		{"global: group for all", global, "BarBot", "/x/y", true},
		{"global: no group", only, "QuxBot", "/x/y", true},
		{"case: lower", foo + "disallow: /x/\n", "FooBot", "/x/y", false},
		{"case: upper", foo + "disallow: /X/\n", "FooBot", "/x/y", true},
		{"longest: disallow", foo + "disallow: /x/page.html\nallow: /x/\n", "FooBot", "/x/page.html", false},
		{"longest: allow", foo + "allow: /x/page.html\ndisallow: /x/\n", "FooBot", "/x/page.html", true},
		{"longest: shorter disallow", foo + "allow: /x/page.html\ndisallow: /x/\n", "FooBot", "/x/", false},
		{"longest: both empty", foo + "disallow: \nallow: \n", "FooBot", "/x/page.html", true},
		{"longest: both all", denied + "allow: /\n", "FooBot", "/x/page.html", true},
		{"longest: without slash", foo + "disallow: /x\nallow: /x/\n", "FooBot", "/x", false},
		{"longest: with slash", foo + "disallow: /x\nallow: /x/\n", "FooBot", "/x/", true},
		{"longest: same", foo + "disallow: /x/page.html\nallow: /x/page.html\n", "FooBot", "/x/page.html", true},
		{"longest: longer wildcard", foo + "allow: /page\ndisallow: /*.html\n", "FooBot", "/page.html", false},
		{"longest: wildcard fails", foo + "allow: /page\ndisallow: /*.html\n", "FooBot", "/page", true},
		{"longest: shorter wildcard", foo + "allow: /x/page.\ndisallow: /*.html\n", "FooBot", "/x/page.html", true},
		{"longest: wildcard alone", foo + "allow: /x/page.\ndisallow: /*.html\n", "FooBot", "/x/y.html", false},
		{"longest: own group allows", own, "FooBot", "/x/page", true},
		{"longest: own group denies", own, "FooBot", "/y/page", false},
		{"encoding: address in query", denied + "Allow: /foo/bar?qux=taz&baz=http://foo.bar?tar&par\n", "FooBot", "/foo/bar?qux=taz&baz=http://foo.bar?tar&par", true},
		{"encoding: rule is encoded", denied + "Allow: /foo/bar/ツ\n", "FooBot", "/foo/bar/%E3%83%84", true},
		{"encoding: both encoded", denied + "Allow: /foo/bar/%E3%83%84\n", "FooBot", "/foo/bar/%E3%83%84", true},
		{"encoding: unreserved", denied + "Allow: /foo/bar/%62%61%7A\n", "FooBot", "/foo/bar/%62%61%7A", true},
		{"special: denied", special, "FooBot", "/foo/bar/quz", false},
		{"special: no folder", special, "FooBot", "/foo/quz", true},
		{"special: empty folder", special, "FooBot", "/foo//quz", true},
		{"special: other folder", special, "FooBot", "/foo/bax/quz", true},
		{"special: end", end, "FooBot", "/foo/bar", false},
		{"special: beyond the end", end, "FooBot", "/foo/bar/qux", true},
		{"special: slash beyond the end", end, "FooBot", "/foo/bar/", true},
		{"special: other beyond the end", end, "FooBot", "/foo/bar/baz", true},
		{"special: comment line", comment, "FooBot", "/foo/bar", true},
		{"special: comment behind", comment, "FooBot", "/foo/quz", false},
		{"index: folder", index, "foobot", "/allowed-slash/", true},
		{"index: htm", index, "foobot", "/allowed-slash/index.htm", false},
		{"index: exact", index, "foobot", "/allowed-slash/index.html", true},
		{"index: other", index, "foobot", "/anyother-url", false},
		{"precedence: /p", foo + "allow: /p\ndisallow: /\n", "FooBot", "/page", true},
		{"precedence: /folder", foo + "allow: /folder\ndisallow: /folder\n", "FooBot", "/folder/page", true},
		{"precedence: /page", foo + "allow: /page\ndisallow: /*.htm\n", "FooBot", "/page.htm", false},
		{"precedence: /$", foo + "allow: /$\ndisallow: /\n", "FooBot", "/", true},
		{"precedence: beyond /$", foo + "allow: /$\ndisallow: /\n", "FooBot", "/page.html", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			check(t, tt.robots, tt.agent, tt.path, tt.want)
		})
	}
}

// check compares a verdict.
func check(t *testing.T, robots, agent, path string, want bool) {
	t.Helper()
	address := ""
	if path != "" {
		address = "http://foo.bar" + path
	}
	if got, by := Parse([]byte(robots)).Allowed(agent, parseURL(t, address)); got != want {
		t.Errorf("Allowed(%s, %.60s) = %t by %q, want %t", agent, path, got, by, want)
	}
}

// The section "URL matching based on path values" of Google's documentation.
func TestRobotsGooglePaths(t *testing.T) {
	under := []string{"/fish", "/fish.html", "/fish/salmon.html", "/fishheads", "/fishheads/yummy.html", "/fish.html?id=anything"}
	for _, tt := range []fish{
		{"/fish", under, []string{"/bar", "/Fish.asp", "/catfish", "/?id=fish"}},
		{"/fish*", under, []string{"/bar", "/Fish.bar", "/catfish", "/?id=fish"}},
		{"/fish/", []string{"/fish/", "/fish/salmon", "/fish/?salmon", "/fish/salmon.html", "/fish/?id=anything"},
			[]string{"/bar", "/fish", "/fish.html", "/Fish/Salmon.html"}},
		{"/*.php", []string{"/filename.php", "/folder/filename.php", "/folder/filename.php?parameters", "//folder/any.php.file.html",
			"/filename.php/", "/index?f=filename.php/"}, []string{"/bar", "/php/", "/index?php", "/windows.PHP"}},
		{"/*.php$", []string{"/filename.php", "/folder/filename.php"}, []string{"/bar", "/filename.php?parameters", "/filename.php/",
			"/filename.php5", "/php/", "/filename?php", "/aaaphpaaa", "//windows.PHP"}},
		{"/fish*.php", []string{"/fish.php", "/fishheads/catfish.php?parameters"}, []string{"/bar", "/Fish.PHP"}},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			robots := "user-agent: FooBot\ndisallow: /\nallow: " + tt.rule + "\n"
			for _, p := range tt.allowed {
				check(t, robots, "FooBot", p, true)
			}
			for _, p := range tt.denied {
				check(t, robots, "FooBot", p, false)
			}
		})
	}
}

// Of a line that is too long, the beginning counts.
func TestRobotsGoogleLineTooLong(t *testing.T) {
	const line = 2083 * 8
	fill := func(name, letter string) string { return "/x/" + strings.Repeat(letter, line-2*len("/x/")-len(name)+1) }
	x := fill("disallow: ", "a")
	denied := "user-agent: FooBot\ndisallow: " + x + "/qux\n"
	check(t, denied, "FooBot", "/fux", true)
	check(t, denied, "FooBot", x+"/fux", false)
	a, b := fill("allow: ", "a"), fill("allow: ", "b")
	allowed := "user-agent: FooBot\ndisallow: /\nallow: " + a + "/qux\nallow: " + b + "/qux\n"
	check(t, allowed, "FooBot", "/", false)
	check(t, allowed, "FooBot", a+"/qux", true)
	check(t, allowed, "FooBot", b+"/fux", true)
}

// Lines are counted the same with every end of line, so that a verdict names
// the right one; and a byte order mark is passed over, a cut one too.
func TestRobotsGoogleLines(t *testing.T) {
	for _, tt := range []struct{ name, robots, want string }{
		{"LF", "User-Agent: foo\nAllow: /some/path\nUser-Agent: bar\n\n\nDisallow: /\n", "Disallow: / (line 6)"},
		{"CRLF", "User-Agent: foo\r\nAllow: /some/path\r\nUser-Agent: bar\r\n\r\n\r\nDisallow: /\r\n", "Disallow: / (line 6)"},
		{"CR", "User-Agent: foo\rAllow: /some/path\rUser-Agent: bar\r\r\rDisallow: /\r", "Disallow: / (line 6)"},
		{"no end", "User-Agent: foo\nAllow: /some/path\nUser-Agent: bar\n\n\nDisallow: /", "Disallow: / (line 6)"},
		{"mixed", "User-Agent: foo\nAllow: /some/path\r\nUser-Agent: bar\n\r\n\nDisallow: /", "Disallow: / (line 6)"},
		{"mark", "\xef\xbb\xbfUser-Agent: bar\nDisallow: /\n", "Disallow: / (line 2)"},
		{"two bytes of a mark", "\xef\xbbUser-Agent: bar\nDisallow: /\n", "Disallow: / (line 2)"},
		{"one byte of a mark", "\xefUser-Agent: bar\nDisallow: /\n", "Disallow: / (line 2)"},
		{"broken mark", "\xef\x11\xbfUser-Agent: bar\nDisallow: /\n", "no rule for bar"},
		{"mark inside", "User-Agent: bar\n\xef\xbb\xbfDisallow: /\n", "no rule matches"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, rule := Parse([]byte(tt.robots)).Allowed("bar", parseURL(t, "http://h/a")); rule != tt.want {
				t.Errorf("rule = %q, want %q", rule, tt.want)
			}
		})
	}
}

// Escapes of addresses and rules.
func TestRobotsGoogleEscapes(t *testing.T) {
	for in, want := range map[string]string{
		"http://www.example.com": "/", "http://www.example.com/a/": "/a/", "http://www.example.com/a/b?c=http://d.e/": "/a/b?c=http://d.e/",
		"http://www.example.com/a/b?c=d&e=f#fragment": "/a/b?c=d&e=f", "//a/b/c": "/b/c", "http://example.com?a": "/?a", "/a": "/a", "": "/",
		"http://example.com/a;b#c": "/a;b",
	} {
		if got := normalPath(parseURL(t, in)); got != want {
			t.Errorf("normalPath(%s) = %s, want %s", in, got, want)
		}
	}
	for in, want := range map[string]string{"/a/b/c": "/a/b/c", "á": "%C3%A1", "%aa": "%AA"} {
		if got := normalPattern(in); got != want {
			t.Errorf("normalPattern(%s) = %s, want %s", in, got, want)
		}
	}
}
