package pagelinks

import (
	"cmp"
	"encoding/json"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/citewell/citewell/ingest/crawl/urlnorm"
	"github.com/citewell/citewell/internal/edition"
)

// A listed version is an entry of a list of versions.
type listed struct {
	Version   string   `json:"version"`
	Name      string   `json:"name"`
	Title     string   `json:"title"`
	Aliases   []string `json:"aliases"`
	URL       string   `json:"url"`
	Preferred bool     `json:"preferred"`
}

var (
	// documenterVersions and documenterNewest match the list of versions of Documenter.jl, a script.
	documenterVersions = regexp.MustCompile(`DOC_VERSIONS\s*=\s*(\[[^\]]*\])`)
	documenterNewest   = regexp.MustCompile(`DOCUMENTER_(?:NEWEST|STABLE)\s*=\s*"v?(\d[^"]*)"`)
	// trailingComma matches what JSON does not allow before the end of a list.
	trailingComma = regexp.MustCompile(`,\s*\]`)
)

// Versions returns the versions in a list that a page names, which was fetched from an address.
func Versions(body []byte, at *url.URL) []Version {
	var found []Version
	for _, e := range readList(body) {
		ref := e.URL
		if ref == "" {
			ref = path.Join(path.Dir(at.Path), e.Version) + "/"
		}
		u, ok := urlnorm.Resolve(at, ref)
		if !ok || e.Version == "" {
			continue
		}
		v := Version{Name: e.Version, URL: u.String(), Preferred: e.Preferred || slices.ContainsFunc(e.Aliases, preferredLabel.MatchString)}
		names := append([]string{e.Version, edition.Of(u.String()+"/", "").Version}, e.Aliases...)
		for _, name := range append(names, strings.Fields(e.Title+" "+e.Name)...) {
			name = strings.ToLower(strings.Trim(name, "()[]:,"))
			switch {
			case edition.IsNumber(name):
				v.Number = cmp.Or(v.Number, name)
			case edition.IsName(name) && !slices.Contains(v.Aliases, name):
				v.Aliases = append(v.Aliases, name)
			}
		}
		found = append(found, v)
	}
	return found
}

// readList reads the list of versions of mike, of the PyData theme or of Documenter.jl.
func readList(body []byte) []listed {
	var entries []listed
	if json.Unmarshal(body, &entries) == nil {
		return entries
	}
	m := documenterVersions.FindSubmatch(body)
	var names []string
	if m == nil || json.Unmarshal(trailingComma.ReplaceAll(m[1], []byte("]")), &names) != nil {
		return nil
	}
	newest := ""
	if m := documenterNewest.FindSubmatch(body); m != nil {
		newest = string(m[1])
	}
	for _, name := range names {
		e := listed{Version: name, Preferred: name == "stable"}
		if e.Preferred {
			e.Title = newest
		}
		entries = append(entries, e)
	}
	return entries
}
