package urlnorm

import (
	"net/url"
	"strings"
	"testing"
)

func TestNormalize(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"as it is", "http://example.com/a/b", "http://example.com/a/b"},
		{"scheme and host", "HTTP://Example.COM/A", "http://example.com/A"},
		{"no path", "http://example.com", "http://example.com/"},
		{"no path but a query", "http://example.com?a=b", "http://example.com/?a=b"},
		{"default port of http", "http://example.com:80/", "http://example.com/"},
		{"default port of https", "https://example.com:443/", "https://example.com/"},
		{"other port", "http://example.com:8080/", "http://example.com:8080/"},
		{"the other scheme's port", "http://example.com:443/", "http://example.com:443/"},
		{"empty port", "http://example.com:/", "http://example.com/"},
		{"fragment", "http://example.com/a#b", "http://example.com/a"},
		{"fragment with slashes", "http://example.com/#/a/b?c", "http://example.com/"},
		{"empty fragment", "http://example.com/a#", "http://example.com/a"},
		{"empty query", "http://example.com/a?", "http://example.com/a"},
		{"dot segments", "http://example.com/a/./b/../c", "http://example.com/a/c"},
		{"dot segments beyond the root", "http://example.com/../../a", "http://example.com/a"},
		{"dot segments at the end", "http://example.com/a/b/..", "http://example.com/a/"},
		{"escaped dot segments", "http://example.com/a/%2e%2E/b", "http://example.com/b"},
		{"trailing slash", "http://example.com/a/", "http://example.com/a/"},
		{"slashes in a row", "http://example.com//a//b", "http://example.com//a//b"},
		{"index.html", "http://example.com/a/index.html", "http://example.com/a/"},
		{"index.html of the root", "http://example.com/index.html", "http://example.com/"},
		{"index.htm", "http://example.com/a/index.htm", "http://example.com/a/"},
		{"index.html with query", "http://example.com/index.html?a=b", "http://example.com/?a=b"},
		{"frames", "http://example.com/api/index.html?java/lang/String.html", "http://example.com/api/"},
		{"frames without index.html", "http://example.com/api/?java/lang/String.html", "http://example.com/api/?java/lang/String.html"},
		{"document in a parameter", "http://example.com/index.html?show=a.html", "http://example.com/?show=a.html"},
		{"index.html in the middle", "http://example.com/index.html/a", "http://example.com/index.html/a"},
		{"escaped index.html", "http://example.com/a/%69ndex%2Ehtml", "http://example.com/a/"},
		{"end of another name", "http://example.com/a-index.html", "http://example.com/a-index.html"},
		{"index.php", "http://example.com/index.php", "http://example.com/index.php"},
		{"unreserved escapes", "http://example.com/%7euser/%61%2Db", "http://example.com/~user/a-b"},
		{"parentheses", "http://example.com/Go_%28language%29", "http://example.com/Go_(language)"},
		{"escapes in lower case", "http://example.com/%e3%83%84", "http://example.com/%E3%83%84"},
		{"beyond ASCII", "http://example.com/ツ?ü=ä", "http://example.com/%E3%83%84?%C3%BC=%C3%A4"},
		{"escaped slash", "http://example.com/a%2fb", "http://example.com/a%2Fb"},
		{"escaped percent sign", "http://example.com/100%25", "http://example.com/100%25"},
		{"twice escaped", "http://example.com/a%2520b", "http://example.com/a%2520b"},
		{"space", "http://example.com/a b?c d", "http://example.com/a%20b?c%20d"},
		{"plus", "http://example.com/a+b?c+d%2B", "http://example.com/a+b?c+d%2B"},
		{"bytes that are not UTF-8", "http://example.com/%E4?%fc", "http://example.com/%E4?%FC"},
		{"not allowed in paths", "http://example.com/a|b[c]{d}", "http://example.com/a%7Cb%5Bc%5D%7Bd%7D"},
		{"tracking", "http://example.com/a?utm_source=x&UTM_Medium=y&gclid=z", "http://example.com/a"},
		{"tracking and others", "http://example.com/a?b=1&fbclid=x&c=2", "http://example.com/a?b=1&c=2"},
		{"escaped tracking", "http://example.com/a?%75tm_source=x", "http://example.com/a"},
		{"name that ends like tracking", "http://example.com/a?my_utm_source=x", "http://example.com/a?my_utm_source=x"},
		{"order of parameters", "http://example.com/a?c=1&b=2&c=0", "http://example.com/a?c=1&b=2&c=0"},
		{"session and version", "http://example.com/a;jsessionid=1?v=2&PHPSESSID=3", "http://example.com/a?v=2"},
		{"session in a folder", "http://example.com/a;v=1;JSESSIONID=2/b;c", "http://example.com/a;v=1/b;c"},
		{"session by its value", "http://example.com/a?sid=0f8fad5bd9cb469fa16570867728950e&p=1", "http://example.com/a?p=1"},
		{"no session", "http://example.com/a?sid=3&session=getting-started-in-one-hour&s=install%20in%2010%20minutes", "http://example.com/a?sid=3&session=getting-started-in-one-hour&s=install%20in%2010%20minutes"},
		{"address in the query", "http://example.com/a?u=http://b/c?d", "http://example.com/a?u=http://b/c?d"},
		{"user", "http://user:secret@example.com/a", "http://example.com/a"},
		{"international host", "http://BÜCHER.example/", "http://xn--bcher-kva.example/"},
		{"ideographic dot", "http://example。com/", "http://example.com/"},
		{"dot behind the host", "http://example.com./a", "http://example.com/a"},
		{"underscore in the host", "http://a_b.example.com/", "http://a_b.example.com/"},
		{"numeric host", "http://0x7f.1/a", "http://127.0.0.1/a"},
		{"IPv6", "http://[2001:DB8:0::1]:80/a", "http://[2001:db8::1]/a"},
		{"mail", "mailto:a@example.com", "mailto:a@example.com"},
		{"file", "file:///a/index.html#b", "file:///a/index.html"},
		{"no address of a browser", "http://user@1.2.3.400/a/index.html#b", "http://1.2.3.400/a/index.html"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := Normalize(parseURL(t, tt.in))
			if got.String() != tt.want {
				t.Errorf("Normalize(%s) = %s, want %s", tt.in, got, tt.want)
			}
			if again := Normalize(got); again.String() != got.String() {
				t.Errorf("Normalize(%s) = %s, want itself", got, again)
			}
		})
	}
}

