package job

import (
	"strings"
	"testing"
)

// A configuration file is refused with a line for people, or each of its sources can be
// ingested.
func FuzzSources(f *testing.F) {
	for _, s := range []string{
		"", "sources:\n  - name: manual\n    start: https://docs.example.com/\n    rate: 5\n    headers: {A: \"Bearer ${T}\"}\n",
		"sources:\n  - {name: a, start: 'https://a.example/', max_depth: 0, include: ['/x/**']}\n  - {name: a, start: ''}\n",
		"sources: 1", "sourses: []", "---\n---\n", "sources:\n  - name: [a]\n", "a: &a [x]\nb: &b [*a,*a]\nsources: [*b]", "sources:\n- &s {name: a, start: 'https://a.example/', <<: *s}", "\x00", "\t", "sources:\n  - name: a\n    rate: .nan\n    start: https://a.example/",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		sources, err := parseSources([]byte(text), func(string) string { return "x" })
		if err != nil {
			if msg := err.Error(); strings.Contains(msg, "yaml:") || strings.Contains(msg, "job.") && !strings.Contains(text, "job.") || msg == "" {
				t.Fatalf("the error of %q is %q", text, msg)
			}
			return
		}
		seen := map[string]bool{}
		for _, s := range sources {
			if err := s.validate(); err != nil || seen[s.Name] {
				t.Fatalf("%q has the source %+v: %v", text, s, err)
			}
			seen[s.Name] = true
		}
	})
}
