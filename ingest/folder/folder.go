// Package folder finds and reads documents in the file system.
//
// Call [List] for a path, and [Read] for each file of the list. A file is cited by the
// address that the documentation generator of its folder publishes it at.
package folder

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/citewell/citewell/ingest/crawl"
	"github.com/citewell/citewell/ingest/media"
	"github.com/citewell/citewell/ingest/openapi"
)

// A File is a document in the file system.
type File struct {
	Path    string // to read it from
	URL     string // to cite it by
	Type    string // media type that it is read as; empty if its name does not tell
	Root    string // folder that files it includes must be in
	Version string // of the document, by the settings of its generator; empty if they do not tell it

	references  *references       // of its folder; nil if it refers to nothing
	attributes  map[string]string // of AsciiDoc, that its site sets
	definitions string            // of reStructuredText, from the settings
	includes    []string          // folders in Root where files that it includes may be
}

// OpenAPI is the Type of a description of an HTTP interface.
const OpenAPI = "application/vnd.oai.openapi"

// A Listing is what [List] finds.
type Listing struct {
	Files     []File
	Read      map[string]int // number of Files by kind: their extension
	LeftOut   []LeftOut      // by kind
	Generator string         // documentation generator of the folder, such as "mkdocs"; empty if unknown
	Style     Style          // of the addresses
	Cut       bool           // there are more files than Options.MaxFiles
	Origin    string         // name of the folder among all that an index holds; empty for a file
}

// Options say which files of a folder to take and how to cite them.
type Options struct {
	Base     string // public address of the folder; "" means that of the generator's settings, else files are cited by their paths
	Style    Style  // of addresses; "" means the one of the generator, else [StyleFile]
	Include  []string
	Exclude  []string // globs on the path in the folder or on the address; see [crawl.NewScope]
	MaxFiles int      // 0 means no limit
}

// List returns the document at a path, or those under it in the order of their
// paths, hidden files and folders left out. If the path holds the settings of a documentation
// generator, those are the documents that it publishes.
func List(target string, o Options) (Listing, error) {
	given, err := parseBase(o.Base)
	if err != nil {
		return Listing{}, err
	}
	info, err := os.Stat(target)
	if errors.Is(err, fs.ErrNotExist) {
		return Listing{}, fmt.Errorf("folder: read %s: there is no such file or folder; an address begins with http:// or https://", target)
	}
	if err != nil {
		return Listing{}, fmt.Errorf("folder: read %s: %w", target, err)
	}
	dir := target
	if !info.IsDir() {
		dir = filepath.Dir(target)
	}
	l := lister{target: target, site: findSite(dir), taken: map[string]bool{}, refs: &references{}, left: map[string]*LeftOut{}}
	if err := l.setBase(given, o, info.IsDir()); err != nil {
		return Listing{}, err
	}
	if !info.IsDir() {
		f := l.file(target)
		return Listing{Files: []File{f}, Read: kinds(f), Generator: l.site.name, Style: l.style}, nil
	}
	if o.Base == "" && len(l.site.roots) > 1 && l.top != target {
		return l.listRoots(o)
	}
	if err := filepath.WalkDir(l.top, l.visit); err != nil {
		return Listing{}, fmt.Errorf("folder: read folder: %w", err)
	}
	if l.top != l.target {
		l.leaveOutside([]root{{dir: l.top}})
	}
	out := l.listing(o.MaxFiles)
	if len(out.Files) == 0 {
		return out, fmt.Errorf("folder: read %s: the folder holds no file that can be read (.html, .md, .mdx, .rst, .adoc, .txt, .ipynb, .pdf, OpenAPI)%s", target, leftOutText(out.LeftOut))
	}
	return out, nil
}

// A lister collects the files of a folder.
type lister struct {
	target string
	site   site
	top    string   // folder that is read
	from   string   // folder that addresses are relative to
	base   *url.URL // nil cites files by their paths
	style  Style
	scope  crawl.Scope
	filter bool
	files  []File
	taken  map[string]bool // addresses
	refs   *references
	left   map[string]*LeftOut

	project string // folder that links may lead into; "" until it is needed
}

