package crawl

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// Defaults of [Options].
const (
	DefaultMaxPages      = 100_000
	DefaultRatePerSecond = 10
	maxRatePerSecond     = 1e6
)

// Options describe a crawl. The flags of the command line, requests to a server,
// its configuration file, stored jobs and stored crawls all use these options,
// their names and their meaning. The zero Options take what is under the start's
// path.
type Options struct {
	Source   string   `json:"source,omitempty" yaml:"source"`       // that pages are filed under; "" means the host
	Selector string   `json:"selector,omitempty" yaml:"selector"`   // CSS selector of the content; "" means the main content
	Include  []string `json:"include,omitempty" yaml:"include"`     // globs on the path, see [NewScope]; without them, what is under the start's path
	Exclude  []string `json:"exclude,omitempty" yaml:"exclude"`     // globs
	MaxPages int      `json:"max_pages,omitempty" yaml:"max_pages"` // documents of each site; 0 means [DefaultMaxPages]
	MaxDepth *int     `json:"max_depth,omitempty" yaml:"max_depth"` // links from the start; 0 means the start alone, nil no limit; with a limit no sitemap is read, since it tells no distance
	Rate     float64  `json:"rate,omitempty" yaml:"rate"`           // requests a second to a host; 0 means [DefaultRatePerSecond], and no limit for a host that [Named] names

	// CanonicalBase is the address that the start has in public, for previews
	// and local builds: pages are stored and cited under it. One without a path,
	// such as https://example.com, replaces scheme and host alone; one with a
	// path, even "/", replaces the start's folder too.
	CanonicalBase string `json:"canonical_base,omitempty" yaml:"canonical_base"`

	// PreferMarkdown takes the text of a page from the Markdown that the page names as its
	// own text (rel=alternate), or that llms.txt lists. Without it, Markdown is read
	// where a page has no text without scripts. Either way the page is cited.
	PreferMarkdown bool `json:"prefer_markdown,omitempty" yaml:"prefer_markdown"`

	// Only an operator may set these, see [Options.OperatorOnly].

	Headers      map[string]string `json:"headers,omitempty" yaml:"headers"`             // sent to the start's host, to no other
	IgnoreRobots bool              `json:"ignore_robots,omitempty" yaml:"ignore_robots"` // robots.txt forbids nothing and delays nothing; its sitemaps are used
	AllowPrivate bool              `json:"allow_private,omitempty" yaml:"allow_private"` // addresses of private networks may be fetched
}

// OperatorOnly returns the names of the options that are set and that only the
// operator of a server may set: a request must not choose them.
func (o Options) OperatorOnly() []string {
	var set []string
	for _, x := range []struct {
		name  string
		isSet bool
	}{
		{"headers", o.Headers != nil},
		{"ignore_robots", o.IgnoreRobots},
		{"allow_private", o.AllowPrivate},
	} {
		if x.isSet {
			set = append(set, x.name)
		}
	}
	return set
}

// StartOnly reports whether the crawl takes the start alone and follows no link.
func (o Options) StartOnly() bool { return o.MaxDepth != nil && *o.MaxDepth == 0 }

// A Fault is an option whose value is invalid.
type Fault struct {
	Option string // its name in JSON
	Reason string // continues a sentence that begins with Option
}

// Faults returns the options whose values are invalid. Globs and the selector are
// not checked: [NewScope] and the reader of pages do that.
func (o Options) Faults() []Fault {
	var faults []Fault
	add := func(option, format string, args ...any) {
		faults = append(faults, Fault{option, fmt.Sprintf(format, args...)})
	}
	if o.MaxPages < 0 {
		add("max_pages", "%d is negative", o.MaxPages)
	}
	if o.MaxDepth != nil && *o.MaxDepth < 0 {
		add("max_depth", "%d is negative: 0 takes the start alone; for no limit, leave it out", *o.MaxDepth)
	}
	if !(o.Rate >= 0 && o.Rate <= maxRatePerSecond) { // NaN is invalid too
		add("rate", "%v is not within 0–1000000 requests a second", o.Rate)
	}
	if _, err := ParseBase(o.CanonicalBase); o.CanonicalBase != "" && err != nil {
		add("canonical_base", "%v", err)
	}
	for _, name := range slices.Sorted(maps.Keys(o.Headers)) {
		if !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(o.Headers[name]) {
			add("headers", "hold %q, which HTTP can't send", name) // the value may be secret
		}
	}
	return faults
}

// Validate returns the Faults as one error, or nil.
func (o Options) Validate() error {
	var all []string
	for _, f := range o.Faults() {
		all = append(all, f.Option+" "+f.Reason)
	}
	if len(all) == 0 {
		return nil
	}
	return errors.New(strings.Join(all, "; "))
}

// maxPages returns how many documents to visit.
func (o Options) maxPages() int { return cmp.Or(o.MaxPages, DefaultMaxPages) }

// ParseBase reads the address of a canonical base.
func ParseBase(base string) (*url.URL, error) {
	u, err := url.Parse(base)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("is not an http or https address without user, query and fragment")
	}
	return u, nil
}
