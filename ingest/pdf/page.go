package pdf

import (
	"math"
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// A file is an open PDF file.
type file struct {
	*library
	doc   uint64
	fonts map[uint64]font // by the text object
}

// A font is how characters look.
type font struct {
	size       float64 // as drawn, in points
	bold, mono bool
	turned     bool // the text does not run from left to right
}

// A glyph is one character of a line.
type glyph struct {
	char rune
	x    float64 // where it begins
}

// A line is a line of a page.
type line struct {
	text       string
	left       float64
	y, end     float64 // of the feet of its first and its last character, from the foot of the page
	size       float64 // of most of its characters
	bold, mono bool    // most of its characters are
	glyphs     []glyph // of a line that is mono
}

// A bookmark is an entry of the outline.
type bookmark struct {
	title       string
	level, page int
}

// maxBookmarks limits the outline.
const maxBookmarks = 20_000

// bookmarks returns the outline, in order.
func (f *file) bookmarks() []bookmark {
	var all []bookmark
	seen := map[uint64]bool{}
	var walk func(b uint64, level int)
	walk = func(b uint64, level int) {
		for ; b != 0 && !seen[b] && len(all) < maxBookmarks && f.err == nil; b = f.call("FPDFBookmark_GetNextSibling", f.doc, b) {
			seen[b] = true
			dest := f.call("FPDFBookmark_GetDest", f.doc, b)
			if dest == 0 {
				if action := f.call("FPDFBookmark_GetAction", b); action != 0 {
					dest = f.call("FPDFAction_GetDest", f.doc, action)
				}
			}
			page := -1
			if dest != 0 {
				page = int(int32(f.call("FPDFDest_GetDestPageIndex", f.doc, dest)))
			}
			all = append(all, bookmark{strings.Join(strings.Fields(f.text("FPDFBookmark_GetTitle", b)), " "), level, page})
			if level < 6 {
				walk(f.call("FPDFBookmark_GetFirstChild", f.doc, b), level+1)
			}
		}
	}
	walk(f.call("FPDFBookmark_GetFirstChild", f.doc, 0), 0)
	return all
}

// page returns the lines of a page, in the order in which they are written.
func (f *file) page(i int) []line {
	page := f.call("FPDF_LoadPage", f.doc, uint64(i))
	if page == 0 {
		return nil
	}
	defer f.call("FPDF_ClosePage", page)
	text := f.call("FPDFText_LoadPage", page)
	if text == 0 {
		return nil
	}
	defer f.call("FPDFText_ClosePage", text)
	clear(f.fonts)
	var lines []line
	var b lineBuilder
	count := int(int32(f.call("FPDFText_CountChars", text)))
	for c := 0; c < count && f.err == nil; c++ {
		r := rune(f.call("FPDFText_GetUnicode", text, uint64(c)))
		switch {
		case r == 0 || r == '\r':
		case r == '\n':
			lines = b.close(lines)
		case unicode.IsSpace(r):
			b.space()
		default:
			x, y := f.origin(text, c)
			b.add(r, f.fontOf(text, c), x, y)
		}
	}
	lines = b.close(lines)
	markEven(lines)
	return lines
}

// origin returns where a character stands.
func (f *file) origin(text uint64, c int) (x, y float64) {
	s := f.scratch
	f.call("FPDFText_GetCharOrigin", text, uint64(c), s, s+8)
	return f.float64At(s), f.float64At(s + 8)
}

var (
	boldName = regexp.MustCompile(`(?i)bold|black|heavy|semibold|demi|CMBX|CMSSBX|SFBX|LMRoman\d+-Bold`)
	monoName = regexp.MustCompile(`(?i)mono|courier|typewriter|consol|menlo|monaco|CMTT|SFTT|CMSLTT|inconsolata|sourcecode|firacode|lmtt|code`)
)

// boldWeight is the weight from which a font is bold.
const boldWeight = 600

// fontOf returns the font of a character.
func (f *file) fontOf(text uint64, c int) font {
	object := f.call("FPDFText_GetTextObject", text, uint64(c))
	if known, ok := f.fonts[object]; ok {
		return known
	}
	got := font{size: math.Float64frombits(f.call("FPDFText_GetFontSize", text, uint64(c)))}
	s := f.scratch
	if f.call("FPDFText_GetMatrix", text, uint64(c), s) != 0 {
		a, b, scale := f.float32At(s), f.float32At(s+4), math.Hypot(f.float32At(s+8), f.float32At(s+12))
		got.size *= scale
		got.turned = math.Abs(b) > math.Abs(a)
	}
	weight := int32(f.call("FPDFText_GetFontWeight", text, uint64(c)))
	name := ""
	buffer := f.call("malloc", 256)
	if n := f.call("FPDFText_GetFontInfo", text, uint64(c), buffer, 256, 0); n > 1 && n <= 256 {
		if b, ok := f.module.Memory().Read(uint32(buffer), uint32(n-1)); ok {
			name = string(b)
		}
	}
	f.call("free", buffer)
	got.mono = monoName.MatchString(name)
	got.bold = boldName.MatchString(name) || weight >= boldWeight && !got.mono
	f.fonts[object] = got
	return got
}

// A lineBuilder collects the characters of a line.
type lineBuilder struct {
	glyphs             []glyph
	pending            bool // a space
	sizes              map[float64]int
	bold, mono, turned int
	y, end             float64
}

func (b *lineBuilder) space() { b.pending = len(b.glyphs) > 0 }

func (b *lineBuilder) add(r rune, f font, x, y float64) {
	if b.pending {
		b.glyphs = append(b.glyphs, glyph{' ', x})
		b.pending = false
	}
	if len(b.glyphs) == 0 {
		b.sizes, b.y = map[float64]int{}, y
	}
	b.end = y
	b.glyphs = append(b.glyphs, glyph{r, x})
	b.sizes[math.Round(f.size*2)/2]++
	for _, n := range []struct {
		is bool
		to *int
	}{{f.bold, &b.bold}, {f.mono, &b.mono}, {f.turned, &b.turned}} {
		if n.is {
			*n.to++
		}
	}
}

// close appends the line that was collected, unless its text is turned.
func (b *lineBuilder) close(lines []line) []line {
	n := 0
	for _, g := range b.glyphs {
		if g.char != ' ' {
			n++
		}
	}
	defer func() { *b = lineBuilder{} }()
	if n == 0 || 2*b.turned > n {
		return lines
	}
	l := line{left: b.glyphs[0].x, y: b.y, end: b.end, bold: 5*b.bold > 4*n, mono: 5*b.mono > 4*n}
	most := 0
	for size, count := range b.sizes {
		if count > most || count == most && size > l.size {
			l.size, most = size, count
		}
	}
	var text strings.Builder
	for _, g := range b.glyphs {
		text.WriteRune(g.char)
	}
	if l.text = cleanText(text.String()); l.text == "" {
		return lines
	}
	l.glyphs = b.glyphs
	return append(lines, l)
}

// accents are the marks that TeX sets beside letters, and those of Unicode.
var accents = map[rune]rune{'´': 0x301, '¨': 0x308, 'ˆ': 0x302, '˜': 0x303, 'ˇ': 0x30c, '˚': 0x30a, '¸': 0x327, '˙': 0x307, '˝': 0x30b, '˘': 0x306}

// cleanText returns a text with whole letters, without signs that only printers know.
func cleanText(s string) string {
	var b strings.Builder
	mark := rune(0)
	for _, r := range s {
		if a, ok := accents[r]; ok && mark == 0 {
			mark = a
			continue
		}
		switch {
		case r == 2 || r == 0xfffe || r == 0xad: // a hyphen at the end of a line
			r = softHyphen
		case r < ' ' || r >= 0xe000 && r <= 0xf8ff && r != 0xf0b7:
			continue
		case r == 0xf0b7:
			r = '•'
		case r >= 0xfb00 && r <= 0xfb06: // ligatures
			b.WriteString(norm.NFKC.String(string(r)))
			continue
		}
		b.WriteRune(r)
		if mark != 0 && unicode.IsLetter(r) {
			b.WriteRune(mark)
		}
		mark = 0
	}
	return strings.TrimSpace(norm.NFC.String(b.String()))
}

// softHyphen stands for a hyphen that PDFium takes for one of a word that was divided.
const softHyphen = '\u00ad'
