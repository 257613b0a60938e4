// Package robots decides by robots.txt what may be fetched.
//
// Call [Parse] with the file, then [Rules.Allowed] with an address.
package robots

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/citewell/citewell/ingest/crawl/urlnorm"
)

// Limits of a robots.txt. RFC 9309 requires at least 500 KiB; Google reads lines of
// this length.
const (
	MaxBytes     = 500 << 10
	maxLineBytes = 8*2083 - 1
)

// Agent is the name of this crawler in robots.txt, meta elements and X-Robots-Tag
// headers, in lower case.
const Agent = "citewell"

// Rules are the rules in the robots.txt of a host, by RFC 9309. They are read as
// Google's crawler reads them, including obvious mistakes (disalow, no colon),
// except where the standard says otherwise:
//
//   - Escapes of unreserved characters count as the characters.
//   - A query matches whether or not its :, / and ? are escaped.
//   - A rule for a folder's index.html also applies to the folder, for Disallow
//     too, since the normal form of an address has no index.html.
//
// As the standard says, lines that it does not define, such as Crawl-delay, do not
// end a list of user agents.
type Rules struct {
	all      string // why everything or nothing is allowed; "" means the rules decide
	disallow bool   // if all is set: nothing is allowed
	groups   []*group
	sitemaps []string
}

// A group is all rules of the file for one user agent; "*" means all agents.
type group struct {
	agent string
	rules []rule
	delay time.Duration
}

// A rule is one line. Its pattern is escaped in normal form; query is the
// same with the delimiters of its query unescaped.
type rule struct {
	allow          bool
	pattern, query string
	line           int // from 1
}

// AllowAll returns the rules of a host that has no robots.txt.
func AllowAll() *Rules { return &Rules{all: "there is no robots.txt"} }

// DisallowAll returns the rules of a host whose robots.txt can't be read, for a
// reason.
func DisallowAll(reason string) *Rules { return &Rules{all: reason, disallow: true} }

// Sitemaps returns the addresses of sitemaps, as written, in order.
func (r *Rules) Sitemaps() []string { return r.sitemaps }

// Delay returns the time that the host asks agent to leave between requests.
func (r *Rules) Delay(agent string) time.Duration {
	if g := r.groupOf(agent); g != nil {
		return g.delay
	}
	return 0
}

// Allowed reports whether agent, a product token without version, may fetch u, and
// by which rule, in words for a person: "Disallow: /private/ (line 7)".
//
// The groups that name the agent apply, or else those for all agents. The longest
// rule that matches decides; of equal ones, Allow.
func (r *Rules) Allowed(agent string, u *url.URL) (ok bool, by string) {
	if r.all != "" {
		return !r.disallow, r.all
	}
	g := r.groupOf(agent)
	if g == nil {
		return true, "no rule for " + agent
	}
	address := normalPath(u)
	query := unescapeQuery(address)
	var best *rule
	for i := range g.rules {
		c := &g.rules[i]
		if best != nil && (len(c.pattern) < len(best.pattern) || len(c.pattern) == len(best.pattern) && (best.allow || !c.allow)) {
			continue
		}
		if matches(c.pattern, address) || matches(c.query, query) {
			best = c
		}
	}
	if best == nil {
		return true, "no rule matches"
	}
	return best.allow, best.String()
}

func (r rule) String() string {
	name := "Disallow"
	if r.allow {
		name = "Allow"
	}
	shown := r.pattern
	if len(shown) > 120 {
		shown = shown[:120] + "…"
	}
	return fmt.Sprintf("%s: %s (line %d)", name, shown, r.line)
}

// groupOf returns the rules for agent, nil if there are none.
func (r *Rules) groupOf(agent string) *group {
	var all *group
	for _, g := range r.groups {
		if g.agent == "*" {
			all = g
		} else if strings.EqualFold(g.agent, agent) {
			return g
		}
	}
	return all
}

// normalPath returns path and query with escapes in normal form, for comparison
// with rules.
func normalPath(u *url.URL) string {
	p := u.EscapedPath()
	if !strings.HasPrefix(p, "/") {
		p = "/" + p
	}
	if u.RawQuery != "" || u.ForceQuery {
		p += "?" + u.RawQuery
	}
	return addressEscapes.Normalize(p)
}

// normalPattern returns a rule's path in the same form. * and $ are special in
// it, and literal when escaped; so is a $ that is not at the end.
func normalPattern(value string) string {
	p := ruleEscapes.Normalize(value)
	end := len(strings.TrimSuffix(p, "$"))
	return strings.ReplaceAll(p[:end], "$", "%24") + p[end:]
}

// addressEscapes and ruleEscapes are the escapes of addresses and of rules.
var addressEscapes, ruleEscapes = urlnorm.NewEscapes(":@&+,;=/?", "*"), urlnorm.NewEscapes(":@&+,;=/?*$", "")

// unescapeQuery unescapes the delimiters after the first question mark.
func unescapeQuery(p string) string {
	i := strings.IndexByte(p, '?')
	if i < 0 {
		return p
	}
	return p[:i] + queryDelimiters.Replace(p[i:])
}

var queryDelimiters = strings.NewReplacer("%3A", ":", "%2F", "/", "%3F", "?", "%40", "@")

// matches reports whether a pattern matches a prefix of a path. * matches anything,
// $ at the end matches the end of the path. The time is at most the product of
// both lengths, since patterns are not trusted.
func matches(pattern, p string) bool {
	pattern, whole := strings.CutSuffix(pattern, "$")
	first, rest, star := strings.Cut(pattern, "*")
	if !strings.HasPrefix(p, first) {
		return false
	}
	p = p[len(first):]
	for star {
		var part string
		part, rest, star = strings.Cut(rest, "*")
		if !star && whole {
			return strings.HasSuffix(p, part)
		}
		i := strings.Index(p, part)
		if i < 0 {
			return false
		}
		p = p[i+len(part):]
	}
	return !whole || p == ""
}
