package index

import (
	"time"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/retrieve/bm25"
)

// A Chunk is a passage of a page, as it is stored and shown.
type Chunk struct {
	ID          string    // [ChunkID]: 32 lower-case hex digits
	URL         string    // address of the page, or path of the file, as cited
	Title       string    // of the page
	Section     string    // heading path, " > " between levels; may be empty
	Anchor      string    // fragment of the nearest heading, without '#'; may be empty
	Anchors     string    // fragments of the headings in Text, in order, each with a space after it; one may be empty. Of a document with pages, those of the pages: "page=2@1830 ", with the rune in the document where it begins
	Text        string    // exactly page[Start:End] in runes; at most MaxTextBytes bytes
	Ordinal     int       // position among the page's chunks, from 0
	Start, End  int       // rune offsets in the page's text
	Source      string    // name of the site, such as its host
	Lang        string    // language tag of the page, such as "en"; may be empty
	Version     string    // of the page as its address names it, such as "2.0" or "stable"; may be empty
	AlsoIn      string    // the other versions that have a page of the same text: ",1.0,2.0,"; mostly empty
	Twin        string    // what the versions and translations of a page share: [edition.Edition].Key
	Flags       string    // names of what the injection lint found, separated by commas; mostly empty
	ContentHash string    // of the page's text: hex SHA-256
	Modified    time.Time // date that the page gives; zero if none
	CrawledAt   time.Time // when the page was fetched
}

// MaxTextBytes is the longest text a chunk may have, in bytes of UTF-8: the
// limit of a VARCHAR in Milvus.
const MaxTextBytes = 65_535

// A Record is a chunk with the vectors that find it.
type Record struct {
	Chunk
	// Windows are the vectors of the embedded text, in order, at least one. A
	// chunk scores as its best window.
	Windows []embed.Vector
	// Terms is the BM25 vector of the embedded text; see [bm25.Analyser].
	// Stores on engines without sparse vectors do not keep it.
	Terms bm25.Sparse
}

// Stored is a stored chunk with the number of its vectors.
type Stored struct {
	Chunk
	Windows int
}
