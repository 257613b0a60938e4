package job

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/citewell/citewell/ingest"
)

// Bounds of a request, so that one can be stored and read again.
const (
	maxTargets      = 100
	maxGlobs        = 100
	maxAddressBytes = 2048
)

// noLinks is the MaxDepth that means the targets alone, as in package crawl.
const noLinks = -1

// ErrRequest means that a job can't be started as it was asked for.
var ErrRequest = errors.New("the request can't be run")

// A Request says what to ingest: either targets and how to crawl them, or a
// source that the configuration lists. Its JSON form is stored with the job.
type Request struct {
	Targets       []string `json:"targets,omitempty"`    // http and https addresses, never files
	Configured    string   `json:"configured,omitempty"` // name of a [Source]; of the other fields only Rebuild and PruneAll may be set
	Source        string   `json:"source,omitempty"`     // that pages are filed under; "" means the host
	Selector      string   `json:"selector,omitempty"`   // CSS selector of the main content
	Include       []string `json:"include,omitempty"`    // globs
	Exclude       []string `json:"exclude,omitempty"`    // globs
	MaxPages      int      `json:"max_pages,omitempty"`  // 0 means the default
	MaxDepth      int      `json:"max_depth,omitempty"`  // links from the start; 0 means no limit, -1 the targets alone
	Rate          float64  `json:"rate,omitempty"`       // requests a second to a host; 0 means the default
	CanonicalBase string   `json:"canonical_base,omitempty"`
	Rebuild       bool     `json:"rebuild,omitempty"`   // make the index anew, of these targets alone
	PruneAll      bool     `json:"prune_all,omitempty"` // remove vanished pages however many they are
}

// A Crawl is all that an Ingester must be told of a request. What a request
// leaves to a configured source is filled in.
type Crawl struct {
	Request
	Headers      map[string]string     // to the start's host; of a configured source, and never stored
	AllowPrivate bool                  // addresses of private networks; of a configured source
	IgnoreRobots bool                  // of a configured source
	Progress     func(ingest.Progress) // for ingest.Config.Progress
}

// crawl checks a request and returns what it stands for.
func (r *Runner) crawl(q Request) (Crawl, error) {
	if q.Configured == "" {
		return Crawl{Request: q}, q.check()
	}
	rest := q
	rest.Configured, rest.Rebuild, rest.PruneAll = "", false, false
	if b, err := json.Marshal(rest); err != nil || string(b) != "{}" {
		return Crawl{}, fmt.Errorf("%w: the source %q brings its own settings: leave all others out", ErrRequest, q.Configured)
	}
	i := slices.IndexFunc(r.config.Sources, func(s Source) bool { return s.Name == q.Configured })
	if i < 0 {
		return Crawl{}, fmt.Errorf("%w: no source named %q is configured: %s", ErrRequest, q.Configured, r.known())
	}
	c := r.config.Sources[i].crawl()
	c.Rebuild, c.PruneAll = q.Rebuild, q.PruneAll
	return c, nil
}

// known says which sources there are.
func (r *Runner) known() string {
	if len(r.config.Sources) == 0 {
		return "there is none: list some in the configuration file"
	}
	var names []string
	for _, s := range r.config.Sources {
		names = append(names, s.Name)
	}
	return "there is " + strings.Join(names, ", ")
}

// check refuses what must not be run, and what could not be.
func (q Request) check() error {
	switch {
	case len(q.Targets) == 0:
		return fmt.Errorf("%w: no target is named", ErrRequest)
	case len(q.Targets) > maxTargets:
		return fmt.Errorf("%w: %d targets are more than %d", ErrRequest, len(q.Targets), maxTargets)
	case len(q.Include)+len(q.Exclude) > maxGlobs:
		return fmt.Errorf("%w: %d globs are more than %d", ErrRequest, len(q.Include)+len(q.Exclude), maxGlobs)
	}
	for i, t := range q.Targets {
		if err := checkAddress(t); err != nil {
			return fmt.Errorf("%w: target %d %w", ErrRequest, i+1, err)
		}
	}
	if err := checkNumbers(q.MaxPages, q.MaxDepth, q.Rate, q.CanonicalBase); err != nil {
		return fmt.Errorf("%w: %w", ErrRequest, err)
	}
	return nil
}

// checkAddress says why target is nothing that a server may fetch for others.
func checkAddress(target string) error {
	if len(target) > maxAddressBytes {
		return fmt.Errorf("is longer than %d characters", maxAddressBytes)
	}
	u, err := url.Parse(target)
	switch {
	case err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "":
		return errors.New("is not an http or https address")
	case u.User != nil:
		return errors.New("holds a user name: send it as a header of a configured source")
	}
	return nil
}

// checkNumbers checks what requests and sources have in common.
func checkNumbers(maxPages, maxDepth int, rate float64, canonicalBase string) error {
	switch {
	case maxPages < 0:
		return errors.New("max_pages is negative")
	case maxDepth < noLinks:
		return errors.New("max_depth is less than -1, which means the start alone")
	case !(rate >= 0 && rate <= 1e6): // not a number, too
		return errors.New("rate is not within 0–1000000 requests a second")
	}
	if canonicalBase != "" && checkAddress(canonicalBase) != nil {
		return errors.New("canonical_base is not an http or https address")
	}
	return nil
}
