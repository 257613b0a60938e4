package crawl

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/citewell/citewell/ingest/crawl/urlnorm"
)

// A Scope is the set of addresses that belong to a crawl.
type Scope struct {
	host             string // with a port that is not the scheme's default
	prefix           string // path, in normal form
	include, exclude []glob
}

// NewScope returns the scope of a crawl from start: what is on its host, by
// http or https, and
//
//   - matches one of the include globs, if there are any;
//   - else is under its path: the folder of a document such as /guide/a.html,
//     or /guide itself and what begins with /guide/;
//   - and matches no exclude glob.
//
// A glob is matched with the whole path, unescaped. * stands for anything in one
// part of the path, ** for any number of parts, {a,b} for either, ? for one
// character. A glob that does not begin with / may begin at any part: *.html is
// /**/*.html. Its address may stand in front: https://example.com/docs/**. A
// glob with a question mark is matched with the path and its query as well,
// where there is one: /search?lang=* or, to be exact, /search\?lang=*.
func NewScope(start *url.URL, include, exclude []string) (Scope, error) {
	switch {
	case start.Scheme != "http" && start.Scheme != "https":
		return Scope{}, errors.New("crawl: the start is not an http or https address")
	case start.Hostname() == "":
		return Scope{}, errors.New("crawl: the start names no host")
	}
	start = urlnorm.Normalize(start)
	s := Scope{host: start.Host, prefix: folder(start.EscapedPath())}
	var errs []error
	compile := func(kind string, patterns []string) (globs []glob) {
		for _, p := range patterns {
			g, err := newGlob(p, s.host)
			if err != nil {
				errs = append(errs, fmt.Errorf("crawl: %s glob %q: %w", kind, p, err))
			}
			globs = append(globs, g)
		}
		return globs
	}
	s.include, s.exclude = compile("include", include), compile("exclude", exclude)
	return s, errors.Join(errs...)
}

// documents are the extensions of documents. Another path with a dot is a folder,
// such as v1.2 or node.js.
var documents = map[string]bool{
	".asciidoc": true, ".adoc": true, ".asp": true, ".aspx": true, ".cfm": true, ".cgi": true, ".htm": true, ".html": true, ".jsp": true,
	".markdown": true, ".md": true, ".mdx": true, ".php": true, ".rst": true, ".shtml": true, ".txt": true, ".xhtml": true, ".xml": true,
}

// folder returns the prefix of the paths beside a start.
func folder(p string) string {
	if documents[strings.ToLower(path.Ext(p))] {
		return p[:strings.LastIndexByte(p, '/')+1]
	}
	return p
}

// Contains reports whether an address in normal form belongs to the crawl, and by
// which rule, in words for a person.
func (s Scope) Contains(u *url.URL) (ok bool, rule string) {
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return false, "neither http nor https"
	case u.User != nil:
		return false, "with a user in the address"
	case u.Host != s.host:
		return false, "on another host"
	}
	if g := match(s.exclude, u); g != nil {
		return false, fmt.Sprintf("excluded by %q", g.text)
	}
	if g := match(s.include, u); g != nil {
		return true, fmt.Sprintf("included by %q", g.text)
	}
	if len(s.include) > 0 {
		return false, "included by no glob"
	}
	rest, under := strings.CutPrefix(u.EscapedPath(), s.prefix)
	if under && (rest == "" || strings.HasSuffix(s.prefix, "/") || rest[0] == '/') {
		return true, "under " + s.prefix
	}
	return false, "not under " + s.prefix
}

// Excludes reports whether an address in normal form matches an exclude glob.
func (s Scope) Excludes(u *url.URL) bool { return u.Host == s.host && match(s.exclude, u) != nil }

// match returns the first glob that matches an address; nil if none does.
func match(globs []glob, u *url.URL) *glob {
	for i := range globs {
		if globs[i].matches(u) {
			return &globs[i]
		}
	}
	return nil
}

// A glob is a pattern of paths.
type glob struct {
	text    string // as given
	pattern string // of the whole path
	query   bool   // matched with the query too
}

// newGlob reads a glob for the addresses of a host.
func newGlob(text, host string) (glob, error) {
	p := strings.TrimSpace(text)
	if scheme, rest, ok := strings.Cut(p, "://"); ok && (scheme == "http" || scheme == "https") {
		named, tail, _ := strings.Cut(rest, "/")
		if !strings.EqualFold(named, host) {
			return glob{}, fmt.Errorf("it is for the host %s, the crawl stays on %s", named, host)
		}
		p = "/" + tail
	}
	switch {
	case p == "":
		return glob{}, errors.New("it is empty")
	case !doublestar.ValidatePattern(p):
		return glob{}, errors.New("it is not a valid pattern: check its brackets, braces and backslashes")
	}
	if p[0] != '/' {
		p = "/**/" + p
	}
	return glob{text: text, pattern: p, query: strings.Contains(p, "?")}, nil
}

func (g glob) matches(u *url.URL) bool {
	if doublestar.MatchUnvalidated(g.pattern, u.Path) {
		return true
	}
	return g.query && u.RawQuery != "" && doublestar.MatchUnvalidated(g.pattern, u.Path+"?"+u.RawQuery)
}
