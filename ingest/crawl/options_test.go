package crawl_test

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/ingest/crawl"
)

// TestOptionNames holds each option to one name in JSON and YAML, and to who may
// set it: an option that is added must be put into one of the two lists.
func TestOptionNames(t *testing.T) {
	forAll := []string{"source", "selector", "include", "exclude", "max_pages", "max_depth", "rate", "canonical_base", "prefer_markdown"}
	all := crawl.Options{Headers: map[string]string{}, IgnoreRobots: true, AllowPrivate: true}
	var names []string
	for f := range reflect.TypeFor[crawl.Options]().Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if yaml := f.Tag.Get("yaml"); yaml != name || name == "" {
			t.Errorf("%s is %q in JSON and %q in YAML, want one name", f.Name, name, yaml)
		}
		names = append(names, name)
	}
	want := slices.Concat(forAll, all.OperatorOnly())
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("options that requests and that only operators may set (-), options that there are (+):\n%s", diff)
	}
	if set := (crawl.Options{MaxDepth: new(0)}).OperatorOnly(); len(set) != 0 {
		t.Errorf("OperatorOnly of a depth = %q, want none", set)
	}
}

func TestOptionFaults(t *testing.T) {
	for _, tt := range []struct {
		name string
		o    crawl.Options
		want string // "" means valid
	}{
		{"nothing", crawl.Options{}, ""},
		{"all", crawl.Options{MaxPages: 1, MaxDepth: new(0), Rate: 1e6, CanonicalBase: "http://e.example", Headers: map[string]string{"A": "b"}}, ""},
		{"pages", crawl.Options{MaxPages: -1}, "max_pages -1 is negative"},
		{"depth", crawl.Options{MaxDepth: new(-1)}, "max_depth -1 is negative: 0 takes the start alone; for no limit, leave it out"},
		{"negative rate", crawl.Options{Rate: -1}, "rate -1 is not within"},
		{"rate", crawl.Options{Rate: 1e7}, "rate 1e+07 is not within"},
		{"rate that is not a number", crawl.Options{Rate: math.NaN()}, "rate NaN is not within"},
		{"base", crawl.Options{CanonicalBase: "docs"}, "canonical_base is not an http or https address"},
		{"base with a query", crawl.Options{CanonicalBase: "https://e.example/?a"}, "canonical_base is not"},
		{"header name", crawl.Options{Headers: map[string]string{"a b": "x"}}, `headers hold "a b"`},
		{"header value", crawl.Options{Headers: map[string]string{"a": "hunter2\n"}}, `headers hold "a"`},
		{"two", crawl.Options{MaxPages: -1, Rate: -1}, "max_pages -1 is negative; rate -1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.o.Validate()
			if (err == nil) != (tt.want == "") || err != nil && (!strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "hunter2")) {
				t.Errorf("Validate = %v, want %q", err, tt.want)
			}
		})
	}
}
