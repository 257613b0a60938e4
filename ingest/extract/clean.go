package extract

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// never matches what no reader of a page takes for its text.
const never = `script, style, template, noscript, iframe, object, embed, canvas, svg, dialog,
	button, select, input, textarea, option, datalist, [hidden]:not([role="tabpanel"]), .headerlink, .hash-link, .copybtn,
	.sr-only, .visually-hidden, .screen-reader-text, .tooltiptext`

// chrome matches what stands around the text inside the main element.
const chrome = `nav, [role="navigation"], [role="search"], [role="banner"], [role="contentinfo"], footer:not(blockquote footer),
	.breadcrumb, .breadcrumbs, .toc, .table-of-contents, .on-this-page, .md-sidebar, .md-content__button,
	.theme-doc-footer, .theme-doc-breadcrumbs, .theme-doc-toc-mobile, .theme-edit-this-page, .pagination, .pagination-nav,
	.edit-this-page, .edit-page, .edit-link, .edit-page-link, .page-meta, .md-source-file, .feedback, .cookie, .cookies, .cookie-banner,
	.nav-wrapper, .nav-chapters, .menu-bar, .sphinxsidebar, .related, .wy-breadcrumbs, .rst-footer-buttons, .version-picker,
	.share, .social, .comments, #comments, .skip-link, .skipNav`

// chromeLine is what a link says that leads to the page's source or to the bug
// tracker.
var chromeLine = regexp.MustCompile(`(?i)^(edit|improve|suggest (an )?edits?( to)?|view|show) (this page|source|page source|on git(hub|lab))( on git(hub|lab))?$|^(report (a|an) (issue|problem|bug)|copy|copied!?|back to top|skip to (main )?content)$`)

// ownAside matches the classes of an aside that belongs to the text.
var ownAside = regexp.MustCompile(`(?i)admonition|aside|callout|note|tip|warning|topic|hint|caution|footnote|alert`)

// hiddenStyle matches a style that hides an element.
var hiddenStyle = regexp.MustCompile(`(?i)(display\s*:\s*none|visibility\s*:\s*hidden)`)

// cleanMain removes from the main content what is not text of the page.
func cleanMain(s *goquery.Selection) {
	s.Find(chrome).Remove()
	s.Find("header").Each(func(_ int, h *goquery.Selection) {
		if h.Find("h1, h2").Length() == 0 {
			h.Remove()
		}
	})
	s.Find("aside").Each(func(_ int, a *goquery.Selection) {
		if !ownAside.MatchString(a.AttrOr("class", "")) {
			a.Remove()
		}
	})
	s.Find("a, div, p, span").Each(func(_ int, a *goquery.Selection) {
		n := a.Get(0)
		if n.FirstChild == nil || inCode(n) || visible(n) > 40 {
			return
		}
		if chromeLine.MatchString(line(textOf(n))) {
			a.Remove()
		}
	})
	cleanSelected(s)
}

// cleanSelected removes from chosen elements what is never text: scripts,
// permalinks, buttons, and what is hidden.
func cleanSelected(s *goquery.Selection) {
	markHeadings(s)
	s.Find(never).Remove()
	s.Find("[style]").Each(func(_ int, e *goquery.Selection) {
		if hiddenStyle.MatchString(e.AttrOr("style", "")) {
			e.Remove()
		}
	})
	s.Find("td br, th br, a br").Each(func(_ int, br *goquery.Selection) {
		br.ReplaceWithNodes(&html.Node{Type: html.TextNode, Data: " "})
	})
	s.Find("a").Each(func(_ int, a *goquery.Selection) { cleanLink(a) })
	s.Find("img").Each(func(_ int, i *goquery.Selection) {
		if strings.TrimSpace(i.AttrOr("alt", "")) == "" {
			i.Remove()
		}
	})
	// Old Javadoc lays its sections out as lists.
	s.Find("ul.blockList, ul.blockListLast, li.blockList, li.blockListLast").Each(func(_ int, e *goquery.Selection) {
		n := e.Get(0)
		n.Data, n.DataAtom = "div", atom.Div
	})
	cleanMath(s)
	s.Find(`[aria-hidden="true"]`).Each(func(_ int, e *goquery.Selection) {
		if !inCode(e.Get(0)) {
			e.Remove()
		}
	})
	cleanCode(s)
	s.Find("[colspan], [rowspan]").Each(func(_ int, c *goquery.Selection) { clampSpan(c.Get(0)) })
	cleanText(s)
}

// headingAttr names the attribute that holds what is known of a heading from
// before its permalinks were removed.
const headingAttr = "data-heading-anchor"

// markHeadings writes the anchor of each heading into an attribute of it.
func markHeadings(s *goquery.Selection) {
	s.Find("h1, h2, h3, h4, h5, h6").Each(func(_ int, h *goquery.Selection) {
		h.SetAttr(headingAttr, anchor(h.Get(0)))
	})
}

// cleanLink removes a permalink. It takes the link away, leaving the text, from
// what leads nowhere, from headings that lead to themselves, and from blocks,
// which Markdown can't link.
func cleanLink(a *goquery.Selection) {
	n := a.Get(0)
	href, linked := attr(n, "href")
	switch {
	case isPermalink(n):
		a.Remove()
	case !linked, strings.HasPrefix(strings.ToLower(strings.TrimSpace(href)), "javascript:"),
		strings.HasPrefix(href, "#") && a.Closest("h1, h2, h3, h4, h5, h6").Length() > 0,
		a.Find("p, div, ul, ol, dl, table, pre, blockquote, h1, h2, h3, h4, h5, h6").Length() > 0:
		unwrap(n)
	}
}

// cleanMath puts the source of a formula in the place of its rendering.
func cleanMath(s *goquery.Selection) {
	s.Find(".katex, math").Each(func(_ int, m *goquery.Selection) {
		tex := m.Find(`annotation[encoding="application/x-tex"]`).First()
		if tex.Length() == 0 {
			return
		}
		text := "$" + line(tex.Text()) + "$"
		if m.Closest(".katex-display").Length() > 0 || m.AttrOr("display", "") == "block" {
			text = "$" + text + "$"
		}
		m.ReplaceWithNodes(&html.Node{Type: html.TextNode, Data: text})
	})
}

// maxSpan is the most columns or rows that a cell may span: a table must not
// grow beyond its source.
const maxSpan = 50

func clampSpan(n *html.Node) {
	for i, a := range n.Attr {
		if a.Key != "colspan" && a.Key != "rowspan" {
			continue
		}
		if v, err := strconv.Atoi(strings.TrimSpace(a.Val)); err != nil || v < 1 {
			n.Attr[i].Val = "1"
		} else if v > maxSpan {
			n.Attr[i].Val = strconv.Itoa(maxSpan)
		}
	}
}

// cleanText removes from all strings the control characters and the private
// marks that the conversion uses.
func cleanText(s *goquery.Selection) {
	for n := range s.Get(0).Descendants() {
		if n.Type == html.TextNode {
			n.Data = marks.Replace(normalise(n.Data))
		}
	}
}

// unwrap puts the children of n in its place.
func unwrap(n *html.Node) {
	for c := n.FirstChild; c != nil; c = n.FirstChild {
		n.RemoveChild(c)
		n.Parent.InsertBefore(c, n)
	}
	n.Parent.RemoveChild(n)
}

// inCode says whether n stands in code.
func inCode(n *html.Node) bool {
	for p := n; p != nil; p = p.Parent {
		if p.DataAtom == atom.Pre || p.DataAtom == atom.Code {
			return true
		}
	}
	return false
}
