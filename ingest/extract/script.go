package extract

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/citewell/citewell/ingest/extract/dom"
)

var (
	// plainScript is what is raised or lowered without another meaning: ends of ordinal
	// numbers and trade marks.
	plainScript = regexp.MustCompile(`(?i)^(st|nd|rd|th|e|er|re|ème|o|a|os|as|tm|sm|r|c|™|®|©)$`)
	// oneTerm is a script that needs no parentheses.
	oneTerm = regexp.MustCompile(`^[-+−–]?[\pL\pN.,'′*]+$`)
	// element is the symbol of a chemical element, or the end of a formula.
	element = regexp.MustCompile(`([A-Z][a-z]?|\))$`)
)

// markScripts writes "^" before exponents and "_" before indices, which are numbers
// and letters of the base otherwise: 2^32, x_max, but H2O.
func markScripts(s *goquery.Selection) {
	find(s, "sup, sub").Each(func(_ int, e *goquery.Selection) {
		n := e.Get(0)
		text := line(dom.Text(n))
		if text == "" || n.Parent == nil || find(e, "a, img, sup, sub").Length() > 0 || above(e, "a").Length() > 0 && strings.HasPrefix(above(e, "a").AttrOr("href", ""), "#") {
			return // A note, or something else.
		}
		base := textBefore(n)
		last, _ := utf8.DecodeLastRuneInString(base)
		if !unicode.IsLetter(last) && !unicode.IsNumber(last) && last != ')' && last != ']' {
			return
		}
		sign := "^"
		if n.DataAtom == atom.Sub {
			sign = "_"
			if strings.Trim(text, "0123456789") == "" && element.MatchString(base) {
				return
			}
		}
		if plainScript.MatchString(text) && (len(text) > 1 || !unicode.IsLetter(last)) {
			return
		}
		open, end := sign, ""
		if !oneTerm.MatchString(text) {
			open, end = sign+"(", ")"
		}
		n.InsertBefore(&html.Node{Type: html.TextNode, Data: open}, n.FirstChild)
		n.AppendChild(&html.Node{Type: html.TextNode, Data: end})
	})
}

// textBefore returns the text node before n in its line, or "".
func textBefore(n *html.Node) string {
	for {
		for n.PrevSibling == nil {
			if n = n.Parent; n == nil || blockBreaks(n) > 0 {
				return ""
			}
		}
		n = n.PrevSibling
		if n.Type == html.TextNode {
			return n.Data
		}
		if text := dom.Text(n); text != "" || blockBreaks(n) > 0 || n.DataAtom == atom.Br {
			return text
		}
	}
}
