package index

import "time"

// A Page is a row of the manifest: what the index knows about one URL.
type Page struct {
	URL            string
	Title          string
	Source         string // the chunks' Source
	Lang           string // the chunks' Lang, Version, AlsoIn and Twin
	Version        string
	AlsoIn         string
	Twin           string
	Status         int // HTTP status; 0 for a file
	ETag           string
	LastModified   string // header, as sent
	ContentHash    string // of the page's text: hex SHA-256
	ReaderHash     string // of the text that a reader sees, without the targets of links: hex SHA-256
	Chunks         int    // number stored
	TextRunes      int    // length of the page's text
	Canonical      string // canonical address that the page names; may be empty
	DiscoveredFrom string // URL of the page or sitemap that links to it; "" for a start
	Decision       string // one of the Decision constants
	Reason         string // of the decision, for users; "" if it is indexed
	CrawledAt      time.Time
}

// The values of Page.Decision. Only indexed pages have chunks.
const (
	DecisionIndexed   = "indexed"
	DecisionNoindex   = "noindex"      // the page or its server asks not to be indexed
	DecisionDuplicate = "duplicate"    // another page has the same text, or the page names it as its canonical address
	DecisionNoText    = "no text"      // a frameset, an empty page
	DecisionScript    = "needs script" // the page is empty without JavaScript
	DecisionType      = "wrong type"   // neither HTML nor text
	DecisionFailed    = "failed"       // could not be fetched or read, now or before
)
