package site

import (
	"bytes"
	"errors"
	"html/template"
	"regexp"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// A page is one page of the site.
type page struct {
	Path     string        // including the prefix
	Title    string        // text of the first heading
	Lead     string        // first paragraph, as text
	Body     template.HTML // from goldmark, which drops raw HTML
	Sections []section     // the second-level headings
	Parts    []part        // what the search finds, in order
}

// A section is an entry of a page's table of contents.
type section struct{ ID, Title string }

// comment matches a line with a comment for editors of the Markdown.
var comment = regexp.MustCompile(`(?m)^<!-- .* -->$`)

// headingMark is the text of the link on each heading.
const headingMark = "¶"

// render renders a Markdown file as a page.
func render(prefix, name string, src []byte) (*page, error) {
	p := &page{Path: pagePath(prefix, name)}
	md := goldmark.New(
		goldmark.WithExtensions(extension.GFM),
		goldmark.WithParserOptions(
			parser.WithAutoHeadingID(),
			parser.WithASTTransformers(util.Prioritized(&transformer{prefix, p}, 500)),
		),
	)
	var body bytes.Buffer
	if err := md.Convert(comment.ReplaceAll(src, nil), &body); err != nil {
		return nil, err
	}
	if p.Title == "" {
		return nil, errors.New("no first-level heading")
	}
	p.Body = template.HTML(body.String())
	return p, nil
}

// pagePath returns the path of the page with a name.
func pagePath(prefix, name string) string {
	if name == "index" {
		return prefix
	}
	return prefix + name + "/"
}

// A transformer collects the headings of a page, adds a permanent link to each, and
// replaces links to Markdown files by links to their pages.
type transformer struct {
	prefix string
	page   *page
}

// Transform implements goldmark's parser.ASTTransformer.
func (t *transformer) Transform(doc *ast.Document, reader text.Reader, _ parser.Context) {
	src := reader.Source()
	t.page.Parts = partsOf(doc, src)
	// The callback returns no error, so neither does Walk.
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Heading:
			t.heading(n, src)
		case *ast.Paragraph:
			if t.page.Lead == "" {
				t.page.Lead = nodeText(n, src)
			}
		case *ast.Link:
			n.Destination = []byte(t.link(string(n.Destination)))
		case *ast.Image:
			if dest := string(n.Destination); strings.HasPrefix(dest, "images/") {
				n.Destination = []byte(t.prefix + dest)
			}
		}
		return ast.WalkContinue, nil
	})
}

func (t *transformer) heading(n *ast.Heading, src []byte) {
	title := nodeText(n, src)
	attr, _ := n.AttributeString("id")
	id, _ := attr.([]byte)
	switch n.Level {
	case 1:
		t.page.Title = title
	case 2:
		t.page.Sections = append(t.page.Sections, section{string(id), title})
	}
	mark := ast.NewLink()
	mark.Destination = append([]byte("#"), id...)
	mark.SetAttributeString("class", []byte("headerlink"))
	mark.SetAttributeString("title", []byte("Permanent link"))
	mark.AppendChild(mark, ast.NewString([]byte(headingMark)))
	n.AppendChild(n, mark)
}

// link returns the address of the page for a link such as "ask.md#errors".
func (t *transformer) link(dest string) string {
	file, fragment, _ := strings.Cut(dest, "#")
	name, ok := strings.CutSuffix(file, ".md")
	if !ok || strings.Contains(name, "/") {
		return dest
	}
	if fragment != "" {
		fragment = "#" + fragment
	}
	return pagePath(t.prefix, name) + fragment
}

// nodeText returns the text of a node without markup.
func nodeText(n ast.Node, src []byte) string {
	var b strings.Builder
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if t, ok := n.(*ast.Text); ok && entering {
			b.Write(t.Segment.Value(src))
			if t.SoftLineBreak() {
				b.WriteByte(' ')
			}
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}
