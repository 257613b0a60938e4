package milvus

import (
	"slices"
	"time"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/retrieve/bm25"
	"github.com/citewell/citewell/retrieve/index"
)

// The stored form. An index NAME of generation GEN has four collections, each
// keyed by id: 32 lower-case hex digits and nothing else, since Milvus Lite 2.5.1
// pastes keys into SQL. Times are microseconds since 1970; a string
// has at most 65 535 bytes. The index of every vector field is FLAT, unless the
// fingerprint names another one for dense.
//
//	NAME_GEN_chunks    chunkColumns; vec instead of sparse on engines without sparse vectors
//	NAME_GEN_windows   windowColumns
//	NAME_GEN_pages     pageColumns
//	NAME_GEN_terms     termsColumns: the statistics of BM25; see statistics.go
//
// The columns are listed in the tables below and nowhere else: schema, writes, lists
// of fields and reads are derived from them. To add a column, add a field to the
// row's type and a row to its table, and raise [index.SchemaVersion].
//
// Field vec is [1, 0] in every row: Milvus needs a vector in each collection. A chunk
// without terms has the sparse vector {4294967294: 1e-6}, since an empty one is
// refused. No query has that dimension, except by a collision of hashes.
//
// A chunk is complete if as many windows exist as its row says.

const maxKeyBytes = 32

// versionsSchema is the schema version that added the versions of pages.
const versionsSchema = 5

// A chunkRow is a row of the chunks collection.
type chunkRow struct {
	index.Chunk
	windows int // number of its windows
	terms   bm25.Sparse
}

var chunkColumns = append(columns[chunkRow]{
	key("id", func(r *chunkRow) *string { return &r.ID }), // [index.ChunkID]
	derivedKey("url_id", func(r *chunkRow) string { return index.URLID(r.URL) }),
	text("url", func(r *chunkRow) *string { return &r.URL }),
	text("title", func(r *chunkRow) *string { return &r.Title }),
	text("section", func(r *chunkRow) *string { return &r.Section }),
	text("anchor", func(r *chunkRow) *string { return &r.Anchor }),
	text("text", func(r *chunkRow) *string { return &r.Text }),
	number("ordinal", func(r *chunkRow) *int { return &r.Ordinal }),
	number("start", func(r *chunkRow) *int { return &r.Start }),
	number("end", func(r *chunkRow) *int { return &r.End }),
	text("source", func(r *chunkRow) *string { return &r.Source }),
	text("lang", func(r *chunkRow) *string { return &r.Lang }),
	text("flags", func(r *chunkRow) *string { return &r.Flags }),
	text("content_hash", func(r *chunkRow) *string { return &r.ContentHash }),
	timestamp("modified", func(r *chunkRow) *time.Time { return &r.Modified }),
	timestamp("crawled_at", func(r *chunkRow) *time.Time { return &r.CrawledAt }),
	number("windows", func(r *chunkRow) *int { return &r.windows }),
	sparseVector("sparse", func(r *chunkRow) *bm25.Sparse { return &r.terms }),
}, append(since(4, text("anchors", func(r *chunkRow) *string { return &r.Anchors })), since(versionsSchema,
	text("version", func(r *chunkRow) *string { return &r.Version }),
	text("also_in", func(r *chunkRow) *string { return &r.AlsoIn }),
	text("twin", func(r *chunkRow) *string { return &r.Twin }),
)...)...)

// Columns that are read for a [index.Chunk], with and without its text.
var (
	chunkReadColumns   = chunkColumns.without("sparse")
	chunkNoTextColumns = chunkColumns.without("sparse", "text")
)

// A windowRow is a row of the windows collection.
type windowRow struct {
	id, chunkID       string
	n                 int // position in the chunk
	source, lang, url string
	version, alsoIn   string
	vec               embed.Vector
}

var windowColumns = append(columns[windowRow]{
	key("id", func(r *windowRow) *string { return &r.id }), // [index.WindowID]
	key("chunk_id", func(r *windowRow) *string { return &r.chunkID }),
	number("n", func(r *windowRow) *int { return &r.n }),
	text("source", func(r *windowRow) *string { return &r.source }), // the columns that filters use
	text("lang", func(r *windowRow) *string { return &r.lang }),
	text("url", func(r *windowRow) *string { return &r.url }),
	vector("dense", func(r *windowRow) *[]float32 { return &r.vec }),
}, since(versionsSchema,
	text("version", func(r *windowRow) *string { return &r.version }),
	text("also_in", func(r *windowRow) *string { return &r.alsoIn }),
)...)

// A pageRow is a row of the pages collection.
type pageRow struct {
	id string // URLID(URL)
	index.Page
}

var pageColumns = append(columns[pageRow]{
	key("id", func(r *pageRow) *string { return &r.id }),
	text("url", func(r *pageRow) *string { return &r.URL }),
	text("title", func(r *pageRow) *string { return &r.Title }),
	text("source", func(r *pageRow) *string { return &r.Source }),
	number("status", func(r *pageRow) *int { return &r.Status }),
	text("etag", func(r *pageRow) *string { return &r.ETag }),
	text("last_modified", func(r *pageRow) *string { return &r.LastModified }),
	text("content_hash", func(r *pageRow) *string { return &r.ContentHash }),
	number("chunks", func(r *pageRow) *int { return &r.Chunks }),
	number("text_runes", func(r *pageRow) *int { return &r.TextRunes }),
	text("canonical", func(r *pageRow) *string { return &r.Canonical }),
	text("discovered_from", func(r *pageRow) *string { return &r.DiscoveredFrom }),
	text("decision", func(r *pageRow) *string { return &r.Decision }),
	text("reason", func(r *pageRow) *string { return &r.Reason }),
	timestamp("crawled_at", func(r *pageRow) *time.Time { return &r.CrawledAt }),
	constantVector[pageRow](),
}, since(versionsSchema,
	text("lang", func(r *pageRow) *string { return &r.Lang }),
	text("version", func(r *pageRow) *string { return &r.Version }),
	text("also_in", func(r *pageRow) *string { return &r.AlsoIn }),
	text("twin", func(r *pageRow) *string { return &r.Twin }),
	text("reader_hash", func(r *pageRow) *string { return &r.ReaderHash }),
)...)

// A termsRow is a row of the terms collection.
type termsRow struct {
	id               string
	version          int64
	n, parts, chunks int
	langs, data      string
}

var termsColumns = columns[termsRow]{
	key("id", func(r *termsRow) *string { return &r.id }),
	number("version", func(r *termsRow) *int64 { return &r.version }),
	number("n", func(r *termsRow) *int { return &r.n }),
	number("parts", func(r *termsRow) *int { return &r.parts }),
	number("chunks", func(r *termsRow) *int { return &r.chunks }),
	text("langs", func(r *termsRow) *string { return &r.langs }),
	text("data", func(r *termsRow) *string { return &r.data }),
	constantVector[termsRow](),
}

// chunkColumns returns the columns of chunks in a Milvus with these capabilities.
func (c capabilities) chunkColumns() columns[chunkRow] {
	if c.sparse {
		return chunkColumns
	}
	return append(chunkColumns.without("sparse"), constantVector[chunkRow]())
}

// since marks columns that a stored form lacks which is older than a schema version.
func since[T any](version int, cs ...column[T]) columns[T] {
	for i := range cs {
		cs[i].since = version
	}
	return cs
}

// in returns the columns that an index with this fingerprint has.
func (cs columns[T]) in(fp index.Fingerprint) columns[T] {
	return slices.DeleteFunc(slices.Clone(cs), func(c column[T]) bool { return c.since > fp.Schema })
}
