package index

import "time"

// A Page is a row of the manifest: what is known of one URL.
type Page struct {
	URL            string
	Title          string
	Source         string // the chunks' Source
	Status         int    // HTTP status; 0 for a file
	ETag           string
	LastModified   string // header, as sent
	ContentHash    string // of the page's text: hex SHA-256
	Chunks         int    // number stored
	TextRunes      int    // length of the page's text
	Canonical      string // address that the page calls its canonical one; may be empty
	DiscoveredFrom string // URL of the page or sitemap that named it; "" for a start
	Decision       string // one of the Decision constants
	Reason         string // why, for a person; "" if it is indexed
	CrawledAt      time.Time
}

// What became of a page: the values of Page.Decision. Of pages that are not
// indexed no chunk is stored.
const (
	DecisionIndexed   = "indexed"
	DecisionNoindex   = "noindex"      // the page or its server asks not to be indexed
	DecisionDuplicate = "duplicate"    // another page has the same text, or the page names it as its canonical address
	DecisionNoText    = "no text"      // nothing to read: a frameset, an empty page
	DecisionScript    = "needs script" // the page is empty without JavaScript
	DecisionType      = "wrong type"   // neither HTML nor text
	DecisionFailed    = "failed"       // could not be fetched or read, and never was
)
