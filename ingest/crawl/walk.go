package crawl

import (
	"context"
	"errors"
)

// Crawl visits every document of a site once, breadth first, in an order that
// does not depend on timing.
func (f *Fetcher) Crawl(ctx context.Context, site Site, known Known, visit func(Visit) error) (Summary, error) {
	return Summary{}, errors.New("crawl: crawl site: not built yet")
}
