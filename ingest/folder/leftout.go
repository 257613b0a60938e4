package folder

import (
	"fmt"
	"path/filepath"
	"strings"
)

// A LeftOut is a kind of files that are not read.
type LeftOut struct {
	Kind    string `json:"kind"`  // their extension, such as ".png", or another word
	Files   int    `json:"files"` // how many they are
	Example string `json:"example"`
	Reason  string `json:"reason"`
}

// NoDocuments is why files such as images are left out.
const NoDocuments = "not documents"

// unread are the extensions of files that hold documents and that are not read, and say why.
var unread = map[string]string{
	".org": "Org files are not read: ingest the built site", ".textile": "Textile is not read: ingest the built site",
	".docx": "Word files are not read: save them as HTML", ".doc": "Word files are not read: save them as HTML",
	".odt": "OpenDocument files are not read: save them as HTML", ".epub": "EPUB is not read",
	".tex": "TeX is not read",
}

// leave counts a file that is not read.
func (l *lister) leave(p, kind, reason string) {
	if kind == "" {
		kind = "no extension"
	}
	k := l.left[kind]
	if k == nil {
		k = &LeftOut{Kind: kind, Example: filepath.ToSlash(p), Reason: reason}
		l.left[kind] = k
	}
	k.Files++
}

// kinds counts files by their extension.
func kinds(files ...File) map[string]int {
	counts := map[string]int{}
	for _, f := range files {
		counts[strings.ToLower(filepath.Ext(f.Path))]++
	}
	return counts
}

// leftOutText names the kinds of files that a folder holds instead.
func leftOutText(left []LeftOut) string {
	var kinds []string
	for _, l := range left {
		kinds = append(kinds, fmt.Sprintf("%d %s", l.Files, l.Kind))
	}
	if len(kinds) == 0 {
		return ""
	}
	return ", but " + strings.Join(kinds, ", ")
}