// setBase sets what is read and how it is cited.
func (l *lister) setBase(given *url.URL, o Options, isDir bool) error {
	l.top, l.from, l.base, l.style = l.target, l.target, given, o.Style
	if !isDir {
		l.from = filepath.Dir(l.target)
	}
	if s := l.site; s.name != "" {
		if isDir && !isUnder(l.target, s.content) {
			l.top, l.from = s.content, s.content
		}
		if given == nil && s.base != nil {
			l.base, l.from = s.base, s.content
		}
		if l.style == "" {
			l.style = s.style
		}
	}
	if l.style == "" {
		l.style = StyleFile
	}
	start := &url.URL{Scheme: "http", Host: "folder", Path: "/"}
	if l.base != nil {
		start.Scheme, start.Host = l.base.Scheme, l.base.Host
	}
	var err error
	l.filter = len(o.Include)+len(o.Exclude) > 0
	l.scope, err = crawl.NewScope(start, o.Include, o.Exclude)
	return err
}

// visit takes one file or enters one folder.
func (l *lister) visit(p string, d fs.DirEntry, err error) error {
	name := d.Name()
	switch {
	case err != nil:
		return err
	case p != l.top && strings.HasPrefix(name, "."):
		return skip(d)
	case p != l.top && (l.site.hides(name, d.IsDir()) || l.isExcluded(p)):
		l.leave(p, "_", "the generator does not publish it")
		return skip(d)
	case d.IsDir() && packages[name]:
		l.leave(p, name, "packages of the generator")
		return fs.SkipDir
	case d.IsDir():
		return nil
	case !d.Type().IsRegular() && !l.leadsInside(p, d):
		l.leave(p, "links", "links to folders and out of the project are not followed")
		return nil
	}
	ext := strings.ToLower(filepath.Ext(p))
	if media.OfFile(p) == "" && !isDescription(p) {
		reason := unread[ext]
		if reason == "" {
			reason = NoDocuments
		}
		l.leave(p, ext, reason)
		return nil
	}
	if _, ok := l.placeOf(p); l.site.place != nil && !ok {
		l.leave(p, "parts", "the generator publishes them as parts of pages")
		return nil
	}
	f := l.file(p)
	l.refs.add(f)
	if l.filter && !l.inScope(p, f.URL) {
		l.leave(p, "excluded", "by --include or --exclude")
		return nil
	}
	l.files = append(l.files, f)
	return nil
}

// isExcluded reports whether the settings of the generator leave out a file or folder.
func (l *lister) isExcluded(p string) bool {
	if len(l.site.excluded) == 0 {
		return false
	}
	rel, err := filepath.Rel(l.site.content, p)
	return err == nil && l.site.excludes(filepath.ToSlash(rel))
}

// isDescription reports whether a file is an OpenAPI description: JSON and YAML have many uses.
func isDescription(p string) bool {
	if !openapi.NameIs(p) {
		return false
	}
	head, err := readHead(p)
	if err != nil {
		return false
	}
	if int64(len(head)) == maxHeadBytes { // Sorted keys put the version at the end.
		if rest, err := readFile(p, defaultMaxBytes); err == nil {
			head = rest
		}
	}
	return openapi.Is(head, "", p)
}

func skip(d fs.DirEntry) error {
	if d.IsDir() {
		return fs.SkipDir
	}
	return nil
}

// inScope reports whether the path of a file in its folder, or its address, is to be read.
func (l *lister) inScope(p, address string) bool {
	rel, err := filepath.Rel(l.from, p)
	if err != nil {
		return false // Unreachable: the walk began there.
	}
	host := &url.URL{Scheme: "http", Host: "folder"}
	if l.base != nil {
		host = &url.URL{Scheme: l.base.Scheme, Host: l.base.Host}
	}
	byPath := *host
	byPath.Path = "/" + filepath.ToSlash(rel)
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		if l.scope.Excludes(&byPath) || l.scope.Excludes(u) {
			return false
		}
		if ok, _ := l.scope.Contains(u); ok {
			return true
		}
	}
	ok, _ := l.scope.Contains(&byPath)
	return ok
}

// listing returns what was found.
func (l *lister) listing(limit int) Listing {
	out := Listing{Files: l.files, Generator: l.site.name, Style: l.style, Origin: l.origin()}
	if limit > 0 && len(out.Files) > limit {
		out.Files, out.Cut = out.Files[:limit], true
	}
	out.Read = kinds(out.Files...)
	for _, k := range l.left {
		out.LeftOut = append(out.LeftOut, *k)
	}
	slices.SortFunc(out.LeftOut, func(a, b LeftOut) int { return strings.Compare(a.Kind, b.Kind) })
	return out
}
