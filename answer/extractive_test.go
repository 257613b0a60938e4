package answer

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/index"
)

func hit(url, section, text string, start int) retrieve.Hit {
	return retrieve.Hit{Chunk: index.Chunk{URL: url, Title: "Page", Section: section, Text: text, Start: start, Lang: "en"}}
}

// Text of a page makes no links and no citations in an answer, and the quote is
// unchanged.
func TestExtractContains(t *testing.T) {
	const shown = "The door [9] opens at https://evil.org/x when <img src=x> turns in its lock."
	got := answerExtractively("When does the door open?", []retrieve.Hit{hit("https://e.org/a", "", strings.ReplaceAll(shown, "<", "&lt;"), 0)})
	const want = "The door opens at `https://evil.org/x` when `<img src=x>` turns in its lock. [1]"
	if got.Answer != want {
		t.Errorf("answer = %q, want %q", got.Answer, want)
	}
	if q := got.Citations[0].Quote; q != shown {
		t.Errorf("quote = %q, want %q", q, shown)
	}
}

func TestExtract(t *testing.T) {
	const reflection = "Agents can plan ahead. Self-reflection is a vital aspect that allows agents to improve by refining past decisions. It plays a crucial role in tasks where trial and error are inevitable."
	for _, tt := range []struct {
		name, question string
		hits           []retrieve.Hit
		want           string
	}{
		{"definition", "What is self-reflection of an AI agent?", []retrieve.Hit{hit("https://e.org/a", "", reflection, 0)},
			"Self-reflection is a vital aspect that allows agents to improve by refining past decisions. [1]"},
		{"neighbours are one quote", "How do vectors and indexes work together?", []retrieve.Hit{hit("https://e.org/a", "", "Nothing here. Vectors and indexes work together in memory. The indexes are built when all vectors are there. The end.", 0)},
			"Vectors and indexes work together in memory. The indexes are built when all vectors are there. [1]"},
		{"page order", "Which index finds vectors, and which index finds words?", []retrieve.Hit{
			hit("https://e.org/a", "", "The sparse index finds words by their weights in the text.", 500),
			hit("https://e.org/a", "", "The dense index finds vectors that are near in meaning.", 0)},
			"The dense index finds vectors that are near in meaning. [1] The sparse index finds words by their weights in the text. [2]"},
		{"overlap is said once", "What finds vectors?", []retrieve.Hit{hit("https://e.org/a", "", "The index finds the vectors quickly enough.", 0), hit("https://e.org/a", "", "The index finds the vectors quickly enough.", 0)},
			"The index finds the vectors quickly enough. [1]"},
		{"headings and fragments are none", "How does the cache work?", []retrieve.Hit{hit("https://e.org/a", "", "## How the cache works\n\n- Cache\n- [The cache](/cache)\n\nThe cache keeps every page for an hour.", 0)},
			"The cache keeps every page for an hour. [1]"},
		{"cut sentence", "What keeps pages?", []retrieve.Hit{hit("https://e.org/a", "", "of the cache that keeps all pages. A crawler keeps pages in its own cache. And it keeps", 70)},
			"A crawler keeps pages in its own cache. [1]"},
		{"prose before code", "How do I start the server?", []retrieve.Hit{hit("https://e.org/a", "", "The server will start on port 8080.\n\n```\nserver start now please\n```", 0)},
			"The server will start on port 8080. [1]"},
		{"a command", "Which command starts the server?", []retrieve.Hit{hit("https://e.org/a", "", "Read on.\n\n```\ncitewell serve # starts the server\n```", 0)},
			"`citewell serve # starts the server` [1]"},
		{"a row", "Which flag sets the size?", []retrieve.Hit{hit("https://e.org/a", "", "| Flag | Means |\n|---|---|\n| --size | the size of a chunk in characters |\n", 0)},
			"--size the size of a chunk in characters [1]"},
		{"a term", "Which option keeps the whistle silent?", []retrieve.Hit{hit("https://e.org/a", "", "**`--loud`**\n\nLet the neighbours hear it.\n\n**-q**\n\n**`--quiet`**\n\nKeep the whistle silent at night.\n\nIt is off by default.", 0)},
			"-q, --quiet: Keep the whistle silent at night. [1]"},
		{"the term that is asked for", "What does max_steam control?", []retrieve.Hit{hit("https://e.org/a", "", "**`min_steam` (integer)**\n\nThis may control the whistle if max_steam is not set.\n\n"+
			"**`max_steam` (integer)**\n\nSets the pressure at which the kettle is switched off.\n\n**Notes**\n\nSteam and max_steam control the lid.", 0)},
			"max_steam (integer): Sets the pressure at which the kettle is switched off. [1]"},
		{"no question for an answer", "Is there a limit on the size of pages?", []retrieve.Hit{hit("https://e.org/a", "", "Is there a limit on the size of the pages? The limit of a page is 32 MB in size.", 0)},
			"The limit of a page is 32 MB in size. [1]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := answerExtractively(tt.question, tt.hits)
			if got.Answer != tt.want {
				t.Errorf("extract(%q) = %q, want %q", tt.question, got.Answer, tt.want)
			}
			if !got.Answered || got.Verified != got.Total || !got.Grounded || got.Mode != Extractive {
				t.Errorf("answered %v, verified %d, grounded %v, mode %s", got.Answered, got.Verified, got.Grounded, got.Mode)
			}
			for i, c := range got.Citations {
				if c.N != i+1 || c.By != byServer || !strings.Contains(got.Answer, c.Quote) {
					t.Errorf("citation %+v is not of the answer", c)
				}
			}
		})
	}
}

