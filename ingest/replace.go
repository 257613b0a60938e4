package ingest

import (
	"errors"
	"fmt"
	"strings"

	"github.com/citewell/citewell/ingest/site"
	"github.com/citewell/citewell/retrieve/index"
)

// ErrKept means that the index keeps what it had: the run would have removed or
// replaced more pages than it may without Config.PruneAll. The error that wraps it
// says why.
var ErrKept = errors.New("the index keeps what it had")

// howToAccept ends a message about pages that the index keeps.
const howToAccept = "If that is right, ingest with --yes (prune_all in a request)"

// validateRebuild returns an [ErrKept] if the index that a rebuild replaces has
// pages of a site, or of files, that no target names: they would be lost.
func (r *run) validateRebuild(targets []string) error {
	if !r.rebuild || r.config.PruneAll {
		return nil
	}
	named, files, err := r.namedSites(targets)
	if err != nil {
		return err
	}
	var lost []string
	for _, s := range r.before.Sites() {
		n := 0
		for _, p := range r.before.PagesOf(s) {
			if p.Is(index.DecisionIndexed) && !owns(named, p.URL()) {
				n++
			}
		}
		if n > 0 {
			lost = append(lost, fmt.Sprintf("%d pages of %s", n, s.Start))
		}
	}
	n := 0
	for p := range r.before.Pages() {
		if p.IsFile() && p.Is(index.DecisionIndexed) && !files {
			n++
		}
	}
	if n > 0 {
		lost = append(lost, fmt.Sprintf("%d files", n))
	}
	if len(lost) == 0 {
		return nil
	}
	reason := fmt.Sprintf("a rebuild of the named sites alone would remove %s: name everything that the index is to hold. %s", strings.Join(lost, ", "), howToAccept)
	r.tally.warn("%s", reason)
	return fmt.Errorf("ingest: %w: %s", ErrKept, reason)
}

// namedSites returns the sites that the targets name, each also as the index has
// recorded it, and whether a target names files.
func (r *run) namedSites(targets []string) (named []*site.Site, files bool, err error) {
	for _, name := range targets {
		if !isAddress(name) {
			files = true
			continue
		}
		s, err := site.New(name, r.config.settings())
		if err != nil {
			return nil, false, err
		}
		named = append(named, s)
		if old := r.before.Site(s.Start); old != nil && !s.State.StartOnly() {
			named = append(named, old)
		}
	}
	return named, files, nil
}

// owns reports whether a cited page belongs to one of the sites.
func owns(sites []*site.Site, cited string) bool {
	for _, s := range sites {
		if s.State.StartOnly() && s.Cite(s.Start) == cited || !s.State.StartOnly() && s.Contains(cited) {
			return true
		}
	}
	return false
}

// filesPart is the number of the part of an index that holds files; that of a
// crawled site is its position among the crawls.
const filesPart = -1

// validateLoss returns an [ErrKept] if the index that a rebuild has made lacks so
// many pages of the one that it replaces that a site may be down: more than the
// prune limit of the pages of one site, or of the files. It compares numbers of
// indexed pages, since a site may give its pages other addresses.
func (r *run) validateLoss(c *crawler, d *decider) error {
	if !r.rebuild || r.config.PruneAll {
		return nil
	}
	had, elsewhere := r.countReplaced(c)
	has := map[int]int{}
	part := map[int32]int{}
	for i, sc := range c.crawls {
		part[int32(sc.group)] = i
	}
	for key := range d.groups.Primaries() {
		if i, ok := part[key.Target]; ok {
			has[i]++
		} else {
			has[filesPart]++
		}
	}
	var reasons []string
	add := func(format string, args ...any) {
		reason := fmt.Sprintf(format, args...) + ": the index stays as it was. " + howToAccept
		r.tally.warn("%s", reason)
		reasons = append(reasons, reason)
	}
	for i := filesPart; i < len(c.crawls); i++ {
		name, oneText := "the files", ""
		if i != filesPart {
			name = c.crawls[i].site.Start
			if had[i] >= minSuspect && has[i] == 1 && c.crawls[i].ended {
				oneText = ", all with one text, which looks like a login or error page"
			}
		}
		if lost := had[i] - has[i]; lost*percentWhole > r.config.PruneLimitPercent*had[i] {
			add("%s: the index has %d pages, and the rebuild found %d%s: that is a loss over the prune limit of %d %%", name, had[i], has[i], oneText, r.config.PruneLimitPercent)
		}
	}
	if elsewhere > 0 {
		add("the index has %d pages that the rebuild did not reach and no target names", elsewhere)
	}
	if len(reasons) == 0 {
		return nil
	}
	return fmt.Errorf("ingest: %w: %s", ErrKept, reasons[0])
}

// countReplaced counts the indexed pages of the index that a rebuild replaces, by
// part, and those of no part that the rebuild has not visited.
func (r *run) countReplaced(c *crawler) (had map[int]int, elsewhere int) {
	had = map[int]int{}
	parts := make([][]*site.Site, len(c.crawls))
	for i, sc := range c.crawls {
		parts[i] = []*site.Site{sc.site}
		if old := r.before.Site(sc.site.Start); old != nil && !sc.site.State.StartOnly() {
			parts[i] = append(parts[i], old)
		}
	}
	for p := range r.before.Pages() {
		if !p.Is(index.DecisionIndexed) {
			continue
		}
		if p.IsFile() {
			had[filesPart]++
			continue
		}
		i := 0
		for i < len(parts) && !owns(parts[i], p.URL()) {
			i++
		}
		if i < len(parts) {
			had[i]++
		} else if !c.visited.has(p.URL()) {
			elsewhere++
		}
	}
	return had, elsewhere
}
