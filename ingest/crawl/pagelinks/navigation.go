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
// navigation of a site: ExDoc, Doxygen, mdBook and TypeDoc.
var navigationScript = regexp.MustCompile(`^(sidebar_items(-[\w.-]+)?|menudata|navtreedata|toc(-[0-9a-f]+)?)\.js$`)

// addScript notes what a script that a page loads tells of the site.
func (f *finder) addScript(src string) {
	if src == "" {
		return
	}
	f.scripts++
	if f.versionList == "" && path.Base(src) == "versions.js" {
		f.versionList = src // of Documenter.jl
	}
	if vitepressMetadata.MatchString(src) {
		f.hashMapFile = src
	}
	if isNavigationScript(src) {
		f.addNavigation(src)
	}
	if f.searchIndex == "" {
		f.searchIndex = searchIndexOf(src)
	}
}

// addNavigation adds a file that a page names as its navigation.
func (f *finder) addNavigation(ref string) {
	if ref = strings.TrimSpace(ref); ref != "" {
		f.navigation = append(f.navigation, ref)
	}
}

// isNavigationScript reports whether a script holds the navigation of a site.
func isNavigationScript(src string) bool {
	name, _, _ := strings.Cut(src, "?")
	return navigationScript.MatchString(path.Base(name)) || strings.HasSuffix("/"+name, "/assets/navigation.js")
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
	if dir := path.Dir(at.Path); scriptFolders[path.Base(dir)] {
		base.Path = strings.TrimSuffix(path.Dir(dir), "/") + "/"
	}
	l := collector{seen: map[string]bool{}}
	var ok bool
	if l.resolver, ok = urlnorm.NewResolver(&base); !ok {
		return nil
	}
	if m := exdocNodes.FindSubmatch(body); m != nil {
		var nodes map[string][]struct {
			ID string `json:"id"`
		}
		if json.Unmarshal(m[1], &nodes) == nil {
			for _, group := range []string{"extras", "modules", "tasks"} {
				for _, n := range nodes[group] {
					l.add(url.PathEscape(n.ID) + ".html")
				}
			}
		}
		return l.urls
	}
	if text := unpack(body); text != nil {
		body = text
	}
	l.addAll(markedPage, body)
	l.addAll(quotedPage, body)
	return l.urls
}

// scriptFolders are the folders of scripts whose pages are above them: of ExDoc and TypeDoc.
var scriptFolders = map[string]bool{"dist": true, "assets": true}
