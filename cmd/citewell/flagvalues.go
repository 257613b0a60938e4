package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"
)

const day = 24 * time.Hour

// A span is a duration in days, or in Go's units.
type span time.Duration

var _ pflag.Value = (*span)(nil)

// String implements [pflag.Value].
func (s *span) String() string {
	d := time.Duration(*s)
	switch {
	case d == 0:
		return "0"
	case d%day == 0:
		return fmt.Sprintf("%dd", d/day)
	}
	return d.String()
}

// Set implements [pflag.Value].
func (s *span) Set(v string) error {
	d, err := time.ParseDuration(v)
	if n, ok := strings.CutSuffix(v, "d"); ok {
		var days uint64
		days, err = strconv.ParseUint(n, 10, 16) // 179 years at most
		d = time.Duration(days) * day
	}
	if err != nil || d < 0 {
		return fmt.Errorf("%q is not a valid duration (want one such as 90d or 12h)", v)
	}
	*s = span(d)
	return nil
}

// Type implements [pflag.Value].
func (*span) Type() string { return "time" }

// An optional is a number that may be absent: then *p is nil.
type optional[T int | float64] struct {
	p        **T
	parse    func(string) (T, error)
	typeName string
}

var _ pflag.Value = optional[int]{}

func optionalInt(p **int) optional[int] { return optional[int]{p, strconv.Atoi, "int"} }

func optionalFloat(p **float64) optional[float64] {
	return optional[float64]{p, func(s string) (float64, error) { return strconv.ParseFloat(s, 64) }, "number"}
}

// String implements [pflag.Value].
func (o optional[T]) String() string {
	if o.p == nil || *o.p == nil {
		return ""
	}
	return fmt.Sprint(**o.p)
}

// Set implements [pflag.Value].
func (o optional[T]) Set(s string) error {
	v, err := o.parse(s)
	if err != nil {
		return fmt.Errorf("%q is not a number", s)
	}
	*o.p = &v
	return nil
}

// Type implements [pflag.Value].
func (o optional[T]) Type() string { return o.typeName }
