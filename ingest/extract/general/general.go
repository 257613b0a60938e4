// Package general finds the main content of pages of any kind.
//
// Call [Reduce]. Three extractors that differ in method vote on each block of the
// page: go-readability (scores of containers), go-domdistiller (features of text
// blocks) and one of this package (names of elements, and the longest run of text).
// The blocks that the majority takes stay, in the page's own markup, and so does the
// lead below the title. Then bylines, credits, captions, invitations to subscribe and
// links to other articles are removed.
package general

import (
	"net/url"

	"golang.org/x/net/html"
)

// minWords is the number of words that a page needs: on a page with fewer, the
// extractors find nothing, or the wrong words.
const minWords = 25

// Reduce removes from a page, in place, everything but its main content. It reports
// whether it found content; if not, the page has lost only the white space around
// its blocks.
//
// The page must be without hidden text and without comments. A nil base means that
// the page has no address. An extractor is not used if the trees of the page would
// then take more than treesBytes.
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
	p.headings()
	p.rebuild(root)
	return true
}
