package extract

import (
	"regexp"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/citewell/citewell/ingest/extract/dom"
	"github.com/citewell/citewell/internal/edition"
)

// A page tells its version in one of these places; the first that has one counts:
//
//   - a meta element, such as the one for DocSearch;
//   - the entry of a switcher of versions that is marked as the current one;
//   - an element outside of the content whose class or id calls it a version;
//   - the end of the title: "… — Project 3.2 documentation".

// version matches a version that a meta element may name.
var version = regexp.MustCompile(`^[A-Za-z0-9.-]{1,40}$`)

// titleVersion matches the version at the end of a title.
var titleVersion = regexp.MustCompile(`(?i)\bv?(\d+(?:\.\d+)+[\w.]*)\s+(?:documentation|docs|manual|reference|api|dokumentation|documentación|documentação|документация|文档|文件|說明文件|ドキュメント|문서)\)?$`)

// versionOf returns the version that a page tells; "" if it tells none.
func versionOf(doc *goquery.Document, head *goquery.Selection, title string) string {
	first, _, _ := strings.Cut(find(head, `meta[name="docsearch:version"]`).First().AttrOr("content", ""), ",")
	if first = strings.TrimSpace(first); version.MatchString(first) {
		return first
	}
	for _, name := range []string{"version", "doc-version", "docs-version", "page-version", "readthedocs-version-slug"} {
		if v := find(head, `meta[name="`+name+`"]`).First().AttrOr("content", ""); edition.IsNumber(strings.TrimSpace(v)) {
			return strings.TrimSpace(v)
		}
	}
	var told versionNotes
	for _, root := range doc.Nodes {
		told.read(root)
	}
	if v := told.version(); v != "" {
		return v
	}
	if m := titleVersion.FindStringSubmatch(title); m != nil && edition.IsNumber(m[1]) {
		return m[1]
	}
	return ""
}

// versionNotes are the versions that elements outside of the content name.
type versionNotes struct{ current, called []string }

// version returns the one version that the page is of; "" if there is none, or several.
func (v *versionNotes) version() string {
	for _, all := range [][]string{v.current, v.called} {
		if len(all) > 0 {
			for _, other := range all {
				if other != all[0] {
					return ""
				}
			}
			return all[0]
		}
	}
	return ""
}

// read reads the elements of n, but for content, footers and links to other versions.
func (v *versionNotes) read(n *html.Node) {
	for c := range n.ChildNodes() {
		if c.Type != html.ElementNode {
			continue
		}
		switch c.DataAtom {
		case atom.Main, atom.Article, atom.Footer, atom.Script, atom.Style, atom.Svg, atom.Table, atom.Pre, atom.Head:
			continue
		}
		words := nameWords(c)
		switch isCurrent := isCurrentEntry(c, words); {
		case isCurrent && hasOtherVersions(c):
			v.current = appendVersion(v.current, c)
		case isCurrent && words["version"]:
			v.current = appendVersion(v.current, c)
		case (words["version"] || words["projectnumber"]) && !words["added"] && !words["since"] && !words["changed"] && c.DataAtom != atom.A && c.DataAtom != atom.Option:
			v.called = appendVersion(v.called, c)
		}
		v.read(c)
	}
}

// nameWords returns the words of the classes and the id of an element that matter here.
func nameWords(n *html.Node) map[string]bool {
	var words map[string]bool
	for _, a := range n.Attr {
		if a.Key != "class" && a.Key != "id" || a.Val == "" {
			continue
		}
		lower := strings.ToLower(a.Val)
		for _, w := range []string{"version", "projectnumber", "current", "active", "selected", "added", "since", "changed"} {
			if strings.Contains(lower, w) {
				if words == nil {
					words = map[string]bool{}
				}
				words[w] = true
			}
		}
	}
	return words
}

// isCurrentEntry reports whether an entry of a list is marked as the one of the page.
func isCurrentEntry(n *html.Node, words map[string]bool) bool {
	switch n.DataAtom {
	case atom.Option:
		_, ok := dom.Attr(n, "selected")
		return ok
	case atom.A, atom.Li, atom.Dd, atom.Button, atom.Span, atom.Strong:
		current, _ := dom.Attr(n, "aria-current")
		return words["current"] || words["active"] || words["selected"] || current != "" && current != "false"
	}
	return false
}

// hasOtherVersions reports whether an entry stands beside others that name versions.
func hasOtherVersions(n *html.Node) bool {
	if n.DataAtom == atom.A && n.Parent.FirstChild.NextSibling == nil {
		n = n.Parent // the one thing in its entry
	}
	for c := range n.Parent.ChildNodes() {
		if c != n && c.DataAtom == n.DataAtom && versionText(c) != "" {
			return true
		}
	}
	return false
}

func appendVersion(list []string, n *html.Node) []string {
	if v := versionText(n); edition.IsNumber(v) {
		return append(list, v)
	}
	return list
}

// versionLabel matches the words that may stand before and behind a version: "Read the Docs
// v: 3.2", "Documentation version: 5.0", "1.9 (stable)".
var versionLabel = regexp.MustCompile(`(?i)^(?:[^:]{0,40}:\s*|version\s+)?(v?[\w.-]+)(?:\s*\([^)]{1,20}\))?$`)

// versionText returns the version that is all that an element says; "" if it says another thing.
func versionText(n *html.Node) string {
	if dom.TextBytes(n) > 80 {
		return ""
	}
	var words []string
	for m := range n.Descendants() {
		if m.Type == html.TextNode {
			words = append(words, strings.Fields(m.Data)...)
		}
	}
	m := versionLabel.FindStringSubmatch(strings.Join(words, " "))
	if m == nil || !edition.IsName(m[1]) {
		return ""
	}
	return m[1]
}
