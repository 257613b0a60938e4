package extract

import (
	"strings"
	"unicode/utf8"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/citewell/citewell/ingest/crawl/urlnorm"
	"github.com/citewell/citewell/ingest/extract/dom"
)

// cleanMain removes from the content of documentation everything that is known not to
// be text of the page. With whole, the
// content is the whole page. title is the text of the title element.
func cleanMain(s *goquery.Selection, whole bool, title string) {
	markHeadings(s)
	names := keep(s)
	f := newFrame(s.Get(0), whole, title)
	f.remove(s.Get(0))
	if whole {
		f.cutFoot(s.Get(0))
	}
	tidy(s, names)
}

// cleanSelected removes from chosen elements everything that is never text: scripts,
// permalinks, buttons.
func cleanSelected(s *goquery.Selection) {
	markHeadings(s)
	names := keep(s)
	dom.RemoveAll(s.Get(0), isNever)
	tidy(s, names)
}

// keep rewrites what would be lost with the controls and pictures of a page, but has
// a meaning.
func keep(s *goquery.Selection) names {
	// A style draws a separator between links.
	s.FindMatcher(funcMatcher(isSeparator)).Each(func(_ int, e *goquery.Selection) {
		if !inCode(e.Get(0)) {
			e.Get(0).AppendChild(space())
		}
	})
	nestHeadings(s.Get(0))
	headDeclarations(s)
	names := rewriteWidgets(s.Get(0))
	if names.any("sourceset-dependent-content") {
		straightenDokka(s)
	}
	openButtons(s)
	labelIcons(s)
	cleanLists(s)
	return names
}

// isSeparator reports whether an element is an empty one behind a link.
func isSeparator(n *html.Node) bool {
	if n.DataAtom != atom.Span || n.FirstChild != nil {
		return false
	}
	before := n.PrevSibling
	for before != nil && before.Type != html.ElementNode {
		before = before.PrevSibling
	}
	if before == nil || before.DataAtom != atom.A {
		return false
	}
	href, _ := dom.Attr(before, "href")
	_, named := dom.Attr(n, "id")
	return href != "" && !named
}

// tidy prepares the rest for writing.
func tidy(s *goquery.Selection, names names) {
	find(s, "br").Each(func(_ int, br *goquery.Selection) {
		if isInside(br.Get(0), atom.A) {
			br.ReplaceWithNodes(&html.Node{Type: html.TextNode, Data: " "})
		}
	})
	find(s, "a").Each(func(_ int, a *goquery.Selection) { cleanLink(a) })
	find(s, "img").Each(func(_ int, i *goquery.Selection) {
		alt := strings.TrimSpace(i.AttrOr("alt", ""))
		switch {
		case alt == "":
			i.Remove()
		case strings.HasPrefix(strings.TrimSpace(i.AttrOr("src", "")), "data:"):
			i.ReplaceWithNodes(&html.Node{Type: html.TextNode, Data: alt})
		}
	})
	markScripts(s)
	rewriteMarkup(s, names)
	cleanCode(s, names)
	cleanDefinitions(s)
	cleanTables(s)
	cleanText(s)
}

// headingAttr names the attribute that keeps the anchor of a heading when its
// permalinks are removed.
const headingAttr = "data-heading-anchor"

// markHeadings writes the anchor of each heading into its headingAttr.
func markHeadings(s *goquery.Selection) {
	find(s, "h1, h2, h3, h4, h5, h6").Each(func(_ int, h *goquery.Selection) {
		h.SetAttr(headingAttr, anchor(h.Get(0)))
	})
}

// cleanLink removes a permalink. It takes the link away, leaving the text, from
// what leads nowhere, from headings, and from blocks, which Markdown can't link.
func cleanLink(a *goquery.Selection) {
	n := a.Get(0)
	href, linked := dom.Attr(n, "href")
	switch {
	case isPermalink(n):
		a.Remove()
	case !linked, strings.HasPrefix(strings.TrimSpace(href), "data:"), closest(a, "h1, h2, h3, h4, h5, h6").Length() > 0, strings.HasPrefix(strings.ToLower(strings.TrimSpace(href)), "javascript:"),
		find(a, "p, div, ul, ol, dl, table, pre, blockquote, h1, h2, h3, h4, h5, h6").Length() > 0:
		dom.Unwrap(n)
	default:
		dom.RemoveAttr(n, "title")
		if own := urlnorm.WithoutSession(href); own != href {
			a.SetAttr("href", own)
		}
	}
}

// cleanText removes from all strings the control characters and the private
// marks that the conversion uses. Outside of code it makes plain spaces of those
// at which no line breaks: who searches or quotes a page types a plain one.
func cleanText(s *goquery.Selection) {
	for n := range s.Get(0).Descendants() {
		if n.Type != html.TextNode {
			continue
		}
		if strings.ContainsFunc(n.Data, isOdd) {
			n.Data = marks.Replace(normalise(n.Data))
		}
		if strings.ContainsFunc(n.Data, isFixedSpace) && !inCode(n) {
			n.Data = fixedSpaces.Replace(n.Data)
		}
	}
}

var fixedSpaces = strings.NewReplacer("\u00a0", " ", "\u2007", " ", "\u202f", " ")

// isFixedSpace reports whether r is a space at which no line breaks.
func isFixedSpace(r rune) bool { return r == 0xa0 || r == 0x2007 || r == 0x202f }

// isOdd reports whether r may have to go from a string.
func isOdd(r rune) bool {
	return r < ' ' && r != '\n' && r != '\t' || r == '\ufeff' || r >= '\ue000' && r <= '\uf8ff' || r == utf8.RuneError
}

// inCode reports whether n stands in code.
func inCode(n *html.Node) bool {
	for p := n; p != nil; p = p.Parent {
		if p.DataAtom == atom.Pre || p.DataAtom == atom.Code {
			return true
		}
	}
	return false
}
