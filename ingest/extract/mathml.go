package extract

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"

	"github.com/citewell/citewell/ingest/extract/dom"
)

// linearMath writes a formula in MathML on one line: t = Q/P, 10^6, sqrt(x).
func linearMath(n *html.Node) string {
	if n.Type == html.TextNode {
		return strings.TrimSpace(n.Data)
	}
	var parts []string
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.ElementNode || n.Data == "mi" || n.Data == "mn" || n.Data == "mo" || n.Data == "mtext" || n.Data == "ms" {
			parts = append(parts, linearMath(c))
		}
	}
	arg := func(i int) string {
		if i < len(parts) {
			return parts[i]
		}
		return ""
	}
	switch n.Data {
	case "annotation", "annotation-xml", "mphantom":
		return ""
	case "semantics":
		return arg(0)
	case "mo":
		return spacedOperator(strings.Join(parts, ""))
	case "mtext":
		return " " + strings.Join(parts, "") + " "
	case "mspace":
		return " "
	case "mfrac":
		return group(arg(0)) + "/" + group(arg(1))
	case "msup", "mover":
		return group(arg(0)) + "^" + group(arg(1))
	case "msub", "munder":
		return group(arg(0)) + "_" + group(arg(1))
	case "msubsup", "munderover":
		return group(arg(0)) + "_" + group(arg(1)) + "^" + group(arg(2))
	case "msqrt":
		return "sqrt(" + strings.Join(parts, "") + ")"
	case "mroot":
		return "root(" + arg(0) + ", " + arg(1) + ")"
	case "mfenced":
		return "(" + strings.Join(parts, ", ") + ")"
	case "mtr":
		return strings.Join(parts, ", ")
	case "mtable":
		return "[" + strings.Join(parts, "; ") + "]"
	}
	return strings.Join(parts, "")
}

// spacedOperator puts spaces around the operators that relate and add.
func spacedOperator(op string) string {
	switch op {
	case "\u2061", "\u2062", "\u2063", "\u2064": // invisible ones
		return ""
	case "=", "<", ">", "≤", "≥", "≠", "≈", "→", "⇒", "∈", "+", "−", "±", "×", "·", "∧", "∨", "|":
		return " " + op + " "
	case ",", ";":
		return op + " "
	}
	return op
}

// group puts parentheses around what is more than one term.
func group(s string) string {
	s = strings.TrimSpace(s)
	if utf8.RuneCountInString(s) <= 1 || oneTerm.MatchString(s) || strings.HasPrefix(s, "(") && strings.IndexByte(s, ')') == len(s)-1 {
		return s
	}
	return "(" + s + ")"
}

// replaceMathML replaces a formula in MathML by its source in TeX, or else by a linear
// form.
func replaceMathML(n *html.Node, display bool) {
	for _, key := range []string{"alttext", "data-latex", "data-tex"} {
		if tex, _ := dom.Attr(n, key); strings.TrimSpace(tex) != "" {
			replaceMath(n, tex, display)
			return
		}
	}
	text := line(linearMath(n))
	n.Parent.InsertBefore(&html.Node{Type: html.TextNode, Data: text}, n)
	n.Parent.RemoveChild(n)
}
