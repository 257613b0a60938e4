// Package limit bounds what callers may use: requests a minute, and questions and tokens
// a day.
//
// Call [Limiter.Reserve] before a request, with the tokens that it usually takes, and
// [Grant.Settle] after it, with what it has taken.
//
//   - Requests a minute are counted in memory, for a bounded number of callers. A search
//     counts as a tenth of a request, since a page searches while a reader types.
//   - Days are those of UTC. They are counted in memory for addresses, which are never
//     stored, and in the state for keys and for all others together, so that they
//     survive a restart and hold for all servers of one state.
//   - Of requests at the same time, none reserves tokens that another has reserved. One
//     that takes more than it has reserved may pass the limit, and the next is refused.
package limit

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Limits bound one subject. 0 means no limit.
type Limits struct {
	PerMinute    int64 // requests
	PerDay       int64 // questions
	TokensPerDay int64
}

// part matches one limit, such as "20/minute" or "500k tokens/day".
var part = regexp.MustCompile(`^(\d{1,9})([kM]?)( tokens)? ?/ ?(minute|day)$`)

// maxLimit bounds each limit, so that sums don't overflow.
const maxLimit = 1e12

// Parse reads limits such as "20/minute, 300/day, 500k tokens/day". "none" and "" are no
// limits.
func Parse(text string) (l Limits, err error) {
	if text == "" || text == "none" {
		return Limits{}, nil
	}
	for s := range strings.SplitSeq(text, ",") {
		m := part.FindStringSubmatch(strings.TrimSpace(s))
		if m == nil {
			return Limits{}, fmt.Errorf("limit: %q is not a limit such as 20/minute, 300/day or 500k tokens/day", strings.TrimSpace(s))
		}
		n, _ := strconv.ParseInt(m[1], 10, 64) // nine digits
		n *= map[string]int64{"": 1, "k": 1000, "M": 1e6}[m[2]]
		into := map[string]*int64{"/minute": &l.PerMinute, "/day": &l.PerDay, " tokens/day": &l.TokensPerDay}[m[3]+"/"+m[4]]
		switch {
		case into == nil:
			return Limits{}, fmt.Errorf("limit: tokens are limited by the day, such as 500k tokens/day")
		case *into != 0:
			return Limits{}, fmt.Errorf("limit: %q says two limits of one kind", text)
		case n == 0 || n > maxLimit:
			return Limits{}, fmt.Errorf("limit: %q is not within 1 and %.0f; for no limit, leave it out", strings.TrimSpace(s), float64(maxLimit))
		}
		*into = n
	}
	return l, nil
}

// String returns the form that [Parse] reads, "" for no limits.
func (l Limits) String() string {
	var all []string
	for _, p := range []struct {
		n    int64
		unit string
	}{{l.PerMinute, "/minute"}, {l.PerDay, "/day"}, {l.TokensPerDay, " tokens/day"}} {
		if p.n != 0 {
			all = append(all, fmt.Sprint(p.n)+p.unit)
		}
	}
	return strings.Join(all, ", ")
}
