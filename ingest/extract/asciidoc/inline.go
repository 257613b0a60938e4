package asciidoc

import (
	"regexp"
	"slices"
	"strings"
)

// intrinsic are the attributes that every document has.
var intrinsic = map[string]string{
	"empty": "", "blank": "", "sp": " ", "nbsp": " ", "zwsp": "", "wj": "", "apos": "'", "quot": `"`, "lsquo": "‘", "rsquo": "’", "ldquo": "“", "rdquo": "”",
	"deg": "°", "plus": "+", "brvbar": "¦", "vbar": "|", "amp": "&", "lt": "<", "gt": ">", "startsb": "[", "endsb": "]", "caret": "^", "asterisk": "*",
	"tilde": "~", "backslash": `\`, "backtick": "`", "two-colons": "::", "two-semicolons": ";;", "cpp": "C++", "cxx": "C++", "pp": "++",
}

var reference = regexp.MustCompile(`(\\?)\{([\w][\w-]*)\}`)

// substitute returns a text with the values of the attributes that it refers to.
func (p *parser) substitute(s string) string {
	return replaced(s, reference, func(g []string) string {
		name := strings.ToLower(g[2])
		v, ok := p.attributes[name]
		if !ok {
			v, ok = intrinsic[name]
		}
		if g[1] != "" || !ok || len(v) > p.left {
			return g[0]
		}
		p.left -= len(v)
		return v
	}, "{")
}

// Marks that no text has.
const (
	keptMark = "\x00" // around the number of a span that is kept as it is while the rest is read
	boldMark = "\x01" // for the two asterisks of Markdown, until those of AsciiDoc were read
)

var (
	passTriple = regexp.MustCompile(`(?s)\+\+\+(.+?)\+\+\+|\$\$(.+?)\$\$|pass:[\w,]*\[(.*?[^\\])?\]`)
	passPlus   = regexp.MustCompile(`(^|[^\w+\\])\+(\S|\S[^\n]*?\S)\+([^\w+]|$)`)
	passDouble = regexp.MustCompile(`\+\+(.+?)\+\+`)
	monoDouble = regexp.MustCompile("(?s)``(.+?)``")
	monoSingle = regexp.MustCompile("(?s)(^|[^\\w`\\\\;:}\"'])`(\\S|\\S.*?\\S)`([^\\w`]|$)")
	quoted     = regexp.MustCompile("(?s)(\"|')`(\\S|\\S.*?\\S)`(\"|')")
	stem       = regexp.MustCompile(`(?:stem|latexmath|asciimath):\w*\[(.*?[^\\])\]`)
	xref       = regexp.MustCompile(`(?s)<<([^>,\n]+)(?:,\s*([^>]*?))?>>`)
	macroLink  = regexp.MustCompile(`(?s)\b(link|xref|mailto):(\S*?)\[((?:[^\]\\]|\\.)*)\]`)
	urlLink    = regexp.MustCompile(`(\\?)\b((?:https?|ftp|irc)://[^\s\[\]<>]*[^\s\[\]<>.,;:)!?'"\x60])\[((?:[^\]\\]|\\.)*)\]`)
	angled     = regexp.MustCompile(`<((?:https?|ftp)://[^\s<>]+)>`)
	inlineMac  = regexp.MustCompile(`\b(image|icon|kbd|btn|menu|footnote|footnoteref|anchor|indexterm2?|bibitem):([^\s\[:]*)\[((?:[^\]\\]|\\.)*)\]`)
	indexTerm3 = regexp.MustCompile(`\(\(\(([^()]*)\)\)\)`)
	indexTerm2 = regexp.MustCompile(`\(\(([^()]*)\)\)`)
	inAnchor   = regexp.MustCompile(`\[\[\[?([\w:.-]+)(?:,[^\]]*)?\]?\]\]`)
	roleSpan   = regexp.MustCompile(`\[[^\[\]\n]*\](#|\*|_|\x60)`)
	markSpan   = regexp.MustCompile(`##(.+?)##|(^|[^\w#\\&])#(\S|\S[^\n#]*?\S)#([^\w#]|$)`)
	boldDouble = regexp.MustCompile(`(?s)\*\*(.+?)\*\*`)
	boldSingle = regexp.MustCompile(`(?s)(^|[^\w*\\;:}])\*(\S|\S.*?\S)\*([^\w*]|$)`)
	itDouble   = regexp.MustCompile(`(?s)__(.+?)__`)
	itSingle   = regexp.MustCompile(`(?s)(^|[^\w\\;:}])_(\S|\S.*?\S)_([^\w]|$)`)
	super      = regexp.MustCompile(`\^(\S+?)\^`)
	sub        = regexp.MustCompile(`~(\S+?)~`)
	escaped    = regexp.MustCompile(`\\([*_\x60#^~{<\[+'"]|https?:|link:|xref:|image:|-|\.\.\.|\(C\))`)
	kept       = regexp.MustCompile("\x00(\\d+)\x00")
)

