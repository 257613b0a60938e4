package extract

import (
	"encoding/json"
	"strings"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/citewell/citewell/ingest/extract/dom"
)

// Names by which pages declare their dates, in lower case, the best first. The
// same ones name meta elements, their properties, and time elements.
var (
	publishedNames = []string{"article:published_time", "datepublished", "og:published_time", "citation_publication_date", "dcterms.date", "dcterms.created", "dc.date",
		"dc.created", "pubdate", "publishdate", "publish_date", "parsely-pub-date", "sailthru.date", "date", "published", "entry-date", "dt-published"}
	modifiedNames = []string{"article:modified_time", "datemodified", "og:updated_time", "og:modified_time", "dcterms.modified", "last-modified", "last_modified",
		"revised", "lastmod", "updated", "dt-updated", "lastupdated"}
)

// dates returns the dates on which the page appeared and changed, from its meta
// elements, its JSON-LD, or time elements that say which date they give.
func dates(roots []*html.Node) (published, modified time.Time) {
	declared := map[string]time.Time{}
	for _, root := range roots {
		for n := range root.Descendants() {
			switch n.DataAtom {
			case atom.Meta:
				for _, key := range []string{"property", "name", "itemprop", "http-equiv"} {
					name, _ := dom.Attr(n, key)
					value, _ := dom.Attr(n, "content")
					declare(declared, name, value)
				}
			case atom.Time:
				declareTime(declared, n)
			case atom.Script:
				if kind, _ := dom.Attr(n, "type"); kind == "application/ld+json" {
					declareLinked(declared, dom.Text(n))
				}
			}
		}
	}
	return first(declared, publishedNames), first(declared, modifiedNames)
}

func first(declared map[string]time.Time, names []string) time.Time {
	for _, name := range names {
		if t := declared[name]; !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}

// declare records a date unless one of the same name came before.
func declare(declared map[string]time.Time, name, value string) {
	name = strings.ToLower(strings.TrimSpace(name))
	if name == "" || value == "" || !declared[name].IsZero() {
		return
	}
	if t := date(value); !t.IsZero() {
		declared[name] = t
	}
}

// declareTime records the date of a time element if it, or the element around it,
// says which date it gives.
func declareTime(declared map[string]time.Time, n *html.Node) {
	value, _ := dom.Attr(n, "datetime")
	if _, ok := dom.Attr(n, "pubdate"); ok {
		declare(declared, "pubdate", value)
	}
	prop, _ := dom.Attr(n, "itemprop")
	declare(declared, prop, value)
	class, _ := dom.Attr(n, "class")
	for name := range strings.FieldsSeq(class) {
		declare(declared, name, value)
	}
	for p, i := n.Parent, 0; p != nil && i < 2; p, i = p.Parent, i+1 {
		if class, _ := dom.Attr(p, "class"); strings.Contains(strings.ToLower(class), "lastupdated") || strings.Contains(class, "last-updated") {
			declare(declared, "lastupdated", value)
		}
	}
}

// maxLinkedBytes is more than the JSON-LD of a page about itself has.
const maxLinkedBytes = 256 << 10

// declareLinked records the dates of the first object of JSON-LD that has any.
func declareLinked(declared map[string]time.Time, source string) {
	var v any
	if len(source) > maxLinkedBytes || json.Unmarshal([]byte(source), &v) != nil {
		return
	}
	declareLinkedData(declared, v, 0)
}

// linked looks for dates in v, no deeper than pages nest them.
func declareLinkedData(declared map[string]time.Time, v any, depth int) {
	const maxDepth = 4
	if depth > maxDepth {
		return
	}
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			declareLinkedData(declared, e, depth+1)
		}
	case map[string]any:
		for _, key := range []string{"datePublished", "dateModified"} {
			if s, ok := v[key].(string); ok {
				declare(declared, key, s)
			}
		}
		for _, key := range []string{"@graph", "mainEntity", "mainEntityOfPage"} {
			declareLinkedData(declared, v[key], depth+1)
		}
	}
}
