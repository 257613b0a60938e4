package index

import (
	"strings"
	"time"
)

// DecisionCrawl marks the rows of the manifest that are no pages: they hold what
// is remembered of a [Crawl]. Lists and counts of pages leave them out.
const DecisionCrawl = "crawl"

// A Crawl is what is remembered of the crawl of one site. It is stored as a row
// of the manifest:
//
//	URL "crawl:" + Start · Title "complete" or "incomplete" · Decision
//	DecisionCrawl · Reason = State · CrawledAt; all else is empty
//
// A crawl is made incomplete before its first change is written and complete
// after its last. What an incomplete one left tells nothing of the pages that
// the site has, since one whose links were found may lack the pages they lead to.
type Crawl struct {
	Start     string // address, in normal form
	Complete  bool
	State     string    // what whoever crawls wants to know the next time
	CrawledAt time.Time // when the last complete crawl began; zero if none was
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

// Crawl returns what a row of the manifest holds of a crawl; false if it is a
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
