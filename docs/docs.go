// Package docs is Citewell's documentation for its users, in Markdown.
//
// Read the pages from [Files]; [Order] gives their names in reading order. They
// are also the pages that citewell demo ingests and answers from.
package docs

import "embed"

// Files holds the pages, NAME.md each.
//
//go:embed *.md
var Files embed.FS

// Order is the names of all pages, without .md, in reading order.
var Order = []string{
	"index",
	"getting-started",
	"ingest",
	"ask",
	"page",
	"openai",
	"api",
	"answers",
	"mcp",
	"log",
	"extract",
	"milvus",
	"embedders",
	"languages",
	"models",
	"operations",
	"reliability",
	"evaluation",
	"cli",
	"troubleshooting",
}
