package pagelinks

import (
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/renderer/html"

	"github.com/citewell/citewell/ingest/media"
)

// isMarkdown reports whether a media type is that of Markdown.
func isMarkdown(kind string) bool {
	kind, _ = media.Parse(kind)
	return kind == media.Markdown || kind == media.MDX || kind == "text/x-markdown"
}

// markdownHTML returns the HTML of a text in Markdown, that of the text included.
func markdownHTML(text string) string {
	var b strings.Builder
	if goldmark.New(goldmark.WithRendererOptions(html.WithUnsafe())).Convert([]byte(text), &b) != nil {
		return "" // Unreachable: a Builder takes all.
	}
	return b.String()
}
