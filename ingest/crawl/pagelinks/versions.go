package pagelinks

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/citewell/citewell/ingest/crawl/urlnorm"
	"github.com/citewell/citewell/internal/edition"
)

// A Version is another version of a site, as its switcher names it.
type Version struct {
	Name      string   // as its address has it, such as "2.0" or "stable"
	URL       string   // where it begins, or the same page in it
	Preferred bool     // the switcher calls it the current or stable one
	Number    string   // if a list tells it
	Aliases   []string // names such as "stable" that a list, or the address in it, has for the version
}

// maxLabelBytes is longer than the label of a version in a switcher.
const maxLabelBytes = 40

// A label is the text of a link or an option, and where it leads.
type label struct{ ref, text string }

// openLabel begins the text of a link or an option that may name a version.
func (f *finder) openLabel(ref string) { f.label = label{ref: ref} }

// addLabel adds to that text.
func (f *finder) addLabel(text []byte) {
	if f.label.ref != "" && len(f.label.text)+len(text) <= maxLabelBytes {
		f.label.text += string(text)
	}
}

// closeLabel ends that text.
func (f *finder) closeLabel() {
	if words := strings.Fields(f.label.text); len(words) > 0 && len(words) <= 4 {
		if name := versionName(words); strings.Contains(strings.ToLower(f.label.ref), name) && edition.IsName(name) {
			f.labels = append(f.labels, f.label)
		}
	}
	f.label = label{}
}

// versionName returns the name of a version in the words of a label: 2.0 of "Version v2.0 (stable)".
func versionName(words []string) string {
	if len(words) > 1 && strings.EqualFold(words[0], "version") {
		words = words[1:]
	}
	return strings.TrimPrefix(strings.Trim(strings.ToLower(words[0]), "()[]:,"), "v")
}

var preferredLabel = regexp.MustCompile(`(?i)\b(stable|current|latest)\b`)

// versions returns what the labels of a page name: versions whose addresses have the
// same name.
func (f *finder) versions(r urlnorm.Resolver) []Version {
	var found []Version
	for _, l := range f.labels {
		address, _, ok := r.Resolve(l.ref)
		if !ok {
			continue
		}
		words := strings.Fields(l.text)
		name := edition.Of(address+"/", "").Version
		if name != "" && strings.TrimPrefix(strings.ToLower(name), "v") == versionName(words) {
			found = append(found, Version{Name: name, URL: address, Preferred: len(words) > 1 && preferredLabel.MatchString(strings.Join(words[1:], " "))})
		}
	}
	if len(found) < 2 {
		return nil // It is no switcher.
	}
	return found
}

var (
	// mike matches the settings of pages whose versions mike publishes.
	mike = regexp.MustCompile(`"provider"\s*:\s*\[?\s*"mike"`)
	// pydata matches the address of the list of versions on pages with the PyData theme.
	pydata = regexp.MustCompile(`theme_switcher_json_url\s*=\s*['"]([^'"]+)['"]`)
	// settingsBase matches the folder of a version in the settings of a page.
	settingsBase = regexp.MustCompile(`"base"\s*:\s*"([^"]+)"`)
)

// readSettings reads a script in the page for the list of versions, the names of pages, or the
// page that it leads to.
func (f *finder) readSettings(script []byte) {
	if bytes.Contains(script, []byte("location")) {
		f.readMove(script)
	}
	if bytes.Contains(script, hashMapName) {
		f.readHashMap(script)
	} else if bytes.Contains(script, []byte("theme_switcher_json_url")) {
		if m := pydata.FindSubmatch(script); m != nil {
			f.versionList = string(m[1])
		}
	} else if bytes.Contains(script, []byte(`"mike"`)) && mike.Match(script) {
		base := "."
		if m := settingsBase.FindSubmatch(script); m != nil {
			base = string(m[1])
		}
		f.versionList = strings.TrimSuffix(base, "/") + "/../versions.json"
	}
}
