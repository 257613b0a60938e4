package crawl

import "time"

// defaultConcurrency is the Concurrency of a [Site] that sets none.
const defaultConcurrency = 4

// A Site is one web site to crawl. Of the Options, Source, Selector and
// CanonicalBase are for who reads the pages, Headers and AllowPrivate for who
// makes the [Fetcher].
type Site struct {
	Start string // http or https address; the crawl stays on its host
	Options
	Concurrency int // requests at once; 0 means 4
	// HasText reports whether a response has text to index. It is called by several
	// goroutines, for pages that have their text in Markdown, too. nil means that all have.
	HasText func(Response) bool
}

// Known is what is known from an earlier crawl of the same site that ran to its
// end. Its addresses are those of [Visit.URL]. A crawl calls one method at a time,
// from several goroutines.
type Known interface {
	// Validators returns the ETag and Last-Modified headers of the page; "" for a
	// header that it did not have, and for an unknown page.
	Validators(url string) (etag, lastModified string)
	// Children returns the pages whose Visit.DiscoveredFrom was url, in the order of their visits.
	Children(url string) []string
	// From returns the page's Visit.DiscoveredFrom; "" if it is unknown.
	From(url string) string
	// Each calls yield for every page that the earlier crawl reached, until yield returns false.
	Each(yield func(url string) bool)
	// CrawledAt returns when the page was fetched last; the zero time if it is unknown.
	CrawledAt(url string) time.Time
}

// A Visit is one document of a site, or the failure to get it.
type Visit struct {
	Seq            int        // from 0, in the order of the calls
	URL            string     // normal form of the address at the end of the redirects: the page is stored and cited by it
	Asked          string     // normal form of the requested address
	DiscoveredFrom string     // page or sitemap that named it first; "" for the start, and for known pages that nothing led to
	Found          int        // about how many documents are known so far, visited or waiting
	Depth          int        // links from the start or the sitemap; 0 for both, and for known pages that nothing led to
	Response       Response   // Status 200 with a body, or 304 without; empty if Err is set
	Canonical      string     // normal form of the address that the page calls its own; "" if it names none
	Refresh        string     // page that it sends its readers on to after a moment; "" if it does not
	List           bool       // the start, and it lists pages: a sitemap or an llms.txt
	Renders        bool       // the page shows an OpenAPI description by a script
	Reference      *Reference // page that shows it, if it is an OpenAPI description; nil if none is known
	Version        string     // of the page, by the site's list of versions; "" if there is none, or the address has a number
	NoIndex        string     // why the page is not to be indexed; "" if it may be
	Notes          []string   // other remarks about the page, a sentence each
	Err            error      // why there is no response: an *Error (Status 404, 410, 5xx, …) or a cause
}

// A Summary is the result of a crawl.
type Summary struct {
	RobotsURL          string            // of the start's host
	RobotsStatus       int               // of its answer; 0 if there was none
	Disallowed         int               // addresses in scope that robots.txt forbids
	DisallowedExamples []string          // at most ten of them, each with the rule
	Sitemaps           []string          // that were read
	SitemapURLs        int               // addresses in scope that they named
	ForeignHosts       map[string]int    // how often sitemaps, redirects and canonical links name each other host; they are never requested
	OutOfScope         int               // addresses on the host, but out of scope
	Cut                bool              // the site has more addresses than Site.MaxPages lets visit
	Failed             int               // visits with Err, without answers of 200 that are not documents
	NotModified        int               // visits with status 304
	Requests           int               // sent, including robots.txt, sitemaps, redirects and retries
	Gone               []string          // known pages that are gone, sorted: the server says so, robots.txt forbids them, or nothing leads to them
	Unsure             int               // known pages that were not reached or failed, and may be there again
	NotFound           map[string]bool   // known pages that the server says are gone
	Redirects          map[string]string // by known page that redirects: the address, without query
	Warnings           []string          // for a person, a sentence each
}
