package extract

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

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
		"share", "social", "comments", "skip-link", "skipNav", "footer", "page-footer", "site-footer")
)

// chromeLine matches the text of a link to the page's source or to the bug tracker, and
// what a click on a sign beside a heading shows.
var chromeLine = regexp.MustCompile(`(?i)^(edit|improve|suggest (an )?edits?( to)?|view|show) (this (page|doc|topic|article)|(page )?source( code)?|on git(hub|lab))( on git(hub|lab))?$|` +
	`^(report (a|an) (issue|problem|bug)|copied!?|(copy )?link( copied)? to clipboard|copied to clipboard!?|back to top|skip to (main )?content)$|^\[edit\]$`)

// control matches the text of something to click at, which is no text if it leads
// nowhere, or if it belongs to code.
var control = regexp.MustCompile(`(?i)^\(?(copy( code)?|copy to clipboard|collapse|expand|show|hide|toggle)( all)?\)?$`)

// sourceLink matches the text of a link to the source of one declaration, and sourceLine
// that of a line with one. editLink is that of a link to change it, if its address says so, too.
var (
	sourceLink = regexp.MustCompile(`(?i)^[\[(]?((view )?(source|src)( code)?|(in \S+ )?at line \d+|[\w@./\\-]+\.\w+:\d+)[\])]?$`)
	sourceLine = regexp.MustCompile(`(?i)^(defined|declared|implemented|source) (in|at):? [\w@./\\-]+\.\w+:\d+$|^(in \S+ )?at line \d+$`)
	editLink   = regexp.MustCompile(`(?i)^\[?edit\]?$`)
)

// maxChromeLine is longer than anything that these match, in bytes.
const maxChromeLine = 60

// subjects are those of the classes of chrome that can also be what a section is about.
var subjects = dom.SetOf("comments", "related", "share", "social", "cookie", "cookies")

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
			if a.Val == "true" && !inCode(n) && !hasFormula(n) && !isSign(n) {
				return true
			}
		}
	}
	return false
}

// sign matches a sign between words that a reader sees: an arrow, a tick, a cross.
var sign = regexp.MustCompile(`^[←-⇿➔-➾▸▶►›✓✔✗✘×÷±+=]$`)

