// Package pagelinks finds the links of a page, its canonical address, and what it
// allows robots to do. Call [Find].
package pagelinks

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/citewell/citewell/ingest/crawl/robots"
	"github.com/citewell/citewell/ingest/crawl/urlnorm"
	"github.com/citewell/citewell/ingest/media"
)

// Links are the links of a page, its canonical address, and what it allows robots.
type Links struct {
	URLs      []string // documents it links to: absolute, normal form, distinct, in document order, without itself; none if NoFollow is set
	Refresh   string   // target of a meta refresh, in normal form, also in URLs; "" means none, or the page itself
	Canonical string   // canonical address in normal form; "" means none, or several
	NoIndex   string   // why the page is not to be indexed; "" means it may be
	NoFollow  string   // why its links are not to be followed; "" means they may be
	// Navigation are files that hold the site's navigation for a script, in normal
	// form; none if NoFollow is set. See [Navigation].
	Navigation []string
	// SearchIndex is a file that names the pages of the site for searches; "" if none is
	// known, or if NoFollow is set. It may not exist. See [SearchIndex].
	SearchIndex string
	// Versions are those of the site that the page offers, and VersionList is a file that
	// lists them; "" if the page names none. See [Versions].
	Versions    []Version
	VersionList string
	// HashMap names all pages of a site that VitePress made, or HashMapFile does, and SiteBase
	// is its folder. See [Names].
	HashMap     string
	HashMapFile string
	SiteBase    string
	// Twins hold the text of the page in Markdown, by its own word, and are not in URLs.
	Twins    []string
	Scripted bool   // no link is in the page, but a script
	Base     string // what its references are relative to, absolute
	// Content sums up what the page shows and links to, as written: without numbers and
	// the page's own name. It is comparable within a process; 0 for what has no tags.
	Content uint64
}

// Find reads the body of a page, if it is HTML or Markdown, and its header, which may be nil.
// page is the address that sent the page.
//
// Links are a, area, frame and iframe, link with rel=next or prev or an hreflang, and
// meta refresh; also in noscript and noframes, since no script runs here. Find skips
// links with rel=nofollow or download, addresses that are not http or https
// (mailto:, javascript:, data: …) or hold a user, and files that are not documents
// by their extension: images, style sheets, archives …
func Find(body []byte, contentType string, page *url.URL, header http.Header) Links {
	f := finder{content: newContent(page)}
	f.readHeader(header)
	switch kind := media.Type(contentType, page.String(), body); {
	case kind == media.HTML:
		kind, _ := media.Parse(contentType)
		f.scan(media.Decode(body, contentType), kind == "application/xhtml+xml")
	case isMarkdown(kind):
		f.scan(markdownHTML(media.Decode(body, contentType)), false)
	}
	f.followScript()
	return f.links(page)
}

// A finder collects the data of a page's tags.
type finder struct {
	base         string   // href of the first base element
	refs         []string // as written, in document order
	refresh      string   // as written
	moved        string   // where a script leads, as written
	canonicals   []string // as written
	header       []string // canonicals of the header, relative to the page
	translations []string // links of the header to the page in other languages, relative to the page
	noIndex      string
	noFollow     string
	navigation   []string // as written
	searchIndex  string   // as written
	twins        []string // as written
	scripts      int
	body         bool // whether the body has begun
	scanned      bool
	content      *content
	label        label   // being read
	labels       []label // that may name versions
	versionList  string  // as written
	hashMap      string  // as written
	hashMapFile  string  // as written
}

// scan reads the tags of a page.
func (f *finder) scan(body string, xhtml bool) {
	f.scanned = true
	z := html.NewTokenizer(strings.NewReader(body))
	for {
		tt := z.Next()
		switch tt {
		case html.ErrorToken:
			return
		case html.StartTagToken, html.SelfClosingTagToken:
		case html.TextToken:
			if f.content.raw {
				f.readSettings(z.Raw())
			} else {
				f.content.add(z.Raw())
				f.addLabel(z.Raw())
			}
			continue
		case html.EndTagToken:
			f.content.raw = false
			if name, _ := z.TagName(); f.label.ref != "" && (string(name) == "a" || string(name) == "option") {
				f.closeLabel()
			}
			continue
		default:
			continue
		}
		name, more := z.TagName()
		tag := atom.Lookup(name)
		if tag == atom.Noscript || tag == atom.Noframes || xhtml && tt == html.SelfClosingTagToken {
			z.NextIsNotRawText()
		}
		f.content.raw = isRaw(tag) && tt == html.StartTagToken
		switch tag {
		case atom.A, atom.Area, atom.Frame, atom.Iframe, atom.Link, atom.Meta, atom.Base, atom.Script, atom.Option:
			if more {
				f.tag(tag, readAttributes(z))
			}
		case atom.Body, atom.Frameset:
			f.body = true
		}
	}
}

