package extract

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/citewell/citewell/ingest/extract/dom"
)

// articleTypes are the types of schema.org by which a page calls itself an article of
// a newspaper, a magazine or a blog. Documentation calls itself none of them, or
// a TechArticle.
var (
	articleTypes = regexp.MustCompile(`"@type"\s*:\s*(\[[^\]]{0,80})?"(([A-Z][a-z]+)?NewsArticle|Article|BlogPosting|LiveBlogPosting|Report|Review|OpinionArticle)"`)
	manualTypes  = regexp.MustCompile(`"@type"\s*:\s*(\[[^\]]{0,80})?"(TechArticle|APIReference|HowTo|FAQPage)"`)
	articleItem  = regexp.MustCompile(`schema\.org/([A-Z][a-z]+)?(Article|Posting|Review)\b`)
)

// manualAddress matches an address, and manualTitle a title, of documentation;
// newsAddress matches an address of news or a blog.
var (
	manualAddress = regexp.MustCompile(`(?i)//(docs?|developers?|support|help|api|manual|wiki|learn)\.|/(docs?|documentation|manuals?|reference|guides?|help|api|handbook|wiki|kb|faq|tutorials?|man\d?)(/|\.|$)`)
	newsAddress   = regexp.MustCompile(`(?i)//(blogs?|news)\.|/(blogs?|news|articles?|stories|story|press)(-[a-z-]+)?/|/(19|20)\d\d/\d\d?/`)
	manualTitle   = regexp.MustCompile(`(?i)\b(documentation|docs|user manual|reference manual|api reference|user guide|help cent(er|re)|knowledge base)\b`)
)

// articleSigns are what a page says of itself that tells whether it is an article.
type articleSigns struct {
	linked, item, published, typed, feed, time, tag bool
	manual                                          string // why it is documentation; "" if nothing says so
}

// articleReason returns why a page is plainly an article: it says so itself, by
// markup that search engines read, and nothing about it is documentation's. It
// returns "" if the page may be documentation. The page must still have its scripts.
func articleReason(root *html.Node, pageURL *url.URL, title string) string {
	var s articleSigns
	address := ""
	if pageURL != nil {
		address = "//" + pageURL.Host + pageURL.Path
	}
	if manualAddress.MatchString(address) || manualTitle.MatchString(title) {
		return ""
	}
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			s.note(n)
		}
	}
	switch {
	case s.manual != "":
	case s.linked:
		return "its linked data calls it an article"
	case s.item:
		return "its markup calls it an article"
	case s.typed && (s.published || s.feed):
		return "it is of the type article, and has a date of publication, a publisher or a feed"
	case newsAddress.MatchString(address):
		return "its address is one of news or a blog"
	case s.published && s.tag, s.feed && s.time && s.tag:
		return "it is an article element with a date, as blogs have"
	}
	return ""
}

func (s *articleSigns) note(n *html.Node) {
	switch n.DataAtom {
	case atom.Script:
		if kind, _ := dom.Attr(n, "type"); kind == "application/ld+json" {
			data := dom.Text(n)
			s.linked = s.linked || articleTypes.MatchString(data)
			s.published = s.published || strings.Contains(data, `"datePublished"`)
			if manualTypes.MatchString(data) {
				s.manual = "its linked data calls it documentation"
			}
		}
	case atom.Meta:
		name, _ := dom.Attr(n, "property")
		if name == "" {
			name, _ = dom.Attr(n, "name")
		}
		value, _ := dom.Attr(n, "content")
		name = strings.ToLower(name)
		s.typed = s.typed || name == "og:type" && strings.EqualFold(value, "article")
		s.published = s.published || value != "" && (slices.Contains(publishedNames, name) || name == "article:publisher" || name == "article:author")
	case atom.Link:
		kind, _ := dom.Attr(n, "type")
		s.feed = s.feed || kind == "application/rss+xml" || kind == "application/atom+xml"
	case atom.Time:
		s.time = true
	case atom.Article:
		s.tag = true
	}
	if kind, ok := dom.Attr(n, "itemtype"); ok {
		s.item = s.item || articleItem.MatchString(kind) && !strings.Contains(kind, "TechArticle")
	}
}
