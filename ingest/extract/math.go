package extract

import (
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/citewell/citewell/ingest/extract/dom"
)

// cleanMath replaces the rendering of each formula by its source. KaTeX and MathML
// have it in an annotation, MathJax in a script or in text that is not rendered
// yet.
func cleanMath(s *goquery.Selection) {
	find(s, `.katex, math, mjx-container, .MathJax, .MathJax_Preview, script[type^="math/tex"]`).Each(func(_ int, m *goquery.Selection) {
		n := m.Get(0)
		if n.Parent == nil || detached(n, s) {
			return
		}
		if n.Data == "script" {
			kind, _ := dom.Attr(n, "type")
			replaceMath(n, dom.Text(n), strings.Contains(kind, "display"))
			return
		}
		tex := find(m, `annotation[encoding="application/x-tex"]`).First()
		if class, _ := dom.Attr(n, "class"); tex.Length() == 0 && strings.Contains(class, "MathJax") && hasMathScript(n) {
			m.Remove() // Its script follows.
			return
		}
		display := closest(m, ".katex-display").Length() > 0 || m.AttrOr("display", "") == "block" || m.AttrOr("display", "") == "true"
		if tex.Length() == 0 {
			replaceRendering(m, display)
			return
		}
		replaceMath(n, tex.Text(), display)
	})
	find(s, "span.math, div.math, .arithmatex").Each(func(_ int, m *goquery.Selection) {
		source := strings.TrimSpace(m.Text())
		for _, d := range []struct {
			open, shut string
			display    bool
		}{{`\(`, `\)`, false}, {`\[`, `\]`, true}} {
			if inner, ok := strings.CutPrefix(source, d.open); ok && strings.HasSuffix(inner, d.shut) {
				replaceMath(m.Get(0), strings.TrimSuffix(inner, d.shut), d.display)
			}
		}
	})
	find(s, "img.formulaInl, img.formulaDsp, img.math, img.mwe-math-fallback-image-inline, img.mwe-math-fallback-image-display").Each(func(_ int, m *goquery.Selection) {
		alt := strings.TrimSpace(m.AttrOr("alt", ""))
		if alt != "" {
			replaceMath(m.Get(0), strings.Trim(alt, "$"), strings.HasPrefix(alt, `\[`))
		}
	})
}

// replaceRendering replaces a formula that has no source in TeX.
func replaceRendering(m *goquery.Selection, display bool) {
	n := m.Get(0)
	inner := n
	if n.Data != "math" {
		found := find(m, "math").First()
		if found.Length() == 0 {
			source, _ := dom.Attr(n, "data-mathml")
			nodes, err := html.ParseFragment(strings.NewReader(source), dom.Element(atom.Div))
			if source == "" || err != nil || len(nodes) == 0 {
				return
			}
			n.AppendChild(nodes[0])
			found = find(m, "math").First()
		}
		if found.Length() == 0 {
			return
		}
		inner = found.Get(0)
		inner.Parent.RemoveChild(inner)
		n.Parent.InsertBefore(inner, n)
		n.Parent.RemoveChild(n)
	}
	replaceMathML(inner, display)
}

// detached reports whether n is no longer in the tree: formulas nest.
func detached(n *html.Node, s *goquery.Selection) bool {
	for ; n.Parent != nil; n = n.Parent {
	}
	return n != rootOf(s.Get(0))
}

func rootOf(n *html.Node) *html.Node {
	for ; n.Parent != nil; n = n.Parent {
	}
	return n
}

// hasMathScript reports whether the source of a rendered formula follows it.
func hasMathScript(n *html.Node) bool {
	for m := n.NextSibling; m != nil; m = m.NextSibling {
		if m.Data == "script" {
			kind, _ := dom.Attr(m, "type")
			return strings.HasPrefix(kind, "math/tex")
		}
	}
	return false
}

// replaceMath replaces the rendering of a formula by its source between dollar
// signs.
func replaceMath(n *html.Node, tex string, display bool) {
	tex = strings.TrimSpace(tex)
	tex = strings.TrimSuffix(strings.TrimPrefix(tex, `\[`), `\]`)
	text := "$" + line(tex) + "$"
	if display {
		text = "$" + text + "$"
	}
	n.Parent.InsertBefore(&html.Node{Type: html.TextNode, Data: text}, n)
	n.Parent.RemoveChild(n)
}

// mayHoldMath reports whether an element below n may be one that [cleanMath] looks for.
func mayHoldMath(n *html.Node) bool {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.ElementNode && (isMath(c) || mayHoldMath(c)) {
			return true
		}
	}
	return false
}

func isMath(n *html.Node) bool {
	for _, a := range n.Attr {
		switch a.Key {
		case "class": // MathJax, math, katex, arithmatex, formulaInl and others
			if strings.Contains(a.Val, "ath") || strings.Contains(a.Val, "atex") || strings.Contains(a.Val, "formula") {
				return true
			}
		case "type":
			if strings.HasPrefix(a.Val, "math/tex") {
				return true
			}
		}
	}
	return n.Data == "math" || n.Data == "mjx-container"
}