// tag reads one tag.
func (f *finder) tag(tag atom.Atom, a attributes) {
	switch tag {
	case atom.Option:
		f.openLabel(a.value)
	case atom.A, atom.Area:
		f.openLabel(a.href)
		if !a.download && !a.has("nofollow") {
			f.add(a.href)
		}
	case atom.Frame, atom.Iframe:
		f.add(a.src)
	case atom.Link:
		switch {
		case a.has("canonical") && !f.body:
			f.canonicals = append(f.canonicals, a.href)
		case a.has("alternate") && isMarkdown(a.mediaType):
			f.twins = append(f.twins, a.href)
		case a.has("next", "prev", "previous"), a.has("alternate") && a.hreflang != "":
			f.add(a.href)
		}
	case atom.Base:
		if f.base == "" {
			f.base = a.href
		}
	case atom.Script:
		f.addScript(a.src)
	case atom.Meta:
		switch {
		case strings.HasPrefix(cmp.Or(a.property, a.name), "docfx:") && strings.HasSuffix(cmp.Or(a.property, a.name), "rel"):
			f.addNavigation(a.content) // docfx:navrel and docfx:tocrel
		case a.name == "robots" || a.name == robots.Agent:
			f.restrict("meta "+a.name, a.content)
		case a.httpEquiv == "refresh" && f.refresh == "":
			f.refresh = refreshTarget(a.content)
			f.add(f.refresh)
		}
	}
}

// add adds a reference.
func (f *finder) add(ref string) {
	if ref != "" {
		f.refs = append(f.refs, ref)
		f.content.addRef(ref)
	}
}

// links resolves the references of a page.
func (f *finder) links(page *url.URL) Links {
	l := Links{Base: page.String(), NoIndex: f.noIndex, NoFollow: f.noFollow}
	if f.scanned {
		l.Content = f.content.hash.Sum64() | 1
	}
	own, ok := urlnorm.NewResolver(page)
	if !ok {
		return l
	}
	r := own
	if b, ok := own.WithBase(f.base); ok && f.base != "" {
		r = b
		l.Base = r.Base()
	}
	var canonicals []string
	for _, ref := range f.canonicals {
		canonicals = appendNormal(canonicals, r, ref)
	}
	for _, ref := range f.header {
		canonicals = appendNormal(canonicals, own, ref)
	}
	// Search engines also ignore several different ones.
	if len(canonicals) == 1 {
		l.Canonical = canonicals[0]
	}
	if l.NoFollow != "" {
		return l
	}
	self := urlnorm.Normalize(page).String()
	seen := map[string]bool{self: true}
	for _, ref := range f.twins {
		if s, _, ok := r.Resolve(ref); ok && !seen[s] {
			seen[s] = true
			l.Twins = append(l.Twins, s)
		}
	}
	read := make(map[string]bool, len(f.refs))
	for _, ref := range f.refs {
		if ref, _, _ = strings.Cut(ref, "#"); ref == "" || read[ref] {
			continue
		}
		read[ref] = true
		if s, pathname, ok := r.Resolve(ref); ok && !seen[s] && !isAsset(pathname) {
			seen[s] = true
			l.URLs = append(l.URLs, s)
		}
	}
	for _, ref := range f.translations {
		if s, _, ok := own.Resolve(ref); ok && !seen[s] {
			seen[s] = true
			l.URLs = append(l.URLs, s)
		}
	}
	f.addFiles(&l, r)
	l.Scripted = len(l.URLs) == 0 && f.scripts > 0
	if s, pathname, ok := r.Resolve(f.refresh); ok && f.refresh != "" && s != self && !isAsset(pathname) {
		l.Refresh = s
	}
	return l
}

// addFiles resolves the files that hold more about the site.
func (f *finder) addFiles(l *Links, r urlnorm.Resolver) {
	for _, ref := range f.navigation {
		l.Navigation = appendNormal(l.Navigation, r, ref)
	}
	if f.searchIndex != "" {
		l.SearchIndex, _, _ = r.Resolve(f.searchIndex)
	}
	if l.SiteBase = f.siteBase(r); l.SiteBase != "" {
		l.HashMap = f.hashMap
		if f.hashMapFile != "" {
			l.HashMapFile, _, _ = r.Resolve(f.hashMapFile)
		}
	}
	l.Versions = f.versions(r)
	if f.versionList != "" {
		l.VersionList, _, _ = r.Resolve(f.versionList)
	}
}

// appendNormal appends the normal form of a reference, if it is an address of the
// web and the list lacks it.
func appendNormal(list []string, r urlnorm.Resolver, ref string) []string {
	s, _, ok := r.Resolve(ref)
	if !ok || strings.TrimSpace(ref) == "" {
		return list
	}
	for _, have := range list {
		if have == s {
			return list
		}
	}
	return append(list, s)
}
