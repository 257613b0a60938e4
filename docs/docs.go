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

// Flow is the picture of the ways that data flows, which pages show as
// images/flow.svg.
//
//go:generate go run github.com/citewell/citewell/internal/site/internal/gen
//go:embed images/flow.svg
var Flow []byte

// Growth is the picture of how time grows with an index, which a page shows as
// images/growth.svg. The benchmark draws it (internal/bench).
//
//go:embed images/growth.svg
var Growth []byte

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
	"deploy",
	"operations",
	"scale",
	"reliability",
	"evaluation",
	"performance",
	"cli",
	"troubleshooting",
}
