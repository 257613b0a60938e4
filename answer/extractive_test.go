package answer

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/answer/extractive"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/index"
)

func hit(url, section, text string, start int) retrieve.Hit {
	return retrieve.Hit{Chunk: index.Chunk{URL: url, Title: "Page", Section: section, Text: text, Start: start, Lang: "en"}}
}

func german(text string) retrieve.Hit {
	h := hit("https://e.org/a", "", text, 0)
	h.Lang = "de"
	return h
}

func chinese(text string) retrieve.Hit {
	h := hit("https://e.org/a", "", text, 0)
	h.Lang = "zh"
	return h
}

// Text of a page makes no links and no citations in an answer, and the quote is
// unchanged.
func TestExtractContains(t *testing.T) {
	const shown = "The door [9] opens at https://evil.org/x when <img src=x> turns in its lock."
	got := answerExtractively("When does the door open?", []retrieve.Hit{hit("https://e.org/a", "", strings.ReplaceAll(shown, "<", "&lt;"), 0)}, nil)
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
			reflection + " [1]"},
		{"a paragraph is whole", "How do vectors and indexes work together?", []retrieve.Hit{hit("https://e.org/a", "", "Nothing here.\n\nVectors and indexes work together in memory. The indexes are built when all vectors are there.\n\nThe end.", 0)},
			"Vectors and indexes work together in memory. The indexes are built when all vectors are there. [1]"},
		{"page order", "Which index finds vectors, and which index finds words?", []retrieve.Hit{
			hit("https://e.org/a", "", "The sparse index finds words by their weights in the text.", 500),
			hit("https://e.org/a", "", "The dense index finds vectors that are near in meaning.", 0)},
			"The dense index finds vectors that are near in meaning. [1]\n\nThe sparse index finds words by their weights in the text. [2]"},
		{"overlap is said once", "What finds vectors?", []retrieve.Hit{hit("https://e.org/a", "", "The index finds the vectors quickly enough.", 0), hit("https://e.org/a", "", "The index finds the vectors quickly enough.", 0)},
			"The index finds the vectors quickly enough. [1]"},
		{"headings and fragments are none", "How does the cache work?", []retrieve.Hit{hit("https://e.org/a", "", "## How the cache works\n\n- Cache\n- [The cache](/cache)\n\nThe cache keeps every page for an hour.", 0)},
			"The cache keeps every page for an hour. [1]"},
		{"cut sentence", "What keeps pages?", []retrieve.Hit{hit("https://e.org/a", "", "of the cache that keeps all pages. A crawler keeps pages in its own cache. And it keeps", 70)},
			"A crawler keeps pages in its own cache. [1]"},
		{"code with what is said of it", "How do I start the server?", []retrieve.Hit{hit("https://e.org/a", "", "Nothing.\n\nThe server will start on port 8080:\n\n```\nif now {\n\n    server start <it>\n}\n```\n\nSo.", 0)},
			"The server will start on port 8080: [1]\n\n```\nif now {\n\n    server start <it>\n}\n```"},
		{"a definition before code", "What does the server do?", []retrieve.Hit{hit("https://e.org/a", "", "The server will start on port 8080.\n\n```\nserver start now please\n```", 0)},
			"The server will start on port 8080. [1]"},
		{"a signature with its description", "What does boil do?", []retrieve.Hit{hit("https://e.org/a", "", "## boil\n\n```\nfunc boil(k Kettle) error\n```\n\nTurns the water into steam. It waits for the whistle.\n\nMore.", 0)},
			"```\nfunc boil(k Kettle) error\n```\n\nTurns the water into steam. It waits for the whistle. [1]"},
		{"what stands beside a short paragraph", "How many files may a form have?", []retrieve.Hit{hit("https://e.org/a", "", "## Forms\n\nA form may have files, up to a limit.\n\nThe limit is 1000 unless max_files says so.\n\n## Lamps\n\nThe limit of lamps is 8 unless the house says so.", 0)},
			"A form may have files, up to a limit. [1]\n\nThe limit is 1000 unless max_files says so. [2]"},
		{"a row", "Which flag sets the size?", []retrieve.Hit{hit("https://e.org/a", "", "| Flag | Means |\n|---|---|\n| --size | the size of a chunk in characters |\n", 0)},
			"| Flag | Means |\n|---|---|\n| --size | the size of a chunk in characters |\n\n[1]"},
		{"a list with what announces it", "Which places hold settings?", []retrieve.Hit{hit("https://e.org/a", "", "Settings are many.\n\nThere are two places that hold settings:\n\n1. The `kettle.toml` file.\n2. The command line.\n\nThat is all.", 0)},
			"There are two places that hold settings: [1]\n\n1. The `kettle.toml` file.\n2. The command line."},
		{"a long list ends", "Which places hold settings?", []retrieve.Hit{hit("https://e.org/a", "", "Places that hold settings:\n\n"+strings.Repeat("- one more of the many\n", 20), 0)},
			"Places that hold settings: [1]\n\n" + strings.Repeat("- one more of the many\n", 12) + "\n…"},
		{"an item", "What is the default of max_steam?", []retrieve.Hit{hit("https://e.org/a", "", "Options:\n\n- `min_steam` - Where it starts. Default: 3.\n- `max_steam` - Where it ends. Default: 7.\n", 0)},
			"- `max_steam` - Where it ends. Default: 7. [1]"},
		{"what a pronoun refers to", "When is the whistle blown?", []retrieve.Hit{hit("https://e.org/a", "", "The steam reaches the whistle.\n\nThis is when it is blown, unless the lid is open.\n\nSteam is hot.", 0)},
			"The steam reaches the whistle. [1]\n\nThis is when it is blown, unless the lid is open."},
		{"a heading is no statement", "What does Batched do?", []retrieve.Hit{hit("https://e.org/uses", "", "# Uses of Annotation jobs.Batched\n\nNo usage of jobs.Batched", 0), hit("https://e.org/a", "", "# Annotation Batched\n\nHand jobs to the method in groups.", 0)},
			"Hand jobs to the method in groups. [1]"},
		{"links are none", "What is Batched?", []retrieve.Hit{hit("https://e.org/all", "", "# All classes\n\n- [Batched](b.html)\n- [BatchedQueue](c.html)\n- [Other class](d.html)", 0), hit("https://e.org/a", "", "# Batched\n\nHand jobs to the method in groups.", 0)},
			"Hand jobs to the method in groups. [1]"},
		{"a name", "Batched", []retrieve.Hit{hit("https://e.org/log", "", "# Changes\n\n- Fix the wait of Batched when a queue is empty.", 0), hit("https://e.org/a", "", "## Batched\n\nHand jobs to the method in groups.", 0)},
			"Hand jobs to the method in groups. [1]"},
		{"a comparison", "What is the difference between a kettle and a pot?", []retrieve.Hit{hit("https://e.org/a", "", "## Kettle\n\nA kettle boils water for tea.\n\n## Pot\n\nA pot keeps tea warm for an hour.\n\n## Cup\n\nA cup is small.", 0)},
			"A kettle boils water for tea. [1]\n\nA pot keeps tea warm for an hour. [2]"},
		{"a question of a page with its answer", "Can I boil milk?", []retrieve.Hit{hit("https://e.org/a", "", "Can I boil milk?\n\nOnly with the lid open, or it foams over.\n\nCan I fry eggs?\n\nNo, get a pan.", 0)},
			"Can I boil milk? [1]\n\nOnly with the lid open, or it foams over."},
		{"in German", "Wie starte ich den Server?", []retrieve.Hit{german("Der Server ist ein Programm.\n\nDen Server startet man so:\n\n```\nkessel an\n```\n\nEnde.")},
			"Den Server startet man so: [1]\n\n```\nkessel an\n```"},
		{"in Chinese", "什么是索引？", []retrieve.Hit{chinese("# 首页\n\n向量很大。\n\n## 索引\n\n索引保存所有的向量。")},
			"索引保存所有的向量。 [1]"},
		{"a term", "Which option keeps the whistle silent?", []retrieve.Hit{hit("https://e.org/a", "", "**`--loud`**\n\nLet the neighbours hear it.\n\n**-q**\n\n**`--quiet`**\n\nKeep the whistle silent at night.\n\nIt is off by default.", 0)},
			"**-q**, **`--quiet`**: Keep the whistle silent at night. [1]"},
		{"the term that is asked for", "What does max_steam control?", []retrieve.Hit{hit("https://e.org/a", "", "**`min_steam` (integer)**\n\nThis may control the whistle if max_steam is not set.\n\n"+
			"**`max_steam` (integer)**\n\nSets the pressure at which the kettle is switched off.\n\n**Notes**\n\nSteam and max_steam control the lid.", 0)},
			"**`max_steam` (integer)**: Sets the pressure at which the kettle is switched off. [1]"},
		{"no question for an answer", "Is there a limit on the size of pages?", []retrieve.Hit{hit("https://e.org/a", "", "Is there a limit on the size of the pages? The limit of a page is 32 MB in size.", 0)},
			"Is there a limit on the size of the pages? The limit of a page is 32 MB in size. [1]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := answerExtractively(tt.question, tt.hits, nil)
			if got.Answer != tt.want {
				t.Errorf("extract(%q) = %q, want %q", tt.question, got.Answer, tt.want)
			}
			if !got.Answered || got.Verified != got.Total || !got.Grounded || got.Mode != Extractive {
				t.Errorf("answered %v, verified %d, grounded %v, mode %s", got.Answered, got.Verified, got.Grounded, got.Mode)
			}
			shown := strings.NewReplacer("`", "", "**", "", "| ", "", " |", "").Replace(got.Answer)
			for i, c := range got.Citations {
				if c.N != i+1 || c.By != byServer || !strings.Contains(shown, c.Quote) {
					t.Errorf("citation %+v is not of the answer", c)
				}
			}
		})
	}
}

