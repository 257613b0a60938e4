package ingest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/citewell/citewell/ingest/boilerplate"
	"github.com/citewell/citewell/ingest/crawl"
	"github.com/citewell/citewell/ingest/crawl/urlnorm"
	"github.com/citewell/citewell/retrieve/index"
)

// extractVersion counts changes of this package and of extract that give pages
// other texts: a page that the server says is unchanged is read again after one.
const extractVersion = 4

// Settings are what the pages of a crawl depend on. What a crawl left with other
// settings says nothing of what this one will find.
type settings struct {
	crawl.Options          // without what changes no page: rate, headers, allow_private
	Base          string   `json:"base,omitempty"` // Options.CanonicalBase
	Selectors     []string `json:"selectors,omitempty"`
	Version       int      `json:"version"`
}

// equal reports whether two settings are stored alike.
func (s settings) equal(t settings) bool {
	a, errA := json.Marshal(s)
	b, errB := json.Marshal(t)
	return errA == nil && errB == nil && bytes.Equal(a, b)
}

// A crawlState is what [index.Crawl] keeps for this package.
type crawlState struct {
	settings
	Origin string `json:"origin"` // scheme and host that the start redirects to
	Pages  int    `json:"pages"`  // rows that the crawl left: others mean that somebody removed some
	// Repeated is what most of the pages repeat, and is left out of all of them. It
	// was learnt from so many pages and stays, so that a page whose server says
	// that it is unchanged has the text that it would get.
	Repeated boilerplate.Set `json:"repeated,omitempty"`
	Learned  int             `json:"learned,omitempty"`
}

// A site is one start, and how its pages are cited.
type site struct {
	start    string // in normal form
	state    crawlState
	scope    crawl.Scope
	origin   string // scheme and host that its pages are fetched from
	folder   string // of the start, without slash at the end
	base     string // scheme and host that its pages are cited with
	baseDir  string // what folder becomes, without slash at the end
	stored   index.Crawl
	isStored bool
	isLearnt bool // state.Repeated was known when the run began
	marked   bool // the crawl is recorded as incomplete; used by who writes
}

// newSite returns the site of an address.
func newSite(address string, s settings) (*site, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, errors.New("ingest: the address is not a URL")
	}
	st := &site{start: urlnorm.Normalize(u).String(), state: crawlState{settings: s}}
	return st, st.settle()
}

// storedSite returns the site of a crawl that is remembered.
func storedSite(c index.Crawl) (*site, error) {
	st := &site{start: c.Start, stored: c, isStored: true}
	err := json.Unmarshal([]byte(c.State), &st.state)
	if err == nil {
		err = st.settle()
	}
	if err != nil {
		return nil, fmt.Errorf("ingest: read what is remembered of the crawl of %s: %w", c.Start, err)
	}
	return st, nil
}

// moveTo makes the site that of a start that redirects to an address: sites move
// from http to https, or to www, as a whole.
func (s *site) moveTo(address string) error {
	u, err := url.Parse(address)
	if err != nil || address == "" || u.Scheme+"://"+u.Host == s.origin {
		return err
	}
	s.state.Origin = u.Scheme + "://" + u.Host
	return s.settle()
}

// settle derives the scope and the way to cite from where the start is.
func (s *site) settle() error {
	from, err := url.Parse(s.start)
	if err != nil {
		return err
	}
	if s.state.Origin != "" {
		o, err := url.Parse(s.state.Origin)
		if err != nil {
			return err
		}
		from.Scheme, from.Host = o.Scheme, o.Host
	}
	if s.scope, err = crawl.NewScope(from, s.state.Include, s.state.Exclude); err != nil {
		return err
	}
	s.origin = from.Scheme + "://" + from.Host
	path := from.EscapedPath()
	beside := *from
	beside.Path, beside.RawPath = from.Path[:strings.LastIndexByte(from.Path, '/')+1]+"x", ""
	all, err := crawl.NewScope(from, nil, nil)
	if err != nil {
		// Unreachable: it was a start a moment ago.
		return err
	}
	if ok, _ := all.Contains(urlnorm.Normalize(&beside)); ok { // a document, or what ends in a slash
		path = path[:strings.LastIndexByte(path, '/')]
	}
	s.folder = path
	s.base, s.baseDir = s.origin, s.folder
	if s.state.Base != "" {
		b, err := crawl.ParseBase(s.state.Base)
		if err != nil {
			return fmt.Errorf("ingest: the canonical base %w", err)
		}
		s.base = b.Scheme + "://" + b.Host
		if b.Path != "" {
			s.baseDir = strings.TrimSuffix(b.EscapedPath(), "/")
		}
	}
	return nil
}

// cite returns the address that a page of the site is stored and cited by.
func (s *site) cite(address string) string {
	if s.state.Base == "" || address == "" {
		return address
	}
	return moved(address, s.base, s.folder, s.baseDir)
}

// uncite returns the address that a cited page is fetched from; false if it is
// none of the site's.
func (s *site) uncite(cited string) (string, bool) {
	if s.state.Base == "" {
		return cited, true
	}
	if !strings.HasPrefix(cited, s.base+"/") {
		return "", false
	}
	return moved(cited, s.origin, s.baseDir, s.folder), true
}

// moved returns an address with another origin, and with folder to in the place
// of folder from if it is under that.
func moved(address, origin, from, to string) string {
	path := address
	if _, rest, ok := strings.Cut(address, "://"); ok {
		path = rest[strings.IndexByte(rest+"/", '/'):]
	}
	if rest, ok := strings.CutPrefix(path, from); ok && (rest == "" || rest[0] == '/' || rest[0] == '?') {
		path = to + rest
	}
	if path == "" || path[0] != '/' {
		path = "/" + path
	}
	return origin + path
}

// contains reports whether a cited page is in the scope of the site.
func (s *site) contains(cited string) bool {
	address, ok := s.uncite(cited)
	if !ok || !isAddress(address) {
		return false
	}
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	ok, _ = s.scope.Contains(u)
	return ok
}

// canonical returns the address that a page calls its own, as it would be cited.
func (s *site) canonical(address string) string {
	if strings.HasPrefix(address, s.origin+"/") {
		return s.cite(address)
	}
	return address
}
