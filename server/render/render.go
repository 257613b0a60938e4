// Package render turns the Markdown of answers and passages into HTML that is safe to
// show.
//
// Call [HTML] with a whole text, or use a [Stream] for one that is being written. The
// HTML has no script, style, image, form or attribute that runs something: tags in the
// text are shown as text, and what the renderer makes passes a sanitiser, too.
//
// Beside GitHub's Markdown, it knows [n] as the number of a citation, and formulas
// between $ and $, $$ and $$, \( and \), \[ and \], which are shown as they are written.
package render

import (
	"bytes"
	"regexp"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// Options are how a text is rendered. The zero value renders a passage of a page.
type Options struct {
	Cited func(n int) bool // reports whether [n] is a citation; nil: none is
	Links bool             // links lead somewhere; else only their text is shown

	open bool // the text goes on: code at its end is not highlighted yet
}

// parse parses a text of Markdown.
func parse(src []byte, o Options) ast.Node {
	context := parser.NewContext()
	context.Set(optionsKey, o)
	return markup.Parser().Parse(text.NewReader(src), parser.WithContext(context))
}

// A Reference is where a text names a citation: [N] at the offset Start, in bytes.
type Reference struct{ N, Start, End int }

// References returns where a text of Markdown names citations, in its order: not in
// code, and not as the text of a link.
func References(markdown string, cited func(n int) bool) []Reference {
	src := []byte(markdown)
	var found []Reference
	_ = ast.Walk(parse(src, Options{Cited: cited}), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if r, ok := n.(*reference); ok && entering {
			end := r.start + bytes.IndexByte(src[r.start:], ']') + 1
			found = append(found, Reference{N: r.n, Start: r.start, End: end})
		}
		return ast.WalkContinue, nil
	})
	return found
}

// HTML renders a text of Markdown.
func HTML(markdown string, o Options) string {
	src := []byte(markdown)
	doc := parse(src, o)
	var b bytes.Buffer
	if err := markup.Renderer().Render(&b, src, doc); err != nil {
		// Unreachable: a buffer takes everything, and every kind of node has a renderer.
		return ""
	}
	return policy.Sanitize(b.String())
}

// markup is Markdown as GitHub reads it, but for tags of HTML.
var markup = goldmark.New(
	goldmark.WithParser(parser.NewParser(
		parser.WithBlockParsers( // all of goldmark but that of HTML
			util.Prioritized(parser.NewSetextHeadingParser(), 100),
			util.Prioritized(parser.NewThematicBreakParser(), 200),
			util.Prioritized(parser.NewListParser(), 300),
			util.Prioritized(parser.NewListItemParser(), 400),
			util.Prioritized(parser.NewCodeBlockParser(), 500),
			util.Prioritized(parser.NewATXHeadingParser(), 600),
			util.Prioritized(parser.NewFencedCodeBlockParser(), 700),
			util.Prioritized(parser.NewBlockquoteParser(), 800),
			util.Prioritized(parser.NewParagraphParser(), 1000)),
		parser.WithInlineParsers( // the same
			util.Prioritized(mathParser{}, 90),
			util.Prioritized(parser.NewCodeSpanParser(), 100),
			util.Prioritized(referenceParser{}, 150),
			util.Prioritized(parser.NewLinkParser(), 200),
			util.Prioritized(parser.NewAutoLinkParser(), 300),
			util.Prioritized(parser.NewEmphasisParser(), 500)),
		parser.WithParagraphTransformers(parser.DefaultParagraphTransformers()...),
		parser.WithASTTransformers(util.Prioritized(transformer{}, 1000)),
	)),
	goldmark.WithExtensions(
		extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignAttribute)),
		extension.Strikethrough, extension.TaskList, extension.NewLinkify(extension.WithLinkifyAllowedProtocols([][]byte{[]byte("http:"), []byte("https:")})),
		extension.NewFootnote(extension.WithFootnoteBacklinkHTML("↩")),
	),
	goldmark.WithRenderer(renderer.NewRenderer(renderer.WithNodeRenderers(
		util.Prioritized(html.NewRenderer(), 1000), util.Prioritized(nodes{}, 100)))),
)

// policy allows what the renderer makes.
var policy = func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "hr", "h3", "h4", "h5", "h6", "blockquote", "ul", "ol", "li", "pre", "code", "em", "strong", "del",
		"table", "thead", "tbody", "tr", "th", "td", "sup", "div", "span")
	p.AllowAttrs("start").Matching(bluemonday.Integer).OnElements("ol")
	p.AllowAttrs("align").Matching(regexp.MustCompile(`^(left|right|center)$`)).OnElements("th", "td")
	p.AllowAttrs("class").Matching(regexp.MustCompile(`^[\w+#.-]{1,60}$`)).OnElements("a", "code", "span", "div")
	p.AllowAttrs("id").Matching(regexp.MustCompile(`^fn(ref\d*)?:\d+$`)).OnElements("li", "sup")
	p.AllowAttrs("type").Matching(regexp.MustCompile(`^checkbox$`)).OnElements("input")
	p.AllowAttrs("checked", "disabled").OnElements("input")
	p.AllowAttrs("href").OnElements("a")
	p.AllowURLSchemes("http", "https")
	p.AllowRelativeURLs(true)
	return p
}()

var optionsKey = parser.NewContextKey()

// firstLevel is the level of the first headings of a text: above them are that of the
// page and that of the question.
const firstLevel = 3

// A transformer adapts a document to where it is shown.
type transformer struct{}

// Transform implements [parser.ASTTransformer].
func (transformer) Transform(doc *ast.Document, reader text.Reader, pc parser.Context) {
	o, _ := pc.Get(optionsKey).(Options)
	src := reader.Source()
	var links []ast.Node
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch n := n.(type) {
		case *ast.Heading:
			n.Level = max(n.Level, firstLevel)
		case *ast.Link, *ast.AutoLink, *ast.Image:
			if entering && (!o.Links || !leads(n, src)) {
				links = append(links, n)
			}
		case *ast.FencedCodeBlock:
			if last := n.Lines().Len() - 1; o.open && (last < 0 || n.Lines().At(last).Stop >= len(src)) {
				n.SetAttributeString(openAttribute, true)
			}
		}
		return ast.WalkContinue, nil
	})
	for _, n := range links {
		unlink(n, src)
	}
}

// leads reports whether a node is a link to a web page.
func leads(n ast.Node, src []byte) bool {
	var address []byte
	switch n := n.(type) {
	case *ast.Link:
		address = n.Destination
	case *ast.AutoLink:
		if n.AutoLinkType == ast.AutoLinkURL {
			address = n.URL(src)
		}
	}
	return webAddress.Match(address)
}

var webAddress = regexp.MustCompile(`^(?i:https?)://`)

// unlink replaces a link or an image by its text.
func unlink(n ast.Node, src []byte) {
	parent := n.Parent()
	if a, ok := n.(*ast.AutoLink); ok {
		parent.ReplaceChild(parent, n, ast.NewString(a.Label(src)))
		return
	}
	for c := n.FirstChild(); c != nil; {
		next := c.NextSibling()
		parent.InsertBefore(parent, n, c)
		c = next
	}
	parent.RemoveChild(parent, n)
}
