package crawl

import (
	"io"
	"time"
)

// A SitemapEntry is a page that a sitemap names.
type SitemapEntry struct {
	Loc     string
	LastMod time.Time // zero means not said
}

// ParseSitemap reads a sitemap, plain or gzipped.
func ParseSitemap(r io.Reader, contentType string) (entries []SitemapEntry, nested []string, err error) {
	return nil, nil, nil
}