// A part that says it in other words is chosen if it is near.
func TestExtractByNearness(t *testing.T) {
	const told = "Skip one commit with --ignore-rev."
	const wordy = "To leave out a commit, blame the tester first."
	hits := []retrieve.Hit{hit("https://e.org/a", "", "## Blame\n\nAnnotate each line.\n\n"+told+"\n\n"+wordy, 0)}
	near := func(texts []string) []float64 {
		out := make([]float64, len(texts))
		for i, s := range texts {
			if s == "Page: Blame\n"+told {
				out[i] = 1
			}
		}
		return out
	}
	const question = "How do I leave out a commit in blame?"
	for _, tt := range []struct {
		name string
		near extractive.Nearness
		want string
	}{
		{"near", near, told},
		{"no vectors", nil, wordy},
		{"vectors fail", func([]string) []float64 { return nil }, wordy},
	} {
		if got := answerExtractively(question, hits, tt.near).Citations[0].Quote; got != tt.want {
			t.Errorf("%s: the answer is %q, want %q", tt.name, got, tt.want)
		}
	}
}

// The page holds every quote at its offsets.
func TestExtractOffsets(t *testing.T) {
	page := "# Page\n\nIntroduction of it all.\n\nThe *cache* keeps pages in memory. It drops old pages."
	start := strings.Index(page, "The *cache*")
	got := answerExtractively("What does the cache keep?", []retrieve.Hit{hit("https://e.org/a", "", page[start:], start)}, nil)
	c := got.Citations[0]
	if c.Quote != "The cache keeps pages in memory." || page[c.Start:c.End] != "The *cache* keeps pages in memory." {
		t.Errorf("quote %q stands at %q", c.Quote, page[c.Start:c.End])
	}
}

