package render

import (
	"bytes"
	"regexp"
	"strconv"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// A reference is [n], the number of a citation.
type reference struct {
	ast.BaseInline
	n     int
	start int // offset in the source, in bytes
}

var kindReference = ast.NewNodeKind("Reference")

// Kind implements [ast.Node].
func (*reference) Kind() ast.NodeKind { return kindReference }

// Dump implements [ast.Node].
func (r *reference) Dump(src []byte, level int) { ast.DumpHelper(r, src, level, nil, nil) }

// A referenceParser parses the numbers of citations. [1](address) is a link.
type referenceParser struct{}

var referenceForm = regexp.MustCompile(`^\[(\d{1,3})\](?:[^(]|$)`)

// Trigger implements [parser.InlineParser].
func (referenceParser) Trigger() []byte { return []byte{'['} }

// Parse implements [parser.InlineParser].
func (referenceParser) Parse(_ ast.Node, block text.Reader, pc parser.Context) ast.Node {
	o, _ := pc.Get(optionsKey).(Options)
	line, at := block.PeekLine()
	m := referenceForm.FindSubmatch(line)
	if m == nil || o.Cited == nil {
		return nil
	}
	n, _ := strconv.Atoi(string(m[1]))
	if !o.Cited(n) {
		return nil
	}
	block.Advance(len(m[1]) + 2)
	return &reference{n: n, start: at.Start}
}

// A formula is TeX, which is shown as it is written.
type formula struct {
	ast.BaseInline
	tex     []byte
	display bool // on lines of its own
}

var kindFormula = ast.NewNodeKind("Formula")

// Kind implements [ast.Node].
func (*formula) Kind() ast.NodeKind { return kindFormula }

// Dump implements [ast.Node].
func (f *formula) Dump(src []byte, level int) { ast.DumpHelper(f, src, level, nil, nil) }

// A mathParser parses formulas. Between single dollars, there is one if
//
//   - no white space stands inside of either dollar,
//   - no letter or digit follows the second, as in $HOME/$USER or $5 and $6,
//   - both are on one line.
type mathParser struct{}

// delimiters are those of formulas; the first that matches wins.
var delimiters = []struct {
	begin, end string
	display    bool
}{
	{"$$", "$$", true},
	{"$", "$", false},
	{`\[`, `\]`, true},
	{`\(`, `\)`, false},
}

// Trigger implements [parser.InlineParser].
func (mathParser) Trigger() []byte { return []byte{'$', '\\'} }

// Parse implements [parser.InlineParser].
func (mathParser) Parse(_ ast.Node, block text.Reader, _ parser.Context) ast.Node {
	line, _ := block.PeekLine()
	for _, d := range delimiters {
		if !bytes.HasPrefix(line, []byte(d.begin)) {
			continue
		}
		at, segment := block.Position()
		tex, ok := between(block, d.begin, d.end)
		if !ok || len(bytes.TrimSpace(tex)) == 0 || d.begin == "$" && !isFormula(tex, block) {
			block.SetPosition(at, segment)
			return nil
		}
		return &formula{tex: bytes.TrimSpace(tex), display: d.display}
	}
	return nil
}

// between reads what stands between two delimiters, and reports whether both are there.
func between(block text.Reader, begin, end string) (tex []byte, ok bool) {
	block.Advance(len(begin))
	for {
		line, _ := block.PeekLine()
		if line == nil {
			return nil, false
		}
		if i := bytes.Index(line, []byte(end)); i >= 0 {
			block.Advance(i + len(end))
			return append(tex, line[:i]...), true
		}
		tex = append(tex, line...)
		block.AdvanceLine()
	}
}

// isFormula reports whether text between single dollars is a formula. The block stands
// behind the second.
func isFormula(tex []byte, block text.Reader) bool {
	first, _ := utf8.DecodeRune(tex)
	last, _ := utf8.DecodeLastRune(tex)
	if unicode.IsSpace(first) || unicode.IsSpace(last) || bytes.ContainsRune(tex, '\n') {
		return false
	}
	rest, _ := block.PeekLine()
	next, _ := utf8.DecodeRune(rest)
	return !unicode.IsLetter(next) && !unicode.IsDigit(next)
}
