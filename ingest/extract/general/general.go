// Package general finds the main content of pages of any kind.
//
// Call [Reduce]. Three extractors that differ in method vote on each block of the
// page: go-readability (scores of containers), go-domdistiller (features of text
// blocks) and go-trafilatura (rules for elements). What the majority takes
// stays, in the page's own markup, and so does the lead below the title; then goes
// what articles carry along: bylines, credits, captions, invitations to subscribe,
// links to other articles.
package general

import (
	"net/url"

	"golang.org/x/net/html"
)

// minWords is the least that can be told from what stands around it: of a page
// of fewer words the extractors find nothing, or the wrong words.
const minWords = 25

// Reduce removes from a page, in place, all that is not its main content. It
// reports whether any content was found; if not, the page has lost no more than
// the white space around its blocks.
//
// The page must be without hidden text and without comments. A nil base means that
// the page has no address. Extractors that would make the trees of the page take
// more than treesBytes are not asked.
func Reduce(root *html.Node, base *url.URL, treesBytes int) bool {
	if base == nil {
		base = &url.URL{}
	}
	dropIndents(root)
	p := newPage(root)
	if len(p.words) == 0 || p.nodes > tooManyNodes {
		return false
	}
	p.smooth(p.vote(root, base, treesBytes))
	p.prune()
	if p.keptWords() < minWords {
		return false
	}
	p.title()
	p.rebuild(root)
	return true
}