// isSign reports whether an element is such a sign, in a line of text.
func isSign(n *html.Node) bool {
	return inline[n.DataAtom] && n.DataAtom != atom.A && sign.MatchString(strings.Trim(dom.Text(n), " \n\ufe0e\ufe0f")) &&
		n.Parent != nil && n.Parent.DataAtom != atom.A && n.Parent.DataAtom != atom.Button && dom.HeadingLevel(n.Parent) == 0
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

// hasTitle reports whether an element contains a heading of the first two levels.
func hasTitle(n *html.Node) bool {
	for m := range n.Descendants() {
		if m.DataAtom == atom.H1 || m.DataAtom == atom.H2 {
			return true
		}
	}
	return false
}

// isChromeLine reports whether all text of an element is chrome by what it says.
func isChromeLine(n *html.Node) bool {
	switch n.DataAtom {
	case atom.A, atom.Div, atom.P, atom.Span, atom.Li:
	default:
		return false
	}
	var b strings.Builder
	for m := range n.Descendants() {
		if m.Type == html.TextNode {
			text := strings.TrimLeft(m.Data, asciiSpace)
			if len(text) < len(m.Data) && b.Len() > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(text)
			if b.Len() > maxChromeLine {
				return false
			}
		}
	}
	text := line(b.String())
	switch {
	case !mayBeChromeLine(text):
		return false
	case chromeLine.MatchString(text), sourceLine.MatchString(text):
		return !inCode(n)
	case control.MatchString(text):
		href, linked := dom.Attr(n, "href")
		return linked && (href == "#" || strings.HasPrefix(href, "javascript:")) || besideCode(n)
	case n.DataAtom == atom.A && sourceLink.MatchString(text):
		href, _ := dom.Attr(n, "href")
		return href != "" && href[0] != '#'
	case n.DataAtom == atom.A && editLink.MatchString(text):
		href, _ := dom.Attr(n, "href")
		return strings.Contains(href, "edit")
	}
	return false
}

// chromeStarts are the first words of what is a chrome line.
var chromeStarts = dom.SetOf("edit", "improve", "suggest", "view", "show", "report", "copied", "copy", "link", "back", "skip", "source", "src", "in", "at",
	"defined", "declared", "implemented", "collapse", "expand", "hide", "toggle")

// mayBeChromeLine reports whether a text begins like a chrome line, or ends like a place in
// a source file.
func mayBeChromeLine(text string) bool {
	if text == "" {
		return false
	}
	if last := text[len(text)-1]; '0' <= last && last <= '9' || last == ')' || last == ']' {
		return strings.ContainsAny(text, ":([") || strings.Contains(text, "line")
	}
	first, _, _ := strings.Cut(text, " ")
	return chromeStarts[strings.ToLower(strings.Trim(first, "[]()!:"))]
}

// besideCode reports whether a block of code follows an element, or the one around it.
func besideCode(n *html.Node) bool {
	for range 2 {
		for c := n.NextSibling; c != nil; c = c.NextSibling {
			if c.Type == html.ElementNode {
				return c.DataAtom == atom.Pre || firstElement(c) != nil && firstElement(c).DataAtom == atom.Pre
			}
		}
		if n = n.Parent; n == nil {
			return false
		}
	}
	return false
}

// chromeWords are words in the classes and ids of navigation.
var chromeWords = dom.SetOf("nav", "navbar", "navigation", "navheader", "navfooter", "topnav", "subnav", "bottomnav", "sidebar", "sidenav", "sidemenu", "menu", "toc", "breadcrumb",
	"breadcrumbs", "pager", "pagination", "footer", "topbar", "toolbar", "cookie", "cookies", "consent", "skip")

// isChromeElement reports whether an element is chrome by its kind, its role or its
// name.
func isChromeElement(n *html.Node, s sum) bool {
	switch n.DataAtom {
	case atom.Nav:
		return true
	case atom.Footer:
		return (n.Parent == nil || n.Parent.DataAtom != atom.Blockquote) && (s.text <= maxNamed || s.dense(5))
	case atom.Header:
		return s.dense(5) && !s.hasHeading && !isInside(n, atom.Article, atom.Section)
	case atom.Aside:
		class, _ := dom.Attr(n, "class")
		return !ownAside.MatchString(class) && s.dense(4) && (s.links >= fewLinks || !isInside(n, atom.Section, atom.Details))
	case atom.Pre, atom.Code, atom.Body, atom.Main, atom.Article, atom.Table, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		return false
	}
	for _, a := range n.Attr {
		switch a.Key {
		case "role":
			if chromeRoles[a.Val] {
				return true
			}
		case "class":
			if dom.HasClass(a.Val, chromeClasses) && (s.dense(5) || s.text <= maxNamed && !(s.hasHeading && dom.HasClass(a.Val, subjects))) || s.dense(5) && hasWord(a.Val, chromeWords) {
				return true
			}
		case "id":
			if s.dense(5) && hasWord(a.Val, chromeWords) {
				return true
			}
		}
	}
	return false
}

// isInside reports whether an element stands in one of some kinds.
func isInside(n *html.Node, kinds ...atom.Atom) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		if slices.Contains(kinds, p.DataAtom) {
			return true
		}
	}
	return false
}

// hasWord reports whether a name such as "page-nav" or "sideMenu" has a word of a set.
func hasWord(name string, words map[string]bool) bool {
	start, lower := 0, false
	for i, r := range name + "-" {
		letter := unicode.IsLetter(r)
		if !letter || unicode.IsUpper(r) && lower {
			if words[strings.ToLower(name[start:i])] {
				return true
			}
			start = i
			if !letter {
				start = i + 1
			}
		}
		lower = unicode.IsLower(r)
	}
	return false
}
