package pagelinks

import (
	"bytes"
	"net/url"
	"path"
	"regexp"
	"strings"

	"github.com/citewell/citewell/ingest/crawl/urlnorm"
)

// VitePress cuts its program into scripts whose names hold a sum of their text. A page names
// the first one, app.js; that names the theme, the theme the dialog for searches, and the
// dialog the indexes, one for each language.
var (
	vitepressApp = regexp.MustCompile(`^(.*?)assets/app\.[\w-]{8}\.js$`)
	// vitepressMetadata is the script with the names of all pages, from version 2 on.
	vitepressMetadata = regexp.MustCompile(`^(.*?)assets/chunks/metadata\.[\w-]{8}\.js$`)
	vitepressChunks   = []*regexp.Regexp{
		regexp.MustCompile(`@localSearchIndex[\w-]*\.[\w-]{8}\.js`),
		regexp.MustCompile(`VPLocalSearchBox\.[\w-]{8}\.js`),
		regexp.MustCompile(`theme\.[\w-]{8}\.js`),
	}
	// vitepressIDs are the sections in an index of VitePress: their addresses by number.
	vitepressIDs  = regexp.MustCompile(`\\?"documentIds\\?"\s*:\s*\{([^}]*)\}`)
	vitepressID   = regexp.MustCompile(`:\s*\\?"([^"\\]+)`)
	vitepressName = regexp.MustCompile(`\\"([^"\\]+)\.md\\"\s*:`) // in a hash map
)

// SearchScripts returns the scripts that lead from one of VitePress, which was fetched from
// an address, to the indexes for searches; none from other files.
func SearchScripts(body []byte, at *url.URL) []string {
	folder := *at
	switch dir, name := path.Split(at.Path); {
	case strings.HasPrefix(name, "app."):
		folder.Path = dir + "chunks/"
	case path.Base(dir) != "chunks" || strings.HasPrefix(name, "@"):
		return nil
	}
	for _, chunk := range vitepressChunks {
		var scripts []string
		r, ok := urlnorm.NewResolver(&folder)
		for _, name := range chunk.FindAll(body, -1) {
			if ok && string(name) != path.Base(at.Path) {
				scripts = appendNormal(scripts, r, "./"+string(name))
			}
		}
		if len(scripts) > 0 {
			return scripts
		}
	}
	return nil
}

// readHashMap keeps the part of a script in the page that names all pages of the site. It is
// not parsed: each page has it.
func (f *finder) readHashMap(script []byte) {
	_, rest, _ := bytes.Cut(script, hashMapName)
	hashMap, _, ok := bytes.Cut(rest, []byte(`")`))
	if ok {
		f.hashMap = string(hashMap)
	}
}

// hashMapName is the variable of VitePress with the names of all pages.
var hashMapName = []byte("__VP_HASH_MAP__")

// Names returns the names of the pages in a hash map, or in a file of one: "guide_intro" may be guide/intro or
// guide_intro, in capitals or not.
func Names(hashMap string) []string {
	var names []string
	for _, name := range vitepressName.FindAllStringSubmatch(hashMap, -1) {
		names = append(names, name[1])
	}
	return names
}

// siteBase returns the folder of a site that VitePress made; "" for other sites.
func (f *finder) siteBase(r urlnorm.Resolver) string {
	if f.hashMap == "" && f.hashMapFile == "" || !vitepressApp.MatchString(f.searchIndex) {
		return ""
	}
	base, _, _ := r.Resolve(vitepressApp.ReplaceAllString(f.searchIndex, "${1}./"))
	return base
}
