package budget

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Limit is what may be used in each hour or day.
type Limit struct {
	Amount   int64  // tokens, or millionths of the currency
	Currency string // such as "EUR"; "" for tokens
	Period   time.Duration
}

// millionths is how many units of [Limit].Amount one of a currency has.
const millionths = 1e6

// maxAmount bounds each limit, so that sums don't overflow.
const maxAmount = 1e15

// part matches one limit, such as "5 EUR/hour" or "2M tokens/day".
var part = regexp.MustCompile(`^(\d{1,9}(?:\.\d{1,6})?)([kM]?) (tokens|[A-Z]{3}) ?/ ?(hour|day)$`)

// periods are those that are counted, by their names.
var periods = map[string]time.Duration{"hour": time.Hour, "day": 24 * time.Hour}

// Parse reads limits such as "5 EUR/hour, 50 EUR/day, 2M tokens/day". "none" and "" are no
// limits.
func Parse(text string) (all []Limit, err error) {
	if text == "" || text == "none" {
		return nil, nil
	}
	for s := range strings.SplitSeq(text, ",") {
		s = strings.TrimSpace(s)
		m := part.FindStringSubmatch(s)
		if m == nil {
			return nil, fmt.Errorf("budget: %q is not a budget such as 5 EUR/hour, 50 EUR/day or 2M tokens/day", s)
		}
		n, _ := strconv.ParseFloat(m[1], 64) // nine digits
		n *= map[string]float64{"": 1, "k": 1e3, "M": 1e6}[m[2]]
		l := Limit{Currency: m[3], Period: periods[m[4]]}
		if l.Currency == "tokens" {
			l.Currency = ""
		} else {
			n *= millionths
		}
		if l.Amount = int64(math.Round(n)); l.Amount < 1 || n > maxAmount {
			return nil, fmt.Errorf("budget: %q is too small or too large; for no budget, leave it out", s)
		}
		for _, o := range all {
			if o.Currency == l.Currency && o.Period == l.Period {
				return nil, fmt.Errorf("budget: %q says two budgets of one kind", text)
			}
			if o.Currency != l.Currency && o.Currency != "" && l.Currency != "" {
				return nil, fmt.Errorf("budget: %q has two currencies", text)
			}
		}
		all = append(all, l)
	}
	return all, nil
}

// Currency returns the currency of limits, "" if they count tokens alone.
func Currency(all []Limit) string {
	i := slices.IndexFunc(all, func(l Limit) bool { return l.Currency != "" })
	if i < 0 {
		return ""
	}
	return all[i].Currency
}

// String returns the form that [Parse] reads.
func (l Limit) String() string {
	amount, unit := strconv.FormatInt(l.Amount, 10), "tokens"
	if l.Currency != "" {
		amount, unit = strconv.FormatFloat(float64(l.Amount)/millionths, 'f', -1, 64), l.Currency
	}
	return amount + " " + unit + "/" + l.period()
}

// period returns the name of the period.
func (l Limit) period() string {
	if l.Period == time.Hour {
		return "hour"
	}
	return "day"
}
