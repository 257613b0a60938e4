package pagelinks

import (
	"encoding/json"
	"net/url"
	"path"
	"regexp"
	"strings"

	"github.com/citewell/citewell/ingest/crawl/urlnorm"
)

// navigationScript matches the names of the scripts in which generators write the
// navigation of a site: ExDoc, Doxygen and mdBook.
var navigationScript = regexp.MustCompile(`^(sidebar_items(-[\w.-]+)?|menudata|navtreedata|toc(-[0-9a-f]+)?)\.js$`)

// addNavigation adds a file that a page names as its navigation.
func (f *finder) addNavigation(ref string) {
	if ref = strings.TrimSpace(ref); ref != "" {
		f.navigation = append(f.navigation, ref)
	}
}

// isNavigationScript reports whether a script holds the navigation of a site.
func isNavigationScript(src string) bool {
	name, _, _ := strings.Cut(src, "?")
	return navigationScript.MatchString(path.Base(name))
}

var (
	// quotedPage matches an address of a page in a string of a script or of JSON.
	quotedPage = regexp.MustCompile(`["']((?:[^"'\\\s<>{}()]|\\[/u])+?\.x?html?)(?:#[^"']*)?["']`)
	// markedPage matches one in markup within a string.
	markedPage = regexp.MustCompile(`href=\\?["']([^"'\\\s<>]+)`)
	// exdocNodes is what an ExDoc script assigns.
	exdocNodes = regexp.MustCompile(`(?s)^\s*sidebarNodes\s*=\s*(\{.*\})\s*;?\s*$`)
)

// Navigation returns the pages that a file of navigation names, which was fetched from
// an address: the links of HTML, or the addresses in a script or JSON.
func Navigation(body []byte, contentType string, at *url.URL) []string {
	if links := Find(body, contentType, at, nil).URLs; len(links) > 0 {
		return links
	}
	base := *at
	if dir := path.Dir(at.Path); path.Base(dir) == "dist" {
		base.Path = strings.TrimSuffix(path.Dir(dir), "/") + "/" // ExDoc's pages are above its scripts.
	}
	r, ok := urlnorm.NewResolver(&base)
	if !ok {
		return nil
	}
	var urls []string
	seen := map[string]bool{}
	add := func(ref string) {
		if s, pathname, ok := r.Resolve(ref); ok && !seen[s] && !isAsset(pathname) {
			seen[s] = true
			urls = append(urls, s)
		}
	}
	if m := exdocNodes.FindSubmatch(body); m != nil {
		var nodes map[string][]struct {
			ID string `json:"id"`
		}
		if json.Unmarshal(m[1], &nodes) == nil {
			for _, group := range []string{"extras", "modules", "tasks"} {
				for _, n := range nodes[group] {
					add(url.PathEscape(n.ID) + ".html")
				}
			}
		}
		return urls
	}
	for _, pattern := range []*regexp.Regexp{markedPage, quotedPage} {
		for _, m := range pattern.FindAllSubmatch(body, -1) {
			ref, _, _ := strings.Cut(strings.ReplaceAll(string(m[1]), `\/`, "/"), "#")
			add(ref)
		}
	}
	return urls
}
