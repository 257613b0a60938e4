package folder

import (
	"errors"
	"net/url"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/citewell/citewell/ingest/extract/markdown"
	"github.com/citewell/citewell/ingest/media"
)

// A Style is how the addresses of published pages follow from the paths of their files.
type Style string

// Styles, for the file guide/intro.md.
const (
	StyleFile      Style = "file"      // guide/intro.md
	StyleDirectory Style = "directory" // guide/intro/
	StyleClean     Style = "clean"     // guide/intro
	StyleHTML      Style = "html"      // guide/intro.html
)

// ParseStyle returns the style of a name; "" for any other name, such as auto.
func ParseStyle(name string) Style {
	switch s := Style(name); s {
	case StyleFile, StyleDirectory, StyleClean, StyleHTML:
		return s
	}
	return ""
}

// parseBase returns the base address; nil if it is empty.
func parseBase(base string) (*url.URL, error) {
	if base == "" {
		return nil, nil
	}
	u, err := url.Parse(base)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return nil, errors.New("folder: the base URL is not an http or https address")
	}
	u.RawQuery, u.Fragment, u.RawFragment = "", "", ""
	return u, nil
}

// file returns a document of the folder.
func (l *lister) file(p string) File {
	f := File{Path: p, URL: filepath.ToSlash(filepath.Clean(p)), Type: media.OfFile(p), Root: l.from, Version: l.site.version}
	if l.site.name != "" {
		f.Root, f.includes = l.site.folder, l.site.includes
	}
	if f.Type == "" && isDescription(p) {
		f.Type = OpenAPI
	}
	if f.Type == media.Plain && l.site.textIsRST {
		f.Type = media.RST
	}
	if f.Type == media.ASCIIDoc {
		f.attributes = l.site.attributes
	}
	if f.Type == media.RST {
		f.references, f.definitions = l.refs, l.site.definitions
	}
	if l.base == nil {
		return f
	}
	rel, err := filepath.Rel(l.from, p)
	if err != nil {
		rel = filepath.Base(p)
	}
	rel = filepath.ToSlash(rel)
	if place, ok := l.placeOf(p); ok {
		rel = l.below(place, rel)
	}
	address := l.pathOf(p, rel, l.style)
	if l.taken[address] {
		address = rel // such as README.md beside index.md
	}
	l.taken[address] = true
	u := *l.base
	u.Path = strings.TrimSuffix(u.Path, "/") + "/" + address
	u.RawPath = ""
	f.URL = u.String()
	return f
}

// below returns a place in the site as it is below the folder that addresses are relative to,
// or rel if it is elsewhere. Those of Antora are always relative to the site.
func (l *lister) below(place, rel string) string {
	folder, ok := l.placeOf(filepath.Join(l.from, "index.md"))
	if !ok || l.site.name == "antora" || path.Dir(folder) == "." {
		return place
	}
	if below, ok := strings.CutPrefix(place, path.Dir(folder)+"/"); ok {
		return below
	}
	return rel
}

// placeOf returns where the generator puts a file; false if it leaves all where they are, or does not
// publish this one.
func (l *lister) placeOf(p string) (string, bool) {
	if l.site.place == nil {
		return "", false
	}
	rel, err := filepath.Rel(l.site.content, p)
	if err != nil {
		return "", false
	}
	return l.site.place(filepath.ToSlash(rel))
}

// number matches the number by which a file name is sorted.
var number = regexp.MustCompile(`^\d+\s*[-_.]+\s*`)

// Limits of what is read of a file to know what it is.
const (
	maxFrontBytes = 16 << 10           // for its front matter
	maxHeadBytes  = 16 * maxFrontBytes // for settings, and for the format of JSON and YAML
)

// pathOf returns the path of a file's page, relative to the base.
func (l *lister) pathOf(p, rel string, style Style) string {
	dir, name := path.Split(rel)
	ext := path.Ext(name)
	lower := strings.ToLower(name)
	if lower == "index.html" || lower == "index.htm" {
		return dir
	}
	if t := media.OfFile(name); t == "" || t == media.HTML || t == media.PDF || t == media.Plain && !l.site.textIsRST || style == StyleFile {
		return rel
	}
	stem := strings.TrimSuffix(name, ext)
	s := l.site
	if s.numbered {
		var parts []string
		for part := range strings.SplitSeq(strings.Trim(dir, "/"), "/") {
			if part != "" {
				parts = append(parts, number.ReplaceAllString(part, "")+"/")
			}
		}
		dir, stem = strings.Join(parts, ""), number.ReplaceAllString(stem, "")
	}
	if s.slugged {
		dir, stem = slugPath(dir), slugPath(stem)
	}
	isIndex := slices.Contains([]string{"index", "_index", "readme"}, strings.ToLower(stem)) ||
		s.numbered && dir != "" && strings.EqualFold(path.Base(dir), stem)
	if s.front != nil {
		if own, ok := s.front(frontOf(p), dir, stem, isIndex); ok {
			return own
		}
	}
	switch {
	case isIndex && style == StyleClean && s.noSlash:
		return strings.TrimSuffix(dir, "/")
	case isIndex:
		return dir
	case style == StyleDirectory:
		return dir + stem + "/"
	case style == StyleHTML:
		return dir + stem + ".html"
	}
	return dir + stem
}

// slugPath returns a path as generators write it in addresses: in lower case, with
// hyphens for spaces.
func slugPath(p string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case strings.ContainsRune(`"'()[]{},;:!?*&+=`, r):
			return -1
		}
		return r
	}, strings.ToLower(p))
}

// frontOf returns the front matter of a file; nil if it has none.
func frontOf(p string) map[string]any {
	body, err := readHead(p)
	if err != nil {
		return nil
	}
	front, _ := markdown.CutFrontMatter(strings.ReplaceAll(strings.TrimPrefix(string(body), "\ufeff"), "\r\n", "\n"))
	return front
}

// text returns a value of front matter; "" if it is no text.
func text(front map[string]any, key string) string {
	s, _ := front[key].(string)
	return strings.TrimSpace(s)
}

// withoutFront returns a text without its front matter.
func withoutFront(s string) string {
	_, body := markdown.CutFrontMatter(s)
	return body
}