func TestResolve(t *testing.T) {
	base := parseURL(t, "https://example.com/docs/a/b.html?x=y")
	for _, tt := range []struct{ ref, want string }{
		{"c.html", "https://example.com/docs/a/c.html"},
		{"../c#d", "https://example.com/docs/c"},
		{"/c/index.html", "https://example.com/c/"},
		{"//other.example/c", "https://other.example/c"},
		{"?z", "https://example.com/docs/a/b.html?z"},
		{"#d", "https://example.com/docs/a/b.html?x=y"},
		{"  c\n.html\t", "https://example.com/docs/a/c.html"},
		{`\c\d`, "https://example.com/c/d"},
		{"https:c", "https://example.com/docs/a/c"},
		{"http:/example.com/c", "http://example.com/c"},
		{"100%", "https://example.com/docs/a/100%25"},
		{"%zz", "https://example.com/docs/a/%25zz"},
		{"caf\xe9", "https://example.com/docs/a/caf%E9"},
		{"mailto:a@example.com", ""},
		{"javascript:void(0)", ""},
		{"JavaScript:void(0)", ""},
		{"java\nscript:void(0)", ""},
		{"data:text/html,<p>", ""},
		{"tel:+1", ""},
		{"ftp://example.com/", ""},
		{"file:///etc/passwd", ""},
		{"blob:https://example.com/1", ""},
		{"about:blank", ""},
		{"http://user@example.com/", ""},
		{"//user:secret@example.com/", ""},
		{"http://", ""},
		{"http://a b/", ""},
		{"http://example.com:99999/", ""},
		{"http://[::1/", ""},
		{"http://1.2.3.400/", ""},
		{"http://a\"b/", ""},
		{"http://.../", ""},
		{"http://a..b/", ""},
		{"/" + strings.Repeat("a", MaxBytes), ""},
	} {
		got, ok := Resolve(base, tt.ref)
		if ok != (tt.want != "") || ok && got.String() != tt.want {
			t.Errorf("Resolve(%.40q) = %v, %t, want %s", tt.ref, got, ok, tt.want)
		}
	}
}

// The normal form of a normal form is itself, leads to the same host, and has
// nothing that the rules take out.
func FuzzNormalize(f *testing.F) {
	for _, seed := range []string{"http://h/a/../index.html?utm_a=b&%63#d", "https://u:p@H.:443//%2e/%zz?'|", "../.././x/./../index.html", "/a/.b/..", "..", "http://0x1/a;b=c%3f?d?e%26=f",
		"http://ａ.ｂ/ö%e4", "http:\\\\h\\x", "http://h/%2569ndex.html", "http://[::ffff:1.2.3.4]/?&&a"} {
		f.Add(seed)
	}
	base := &url.URL{Scheme: "http", Host: "base", Path: "/a/b"}
	f.Fuzz(func(t *testing.T, ref string) {
		n, ok := Resolve(base, ref)
		if !ok {
			return
		}
		s := n.String()
		r, ok := NewResolver(base)
		if !ok {
			t.Fatal("no Resolver of the base")
		}
		if plain, p, ok := r.Resolve(ref); !ok || plain != s || p != n.Path {
			t.Errorf("resolver(%q) = %s with path %s, want %s with path %s", ref, plain, p, s, n.Path)
		}
		if again := Normalize(n).String(); again != s {
			t.Errorf("Normalize(%s) = %s, want itself", s, again)
		}
		p, err := url.Parse(s)
		switch {
		case err != nil:
			t.Errorf("Parse(%s): %v", s, err)
		case p.Host != n.Host || p.EscapedPath() != n.EscapedPath() || p.RawQuery != n.RawQuery:
			t.Errorf("%s reads as another address than it was", s)
		case n.User != nil, strings.ContainsAny(s, "# \\\"<>\n"), n.Host != strings.ToLower(n.Host), !strings.HasPrefix(n.Path, "/"),
			n.Port() == "80" && n.Scheme == "http", strings.HasSuffix(n.Path, "/index.html") && !strings.Contains(s, "%2F"),
			strings.Contains(n.RawQuery, "utm_") && strings.HasPrefix(n.RawQuery, "utm_"):
			t.Errorf("Resolve(%q) = %s: not in normal form", ref, s)
		}
	})
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
