package extract

import (
	"time"

	"github.com/pelletier/go-toml/v2"
)

// frontDate returns the time that a value of front matter names: a string, or
// what YAML and TOML make of a date.
func frontDate(v any) time.Time {
	switch v := v.(type) {
	case string:
		return date(v)
	case time.Time:
		return v.UTC()
	case toml.LocalDate:
		return v.AsTime(time.UTC)
	case toml.LocalDateTime:
		return v.AsTime(time.UTC)
	}
	return time.Time{}
}
