package ingest

import (
	"context"
	"fmt"
	"slices"

	"github.com/citewell/citewell/ingest/dedupe"
	"github.com/citewell/citewell/ingest/previous"
	"github.com/citewell/citewell/retrieve/index"
)

// A site is suspect if its pages now show one text or none, and nearly all of its
// indexed pages have turned into that or are not found; or if nearly all of them
// redirect to one address. That looks like a login or error page. Nothing of a
// suspect site is replaced or removed.
const (
	minSuspect = 3  // pages that turn into one; fewer are no sign of it
	maxHeld    = 32 // most pages of a site that are held at once; see siteChange
)

// exceptions is how many of n pages may differ from "nearly all" of them.
func exceptions(n int) int { return max(1, n/10) }

// A siteChange is what becomes of the indexed pages of a site. Pages with a new text
// are held, not written, while the site may still be suspect: until enough pages
// with other texts were seen.
type siteChange struct {
	known    int // indexed pages
	answered int // of them, so far
	noText   int // of them, without text now, or not to be indexed any more
	seen     int // pages with a text, new pages among them

	// Of these pages, by text; nil when enough of them have other texts.
	byText    map[dedupe.Hash]int
	changed   map[dedupe.Hash]int // indexed pages that had another text
	unchanged map[dedupe.Hash]int // pages that had the same text
	held      []heldPage
}

// A heldPage is the decision to index a page, with the hash of its text.
type heldPage struct {
	decision
	text dedupe.Hash
}

// changeOf returns the change of a page's site; nil if the site is not watched,
// because few of its pages are indexed or the caller accepts every loss.
func (d *decider) changeOf(c *siteCrawl) *siteChange {
	if c == nil || d.rebuild || d.config.PruneAll {
		return nil
	}
	ch, ok := d.changes[c]
	if !ok {
		known := 0
		for _, p := range c.previous.Pages {
			if p.Is(index.DecisionIndexed) {
				known++
			}
		}
		if known >= minSuspect {
			ch = &siteChange{known: known, byText: map[dedupe.Hash]int{}, changed: map[dedupe.Hash]int{}, unchanged: map[dedupe.Hash]int{}}
		}
		d.changes[c] = ch
	}
	return ch
}

// addText counts a page that was answered with a text, and returns the held pages
// that need not wait any longer.
func (ch *siteChange) addText(old previous.Page, text dedupe.Hash) (released []decision) {
	if ch == nil {
		return nil
	}
	ch.seen++
	wasIndexed := old.Is(index.DecisionIndexed)
	if wasIndexed {
		ch.answered++
	}
	if ch.byText == nil {
		return nil
	}
	ch.byText[text]++
	switch {
	case old != (previous.Page{}) && old.Hash() == text:
		ch.unchanged[text]++
	case wasIndexed:
		ch.changed[text]++
	}
	ch.held = slices.DeleteFunc(ch.held, func(h heldPage) bool {
		if ch.mayBeOnly(h.text) {
			return false
		}
		released = append(released, h.decision)
		return true
	})
	if !ch.mayBeOnly(ch.commonText()) {
		ch.byText, ch.changed, ch.unchanged = nil, nil, nil
	}
	return released
}

// addNoText counts a page that has no text or asks not to be indexed.
func (ch *siteChange) addNoText(old previous.Page) {
	if ch != nil && old.Is(index.DecisionIndexed) {
		ch.answered++
		ch.noText++
	}
}

// commonText returns the text of the most pages.
func (ch *siteChange) commonText() (text dedupe.Hash) {
	most := 0
	for t, n := range ch.byText {
		if n > most || n == most && t < text {
			text, most = t, n
		}
	}
	return text
}

// mayBeOnly reports whether nearly all pages may still turn out to have this text.
func (ch *siteChange) mayBeOnly(text dedupe.Hash) bool {
	return ch.byText != nil && ch.seen-ch.byText[text] <= min(exceptions(ch.known), maxHeld)
}

// hold holds the decision to index a page, and reports whether it does.
func (ch *siteChange) hold(de decision, old previous.Page, text dedupe.Hash) bool {
	if ch == nil || old.Is(index.DecisionIndexed) && old.Hash() == text || !ch.mayBeOnly(text) {
		return false
	}
	ch.held = append(ch.held, heldPage{de, text})
	return true
}

// drop removes a held page, and returns it; false if the page is not held.
func (ch *siteChange) drop(url string) (decision, bool) {
	if ch == nil {
		return decision{}, false
	}
	i := slices.IndexFunc(ch.held, func(h heldPage) bool { return h.Page.URL == url })
	if i < 0 {
		return decision{}, false
	}
	de := ch.held[i].decision
	ch.held = slices.Delete(ch.held, i, i+1)
	return de, true
}

// suspicion returns why the site of a crawl is suspect; "" if it is not.
func (d *decider) suspicion(c *siteCrawl, ch *siteChange) string {
	// Indexed pages that redirect, or that a full crawl did not find. Pages that the
	// server says are gone are no sign of a login page: see pruner.
	gone := map[string]bool{}
	for _, p := range c.previous.Pages {
		if p.Is(index.DecisionIndexed) && c.isFull() && !d.visited.wasRead(p.URL()) {
			gone[p.URL()] = true
		}
	}
	for address := range c.summary.NotFound {
		delete(gone, c.site.Cite(address))
	}
	to := map[string]int{}
	for address, target := range c.summary.Redirects {
		u := c.site.Cite(address)
		if p, _ := d.previous.Page(u); p.Is(index.DecisionIndexed) {
			gone[u] = true
			to[target]++
		}
	}
	all := ch.answered + len(gone)
	nearlyAll := func(n int) bool { return n >= minSuspect && all-n <= exceptions(all) }
	for target, n := range to {
		if nearlyAll(n) {
			return fmt.Sprintf("%d of %d pages now redirect to %s", n, all, target)
		}
	}
	text := ch.commonText()
	switch same := ch.changed[text]; {
	case ch.seen > 0 && !ch.mayBeOnly(text), ch.noText == 0 && ch.byText[text] == ch.unchanged[text]:
		return "" // There are other texts, or none is new.
	case nearlyAll(same):
		return fmt.Sprintf("%d of %d pages now have the same text", same, all)
	case nearlyAll(same + ch.noText + len(gone)):
		return fmt.Sprintf("%d of %d pages now have the same text, no text, or are not found", same+ch.noText+len(gone), all)
	}
	return ""
}

// endSites decides which of the sites are suspect, and sends the held pages of all
// others.
func (d *decider) endSites(ctx context.Context) error {
	for c, ch := range d.changes {
		if ch == nil {
			continue
		}
		if why := d.suspicion(c, ch); why != "" {
			c.suspect, c.complete = true, false
			d.suspects = append(d.suspects, fmt.Sprintf("%s: %s: that looks like a login or error page, so the index keeps what it has of the site. %s", c.site.Start, why, howToAccept))
			for _, h := range ch.held {
				d.tally.kept(h.Page.URL, "its new text looks like a login or error page")
			}
			continue
		}
		for _, h := range ch.held {
			if err := d.send(ctx, h.decision); err != nil {
				return err
			}
		}
	}
	slices.Sort(d.suspects)
	for _, why := range d.suspects {
		d.tally.warn("%s", why)
	}
	return nil
}
