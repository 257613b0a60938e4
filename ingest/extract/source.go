package extract

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"go.yaml.in/yaml/v3"
)

// extractMarkdown returns the text of a Markdown file: the file without its
// front matter.
func extractMarkdown(source string) (Page, error) {
	front, body := cutFrontMatter(normalise(source))
	page := Page{Text: strings.TrimSpace(body)}
	page.Headings = sourceHeadings(page.Text)
	page.Title = titleOf(page.Headings, "")
	for _, key := range []string{"title", "Title"} {
		if t, ok := front[key].(string); ok && page.Title == "" {
			page.Title = line(t)
		}
	}
	if page.Title == "" && len(page.Headings) > 0 {
		page.Title = page.Headings[0].Text
	}
	for _, key := range []string{"lang", "language"} {
		if tag, ok := front[key].(string); ok && page.Lang == "" {
			page.Lang = language(tag)
		}
	}
	for _, key := range []string{"lastmod", "last_modified", "updated", "date"} {
		if page.Modified.IsZero() {
			page.Modified = frontDate(front[key])
		}
	}
	return page, nil
}

// cutFrontMatter splits a file into its front matter, YAML between lines of
// "---" or TOML between lines of "+++", and the rest. Anything else is text.
func cutFrontMatter(s string) (map[string]any, string) {
	for _, fence := range []string{"---", "+++"} {
		rest, ok := strings.CutPrefix(s, fence+"\n")
		if !ok {
			continue
		}
		front, body, ok := strings.Cut("\n"+rest, "\n"+fence+"\n")
		if !ok {
			front, ok = strings.CutSuffix("\n"+strings.TrimRight(rest, " \n"), "\n"+fence)
		}
		if !ok {
			continue
		}
		values := map[string]any{}
		unmarshal := yaml.Unmarshal
		if fence == "+++" {
			unmarshal = toml.Unmarshal
		}
		if unmarshal([]byte(front), &values) != nil {
			return nil, s
		}
		return values, body
	}
	return nil, s
}

// sourceHeadings returns the headings of Markdown text, with the anchors that
// GitHub gives them unless the text gives one: {#anchor}.
func sourceHeadings(markdown string) []Heading {
	source := []byte(markdown)
	p := parser.NewParser(
		parser.WithBlockParsers(parser.DefaultBlockParsers()...),
		parser.WithInlineParsers(parser.DefaultInlineParsers()...),
		parser.WithParagraphTransformers(parser.DefaultParagraphTransformers()...),
		parser.WithHeadingAttribute(),
	)
	var headings []Heading
	slugs := map[string]int{}
	at, runes := 0, 0
	for n := p.Parse(text.NewReader(source)).FirstChild(); n != nil; n = n.NextSibling() {
		h, ok := n.(*ast.Heading)
		if !ok || h.Lines().Len() == 0 {
			continue
		}
		title := line(inlineText(h, source))
		if title == "" {
			continue
		}
		start := strings.LastIndexByte(markdown[:h.Lines().At(0).Start], '\n') + 1
		runes += utf8.RuneCountInString(markdown[at:start])
		at = start
		anchor := slug(title, slugs)
		if id, ok := h.AttributeString("id"); ok {
			if b, ok := id.([]byte); ok {
				anchor = string(b)
			}
		}
		headings = append(headings, Heading{Level: h.Level, Text: title, Anchor: anchor, StartRune: runes})
	}
	return headings
}

// inlineText returns the text of a node without its Markdown.
func inlineText(n ast.Node, source []byte) string {
	var b strings.Builder
	// The walker never fails: the function returns no error.
	_ = ast.Walk(n, func(m ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch m := m.(type) {
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
