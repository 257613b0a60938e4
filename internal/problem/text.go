package problem

import (
	"regexp"
	"strings"

	"github.com/citewell/citewell/internal/mask"
)

// packageName matches the names of this module's packages where errors put them: at
// the start and after a colon.
var packageName = regexp.MustCompile(`(^|: |; |\n)(?:(?:` + strings.Join(packages, "|") + `): )+`)

// packages are the names, one on each line so that changes do not meet.
var packages = []string{
	"admit",
	"answer",
	"apidoc",
	"archive",
	"asciidoc",
	"backup",
	"bm25",
	"boilerplate",
	"budget",
	"cache",
	"chunker",
	"cite",
	"crawl",
	"dedupe",
	"dictionary",
	"docs",
	"document",
	"dom",
	"draft",
	"e5",
	"edition",
	"embed",
	"emulate",
	"encoder",
	"entra",
	"eval",
	"evalset",
	"extract",
	"extractive",
	"fence",
	"folder",
	"gaps",
	"gen",
	"general",
	"guard",
	"history",
	"index",
	"ingest",
	"job",
	"journal",
	"language",
	"limit",
	"lint",
	"lite",
	"llm",
	"llmstxt",
	"local",
	"lru",
	"markdown",
	"mask",
	"mcp",
	"metrics",
	"media",
	"milvus",
	"minilm",
	"modelfile",
	"openai",
	"openapi",
	"otlp",
	"pagelinks",
	"pdf",
	"previous",
	"problem",
	"prompt",
	"proof",
	"provider",
	"publish",
	"reader",
	"release",
	"render",
	"reply",
	"rerank",
	"retrieve",
	"robots",
	"rst",
	"server",
	"service",
	"site",
	"sitemap",
	"sqlitefile",
	"sse",
	"stale",
	"start",
	"state",
	"structured",
	"trace",
	"unigram",
	"urlnorm",
	"vocabulary",
	"web",
	"wheel",
}

// Text returns the text of an error for users: without names of packages, and with
// the secrets of addresses masked.
func Text(err string) string {
	return mask.Text(packageName.ReplaceAllString(err, "$1"))
}
