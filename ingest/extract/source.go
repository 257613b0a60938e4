package extract

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	gtext "github.com/yuin/goldmark/text"
	"golang.org/x/net/html"

	"github.com/citewell/citewell/ingest/extract/asciidoc"
	"github.com/citewell/citewell/ingest/extract/markdown"
	"github.com/citewell/citewell/ingest/extract/rst"
)

// extractMarkdown returns the text of a Markdown file as its readers see it.
func extractMarkdown(source string, mdx bool) (Page, error) {
	doc := markdown.Read(normalise(source), markdown.Options{MDX: mdx, HTML: elementMarkdown})
	page := Page{}
	page.Text, page.Headings = sourceHeadings(doc.Text)
	page.Title = titleOf(page.Headings, "")
	for _, key := range []string{"title", "Title"} {
		if t, ok := doc.Front[key].(string); ok && page.Title == "" {
			page.Title = line(t)
		}
	}
	if page.Title == "" && len(page.Headings) > 0 {
		page.Title = page.Headings[0].Text
	}
	for _, key := range []string{"lang", "language"} {
		if tag, ok := doc.Front[key].(string); ok && page.Lang == "" {
			page.Lang = language(tag)
		}
	}
	for _, key := range []string{"lastmod", "last_modified", "updated", "date"} {
		if page.Modified.IsZero() {
			page.Modified = frontDate(doc.Front[key])
		}
	}
	return page, nil
}

// extractRST returns the text of a file of reStructuredText, as Markdown.
func extractRST(source string) Page {
	page := Page{}
	page.Text, page.Headings = sourceHeadings(rst.Read(normalise(source)))
	if page.Title = titleOf(page.Headings, ""); page.Title == "" && len(page.Headings) > 0 {
		page.Title = page.Headings[0].Text
	}
	return page
}

// extractASCIIDoc returns the text of a file of AsciiDoc, as Markdown.
func extractASCIIDoc(source string) Page {
	doc := asciidoc.Read(normalise(source), nil)
	page := Page{Lang: language(doc.Attributes["lang"])}
	page.Text, page.Headings = sourceHeadings(doc.Text)
	if page.Title = titleOf(page.Headings, ""); page.Title == "" && len(page.Headings) > 0 {
		page.Title = page.Headings[0].Text
	}
	return page
}

// elementMarkdown returns the Markdown of an element of HTML within Markdown.
func elementMarkdown(element string) (string, bool) {
	root, err := html.Parse(strings.NewReader(element))
	if err != nil || nesting(root, 0) > maxNesting {
		return "", false
	}
	text, _, err := toMarkdown(root, nil)
	return text, err == nil
}

// sourceHeadings returns the headings of Markdown text, with the anchors that
// GitHub gives them unless the text gives one: {#anchor}.
//
// It returns the text without these.
func sourceHeadings(text string) (string, []Heading) {
	source := []byte(text)
	p := parser.NewParser(
		parser.WithBlockParsers(parser.DefaultBlockParsers()...),
		parser.WithInlineParsers(parser.DefaultInlineParsers()...),
		parser.WithParagraphTransformers(parser.DefaultParagraphTransformers()...),
	)
	var w textWriter
	slugs := map[string]int{}
	at := 0
	for n := p.Parse(gtext.NewReader(source)).FirstChild(); n != nil; n = n.NextSibling() {
		h, ok := n.(*ast.Heading)
		if !ok || h.Lines().Len() == 0 {
			continue
		}
		title, id := cutAnchor(sourceText(h, source))
		if title == "" {
			continue
		}
		first, last := h.Lines().At(0), h.Lines().At(h.Lines().Len()-1)
		start := strings.LastIndexByte(text[:first.Start], '\n') + 1
		w.write(text[at:start])
		anchor := slug(title, slugs)
		if id != "" {
			anchor = id
		}
		w.headings = append(w.headings, Heading{Level: h.Level, Text: title, Anchor: anchor, StartRune: w.runes})
		end := last.Start + len(strings.TrimRight(text[last.Start:last.Stop], "\n"))
		shown, _ := cutAnchor(text[start:end])
		w.write(shown)
		at = end
	}
	w.write(text[at:])
	return w.String(), w.headings
}

// ownAnchor matches the anchor that a heading gives itself.
var ownAnchor = regexp.MustCompile(`[ \t]*\{#([^{}\s]+)\}[ \t]*$`)

// cutAnchor splits a heading into its text and the anchor that it gives itself.
func cutAnchor(heading string) (text, anchor string) {
	m := ownAnchor.FindStringSubmatchIndex(heading)
	if m == nil {
		return heading, ""
	}
	return heading[:m[0]], heading[m[2]:m[3]]
}

// sourceText returns the text of a heading: of its images only if there is nothing else.
func sourceText(h ast.Node, source []byte) string {
	if t := line(inlineText(h, source, false)); t != "" {
		return t
	}
	return line(inlineText(h, source, true))
}

// inlineText returns the text of a node without its Markdown, with or without the descriptions
// of images.
func inlineText(n ast.Node, source []byte, images bool) string {
	var b strings.Builder
	// The walker never fails: the function returns no error.
	_ = ast.Walk(n, func(m ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch m := m.(type) {
		case *ast.Image:
			if !images {
				return ast.WalkSkipChildren, nil
			}
		case *ast.Text:
			b.Write(m.Segment.Value(source))
			if m.SoftLineBreak() {
				b.WriteByte(' ')
			}
		case *ast.String:
			b.Write(m.Value)
		case *ast.AutoLink:
			b.Write(m.Label(source))
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}

// slug returns the anchor that GitHub makes of a heading: lower case, no
// punctuation, hyphens for spaces, and a number if it was there before.
func slug(title string, seen map[string]int) string {
	s := strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
			return unicode.ToLower(r)
		}
		return -1
	}, title)
	n := seen[s]
	seen[s]++
	if n == 0 {
		return s
	}
	numbered := s + "-" + strconv.Itoa(n)
	seen[numbered]++
	return numbered
}
