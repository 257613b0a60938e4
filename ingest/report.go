package ingest

import (
	"strings"
	"time"

	"github.com/citewell/citewell/ingest/folder"
)

// maxListed is the most pages in a list of a report: it must not grow with the
// site.
const maxListed = 1000

// A Report tells what a run did.
type Report struct {
	Pages           int            `json:"pages"`             // distinct documents read: Indexed + Unchanged + Skipped
	Indexed         int            `json:"indexed"`           // new or changed, and stored
	Unchanged       int            `json:"unchanged"`         // as the index has them
	Skipped         int            `json:"skipped"`           // read, but not to be indexed
	SkippedByReason map[string]int `json:"skipped_by_reason"` // by [index.Page]'s Decision; never nil
	Failed          int            `json:"failed"`            // could not be read
	Pruned          int            `json:"pruned"`            // removed from the index
	Chunks          int            `json:"chunks"`            // of the pages indexed and unchanged
	Embedded        int            `json:"embedded"`          // chunks that were embedded
	Seconds         float64        `json:"seconds"`
	WrongType       int            `json:"wrong_type,omitempty"` // addresses of other files, such as images; not among Pages
	Flagged         int            `json:"flagged,omitempty"`    // pages that seem to give orders to a model
	Kept            int            `json:"kept,omitempty"`       // pages whose old text the index keeps, since they failed or too many are missing

	// Details for people. A list of pages has at most 1000.
	Warnings     []string     `json:"warnings,omitempty"`    // one or two sentences each
	Sites        []SiteReport `json:"sites,omitempty"`       // that were crawled
	Errors       []PageError  `json:"errors,omitempty"`      // of pages that failed
	NotIndexed   []PageNote   `json:"not_indexed,omitempty"` // pages skipped, and addresses of the wrong type
	Notes        []PageNote   `json:"notes,omitempty"`       // other notes on pages
	PrunedURLs   []string     `json:"pruned_urls,omitempty"`
	Repeated     []Repeated   `json:"repeated,omitempty"` // lines that were left out, since most pages of a site have them
	KeptPages    []PageNote   `json:"kept_pages,omitempty"`
	FlaggedPages []PageFlags  `json:"flagged_pages,omitempty"`

	Read    map[string]int   `json:"read,omitempty"`     // number of files of folders that are read, by extension
	LeftOut []folder.LeftOut `json:"left_out,omitempty"` // files of folders that are not read
}

// A SiteReport tells how the crawl of one site went.
type SiteReport struct {
	Start              string         `json:"start"`
	Visited            int            `json:"visited"`                       // documents, those that failed among them
	NotModified        int            `json:"not_modified"`                  // of them, answered with 304
	Requests           int            `json:"requests"`                      // in all
	RobotsURL          string         `json:"robots,omitempty"`              //
	RobotsStatus       int            `json:"robots_status,omitempty"`       // of the answer; 0 if there was none
	Disallowed         int            `json:"disallowed,omitempty"`          // addresses that robots.txt forbids
	DisallowedExamples []string       `json:"disallowed_examples,omitempty"` // with the rule
	Sitemaps           []string       `json:"sitemaps,omitempty"`            // that were read
	SitemapURLs        int            `json:"sitemap_urls,omitempty"`        // addresses in scope that they named
	ForeignHosts       map[string]int `json:"foreign_hosts,omitempty"`       // named, and never asked
	OutOfScope         int            `json:"out_of_scope,omitempty"`        // addresses on the host that were left out
	Cut                bool           `json:"cut,omitempty"`                 // the site has more pages than were allowed
}

// A PageError tells why a page was not indexed.
type PageError struct {
	URL   string `json:"url"`
	Error string `json:"error"`
}

// String returns the error, with the address if the error does not contain it.
func (e PageError) String() string {
	if strings.Contains(e.Error, e.URL) {
		return e.Error
	}
	return e.URL + ": " + e.Error
}

// A PageNote is a note on a page.
type PageNote struct {
	URL      string `json:"url"`
	Decision string `json:"decision,omitempty"` // of [index.Page]; empty if the note is not about it
	Note     string `json:"note"`
}

// PageFlags are the flags that the lint found in a page.
type PageFlags struct {
	URL   string `json:"url"`
	Flags string `json:"flags"` // of any of its chunks, with commas between
}

// A Repeated is a line that was left out of pages.
type Repeated struct {
	Text  string `json:"text"`  // its beginning
	Pages int    `json:"pages"` // that were read and had it
}

// A Progress tells how far a run has come, in pages unless said otherwise.
type Progress struct {
	Found     int // so far
	Fetched   int
	Unchanged int
	Embedded  int // chunks
	ToEmbed   int // chunks found so far that are new or changed, those embedded among them
	Stored    int
	Skipped   int
	Failed    int
	Elapsed   time.Duration
	PerSecond float64       // pages finished in a second, lately
	Remaining time.Duration // at that pace, for the pages found so far; 0 if unknown
}

// done returns the number of finished pages.
func (p Progress) done() int { return p.Unchanged + p.Stored + p.Skipped + p.Failed }
