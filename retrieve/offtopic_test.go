package retrieve

import (
	"math"
	"strings"
	"testing"

	"github.com/citewell/citewell/internal/language"
	"github.com/citewell/citewell/retrieve/bm25"
	"github.com/citewell/citewell/retrieve/index"
)

func TestPanels(t *testing.T) {
	const commonSubjects = 8
	for tag := range strings.FieldsSeq("en de es fr it nl pl pt ru uk tr ar fa hi zh ja ko th vi el") {
		p := panels()[tag]
		if len(p.questions) != len(p.answers) || len(p.questions) < commonSubjects {
			t.Errorf("the panel of %s has %d questions and %d answers", tag, len(p.questions), len(p.answers))
		}
		for _, texts := range [][]string{p.questions, p.answers} {
			if got, _ := language.Guess(strings.Join(texts, "\n")); got != tag {
				t.Errorf("the panel of %s is in %s", tag, got)
			}
		}
	}
}

func TestLanguages(t *testing.T) {
	for _, tt := range []struct {
		name, question, pages, filter string
		want                          languages
	}{
		{"English", "How do I change the port?", "en", "", languages{"en", "en", false}},
		{"one language", "Wie ändere ich den Port?", "de", "", languages{"de", "de", false}},
		{"a question that does not tell", "Docker Compose", "de", "", languages{"de", "de", false}},
		{"over English pages", "Wie ändere ich den Port?", "en", "", languages{"de", "en", false}},
		{"its own among several", "如何更改端口？", "en zh", "", languages{"zh", "zh", false}},
		{"another of several", "Wie ändere ich den Port?", "en zh", "", languages{"de", "en", false}},
		{"another of several, without English", "Wie ändere ich den Port?", "ja zh", "", languages{"de", "ja", false}},
		{"English words that another language has, too", "dependency pre-bundling", "en", "", languages{"en", "en", false}},
		{"a filter", "Wie ändere ich den Port?", "de en", "en-US", languages{"de", "en", false}},
		{"no panel, Latin letters", "Hur ändrar jag porten för servern?", "sv", "", languages{"nl", "nl", true}},
		{"no panel, other letters", "როგორ შევცვალო პორტი?", "ka", "", languages{"hi", "hi", true}},
		{"pages without a panel", "How do I change the port?", "sv", "", languages{"en", "nl", false}},
		{"no statistics", "Hello world", "", "", languages{"en", "en", false}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var c bm25.Counter
			for lang := range strings.FieldsSeq(tt.pages) {
				c.Add(nil, lang)
			}
			ix := index.Info{}
			if tt.pages != "" {
				ix.Statistics = c.Statistics()
			}
			q := Query{Text: tt.question, Filter: Filter{Lang: tt.filter}}
			if got := q.languages(ix); got != tt.want {
				t.Errorf("languages of %q over pages in %q = %+v, want %+v", tt.question, tt.pages, got, tt.want)
			}
		})
	}
}

func TestScale(t *testing.T) {
	for _, tt := range []struct{ span, want float64 }{
		{0, 0},
		{0.02, 0}, // no meaning
		{0.168, 0.731 / 0.168},
		{0.725, 1}, // all-MiniLM-L6-v2, as another processor computes it
		{0.731, 1},
		{0.446, 0.731 / 0.446},
	} {
		if got := scaleOf(tt.span); math.Abs(got-tt.want) > 1e-12 {
			t.Errorf("scaleOf(%v) = %v, want %v", tt.span, got, tt.want)
		}
	}
	for _, tt := range []struct{ share, want float64 }{{-0.1, 0}, {0.1, 0}, {0.3, 0.5}, {0.7, 1}, {1.2, 1}} {
		if got := say(tt.share); math.Abs(got-tt.want) > 1e-12 {
			t.Errorf("say(%v) = %v, want %v", tt.share, got, tt.want)
		}
	}
}
