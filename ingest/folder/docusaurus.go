package folder

import (
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// A root is a folder of documents, the address that it is published at, nil if that is
// unknown, and the version that the documents are of, "" if that is unknown.
type root struct {
	dir     string
	base    *url.URL
	version string
}

// under returns the site with the root that a folder is in as its content; unchanged if it is
// in none.
func (s site) under(dir string) site {
	for _, r := range s.roots {
		if isUnder(dir, r.dir) {
			s.content, s.base, s.version = r.dir, r.base, r.version
		}
	}
	return s
}

// holds reports whether a folder is one with documents of the site, in one, or above one.
func (s site) holds(dir string) bool {
	for _, r := range append([]root{{dir: s.content}}, s.roots...) {
		if isUnder(dir, r.dir) || isUnder(r.dir, dir) {
			return true
		}
	}
	return false
}

// listRoots returns the documents of all roots that are under the target.
func (l *lister) listRoots(o Options) (Listing, error) {
	l.leaveOutside(l.site.roots)
	all := l.listing(0)
	for _, r := range l.site.roots {
		if !isUnder(r.dir, l.target) {
			continue
		}
		some, err := List(r.dir, o)
		if err != nil && len(some.LeftOut) == 0 {
			return all, err
		}
		all.Files, all.LeftOut = append(all.Files, some.Files...), append(all.LeftOut, some.LeftOut...)
		all.Style, all.Cut = some.Style, all.Cut || some.Cut
	}
	if o.MaxFiles > 0 && len(all.Files) > o.MaxFiles {
		all.Files, all.Cut = all.Files[:o.MaxFiles], true
	}
	all.Read = kinds(all.Files...)
	return all, nil
}

func readDocusaurus(s *site, config string) {
	s.name, s.style, s.numbered, s.private = "docusaurus", StyleClean, true, true
	switch nested(config, "trailingSlash") {
	case "true":
		s.style = StyleDirectory
	case "false":
		s.noSlash = true
	}
	route := "docs"
	if m := regexp.MustCompile(`routeBasePath["']?\s*:\s*["']([^"']*)["']`).FindStringSubmatch(config); m != nil {
		route = m[1]
	}
	s.addRoots(config, route)
	s.front = func(front map[string]any, dir, stem string, isIndex bool) (string, bool) {
		slug := text(front, "slug")
		switch id := text(front, "id"); {
		case slug == "" && id != "" && !isIndex && !strings.Contains(id, "/"):
			slug = id
		case slug == "":
			return "", false
		}
		end := ""
		if s.style == StyleDirectory && !strings.HasSuffix(slug, "/") {
			end = "/"
		}
		if rest, ok := strings.CutPrefix(slug, "/"); ok {
			return rest + end, true
		}
		return dir + slug + end, true
	}
}

// addRoots finds the versions and translations of a site. The newest version, or the one that
// the settings call the last, has no version in its addresses; what is not released is "next".
func (s *site) addRoots(config, route string) {
	var versions []string
	if body, err := readHead(filepath.Join(s.folder, "versions.json")); err != nil || json.Unmarshal(body, &versions) != nil {
		versions = nil
	}
	last := nested(config, "lastVersion")
	if last == "" && len(versions) > 0 {
		last = versions[0]
	}
	locales := map[string]string{"": s.folder} // where their documents are
	found, err := filepath.Glob(filepath.Join(s.folder, "i18n", "*", "docusaurus-plugin-content-docs"))
	for _, dir := range found {
		if err == nil {
			locales[filepath.Base(filepath.Dir(dir))] = dir
		}
	}
	for locale, dir := range locales {
		current, released := "current", ""
		if locale == "" {
			current, released = "docs", "versioned_docs"
		}
		next := ""
		if last != "" && last != "current" {
			next = "next"
		}
		s.addRoot(config, filepath.Join(dir, current), "", locale, route, next)
		for _, version := range versions {
			folder := version
			if version == last {
				folder = ""
			}
			s.addRoot(config, filepath.Join(dir, released, "version-"+version), version, locale, route, folder)
		}
	}
	slices.SortFunc(s.roots, func(a, b root) int { return strings.Compare(a.dir, b.dir) })
	s.content = filepath.Join(s.folder, "docs")
	*s = s.under(s.content)
}

// addRoot adds a folder with documents of a version, if it is there.
func (s *site) addRoot(config, dir, version string, paths ...string) {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return
	}
	at := site{}
	at.setBase(nested(config, "url"), append([]string{nested(config, "baseUrl")}, paths...)...)
	s.roots = append(s.roots, root{dir, at.base, version})
}
