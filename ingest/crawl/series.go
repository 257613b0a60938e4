package crawl

import (
	"hash/maphash"
	"math/bits"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/citewell/citewell/ingest/crawl/pagelinks"
)

const (
	// longChain is how many pages with numbered addresses lead to one another, each to
	// the next, before they count. The numbered pages that a table of contents names
	// are one step away from it.
	longChain = 3
	// fewPages is how many pages of a series count before their phrases are compared.
	fewPages = 12
	// enoughDull is how many pages of a series in a row say nothing new before it ends.
	enoughDull = 24
	// mostPhrases is how many phrases of a series are remembered; one with more is no
	// calendar.
	mostPhrases = 100_000
	// mostRepeats is how often the same folders may follow one another in an address.
	mostRepeats = 4
)

// A series is the pages whose addresses differ only in numbers, or in the values of
// their parameters, such as the months of a calendar.
type series struct {
	pages   int                 // of long chains
	phrases map[uint64]struct{} // sums of three words in a row; of the first pages none, since most series are short
	dull    int                 // pages in a row without a new phrase
	ended   bool                // no more of its pages are visited
	left    int                 // pages that are left out
	example string
}

// shapeOf returns what the addresses of a series have in common; "" for an address
// that can't be one of many.
func shapeOf(address string) string {
	p, query, has := strings.Cut(address, "?")
	if has {
		var b strings.Builder
		b.WriteString(p[:strings.LastIndexByte(p, '/')+1] + "*?")
		for param := range strings.SplitSeq(query, "&") {
			name, _, _ := strings.Cut(param, "=")
			b.WriteString(name + "&")
		}
		return numberless(b.String())
	}
	if shape := numberless(p); shape != p {
		return shape
	}
	return ""
}

// numberless returns an address with # for each number in its path.
func numberless(address string) string {
	i := strings.Index(address, "://") + len("://")
	i += max(strings.IndexByte(address[i:], '/'), 0)
	var b strings.Builder
	b.WriteString(address[:i])
	for ; i < len(address); i++ {
		if c := address[i]; c < '0' || c > '9' {
			b.WriteByte(c)
		} else if b.String()[b.Len()-1] != '#' {
			b.WriteByte('#')
		}
	}
	return b.String()
}

// noteChain remembers how long the chain of numbered pages is that led to a page.
func (w *walk) noteChain(p *node, from string) {
	if shapeOf(p.url) == "" {
		return
	}
	p.chain = 1
	if parent := w.lookup(from); parent != nil {
		p.chain += parent.chain
	}
}

// watchSeries ends the series of a page if its last pages said nothing new: they had no
// phrase that none of the others has, and led to no page with a name.
func (w *walk) watchSeries(p *node, a answer, links []string) {
	if p.chain < longChain || a.Status != http.StatusOK {
		return
	}
	shape := shapeOf(p.url)
	s := w.series[shape]
	if s == nil {
		s = &series{phrases: map[uint64]struct{}{}}
		w.series[shape] = s
	}
	u, err := url.Parse(p.url)
	if s.pages++; err != nil || s.ended || s.pages < fewPages || len(s.phrases) > mostPhrases {
		return
	}
	isNew := func(link string) bool {
		return shapeOf(link) == "" && w.lookup(link) == nil && strings.HasPrefix(link, w.origin)
	}
	news := slices.ContainsFunc(links, isNew)
	var before [2]uint64
	for _, word := range append(pagelinks.Words(a.Body, a.ContentType, u), "") {
		if isDate(word) {
			continue
		}
		sum := maphash.String(w.seed, word)
		phrase := sum ^ bits.RotateLeft64(before[1], 1) ^ bits.RotateLeft64(before[0], 2)
		before[0], before[1] = before[1], sum
		if _, known := s.phrases[phrase]; !known {
			s.phrases[phrase], news = struct{}{}, true
		}
	}
	if s.dull++; news {
		s.dull = 0
	}
	s.ended = s.dull >= enoughDull
}

// isDate reports whether a word is a number as dates and times have them.
func isDate(word string) bool {
	for i := range len(word) {
		if word[i] < '0' || word[i] > '9' {
			return false
		}
	}
	return word != "" && len(word) <= 2 || len(word) == 4 && (word[0] == '1' || word[0] == '2')
}

// isLeftOut reports whether a page in the queue is not worth a request: its series has
// ended, or it is an echo.
func (w *walk) isLeftOut(p *node) bool {
	if p.depth == 0 { // A sitemap names it.
		return false
	}
	if w.leadsToEchoes(p.from) {
		w.echoes.count++
		return true
	}
	if len(w.series) == 0 {
		return false
	}
	parent := w.lookup(p.from)
	if parent == nil || parent.chain+1 < longChain {
		return false
	}
	s := w.series[shapeOf(p.url)]
	if s == nil || !s.ended {
		return false
	}
	if s.left++; s.example == "" {
		s.example = p.url
	}
	return true
}

// warnSeries adds warnings of the series that were ended, and of addresses that repeat
// their folders.
func (w *walk) warnSeries() {
	if w.repeated > 0 {
		w.warning("%d addresses such as %s repeat their folders without end: they were left out", w.repeated, w.repeatedExample)
	}
	var shapes []string
	for shape, s := range w.series {
		if s.left > 0 {
			shapes = append(shapes, shape)
		}
	}
	slices.Sort(shapes)
	for _, shape := range shapes[:min(len(shapes), maxExamples)] {
		w.warning("the addresses %s go on without end: their last %d pages had no new phrase, and %d more, such as %s, were left out; --exclude leaves all of them out",
			strings.TrimSuffix(shape, "&"), enoughDull, w.series[shape].left, w.series[shape].example)
	}
}

// repeats reports whether the same folders follow one another too often in an address:
// it was made by a site that extends its addresses endlessly.
func repeats(address string) bool {
	if strings.Count(address, "/") < mostRepeats+4 {
		return false
	}
	folders, _ := foldersOf(address)
	for period := 1; period*(mostRepeats+1) <= len(folders); period++ {
		same := 0
		for i := period; i < len(folders); i++ {
			if same++; folders[i] != folders[i-period] || len(folders[i]) < 2 {
				same = 0
			}
			if same == period*mostRepeats {
				return true
			}
		}
	}
	return false
}
