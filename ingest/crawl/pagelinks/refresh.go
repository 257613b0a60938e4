package pagelinks

import (
	"regexp"
	"slices"
	"strings"
)

// refresh matches the content of a meta refresh with an address: a time, a separator,
// and the address.
var refresh = regexp.MustCompile(`(?is)^\s*[\d.]*\s*[;,\s]\s*(?:url\s*=\s*)?(?:'([^']*)|"([^"]*)|(.*))`)

func refreshTarget(content string) string {
	m := refresh.FindStringSubmatch(content)
	if m == nil {
		return ""
	}
	return strings.TrimSpace(m[1] + m[2] + m[3])
}

// maxMoveBytes is longer than a script that does no more than lead to another page.
const maxMoveBytes = 600

// move matches what leads to another page in a script.
var move = regexp.MustCompile(`\blocation(?:\.href)?\s*=\s*["']([^"']+)["']|\blocation\.(?:replace|assign)\(\s*["']([^"']+)["']`)

// readMove notes where a short script leads.
func (f *finder) readMove(script []byte) {
	if len(script) > maxMoveBytes || f.moved != "" {
		return
	}
	if m := move.FindSubmatch(script); m != nil {
		f.moved = string(m[1]) + string(m[2])
	}
}

// followScript takes a page for one that sends its readers on, if a script does so and
// there is a link to the same page for those without scripts, or no link at all.
func (f *finder) followScript() {
	if f.refresh == "" && f.moved != "" && (len(f.refs) == 0 || slices.Contains(f.refs, f.moved)) {
		f.refresh = f.moved
		f.add(f.moved)
	}
}
