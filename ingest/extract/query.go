package extract

import (
	"slices"
	"strings"
	"sync"

	"github.com/PuerkitoBio/goquery"
	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// find returns the elements below a selection that a selector matches. The method Find of a
// selection reads the selector again for each call. The selector must be a constant.
func find(s *goquery.Selection, selector string) *goquery.Selection {
	return s.FindMatcher(matcherOf(selector))
}

// above returns the elements around a selection that a selector matches.
func above(s *goquery.Selection, selector string) *goquery.Selection {
	return s.ParentsMatcher(matcherOf(selector))
}

// closest returns the first element that a selector matches, of a selection and those around it.
func closest(s *goquery.Selection, selector string) *goquery.Selection {
	return s.ClosestMatcher(matcherOf(selector))
}

// children returns the children of a selection that a selector matches.
func children(s *goquery.Selection, selector string) *goquery.Selection {
	return s.ChildrenMatcher(matcherOf(selector))
}

var matchers sync.Map // by selector

// matcherOf returns what matches a selector.
func matcherOf(selector string) goquery.Matcher {
	if m, ok := matchers.Load(selector); ok {
		return m.(goquery.Matcher)
	}
	var m goquery.Matcher = cascadia.MustCompile(selector)
	if tags := tagsOf(selector); tags != nil {
		m = tagMatcher(tags)
	}
	matchers.Store(selector, m)
	return m
}

// tagsOf returns the tags that a selector lists; nil if it is of another form.
func tagsOf(selector string) []atom.Atom {
	var tags []atom.Atom
	for name := range strings.SplitSeq(selector, ", ") {
		tag := atom.Lookup([]byte(name))
		if tag == 0 {
			return nil
		}
		tags = append(tags, tag)
	}
	return tags
}

// A tagMatcher matches the elements with some tags, in a fraction of the time of a selector.
type tagMatcher []atom.Atom

var _ goquery.Matcher = tagMatcher{}

func (m tagMatcher) Match(n *html.Node) bool {
	return n.Type == html.ElementNode && slices.Contains(m, n.DataAtom)
}

func (m tagMatcher) MatchAll(n *html.Node) []*html.Node { return matchAll(n, m.Match, nil) }

func (m tagMatcher) Filter(nodes []*html.Node) []*html.Node {
	return slices.DeleteFunc(slices.Clone(nodes), func(n *html.Node) bool { return !m.Match(n) })
}

// A funcMatcher matches the elements for which it is true.
type funcMatcher func(n *html.Node) bool

var _ goquery.Matcher = funcMatcher(nil)

func (m funcMatcher) Match(n *html.Node) bool { return n.Type == html.ElementNode && m(n) }

func (m funcMatcher) MatchAll(n *html.Node) []*html.Node { return matchAll(n, m.Match, nil) }

func (m funcMatcher) Filter(nodes []*html.Node) []*html.Node {
	return slices.DeleteFunc(slices.Clone(nodes), func(n *html.Node) bool { return !m.Match(n) })
}

// matchAll appends n and the elements below it that match.
func matchAll(n *html.Node, match func(*html.Node) bool, found []*html.Node) []*html.Node {
	if match(n) {
		found = append(found, n)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.ElementNode {
			found = matchAll(c, match, found)
		}
	}
	return found
}
