package crawl

import (
	"net/url"
	"strings"
)

// enoughEchoes is how many pages that a page is the first to name, all of them echoes,
// show that the rest are, too.
const enoughEchoes = 3

// Echoes are pages that the server sends once more below themselves, because it does not
// read all of an address or because a folder contains itself: /guide/guide/ is
// /guide/, and its links lead to /guide/guide/guide/. Nothing is an echo until one
// address shows it: equal pages in different folders, such as versions, can have
// different pages below them.
type echoes struct {
	depths map[uint64]int    // by content: folders above the page with the fewest
	below  string            // the address that shows that there are echoes; "" if there are none
	shown  string            // the page that it is an echo of
	count  int               // pages whose links are not followed, or that are left out
	named  map[string]*named // by the page that named them first
}

// A named counts what became of the pages that a page is the first to name.
type named struct{ echoes, others int }

// isEcho reports whether a page that was read is an echo, whose links lead to more
// of them.
func (w *walk) isEcho(p *node, from string) bool {
	e := &w.echoes
	folders, file := foldersOf(p.url)
	if e.below == "" {
		if y := w.echoed(p, folders, file); y != "" {
			e.below, e.shown = p.url, y
		}
	}
	first, seen := e.depths[p.content]
	if !seen || len(folders) < first {
		e.depths[p.content] = len(folders)
	}
	if e.below == "" {
		return false
	}
	n := e.named[from]
	if n == nil {
		n = &named{}
		e.named[from] = n
	}
	if !seen || len(folders) <= first {
		n.others++
		return false
	}
	n.echoes++
	e.count++
	return true
}

// echoed returns the page that stands above p, in a folder of the same name, and is
// the same; "" if there is none.
func (w *walk) echoed(p *node, folders []string, file string) string {
	last := len(folders) - 1
	for i := range max(last, 0) {
		if folders[i] != folders[last] {
			continue
		}
		above := w.origin + strings.Join(folders[:i+1], "/") + "/" + file
		for _, address := range []string{above, strings.TrimSuffix(above, "/")} {
			if y := w.lookup(address); y != nil && y.content == p.content && y.content != 0 && y.outcome == outcomeFetched {
				return y.url
			}
		}
	}
	return ""
}

// foldersOf splits the path of an address into its folders and the name behind them,
// with the query. A name without a dot is that of a folder, too.
func foldersOf(address string) (folders []string, file string) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, "" // Unreachable: a normal form is an address.
	}
	folders = strings.Split(strings.TrimPrefix(u.EscapedPath(), "/"), "/")
	last := len(folders) - 1
	if file = folders[last]; file == "" || strings.Contains(file, ".") {
		folders = folders[:last]
	} else {
		file = ""
	}
	if u.RawQuery != "" {
		file += "?" + u.RawQuery
	}
	return folders, file
}

// leadsToEchoes reports whether the pages that a page is the first to name are echoes,
// by those of them that were read.
func (w *walk) leadsToEchoes(from string) bool {
	n := w.echoes.named[from]
	return n != nil && n.others == 0 && n.echoes >= enoughEchoes
}

// warnEchoes adds a warning of the pages that are echoes.
func (w *walk) warnEchoes() {
	if e := &w.echoes; e.below != "" {
		w.warning("the addresses below %s grow without end, since the server sends the page %s there, too: %d such pages were not followed; --exclude leaves them out",
			e.below, e.shown, e.count)
	}
}
