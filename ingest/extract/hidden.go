package extract

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/citewell/citewell/ingest/extract/dom"
)

// hiddenStyle matches a style that hides an element from readers: not shown, moved
// off the screen, of no size, or transparent.
var hiddenStyle = regexp.MustCompile(`(?i)(^|[;\s])(display\s*:\s*none|visibility\s*:\s*(hidden|collapse)|opacity\s*:\s*0*\.?0+\s*(;|!|$)|font-size\s*:\s*0*\.?0+\s*(px|pt|em|rem|%)?\s*(;|!|$)|` +
	`(left|top|right|text-indent|margin-left)\s*:\s*-\d{4,}|(left|text-indent)\s*:\s*-9{3,}|clip\s*:\s*rect\(\s*[01](px)?[\s,]+[01](px)?[\s,]+[01](px)?[\s,]+[01](px)?\s*\)|` +
	`color\s*:\s*transparent|(max-)?(width|height)\s*:\s*[01](px)?\s*;(.*;)?\s*overflow\s*:\s*hidden)`)

// maxHiddenText is how much of the hidden text a page keeps, in runes.
const maxHiddenText = 4000

// A hiddenText is the text of a page that a browser does not show.
type hiddenText struct {
	runes int             // all of it
	text  strings.Builder // the beginning
	shown map[string]bool // ids of elements that a click shows
}

// removeBelow removes the hidden text below n from the page, and adds it to h.
func (h *hiddenText) removeBelow(n *html.Node) {
	for m := n.FirstChild; m != nil; {
		next := m.NextSibling
		switch {
		case m.Type == html.TextNode:
			h.removeInvisible(m)
		case m.Type == html.ElementNode && neverShown[m.DataAtom]:
		case m.Type == html.ElementNode && isHidden(m) && !h.canShow(m):
			h.addElement(m)
			n.RemoveChild(m)
		default:
			h.removeBelow(m)
		}
		m = next
	}
}

// neverShown are elements whose content browsers never show: it hides nothing.
var neverShown = dom.SetOf(atom.Head, atom.Script, atom.Style, atom.Template, atom.Noscript, atom.Svg, atom.Iframe, atom.Object, atom.Select)

// addElement adds the text of an element.
func (h *hiddenText) addElement(n *html.Node) {
	for m := range n.Descendants() {
		if m.Type != html.TextNode || neverShown[m.Parent.DataAtom] {
			continue
		}
		h.add(line(m.Data))
	}
}

func (h *hiddenText) add(s string) {
	if s == "" {
		return
	}
	n := len([]rune(s))
	if h.runes < maxHiddenText {
		if h.runes > 0 {
			h.text.WriteByte('\n')
		}
		h.text.WriteString(s)
	}
	h.runes += n
}

// removeInvisible removes the characters of a text node that show nothing: those
// of no width that no script needs, and tags, which can spell a whole text.
func (h *hiddenText) removeInvisible(n *html.Node) {
	if !strings.ContainsFunc(n.Data, isInvisible) {
		return
	}
	var tags strings.Builder
	n.Data = strings.Map(func(r rune) rune {
		if !isInvisible(r) {
			return r
		}
		h.runes++
		if r > 0xe0020 && r < 0xe007f {
			tags.WriteRune(r - 0xe0000)
		}
		return -1
	}, n.Data)
	h.runes -= tags.Len()
	h.add(tags.String())
}

// isInvisible reports whether r shows nothing, or reverses the order of letters.
// Joiners and marks of direction are left: emoji and the scripts of India and
// Arabia need them.
func isInvisible(r rune) bool {
	switch {
	case r == 0x200b, r == 0x2060, r == 0xfeff, r == 0x00ad, r == 0x180e, r == 0x202d, r == 0x202e, r >= 0x2061 && r <= 0x2064,
		r >= 0xe0000 && r <= 0xe007f:
		return true
	}
	return unicode.Is(unicode.Noncharacter_Code_Point, r)
}

// isHidden reports whether an element is hidden from readers. The panels of tabs
// and text that folds out are not: a reader can open them.
func isHidden(n *html.Node) bool {
	for _, a := range n.Attr {
		switch a.Key {
		case "style":
			if hiddenStyle.MatchString(a.Val) && !canOpen(n) {
				return true
			}
		case "hidden":
			if a.Val != "until-found" && !canOpen(n) {
				return true
			}
		}
	}
	return false
}

// canShow reports whether something on the page shows an element when it is clicked
// at. What opens beside the text, such as a menu, is not part of it.
func (h *hiddenText) canShow(n *html.Node) bool {
	id, _ := dom.Attr(n, "id")
	if !h.shown[id] || id == "" {
		return false
	}
	role, _ := dom.Attr(n, "role")
	class, _ := dom.Attr(n, "class")
	return role != "dialog" && role != "menu" && n.DataAtom != atom.Nav && !hasWord(class+" "+id, beside)
}

// beside are words in the names of what opens beside the text.
var beside = dom.SetOf("menu", "nav", "navbar", "navigation", "modal", "dialog", "popup", "search", "dropdown", "overlay", "drawer", "sidebar", "tooltip")

// folding matches the classes of elements that a reader can open.
var folding = regexp.MustCompile(`(?i)tab-?(bed)?-?(pane|panel|content|block|item|body)|tabs?-|tabItem|collaps|accordion|details|fold|spoiler`)

// canOpen reports whether an element is the panel of a tab or folds out.
func canOpen(n *html.Node) bool {
	if role, _ := dom.Attr(n, "role"); role == "tabpanel" {
		return true
	}
	class, _ := dom.Attr(n, "class")
	return folding.MatchString(class)
}