func TestExtractNothing(t *testing.T) {
	got := answerExtractively("What is the capital of Peru?", []retrieve.Hit{hit("https://e.org/a", "", "The cache keeps pages.", 0), hit("https://e.org/b", "", "Milvus keeps vectors.", 0)}, nil)
	want := &Answer{Mode: Extractive, Reason: got.Reason, Citations: []Citation{}, Nearest: []NearestPage{{URL: "https://e.org/a", Title: "Page"}, {URL: "https://e.org/b", Title: "Page"}}}
	if diff := cmp.Diff(want, got); diff != "" || got.Reason == "" {
		t.Errorf("extract differs (-want +got):\n%s", diff)
	}
	if got := answerExtractively("Anything?", nil, nil); got.Answered || got.Reason == "" || got.Citations == nil {
		t.Errorf("extract of nothing = %+v, want no answer with a reason", got)
	}
}

func TestExtractIsShort(t *testing.T) {
	text := strings.Repeat("x", 1)
	for _, w := range strings.Fields("red green blue black white brown") {
		text += "\n\nThe " + w + " cache keeps " + w + " pages and " + w + " images for one " + w + " user."
	}
	got := answerExtractively("What does the cache keep?", []retrieve.Hit{hit("https://e.org/a", "", text, 0)}, nil)
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
		answerExtractively("What does the cache keep?", hits, nil)
	}
}
