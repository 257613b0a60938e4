package index

import (
	"strings"
	"time"
)

// DecisionCrawl marks the rows of the manifest that are not pages but hold a
// [Crawl]. Lists and counts of pages leave them out.
const DecisionCrawl = "crawl"

// A Crawl is what the index remembers about the last crawl of a site. It is stored
// as a row of the manifest:
//
//	URL "crawl:" + Start · Title "complete" or "incomplete" · Decision
//	DecisionCrawl · Reason = State · CrawledAt; all else is empty
//
// A crawl is marked incomplete before its first change is written, and complete
// after its last. After an incomplete crawl the stored pages do not tell which pages
// the site has: links of a stored page may not have been followed.
type Crawl struct {
	Start     string // address, in normal form
	Complete  bool
	State     string    // the crawler's own data for the next crawl
	CrawledAt time.Time // when the last complete crawl began; zero if there was none
}

const crawlScheme, crawlComplete = "crawl:", "complete"

// Page returns the row of the manifest that holds c.
func (c Crawl) Page() Page {
	p := Page{URL: crawlScheme + c.Start, Title: "in" + crawlComplete, Decision: DecisionCrawl, Reason: c.State, CrawledAt: c.CrawledAt}
	if c.Complete {
		p.Title = crawlComplete
	}
	return p
}

// Crawl returns the crawl that a row of the manifest holds; false if the row is a
// page.
func (p Page) Crawl() (Crawl, bool) {
	if p.Decision != DecisionCrawl {
		return Crawl{}, false
	}
	return Crawl{
		Start: strings.TrimPrefix(p.URL, crawlScheme), Complete: p.Title == crawlComplete,
		State: p.Reason, CrawledAt: p.CrawledAt,
	}, true
}
