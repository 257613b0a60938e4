package pagelinks

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"io"
	"net/url"
	"path"
	"regexp"
	"strings"

	"github.com/citewell/citewell/ingest/crawl/urlnorm"
)

// searchScripts are the scripts by which generators search a site, and where they have
// the index of its pages: Sphinx, MkDocs, its theme Material, VitePress, and Docusaurus.
var searchScripts = []struct {
	script *regexp.Regexp
	index  string
}{
	{regexp.MustCompile(`^(.*?)_static/(?:documentation_options|doctools|searchtools)\.js$`), "${1}searchindex.js"},
	{regexp.MustCompile(`^(.*?)search/main\.js$`), "${1}search/search_index.json"},
	{regexp.MustCompile(`^(.*?)assets/javascripts/bundle\.[0-9a-f]+\.min\.js$`), "${1}search/search_index.json"},
	{vitepressApp, "$0"}, // It leads there: see [SearchScripts].
	{regexp.MustCompile(`^(.*?)assets/js/runtime~main\.[0-9a-f]+\.js$`), "${1}search-index.json"},
}

// searchIndexOf returns the reference to the index that belongs to a script; "" if it does not
// search the site.
func searchIndexOf(src string) string {
	src, _, _ = strings.Cut(src, "?")
	for _, s := range searchScripts {
		if s.script.MatchString(src) {
			return s.script.ReplaceAllString(src, s.index)
		}
	}
	return ""
}

// IsSearchIndex reports whether an address is that of an index for searches, by its name.
func IsSearchIndex(address string) bool {
	switch name := path.Base(address); name {
	default:
		return strings.HasPrefix(name, "@localSearchIndex") // VitePress
	case "searchindex.js", "search_index.json", "search-index.json":
		return true
	}
}

var (
	// sphinxNames are the names of the pages in an index of Sphinx.
	sphinxNames = regexp.MustCompile(`["']?docnames["']?\s*:\s*\[([^\]]*)\]`)
	quotedName  = regexp.MustCompile(`["']([^"']+)["']`)
	// location is the address of a page in an index, by the names that programs give it.
	location = regexp.MustCompile(`"(?:location|url|u|uri|href|link|path|permalink|relUrl|route)"\s*:\s*"([^"\\\s<>{}]+)"`)
	// packed is data that a script unpacks: by gzip or zlib, in base64.
	packed = regexp.MustCompile(`"(?:data:[^",]*,)?((?:H4sI|eJ)[A-Za-z0-9+/]{20,}=*)"`)
)

// maxUnpackedBytes limits what is unpacked from a script.
const maxUnpackedBytes = 32 << 20

// SearchIndex returns the pages that an index for searches names, which was fetched from an
// address. asFiles says that pages of Sphinx are published as files, not as folders.
func SearchIndex(body []byte, at *url.URL, asFiles bool) []string {
	base := *at
	if path.Base(path.Dir(at.Path)) == "search" { // MkDocs
		base.Path = strings.TrimSuffix(path.Dir(path.Dir(at.Path)), "/") + "/"
	}
	l := collector{seen: map[string]bool{}}
	var ok bool
	if l.resolver, ok = urlnorm.NewResolver(&base); !ok {
		return nil
	}
	if m := sphinxNames.FindSubmatch(body); m != nil {
		for _, name := range quotedName.FindAllSubmatch(m[1], -1) {
			l.add(sphinxPage(string(name[1]), asFiles))
		}
		return l.urls
	}
	if m := vitepressIDs.FindSubmatch(body); m != nil {
		l.addAll(vitepressID, m[1])
		return l.urls
	}
	l.addAll(location, body)
	return l.urls
}

// sphinxPage returns the reference to a page of Sphinx.
func sphinxPage(name string, asFile bool) string {
	ref := (&url.URL{Path: "./" + name}).String()
	if asFile {
		return ref + ".html"
	}
	if dir, isIndex := strings.CutSuffix(ref, "/index"); isIndex {
		return dir + "/"
	}
	return ref + "/"
}

// A collector resolves references, each once.
type collector struct {
	resolver urlnorm.Resolver
	seen     map[string]bool
	urls     []string
}

func (l *collector) add(ref string) {
	ref, _, _ = strings.Cut(ref, "#")
	if s, pathname, ok := l.resolver.Resolve(ref); ok && ref != "" && !l.seen[s] && !isAsset(pathname) {
		l.seen[s] = true
		l.urls = append(l.urls, s)
	}
}

// addAll adds what the first group of a pattern matches, in which slashes may be escaped.
func (l *collector) addAll(pattern *regexp.Regexp, body []byte) {
	for _, m := range pattern.FindAllSubmatch(body, -1) {
		l.add(strings.ReplaceAll(string(m[1]), `\/`, "/"))
	}
}

// unpack returns the data that a script holds in packed form; nil if there is none.
func unpack(body []byte) []byte {
	m := packed.FindSubmatch(body)
	if m == nil {
		return nil
	}
	data, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(string(m[1]), "="))
	if err != nil {
		return nil
	}
	var r io.Reader
	if r, err = gzip.NewReader(bytes.NewReader(data)); err != nil {
		if r, err = zlib.NewReader(bytes.NewReader(data)); err != nil {
			return nil
		}
	}
	text, err := io.ReadAll(io.LimitReader(r, maxUnpackedBytes))
	if err != nil {
		return nil
	}
	return text
}
