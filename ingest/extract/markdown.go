package extract

import (
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/JohannesKaufmann/html-to-markdown/v2/converter"
	"github.com/JohannesKaufmann/html-to-markdown/v2/marker"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/base"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/commonmark"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/strikethrough"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/table"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/citewell/citewell/ingest/extract/dom"
)

// Private-use characters that stand for something else during the conversion.
// [marks] takes them, and those of the converter, out of the page first.
const (
	headingMark = "\uf8f0" // in front of a heading
	lessMark    = "\uf8f1" // for <, which the converter would write as &lt;
	greaterMark = "\uf8f2" // for >
)

var (
	marks       = strings.NewReplacer(headingMark, "", lessMark, "", greaterMark, "", codeNewline, "")
	fromAngle   = strings.NewReplacer("<", lessMark, ">", greaterMark)
	tagStart    = regexp.MustCompile(`<(/?)([A-Za-z][A-Za-z0-9]*)`)
	toAngle     = strings.NewReplacer(lessMark, "<", greaterMark, ">")
	headingTags = []string{"h1", "h2", "h3", "h4", "h5", "h6"}
)

// newConverter returns the converter. It escapes nothing but what readers of Markdown
// would take for a tag: the text is there to be embedded, quoted and read, and a quote
// must match what the page shows.
var newConverter = sync.OnceValue(func() *converter.Converter {
	c := converter.NewConverter(
		converter.WithEscapeMode(converter.EscapeModeDisabled),
		converter.WithPlugins(
			base.NewBasePlugin(),
			commonmark.NewCommonmarkPlugin(
				commonmark.WithListEndComment(false),
				commonmark.WithLinkEmptyContentBehavior(commonmark.LinkBehaviorSkip),
				commonmark.WithLinkEmptyHrefBehavior(commonmark.LinkBehaviorSkip),
			),
			strikethrough.NewStrikethroughPlugin(),
			table.NewTablePlugin(
				table.WithCellPaddingBehavior(table.CellPaddingBehaviorMinimal),
				table.WithNewlineBehavior(table.NewlineBehaviorPreserve),
				table.WithHeaderPromotion(true),
				table.WithSpanCellBehavior(table.SpanBehaviorMirror),
				table.WithSkipEmptyRows(true),
			),
		),
	)
	c.Register.TextTransformer(func(_ converter.Context, s string) string { return fromAngle.Replace(escapeTags(s)) }, converter.PriorityEarly)
	c.Register.RendererFor("blockquote", converter.TagTypeBlock, renderQuote, converter.PriorityEarly)
	for _, tag := range headingTags {
		c.Register.RendererFor(tag, converter.TagTypeBlock, renderHeading, converter.PriorityEarly)
	}
	return c
})

// escapeTags escapes the tags of HTML that a page shows as text outside of code.
func escapeTags(s string) string {
	if !strings.Contains(s, "<") {
		return s
	}
	return tagStart.ReplaceAllStringFunc(s, func(tag string) string {
		if atom.Lookup([]byte(strings.ToLower(strings.TrimLeft(tag, "</")))) == 0 {
			return tag
		}
		return `\` + tag
	})
}

// indexAttr names the attribute that holds a heading's place in the list of
// headings while the page is converted.
const indexAttr = "data-heading-index"

// renderHeading writes a heading with its index between two [headingMark]s in
// front of its line.
func renderHeading(ctx converter.Context, w converter.Writer, n *html.Node) converter.RenderStatus {
	var b strings.Builder
	ctx.RenderChildNodes(ctx, &b, n)
	text := strings.Join(strings.Fields(b.String()), " ")
	if text == "" {
		return converter.RenderSuccess
	}
	w.WriteString("\n\n")
	if index, ok := dom.Attr(n, indexAttr); ok {
		w.WriteString(headingMark + index + headingMark)
	}
	w.WriteString(strings.Repeat("#", dom.HeadingLevel(n)) + " " + text + "\n\n")
	return converter.RenderSuccess
}

// codeNewline stands for a newline in code until all is converted.
var codeNewline = string(marker.MarkerCodeBlockNewline)

var manyNewlines = regexp.MustCompile(`\n{3,}`)

// renderQuote writes a quotation, also in front of each line of code in it.
func renderQuote(ctx converter.Context, w converter.Writer, n *html.Node) converter.RenderStatus {
	var b strings.Builder
	ctx.RenderChildNodes(ctx, &b, n)
	text := manyNewlines.ReplaceAllString(strings.ReplaceAll(strings.TrimSpace(b.String()), "  \n\n", "\n\n"), "\n\n")
	if text != "" {
		w.WriteString("\n\n> " + strings.NewReplacer("\n", "\n> ", codeNewline, "\n> ").Replace(text) + "\n\n")
	}
	return converter.RenderSuccess
}

// toMarkdown converts a cleaned node. A nil base leaves relative links as they
// are.
func toMarkdown(n *html.Node, base *url.URL) (text string, headings []Heading, err error) {
	// The converter may panic on a page that nobody tested it with.
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("extract: convert page: %v", p)
		}
	}()
	for m := range n.Descendants() {
		level := dom.HeadingLevel(m)
		if level == 0 {
			continue
		}
		if h, ok := newHeading(m, level); ok {
			h.Anchor, _ = dom.Attr(m, headingAttr)
			m.Attr = append(m.Attr, html.Attribute{Key: indexAttr, Val: strconv.Itoa(len(headings))})
			headings = append(headings, h)
		}
	}
	escapeBars(n, false)
	var opts []converter.ConvertOptionFunc
	if base != nil {
		opts = append(opts, converter.WithDomain(base.String()))
	}
	out, err := newConverter().ConvertNode(n, opts...)
	if err != nil {
		return "", nil, fmt.Errorf("extract: convert page: %w", err)
	}
	text, headings = locateHeadings(toAngle.Replace(string(out)), headings)
	return text, headings, nil
}

// locateHeadings removes the marks, and the numbers between them, from the text and
// sets where the headings of these numbers begin.
func locateHeadings(marked string, headings []Heading) (string, []Heading) {
	var w textWriter
	for i, part := range strings.Split(marked, headingMark) {
		if i%2 == 0 {
			w.write(part)
			continue
		}
		if index, err := strconv.Atoi(part); err == nil && index < len(headings) {
			h := headings[index]
			h.StartRune = w.runes
			w.headings = append(w.headings, h)
		}
	}
	return w.String(), w.headings
}
