package llm

import (
	"maps"
	"slices"
	"time"
)

// A lifetime is the time in which a model's vendor sells it. Other services, such as
// Azure, and owners of open weights may serve it longer.
type lifetime struct{ from, until string } // dates; until is "" if no end is announced

// lifetimes are those of the models in the table, as their vendors announced them by
// 2026-11-22. A service's own list of models, which [Client.Models] reads, counts more.
var lifetimes = map[string]lifetime{
	"o1-preview":        {"2024-09-12", "2025-07-28"},
	"o1-mini":           {"2024-09-12", "2025-10-27"},
	"o1":                {"2024-12-17", "2026-10-23"},
	"o3-mini":           {"2025-01-31", "2026-10-23"},
	"o4-mini":           {"2025-04-16", "2026-10-23"},
	"o3":                {"2025-04-16", "2026-12-11"},
	"gpt-4o":            {"2024-05-13", "2027-01-14"},
	"gpt-4o-mini":       {"2024-07-18", "2027-01-14"},
	"gpt-4.1":           {"2025-04-14", "2027-01-14"},
	"gpt-4.1-mini":      {"2025-04-14", "2027-01-14"},
	"gpt-4.1-nano":      {"2025-04-14", "2026-10-23"},
	"gpt-5":             {"2025-08-07", "2026-12-11"},
	"gpt-5-mini":        {"2025-08-07", "2026-12-11"},
	"gpt-5-nano":        {"2025-08-07", "2026-12-11"},
	"gpt-5-chat":        {"2025-08-07", "2026-07-23"},
	"gpt-5.1-chat":      {"2025-11-13", "2026-07-23"},
	"gpt-5.2-chat":      {"2025-12-11", "2026-08-10"},
	"gpt-5.3-chat":      {"", "2026-08-10"},
	"gpt-5.1":           {"2025-11-13", "2027-04-01"},
	"gpt-5.2":           {"2025-12-11", ""},
	"gpt-5.4-nano":      {"", "2027-04-01"},
	"gpt-5.6-sol":       {"2026-07-09", ""},
	"gpt-5.6-terra":     {"2026-07-09", ""},
	"gpt-5.6-luna":      {"2026-07-09", ""},
	"gpt-6-sol":         {"2026-09-22", ""},
	"gpt-6-luna":        {"2026-09-22", ""},
	"gpt-6.1-terra":     {"2026-10-26", ""},
	"deepseek-chat":     {"2024-12-26", "2026-07-24"},
	"deepseek-reasoner": {"2025-01-20", "2026-07-24"},
	"claude-3-5-sonnet": {"2024-06-20", "2025-10-28"},
	"claude-sonnet-4-5": {"2025-09-29", "2026-11-30"},
}

// A Lifetime is the time in which a model's vendor sells it.
type Lifetime struct{ Model, From, Until string } // dates; "" if unknown or not announced

// Lifetimes returns the lifetimes that are known, by model.
func Lifetimes() []Lifetime {
	var out []Lifetime
	for _, model := range slices.Sorted(maps.Keys(lifetimes)) {
		out = append(out, Lifetime{model, lifetimes[model].from, lifetimes[model].until})
	}
	return out
}

// vendors are the providers that sell models of their own.
var vendors = []string{openAIName, anthropicName, "deepseek"}

// noticeDays is how long before a model's end users are warned.
const noticeDays = 60

// end returns the date on which the vendor of a model stops to sell it, if that is past
// or near, and whether it is past. It returns "" if not.
func end(model string, now time.Time) (date string, past bool) {
	date = lifetimes[baseName(model)].until
	day, err := time.Parse(time.DateOnly, date)
	if err != nil || day.After(now.AddDate(0, 0, noticeDays)) {
		return "", false
	}
	return date, !day.After(now)
}
