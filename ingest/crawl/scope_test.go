package crawl

import (
	"net/url"
	"strings"
	"testing"
)

func TestScope(t *testing.T) {
	list := func(globs ...string) []string { return globs }
	for _, tt := range []struct {
		name, start      string
		include, exclude []string
		address          string
		want             bool
		wantRule         string
	}{
		{"start", "http://h/docs/", nil, nil, "http://h/docs/", true, "under /docs/"},
		{"below", "http://h/docs/", nil, nil, "http://h/docs/a/b", true, "under /docs/"},
		{"above", "http://h/docs/", nil, nil, "http://h/", false, "not under /docs/"},
		{"folder without slash", "http://h/docs/", nil, nil, "http://h/docs", false, "not under /docs/"},
		{"whole host", "http://h", nil, nil, "http://h/a", true, "under /"},
		{"https", "http://h/docs/", nil, nil, "https://h/docs/a", true, "under /docs/"},
		{"other host", "http://h/", nil, nil, "http://www.h/", false, "on another host"},
		{"host that begins alike", "http://h/", nil, nil, "http://h.example/", false, "on another host"},
		{"other port", "http://h:8080/", nil, nil, "http://h/", false, "on another host"},
		{"default port", "https://H:443/", nil, nil, "https://h/a", true, "under /"},
		{"mail", "http://h/", nil, nil, "mailto:a@h", false, "neither http nor https"},
		{"user", "http://h/", nil, nil, "http://u@h/", false, "with a user in the address"},
		{"beside a document", "http://h/docs/intro.html", nil, nil, "http://h/docs/a", true, "under /docs/"},
		{"document itself", "http://h/docs/intro.html", nil, nil, "http://h/docs/intro.html", true, "under /docs/"},
		{"index.html", "http://h/docs/index.html", nil, nil, "http://h/docs/a", true, "under /docs/"},
		{"no slash: itself", "http://h/docs", nil, nil, "http://h/docs", true, "under /docs"},
		{"no slash: below", "http://h/docs", nil, nil, "http://h/docs/a", true, "under /docs"},
		{"no slash: begins alike", "http://h/docs", nil, nil, "http://h/docs2", false, "not under /docs"},
		{"version is a folder", "http://h/docs/v1.2", nil, nil, "http://h/docs/v1.3/a", false, "not under /docs/v1.2"},
		{"name with a dot is a folder", "http://h/docs/node.js", nil, nil, "http://h/docs/node.js/a", true, "under /docs/node.js"},
		{"escaped start", "http://h/d%6Fcs/%C3%A4/", nil, nil, "http://h/docs/%C3%A4/a", true, "under /docs/%C3%A4/"},
		{"exclude", "http://h/", nil, list("/old/**"), "http://h/old/a", false, `excluded by "/old/**"`},
		{"exclude the folder itself", "http://h/", nil, list("/old/**"), "http://h/old/", false, `excluded by "/old/**"`},
		{"exclude not", "http://h/", nil, list("/old/**"), "http://h/older/a", true, "under /"},
		{"exclude anywhere", "http://h/", nil, list("**/old/**"), "http://h/a/old/b", false, `excluded by "**/old/**"`},
		{"exclude anywhere, short", "http://h/", nil, list("old/*"), "http://h/a/old/b", false, `excluded by "old/*"`},
		{"one star stays in its part", "http://h/", nil, list("/old/*"), "http://h/old/a/b", true, "under /"},
		{"exclude by extension", "http://h/", nil, list("*.pdf"), "http://h/a/b.pdf", false, `excluded by "*.pdf"`},
		{"alternatives", "http://h/", nil, list("/{de,fr}/**"), "http://h/fr/a", false, `excluded by "/{de,fr}/**"`},
		{"beyond ASCII", "http://h/", nil, list("/ä*"), "http://h/%C3%A4b", false, `excluded by "/ä*"`},
		{"include", "http://h/a/", list("/b/**"), nil, "http://h/b/c", true, `included by "/b/**"`},
		{"include instead of the prefix", "http://h/a/", list("/b/**"), nil, "http://h/a/c", false, "included by no glob"},
		{"second include", "http://h/", list("/a/**", "/b/**"), nil, "http://h/b/c", true, `included by "/b/**"`},
		{"include stays on the host", "http://h/", list("**"), nil, "http://other/", false, "on another host"},
		{"exclude wins", "http://h/", list("/a/**"), list("/a/b"), "http://h/a/b", false, `excluded by "/a/b"`},
		{"address as a glob", "http://h/", list("https://h/a/**"), nil, "http://h/a/b", true, `included by "https://h/a/**"`},
		{"query", "http://h/", nil, list("/s?lang=*"), "http://h/s?lang=de", false, `excluded by "/s?lang=*"`},
		{"exact query", "http://h/", nil, list(`/s\?lang=de`), "http://h/s?lang=de", false, `excluded by "/s\\?lang=de"`},
		{"no query", "http://h/", nil, list(`/s\?*`), "http://h/s", true, "under /"},
		{"path in a query", "http://h/", nil, list("**/old/**"), "http://h/a?b=/old/c", true, "under /"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := NewScope(parseURL(t, tt.start), tt.include, tt.exclude)
			if err != nil {
				t.Fatal(err)
			}
			ok, rule := s.Contains(parseURL(t, tt.address))
			if ok != tt.want || rule != tt.wantRule {
				t.Errorf("Contains(%s) = %t, %q, want %t, %q", tt.address, ok, rule, tt.want, tt.wantRule)
			}
		})
	}
}

func TestNewScopeErrors(t *testing.T) {
	for _, tt := range []struct {
		name, start, glob string
		want              []string
	}{
		{"scheme", "ftp://h/", "", []string{"not an http or https address"}},
		{"host", "http:///a", "", []string{"names no host"}},
		{"bracket", "http://h/", "[", []string{`include glob "["`, `exclude glob "["`, "brackets"}},
		{"empty", "http://h/", " ", []string{`include glob " "`, "empty"}},
		{"other host", "http://h/", "https://other/**", []string{"other", "stays on h"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var globs []string
			if tt.glob != "" {
				globs = []string{tt.glob}
			}
			_, err := NewScope(parseURL(t, tt.start), globs, globs)
			for _, want := range tt.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("NewScope(%s, %q) = %v, want %q", tt.start, tt.glob, err, want)
				}
			}
		})
	}
}

// parseURL reads an address; "" is the empty one.
func parseURL(t testing.TB, address string) *url.URL {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u
}
