package extract

import (
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/PuerkitoBio/goquery"
)

// languageTag matches a language tag. Anything else in a lang attribute is ignored.
var languageTag = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,4}$`)

// dateLayouts are the forms of a date in a page.
var dateLayouts = []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04:05-0700", "2006-01-02T15:04Z07:00", "2006-01-02T15:04", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02", time.RFC1123, time.RFC1123Z}

// meta returns what the page says of itself in its head.
func meta(doc *goquery.Document, base *url.URL) Page {
	head := find(doc.Selection, "head").First()
	p := Page{Title: line(find(head, "title").First().Text())}
	if p.Title == "" {
		p.Title = line(find(head, `meta[property="og:title"]`).First().AttrOr("content", ""))
	}
	root := head.Parent()
	p.Lang = language(root.AttrOr("lang", root.AttrOr("xml:lang", "")))
	if href, ok := find(head, `link[rel="canonical"][href]`).First().Attr("href"); ok && base != nil {
		if u, err := base.Parse(strings.TrimSpace(href)); err == nil {
			p.Canonical = u.String()
		}
	}
	p.Twin, p.TwinLang = twin(head, base)
	p.Version = versionOf(doc, head, p.Title)
	p.Published, p.Modified = dates(root.Nodes)
	if p.Modified.IsZero() {
		p.Modified = p.Published
	}
	return p
}

// twin returns the address and the language of the one that stands for all
// translations of a page: the first of the alphabet. Translations that do not name
// the page itself are those of another one, such as the home page of a template.
func twin(head *goquery.Selection, base *url.URL) (address, lang string) {
	if base == nil {
		return "", ""
	}
	namesItself := false
	find(head, `link[rel="alternate"][hreflang][href]`).Each(func(_ int, link *goquery.Selection) {
		tag := language(link.AttrOr("hreflang", ""))
		u, err := base.Parse(strings.TrimSpace(link.AttrOr("href", "")))
		if err != nil || tag == "" {
			return
		}
		namesItself = namesItself || u.Host == base.Host && strings.TrimSuffix(u.Path, "/") == strings.TrimSuffix(base.Path, "/")
		if a := u.String(); address == "" || a < address {
			address, lang = a, tag
		}
	})
	if !namesItself {
		return "", ""
	}
	return address, lang
}

// language returns a tag, or "" if it is not a language tag.
func language(tag string) string {
	if tag = strings.TrimSpace(tag); languageTag.MatchString(tag) {
		return tag
	}
	return ""
}

// date parses a date; the zero time if it is not one.
func date(s string) time.Time {
	s = strings.TrimSpace(s)
	for _, layout := range dateLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}

// line returns a text on one line, without control characters.
func line(s string) string {
	return strings.Join(strings.Fields(normalise(s)), " ")
}
