package ingest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/citewell/citewell/retrieve/index"
)

// Bounds of what settle does at once.
const (
	settlePages  = 200 // rows read and written together
	downPages    = 10  // lost pages that don't make one think that the site is down
	maxExamples  = 3   // in a warning
	percentWhole = 100
)

// settle does what only the whole walk can tell: it makes duplicates of the
// pages that others stand for, removes those that are gone, and records that
// the crawls were complete. Then it commits.
func (p *pipeline) settle(ctx context.Context) error {
	nothing := p.nothing()
	if nothing != nil && (p.rebuild || !p.mayCreate) {
		return nothing
	}
	if err := p.begin(ctx); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{p.settleLeaders, p.settleAliases, p.settleLost, p.settleParents} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	p.reportPromises()
	for _, c := range p.crawls {
		if err := p.settleCrawl(ctx, c); err != nil {
			return err
		}
	}
	for u, d := range p.d.missing { // of sites whose crawl did not come to its end
		p.tally.failed(u, errors.New(d.Page.Reason), true)
	}
	if err := p.store.Commit(ctx); err != nil {
		return fmt.Errorf("ingest: commit: %w", err)
	}
	return nothing
}

// bring writes documents, a batch after the other.
func (p *pipeline) bring(ctx context.Context, documents []Document) error {
	for batch := range slices.Chunk(documents, settlePages) {
		plans, err := p.compare(ctx, batch)
		if err != nil {
			return err
		}
		changes, err := p.changes(ctx, plans)
		if err != nil {
			return err
		}
		if len(changes) == 0 {
			continue
		}
		if err := p.put(ctx, changes); err != nil {
			return err
		}
	}
	return nil
}

