// Package site tells which pages belong to a site, and how they are cited.
//
// Call [New] with the start of a crawl, or [Stored] with what an index has of one.
// A page is fetched from one address and cited by another if the crawl has a
// canonical base: [Site.Cite] and [Site.Uncite] turn one into the other.
package site

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

// Settings are what the pages of a crawl depend on. A crawl with other settings
// may find other pages, or other texts.
type Settings struct {
	crawl.Options          // without what changes no page: rate, headers, allow_private
	Base          string   `json:"base,omitempty"` // Options.CanonicalBase
	Selectors     []string `json:"selectors,omitempty"`
	Version       int      `json:"version"`
}

// Equal reports whether two settings are stored alike.
func (s Settings) Equal(t Settings) bool {
	a, errA := json.Marshal(s)
	b, errB := json.Marshal(t)
	return errA == nil && errB == nil && bytes.Equal(a, b)
}

// A State is what [index.Crawl] keeps of a crawl for the next one. Its form is
// stored: do not rename its fields.
type State struct {
	Settings
	Origin string `json:"origin"`         // scheme and host that the start redirects to
	List   bool   `json:"list,omitempty"` // the start lists pages: those are the site, wherever they are on its host
	Pages  int    `json:"pages"`          // rows that the crawl left: others mean that somebody removed some
	// Repeated are the lines that most pages repeat. They are left out of all pages.
	// The set stays, so that a page that its server calls unchanged has the text
	// that it would get if it were read again.
	Repeated boilerplate.Set `json:"repeated,omitempty"`
	Learned  int             `json:"learned,omitempty"` // pages that Repeated was learned from
}

// Outgrown reports whether the crawl had too few pages to learn from what they
// repeat, and the site now has more than twice as many with text: then the site
// is read as a new one.
func (s State) Outgrown(pages int) bool {
	return s.Learned < boilerplate.Learn && pages >= max(boilerplate.MinPages, 2*s.Learned+1)
}

// A Site is the start of a crawl with the pages below it.
type Site struct {
	Start    string // in normal form
	State    State
	Scope    crawl.Scope
	Origin   string      // scheme and host that its pages are fetched from
	Folder   string      // of the start, without slash at the end
	Recorded index.Crawl // what the index has of the last crawl; zero if nothing

	base    string // scheme and host that its pages are cited with
	baseDir string // what Folder becomes, without slash at the end
}

// New returns the site of an address.
func New(address string, settings Settings) (*Site, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, errors.New("ingest: the address is not a URL")
	}
	s := &Site{Start: urlnorm.Normalize(u).String(), State: State{Settings: settings}}
	return s, s.derive()
}

// Stored returns the site of a crawl that an index has.
func Stored(c index.Crawl) (*Site, error) {
	s := &Site{Start: c.Start, Recorded: c}
	err := json.Unmarshal([]byte(c.State), &s.State)
	if err == nil {
		err = s.derive()
	}
	if err != nil {
		return nil, fmt.Errorf("ingest: read the stored state of the crawl of %s: %w", c.Start, err)
	}
	return s, nil
}

// IsRecorded reports whether the index has a crawl of the site.
func (s *Site) IsRecorded() bool { return s.Recorded.Start != "" }

// MoveTo tells the site that its start redirects to an address: sites move from
// http to https, or to www, as a whole.
func (s *Site) MoveTo(address string) error {
	u, err := url.Parse(address)
	if err != nil || address == "" || u.Scheme+"://"+u.Host == s.Origin {
		return err
	}
	s.State.Origin = u.Scheme + "://" + u.Host
	return s.derive()
}

// SetList tells the site whether its start is a list of pages.
func (s *Site) SetList(isList bool) error {
	if isList == s.State.List {
		return nil
	}
	s.State.List = isList
	return s.derive()
}

// derive sets the fields that follow from Start and State.
func (s *Site) derive() error {
	from, err := url.Parse(s.Start)
	if err != nil {
		return err
	}
	if s.State.Origin != "" {
		o, err := url.Parse(s.State.Origin)
		if err != nil {
			return err
		}
		from.Scheme, from.Host = o.Scheme, o.Host
	}
	scoped := from
	if s.State.List {
		scoped = &url.URL{Scheme: from.Scheme, Host: from.Host, Path: "/"}
	}
	if s.Scope, err = crawl.NewScope(scoped, s.State.Include, s.State.Exclude); err != nil {
		return err
	}
	s.Origin = from.Scheme + "://" + from.Host
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
	s.Folder = path
	s.base, s.baseDir = s.Origin, s.Folder
	if s.State.Base != "" {
		b, err := crawl.ParseBase(s.State.Base)
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

// Cite returns the address that a page of the site is stored and cited by.
func (s *Site) Cite(address string) string {
	if s.State.Base == "" || address == "" {
		return address
	}
	return moved(address, s.base, s.Folder, s.baseDir)
}

// Uncite returns the address that a cited page is fetched from; false if it is
// not cited as a page of the site.
func (s *Site) Uncite(cited string) (string, bool) {
	if s.State.Base == "" {
		return cited, true
	}
	if !strings.HasPrefix(cited, s.base+"/") {
		return "", false
	}
	return moved(cited, s.Origin, s.baseDir, s.Folder), true
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

// Contains reports whether a cited page is in the scope of the site.
func (s *Site) Contains(cited string) bool {
	address, ok := s.Uncite(cited)
	if !ok {
		return false
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" { // a file
		return false
	}
	ok, _ = s.Scope.Contains(u)
	return ok
}

// Owns reports whether a cited page that was found on another one is the site's own: it is in
// scope and, if the start lists pages, listed there.
func (s *Site) Owns(cited, from string) bool {
	start := s.Cite(s.Start)
	return (cited == start || from != "" && (!s.State.List || from == start)) && s.Contains(cited)
}

// Canonical returns the address that a page calls its own, as it would be cited.
func (s *Site) Canonical(address string) string {
	if strings.HasPrefix(address, s.Origin+"/") {
		return s.Cite(address)
	}
	return address
}