// inline returns the Markdown of the text of a paragraph.
func (p *parser) inline(s string) string {
	var held []string
	keep := func(text string) string {
		held = append(held, text)
		return keptMark + itoa(len(held)-1) + keptMark
	}
	s = replaced(s, passTriple, func(g []string) string { return keep(g[1] + g[2] + strings.ReplaceAll(g[3], `\]`, "]")) }, "+++", "$$", "pass:")
	code := func(text string) string { return keep(codeSpan(p.literal(text))) }
	s = replaced(s, quoted, func(g []string) string {
		if g[1] == `"` {
			return "“" + g[2] + "”"
		}
		return "‘" + g[2] + "’"
	}, "\"`", "'`")
	s = replaced(s, monoDouble, func(g []string) string { return code(g[1]) }, "``")
	for range 2 { // Neighbours share a mark between them.
		s = replaced(s, monoSingle, func(g []string) string { return g[1] + code(g[2]) + g[3] }, "`")
	}
	s = replaced(s, passDouble, func(g []string) string { return keep(g[1]) }, "++")
	s = replaced(s, passPlus, func(g []string) string { return g[1] + keep(g[2]) + g[3] }, "+")
	s = replaced(s, stem, func(g []string) string { return keep("$" + g[1] + "$") }, "stem:", "math:")
	s = p.substitute(s)
	s = p.links(s, keep)
	s = p.spans(s)
	s = replaced(s, escaped, func(g []string) string { return g[1] }, `\`)
	for range 8 { // What is kept may hold more of it.
		if !strings.Contains(s, keptMark) {
			break
		}
		s = kept.ReplaceAllStringFunc(s, func(m string) string { return held[atoi(kept.FindStringSubmatch(m)[1])] })
	}
	return s
}

// replaced returns a text with the matches of a pattern replaced, given their groups. A text with
// none of the marks has no match.
func replaced(s string, pattern *regexp.Regexp, by func(groups []string) string, marks ...string) string {
	if !slices.ContainsFunc(marks, func(m string) bool { return strings.Contains(s, m) }) {
		return s
	}
	var b strings.Builder
	at := 0
	for _, m := range pattern.FindAllStringSubmatchIndex(s, -1) {
		groups := make([]string, len(m)/2)
		for i := range groups {
			if m[2*i] >= 0 {
				groups[i] = s[m[2*i]:m[2*i+1]]
			}
		}
		b.WriteString(s[at:m[0]] + by(groups))
		at = m[1]
	}
	return b.String() + s[at:]
}

func atoi(s string) int {
	n := 0
	for _, r := range s {
		n = 10*n + int(r-'0')
	}
	return n
}

// literal returns the text of a monospaced span.
func (p *parser) literal(s string) string {
	if strings.HasPrefix(s, "+") && strings.HasSuffix(s, "+") && len(s) > 2 {
		return strings.Trim(s, "+")
	}
	s = p.substitute(s)
	s = strings.NewReplacer("->", "->", `\{`, "{", `\<`, "<", `\*`, "*", `\_`, "_").Replace(s)
	if m := macroLink.FindStringSubmatch(s); m != nil && m[0] == s {
		return firstOf(m[3], m[2])
	}
	if len(s) > 2 && (s[0] == '_' || s[0] == '*') && s[len(s)-1] == s[0] {
		s = s[1 : len(s)-1]
	}
	return s
}

// codeSpan returns a span of code.
func codeSpan(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	if len(fence) > 1 {
		return fence + " " + s + " " + fence
	}
	return fence + s + fence
}

// spans returns a text whose spans are Markdown.
func (p *parser) spans(s string) string {
	s = replaced(s, roleSpan, func(g []string) string { return g[1] }, "[")
	s = replaced(s, boldDouble, func(g []string) string { return boldMark + g[1] + boldMark }, "**")
	for range 2 {
		s = replaced(s, boldSingle, func(g []string) string { return g[1] + boldMark + g[2] + boldMark + g[3] }, "*")
	}
	s = replaced(s, itDouble, func(g []string) string { return "*" + g[1] + "*" }, "__")
	for range 2 {
		s = replaced(s, itSingle, func(g []string) string { return g[1] + "*" + g[2] + "*" + g[3] }, "_")
	}
	s = strings.ReplaceAll(s, boldMark, "**")
	for range 2 {
		s = replaced(s, markSpan, func(g []string) string { return g[1] + g[2] + g[3] + g[4] }, "#")
	}
	s = replaced(s, super, func(g []string) string { return "^" + g[1] }, "^")
	s = replaced(s, sub, func(g []string) string { return "_" + g[1] }, "~")
	return typography.Replace(s)
}

// typography are the marks that Asciidoctor replaces.
var typography = strings.NewReplacer("(C)", "©", "(R)", "®", "(TM)", "™", "`'", "’")

var markdownLink = regexp.MustCompile(`!?\[([^\]]*)\]\([^)]*\)`)

// plainText returns the text of Markdown without its marks.
func plainText(s string) string {
	s = markdownLink.ReplaceAllString(s, "$1")
	return strings.NewReplacer("`", "", "*", "").Replace(s)
}