// settleLeaders fetches the pages that were duplicates until now.
func (p *pipeline) settleLeaders(ctx context.Context) error {
	var keys []textKey
	for key, i := range p.d.leaders.index {
		if p.d.leaders.all[i].bodyless {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, func(a, b textKey) int { return strings.Compare(p.leader(a).url, p.leader(b).url) })
	for _, key := range keys {
		if err := p.settleLeader(ctx, p.leader(key).url, key); err != nil {
			return err
		}
	}
	return nil
}

// leader returns the page that is kept of those with a text.
func (p *pipeline) leader(key textKey) leader {
	l, _ := p.d.leaders.get(key)
	return l
}

func (p *pipeline) settleLeader(ctx context.Context, cited string, key textKey) error {
	i := slices.IndexFunc(p.crawls, func(c *crawled) bool { return c.site.contains(cited) })
	if i < 0 {
		// Unreachable: the page was visited, so a crawl's scope holds it.
		return nil
	}
	s := p.crawls[i].site
	address, _ := s.uncite(cited)
	resp, err := p.fetcher.Fetch(ctx, address)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var d Document
	if err == nil {
		resp.URL = cited
		d, err = p.in.document(resp, "", s.state.Repeated)
	}
	if err != nil || hashOf(d.Page.Title, d.Page.ContentHash) != key.hash {
		// The next run takes it, since this crawl is not complete.
		p.in.log.Warn("page not indexed", "url", cited, "err", err)
		p.tally.failed(cited, errors.Join(errChanging, err), true)
		p.crawls[i].whole = false
		return nil
	}
	rows, err := p.store.Pages(ctx, cited)
	if err != nil {
		return fmt.Errorf("ingest: read the manifest: %w", err)
	}
	d.Page.DiscoveredFrom, d.Page.Canonical = rows[cited].DiscoveredFrom, rows[cited].Canonical
	d.Text, d.site, d.seq = "", s, -1
	return p.bring(ctx, []Document{d})
}

var errChanging = errors.New("ingest: the page changed while the site was crawled: ingest again")

// settleAliases makes duplicates of the pages that another stands for. If a site
// gives one text under many addresses that had their own before, it may be down.
func (p *pipeline) settleAliases(ctx context.Context) error {
	down := p.down(func(yield func(string, *site)) {
		for _, a := range p.d.aliases {
			yield(a.url, a.site)
		}
	})
	for batch := range slices.Chunk(p.d.aliases, settlePages) {
		var urls []string
		for _, a := range batch {
			if a.page == nil {
				urls = append(urls, a.url)
			}
		}
		rows := map[string]index.Page{}
		if len(urls) > 0 {
			var err error
			if rows, err = p.store.Pages(ctx, urls...); err != nil {
				return fmt.Errorf("ingest: read the manifest: %w", err)
			}
		}
		var documents []Document
		for _, a := range batch {
			reason := sameTextAs + p.leader(a.key).url
			page := rows[a.url]
			if a.page != nil {
				page = *a.page
			}
			if a.led {
				p.tally.demoted(a.seq < 0 || p.asBefore.has(int(a.seq)), page.Chunks)
			}
			p.tally.skipped(a.url, index.DecisionDuplicate, reason)
			if down[a.site] && p.wasIndexed(a.url) {
				p.tally.kept(a.url, reason)
				continue
			}
			same := a.page == nil && page.Decision == index.DecisionDuplicate && page.Reason == reason
			page.Decision, page.Reason, page.Chunks = index.DecisionDuplicate, reason, 0
			if !same {
				documents = append(documents, Document{Page: page, site: a.site, seq: -1})
			}
		}
		if err := p.bring(ctx, documents); err != nil {
			return err
		}
	}
	return nil
}

// settleLost takes the chunks of the pages that have no text any more.
func (p *pipeline) settleLost(ctx context.Context) error {
	down := p.down(func(yield func(string, *site)) {
		for _, v := range p.d.lost {
			yield(v.page.URL, v.site)
		}
	})
	var documents []Document
	for _, v := range p.d.lost {
		if down[v.site] {
			p.tally.kept(v.page.URL, v.page.Reason)
			continue
		}
		documents = append(documents, Document{Page: v.page, site: v.site, seq: -1})
	}
	return p.bring(ctx, documents)
}

// settleParents records where the unchanged pages were found that lost the page
// which led to them.
func (p *pipeline) settleParents(ctx context.Context) error {
	urls := make([]string, 0, len(p.d.parents))
	for u := range p.d.parents {
		urls = append(urls, u)
	}
	slices.Sort(urls)
	for batch := range slices.Chunk(urls, settlePages) {
		rows, err := p.store.Pages(ctx, batch...)
		if err != nil {
			return fmt.Errorf("ingest: read the manifest: %w", err)
		}
		var changes []change
		for _, u := range batch {
			if row, ok := rows[u]; ok {
				row.DiscoveredFrom = p.d.parents[u]
				changes = append(changes, change{Change: index.Change{Page: row}, unchanged: true})
			}
		}
		if err := p.put(ctx, changes); err != nil {
			return err
		}
	}
	return nil
}

// wasIndexed reports whether the index held a page when the run began.
func (p *pipeline) wasIndexed(cited string) bool {
	old := p.known.page(cited)
	return old != nil && p.known.decision(old) == index.DecisionIndexed
}

// down returns the sites that may be down: those that would lose more pages than
// may be pruned, of the pages that each yields.
func (p *pipeline) down(each func(yield func(cited string, s *site))) map[*site]bool {
	lost := map[*site]int{}
	each(func(cited string, s *site) {
		if s != nil && p.wasIndexed(cited) {
			lost[s]++
		}
	})
	config := &p.in.config
	down := map[*site]bool{}
	for _, c := range p.crawls {
		n := lost[c.site]
		if n <= downPages || config.PruneAll || n*percentWhole <= config.pruneLimit()*len(c.known.own) {
			continue
		}
		down[c.site] = true
		c.whole = false
		p.tally.warn("%s: %d of %d known pages have no text of their own any more; since that is more than %d %%, the index keeps what it has of them. "+
			"If it is right, ingest with --yes", c.site.start, n, len(c.known.own), config.pruneLimit())
	}
	return down
}

// reportPromises tells of the pages whose canonical link names another page that
// says something else.
func (p *pipeline) reportPromises() {
	isAlias := map[string]bool{}
	for _, a := range p.d.aliases {
		isAlias[a.url] = true
	}
	n, examples := 0, ""
	for _, pr := range p.d.promises {
		if isAlias[pr.url] || !p.seen.wasRead(pr.canon) || isAlias[pr.canon] {
			continue
		}
		if n++; n <= maxExamples {
			examples += fmt.Sprintf("; %s names %s", pr.url, pr.canon)
		}
	}
	if n > 0 {
		p.tally.warn("%d pages name as their canonical address a page with another text; both are indexed%s", n, examples)
	}
}