// The page holds every quote at its offsets.
func TestExtractOffsets(t *testing.T) {
	page := "# Page\n\nIntroduction of it all.\n\nThe *cache* keeps pages in memory. It drops old pages."
	start := strings.Index(page, "The *cache*")
	got := answerExtractively("What does the cache keep?", []retrieve.Hit{hit("https://e.org/a", "", page[start:], start)})
	c := got.Citations[0]
	if c.Quote != "The cache keeps pages in memory." || page[c.Start:c.End] != "The *cache* keeps pages in memory." {
		t.Errorf("quote %q stands at %q", c.Quote, page[c.Start:c.End])
	}
}

func TestExtractNothing(t *testing.T) {
	got := answerExtractively("What is the capital of Peru?", []retrieve.Hit{hit("https://e.org/a", "", "The cache keeps pages.", 0), hit("https://e.org/b", "", "Milvus keeps vectors.", 0)})
	want := &Answer{Mode: Extractive, Reason: got.Reason, Citations: []Citation{}, Nearest: []NearestPage{{URL: "https://e.org/a", Title: "Page"}, {URL: "https://e.org/b", Title: "Page"}}}
	if diff := cmp.Diff(want, got); diff != "" || got.Reason == "" {
		t.Errorf("extract differs (-want +got):\n%s", diff)
	}
	if got := answerExtractively("Anything?", nil); got.Answered || got.Reason == "" || got.Citations == nil {
		t.Errorf("extract of nothing = %+v, want no answer with a reason", got)
	}
}

func TestExtractIsShort(t *testing.T) {
	text := strings.Repeat("x", 1)
	for _, w := range strings.Fields("red green blue black white brown") {
		text += "\n\nThe " + w + " cache keeps " + w + " pages and " + w + " images for one " + w + " user."
	}
	got := answerExtractively("What does the cache keep?", []retrieve.Hit{hit("https://e.org/a", "", text, 0)})
	if n := len(got.Citations); n < 1 || n > 4 {
		t.Errorf("%d sentences, want 1 to 4: %s", n, got.Answer)
	}
}

func BenchmarkExtract(b *testing.B) {
	text := strings.Repeat("The *cache* keeps pages in `memory` for an hour. It drops old pages when a new page needs the room.\n\n", 20)
	var hits []retrieve.Hit
	for i := range 5 {
		hits = append(hits, hit("https://e.org/a", "", strings.ReplaceAll(text, "hour", strings.Repeat("long ", i)+"hour"), 2000*i))
	}
	b.ReportAllocs()
	for b.Loop() {
		answerExtractively("What does the cache keep?", hits)
	}
}
