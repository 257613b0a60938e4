package extract

import (
	"regexp"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/citewell/citewell/ingest/extract/dom"
)

// neverTags are elements whose content is not text of the page.
var neverTags = dom.SetOf(atom.Script, atom.Style, atom.Template, atom.Noscript, atom.Iframe, atom.Object, atom.Embed, atom.Canvas,
	atom.Svg, atom.Dialog, atom.Button, atom.Select, atom.Input, atom.Textarea, atom.Option, atom.Datalist, atom.Rt, atom.Rp)

// neverClasses are the classes of permalinks, of buttons, and of text that is only
// for screen readers.
var neverClasses = dom.SetOf("headerlink", "hash-link", "copybtn", "sr-only", "visually-hidden", "screen-reader-text", "tooltiptext")

// chromeRoles and chromeClasses are those of the elements around the text, inside a
// main element.
var (
	chromeRoles   = dom.SetOf("navigation", "search", "banner", "contentinfo")
	chromeClasses = dom.SetOf(
		"breadcrumb", "breadcrumbs", "toc", "table-of-contents", "on-this-page", "md-sidebar", "md-content__button", "md-source-file",
		"theme-doc-footer", "theme-doc-breadcrumbs", "theme-doc-toc-mobile", "theme-edit-this-page", "pagination", "pagination-nav",
		"edit-this-page", "edit-page", "edit-link", "edit-page-link", "page-meta", "feedback", "cookie", "cookies", "cookie-banner",
		"nav-wrapper", "nav-chapters", "menu-bar", "sphinxsidebar", "related", "wy-breadcrumbs", "rst-footer-buttons", "version-picker",
		"share", "social", "comments", "skip-link", "skipNav")
)

// chromeLine matches the text of a link to the page's source or to the bug tracker.
var chromeLine = regexp.MustCompile(`(?i)^(edit|improve|suggest (an )?edits?( to)?|view|show) (this page|source|page source|on git(hub|lab))( on git(hub|lab))?$|^(report (a|an) (issue|problem|bug)|copy|copied!?|back to top|skip to (main )?content)$`)

// maxChromeLine is longer than anything that [chromeLine] matches, in bytes.
const maxChromeLine = 60

// ownAside matches the classes of an aside that belongs to the text.
var ownAside = regexp.MustCompile(`(?i)admonition|aside|callout|note|tip|warning|topic|hint|caution|footnote|alert`)

// isNever reports whether an element is not text of the page, wherever it stands.
func isNever(n *html.Node) bool {
	if neverTags[n.DataAtom] {
		return true
	}
	for _, a := range n.Attr {
		switch a.Key {
		case "class":
			if dom.HasClass(a.Val, neverClasses) {
				return true
			}
		case "aria-hidden":
			if a.Val == "true" && !inCode(n) && !hasFormula(n) {
				return true
			}
		}
	}
	return false
}

// hasFormula reports whether an element belongs to the rendering of a formula,
// which is replaced as a whole.
func hasFormula(n *html.Node) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		if class, _ := dom.Attr(p, "class"); strings.Contains(class, "katex") {
			return true
		}
	}
	return false
}

// isChrome reports whether an element in the main content is not part of the text.
func isChrome(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Nav:
		return true
	case atom.Footer:
		return n.Parent == nil || n.Parent.DataAtom != atom.Blockquote
	case atom.Header:
		return !hasTitle(n)
	case atom.Aside:
		class, _ := dom.Attr(n, "class")
		return !ownAside.MatchString(class)
	case atom.A, atom.Div, atom.P, atom.Span:
		if isChromeLine(n) {
			return true
		}
	}
	for _, a := range n.Attr {
		switch a.Key {
		case "class":
			if dom.HasClass(a.Val, chromeClasses) {
				return true
			}
		case "role":
			if chromeRoles[a.Val] {
				return true
			}
		case "id":
			if a.Val == "comments" {
				return true
			}
		}
	}
	return false
}

// hasTitle reports whether an element contains a heading of the first two levels.
func hasTitle(n *html.Node) bool {
	for m := range n.Descendants() {
		if m.DataAtom == atom.H1 || m.DataAtom == atom.H2 {
			return true
		}
	}
	return false
}

// isChromeLine reports whether all text of an element is a [chromeLine].
func isChromeLine(n *html.Node) bool {
	var b strings.Builder
	for m := range n.Descendants() {
		if m.Type == html.TextNode {
			b.WriteString(strings.TrimLeft(m.Data, asciiSpace))
			if b.Len() > maxChromeLine {
				return false
			}
		}
	}
	return b.Len() > 0 && chromeLine.MatchString(line(b.String())) && !inCode(n)
}
