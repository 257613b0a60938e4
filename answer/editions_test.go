package answer

import (
	"testing"

	"github.com/citewell/citewell/retrieve"
)

func TestSaidVersions(t *testing.T) {
	t.Parallel()
	at := func(url, version string, twins ...string) Citation {
		c := Citation{URL: url, Version: version}
		for _, v := range twins {
			c.Twins = append(c.Twins, retrieve.Twin{Version: v})
		}
		return c
	}
	for _, tt := range []struct {
		name, question string
		cited          []Citation
		want           string
	}{
		{"no versions", "How do I boil?", []Citation{at("https://e.org/a", "")}, ""},
		{"a choice", "How do I boil?", []Citation{at("https://e.org/2.0/a", "2.0", "1.0", "next")}, "From version 2.0; there are also pages for 1.0 and next."},
		{"another one asked for", "How do I boil in version 1.0?", []Citation{at("https://e.org/2.0/a", "2.0")}, "From version 2.0. No page of version 1.0 was found."},
		{"the one asked for, which the page tells", "How do I boil in version 2.0?", []Citation{at("https://e.org/a", "2.0")}, "From version 2.0."},
		{"the version of another program", "Does it run on Python 3.12?", []Citation{at("https://e.org/a", "2.0")}, ""},
	} {
		said := editions(tt.question, tt.cited)
		if said != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, said, tt.want)
		}
	}
}
