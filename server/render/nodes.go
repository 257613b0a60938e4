package render

import (
	"bytes"
	"strconv"

	"github.com/alecthomas/chroma/v2"
	"github.com/alecthomas/chroma/v2/lexers"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/util"
)

// maxHighlightBytes is the size of the longest code that is highlighted.
const maxHighlightBytes = 32 << 10

// openAttribute marks code whose end has not arrived.
const openAttribute = "open"

// nodes renders code, formulas and numbers of citations.
type nodes struct{}

var _ renderer.NodeRenderer = nodes{}

// RegisterFuncs implements [renderer.NodeRenderer].
func (nodes) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(ast.KindFencedCodeBlock, renderCode)
	r.Register(kindReference, renderReference)
	r.Register(kindFormula, renderFormula)
}

func renderCode(w util.BufWriter, src []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	n, _ := node.(*ast.FencedCodeBlock)
	language := string(n.Language(src))
	var code bytes.Buffer
	for _, line := range n.Lines().Sliced(0, n.Lines().Len()) {
		code.Write(line.Value(src))
	}
	_, _ = w.WriteString("<pre><code")
	if language != "" {
		_, _ = w.WriteString(` class="language-`)
		_, _ = w.Write(util.EscapeHTML([]byte(language)))
		_ = w.WriteByte('"')
	}
	_ = w.WriteByte('>')
	if _, open := n.AttributeString(openAttribute); open || !highlight(w, language, code.String()) {
		_, _ = w.Write(util.EscapeHTML(code.Bytes()))
	}
	_, _ = w.WriteString("</code></pre>\n")
	return ast.WalkContinue, nil
}

// highlight writes highlighted code: a span for each token, with a class such as "k" for
// a keyword. The style sheet has the colours. It writes nothing and reports false for a language
// that it does not know.
func highlight(w util.BufWriter, language, code string) bool {
	if language == "" || len(code) > maxHighlightBytes {
		return false
	}
	lexer := lexers.Get(language)
	if lexer == nil {
		return false
	}
	tokens, err := chroma.Coalesce(lexer).Tokenise(nil, code)
	if err != nil {
		return false
	}
	for _, t := range tokens.Tokens() {
		class := chroma.StandardTypes[t.Type]
		if class == "" || t.Type == chroma.TextWhitespace {
			_, _ = w.Write(util.EscapeHTML([]byte(t.Value)))
			continue
		}
		_, _ = w.WriteString(`<span class="` + class + `">`)
		_, _ = w.Write(util.EscapeHTML([]byte(t.Value)))
		_, _ = w.WriteString(`</span>`)
	}
	return true
}

func renderReference(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if n, ok := node.(*reference); ok && entering {
		number := strconv.Itoa(n.n)
		_, _ = w.WriteString(`<a class="ref" href="#cite-` + number + `">` + number + `</a>`)
	}
	return ast.WalkContinue, nil
}

func renderFormula(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if n, ok := node.(*formula); ok && entering {
		class := "math"
		if n.display {
			class = "math-display"
		}
		_, _ = w.WriteString(`<span class="` + class + `">`)
		_, _ = w.Write(util.EscapeHTML(n.tex))
		_, _ = w.WriteString(`</span>`)
	}
	return ast.WalkContinue, nil
}
