package folder

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/citewell/citewell/ingest/media"
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

// leaveOutside counts the documents under the target that are in none of the folders that
// the generator publishes.
func (l *lister) leaveOutside(published []root) {
	reason := "not in the folders that " + l.site.name + " publishes by its settings: ingest them by themselves"
	err := filepath.WalkDir(l.target, func(p string, d fs.DirEntry, err error) error {
		switch name := ""; {
		case err != nil:
			return skip(d)
		case p != l.target && strings.HasPrefix(d.Name(), "."), d.IsDir() && packages[d.Name()]:
			return skip(d)
		case d.IsDir() && slices.ContainsFunc(published, func(r root) bool { return isUnder(p, r.dir) }):
			return fs.SkipDir
		default:
			name = media.OfFile(p)
			if !d.IsDir() && name != "" && name != media.HTML && name != media.Plain {
				l.leave(p, "outside", reason)
			}
		}
		return nil
	})
	if err != nil {
		l.leave(l.target, "outside", reason)
	}
}

// packages are folders with packages that programs need.
var packages = map[string]bool{"node_modules": true, "__pycache__": true}

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
