package cite

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSentences(t *testing.T) {
	for _, tt := range []struct {
		name, chunk string
		inside      bool
		want        []string // of a passage that is not whole: marked ~
	}{
		{"prose", "One is here. Two is *there*! Is `three` too?", false, []string{"One is here.", "Two is there!", "Is three too?"}},
		{"headings are none", "# Title\n\nText under it.\n\nSetext\n---\n\nMore.", false, []string{"Text under it.", "More."}},
		{"list", "- first item\n- Second item.\n  1. nested", false, []string{"~first item", "Second item.", "~nested"}},
		{"link and image", "See [the guide](https://e.org/a_b) and ![logo](x.png)this.", false, []string{"See the guide and this."}},
		{"wrapped prose", "This line was wrapped by the author of the page at\nEighty columns.", false, []string{"This line was wrapped by the author of the page at Eighty columns."}},
		{"plain lines", "Overview\nAgents plan.\nMemory\nAgents remember.", false, []string{"~Overview", "Agents plan.", "~Memory", "Agents remember."}},
		{"abbreviations", "Use it, e.g. With care, as in Fig. 2. See Shinn et al. (2023). Done.", false, []string{"Use it, e.g. With care, as in Fig. 2.", "See Shinn et al. (2023).", "Done."}},
		{"code lines", "Run:\n\n```sh\n# a comment\ncitewell ingest URL\n```\n\nDone.", false, []string{"~Run:", "~# a comment", "~citewell ingest URL", "Done."}},
		{"table", "| Name | Means |\n|---|---|\n| `k` | how *many* |\n| a\\|b | x |", false, []string{"~k how many", "~a|b x"}},
		{"cut sentence", "stores them. Milvus is next.", true, []string{"~stores them.", "Milvus is next."}},
		{"start of page", "milvus stores them.", false, []string{"milvus stores them."}},
		{"cut at end", "Milvus stores them. And it", true, []string{"Milvus stores them.", "~And it"}},
		{"begins in a fence", "x = f(a)\ny = 2\n```\n\nThen it *prints* the sum.", true, []string{"~x = f(a)", "~y = 2", "Then it prints the sum."}},
		{"begins in a fence, another opens", "x = 1\n```\n\nNext.\n\n```go\ny := 2\n```", true, []string{"~x = 1", "Next.", "~y := 2"}},
		{"ends in a fence", "Then it prints the sum.\n\n```\nx = f(a)", true, []string{"Then it prints the sum.", "~x = f(a)"}},
		{"bare fences", "### Call\n\nIt gives text. See below.\n\n```\nx = f(a)\n```\n\nMore of it.\n\n```\nimport y", true, []string{"It gives text.", "See below.", "~x = f(a)", "More of it.", "~import y"}},
		{"prose in a fence", "It gives **text** (e.g. [this](https://e.org/a_b?c=d)).\n\n```\nThought: it is.\nAction: to be.\n```\n\nMore of it.", true, []string{"It gives text (e.g. this).", "~Thought: it is.", "~Action: to be.", "More of it."}},
		{"bare fences from inside to inside", "import z\n```\n\nIt gives text. See below.\n\n```\nx = f(a)\n", true, []string{"~import z", "It gives text.", "See below.", "~x = f(a)"}},
		{"begins in a table", "| `k` | how many |\n| n | which |\n\nText.", true, []string{"~k how many", "~n which", "Text."}},
		{"begins at the delimiter", "|---|---|\n| k | how many |", true, []string{"~k how many"}},
		{"begins in a row", "how many |\n| n | which |", true, []string{"~how many |", "~| n | which |"}},
		{"tags of HTML", "Press <kbd>Ctrl</kbd> now.<!-- secret -->\n\n<div class=\"x\">\nInside it.\n</div>", false, []string{"Press Ctrl now.", "Inside it."}},
		{"what only looks like tags", "Give <name> to List<T>.", false, []string{"Give <name> to List<T>."}},
		{"names", "Call __init__ or **init** with \\_x and a\\b &amp; AT&T.", false, []string{"Call __init__ or init with _x and a\\b & AT&T."}},
		{"within code and names", "Pass `jinja2.Environment` or `a. B`. See jinja2.Environment or os.Path. End.", false, []string{"Pass jinja2.Environment or a. B.", "See jinja2.Environment or os.Path.", "End."}},
		{"versions", "It needs v1.2. Next comes 3.14. Then 2.0.", false, []string{"It needs v1.2.", "Next comes 3.14.", "Then 2.0."}},
		{"quotations and brackets", `Match e.g. 'https://.*\.example\.org' here. It says "Stop. Now." and goes (at once. Really.) on. A 5" disk. Next "one.`, false,
			[]string{`Match e.g. 'https://.*\.example\.org' here.`, `It says "Stop. Now." and goes (at once. Really.) on.`, `A 5" disk.`, `Next "one.`}},
		{"links", "See [Part 1. Basics](https://e.org/a.B) now. Go.", false, []string{"See Part 1. Basics now.", "Go."}},
		{"eg", "A regex, eg. `x`. Ok.", false, []string{"A regex, eg. x.", "Ok."}},
		{"german", "Nutze z. B. Docker bzw. Podman. Das geht, vgl. Kapitel 3. Fertig.", false, []string{"Nutze z. B. Docker bzw. Podman.", "Das geht, vgl. Kapitel 3.", "Fertig."}},
		{"hindi", "यह एक वाक्य है। यह दूसरा है।", false, []string{"यह एक वाक्य है।", "यह दूसरा है।"}},
		{"arabic", "هذه جملة. ما هذا؟ نعم!", false, []string{"هذه جملة.", "ما هذا؟", "نعم!"}},
		{"escaped tags", `Write \<img alt="x"> or \</b> here.`, false, []string{`Write <img alt="x"> or </b> here.`}},
		{"chinese", "向量数据库。它存储向量！", false, []string{"向量数据库。", "它存储向量！"}},
		{"empty", "  \n\n---\n", false, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, p := range Parse(tt.chunk, tt.inside).Sentences() {
				if !p.Whole {
					p.Text = "~" + p.Text
				}
				got = append(got, p.Text)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Sentences differ (-want +got):\n%s", diff)
			}
		})
	}
}

// A long text in Thai, which has no full stop, is cut at spaces.
func TestSentencesThai(t *testing.T) {
	const clause = "ระบบนี้เก็บข้อมูลของผู้ใช้ทุกคนไว้ในฐานข้อมูลเดียวกันเพื่อความสะดวก"
	got := Parse(strings.TrimSpace(strings.Repeat(clause+" ", 4)), false).Sentences()
	if len(got) != 4 || got[0].Text != clause || !got[0].Whole {
		t.Errorf("%d sentences, the first %q", len(got), got[0].Text)
	}
}

// The term of a block is the strong lines directly above it.
func TestTerm(t *testing.T) {
	const chunk = "**boil**\n\nTo turn into steam. It takes long.\n\nAll of this is known.\n\n**Linux**\n\n```\napt install kettle\nkettle\n```\n\n**-q**\n\n**--quiet**\n\n" +
		"Silence.\n\n**Is it loud?**\n\nIt is.\n\n**Steam** is hot.\n\nIt burns.\n\n## **Table**\n\n| a |\n|---|\n| b |\n"
	want := map[string]string{"To turn into steam.": "boil", "It takes long.": "boil", "apt install kettle": "Linux", "Silence.": "-q, --quiet"}
	for _, p := range Parse(chunk, false).Sentences() {
		if p.Term != want[p.Text] {
			t.Errorf("the term of %q is %q, want %q", p.Text, p.Term, want[p.Text])
		}
		delete(want, p.Text)
	}
	if len(want) > 0 {
		t.Errorf("no sentences %v", want)
	}
	under := map[string]string{"It is.": "-q, --quiet", "It takes long.": "boil", "All of this is known.": "boil", "It burns.": "-q, --quiet", "b": ""}
	for _, p := range Parse(chunk, false).Sentences() {
		if want, ok := under[p.Text]; ok && p.Under != want {
			t.Errorf("%q stands under %q, want %q", p.Text, p.Under, want)
		}
	}
}

func TestHeading(t *testing.T) {
	ps := Parse("Before.\n\n## The *first*\n\nOne. Two.\n\n### Next\n\nThree.", true).Sentences()
	got := make([]string, len(ps))
	for i, p := range ps {
		got[i] = p.Heading
	}
	if diff := cmp.Diff([]string{"", "The first", "The first", "Next"}, got); diff != "" {
		t.Errorf("headings differ (-want +got):\n%s", diff)
	}
}

const page = "## Models\n\nThe **default** model is “all-MiniLM-L6-v2”, which needs no key.\nIt reads 256 word\u00adpieces – not 2.5 or -7 – and 1,000 more.\n\n" +
	"- Set `OPENAI_API_KEY` first\n- Then start\n\n| Flag | Means |\n|---|---|\n| `-k` | how many |\n\nIt is unsupported. 2*3 is 6.\n向量数据库存储向量。"

func TestFind(t *testing.T) {
	for _, tt := range []struct {
		name, quote string
		want        string // what stands in the chunk; "" if the quote does not
	}{
		{"exact", "It reads 256", "It reads 256"},
		{"typography", `is "all-MiniLM-L6-v2", which`, "is “all-MiniLM-L6-v2”, which"},
		{"marks in the page", "The default model is", "The **default** model is"},
		{"marks in the quote", "The *default* `model` is", "The **default** model is"},
		{"half of the marks", "The **default model is", "The **default** model is"},
		{"white space", " needs  no\nkey. It ", "needs no key.\nIt"},
		{"soft hyphen and dash", "256 wordpieces — not", "256 word\u00adpieces – not"},
		{"item", "- Set OPENAI_API_KEY first", "Set `OPENAI_API_KEY` first"},
		{"over blocks", "Set OPENAI_API_KEY first Then start", "Set `OPENAI_API_KEY` first\n- Then start"},
		{"row", "| `-k` | how many |", "-k` | how many"},
		{"cells", "-k how many", "-k` | how many"},
		{"heading", "Models", "Models"},
		{"chinese", "数据库存储", "数据库存储"},
		{"other number", "It reads 512", ""},
		{"part of a number", "256 word\u00adpieces – not 2", ""},
		{"end of a decimal", "5 or", ""},
		{"without the minus", "7 – and 1,000", ""},
		{"part of a grouped number", "000 more", ""},
		{"start of a grouped number", "and 1", ""},
		{"part of a word", "supported", ""},
		{"start of a word", "The default mod", ""},
		{"another case", "the Default model", ""},
		{"product without sign", "23 is 6", ""},
		{"left out word", "The model is", ""},
		{"invented", "Milvus is fast", ""},
		{"empty", " ", ""},
		{"no word", "“”", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := Parse(page, true).Find(tt.quote)
			if ok != (tt.want != "") {
				t.Fatalf("Find(%q) = %q, %v, want %q", tt.quote, got.Text, ok, tt.want)
			}
			if stands := string([]rune(page)[got.Start:got.End]); stands != tt.want {
				t.Errorf("Find(%q) is %q, want %q", tt.quote, stands, tt.want)
			}
		})
	}
}

func TestLink(t *testing.T) {
	const url = "https://e.org/a?b=1#old"
	long := "The agent keeps a memory of its past actions and reflects on them each time it can, so that the next plan, whatever it is, is somewhat better than the one before it."
	for _, tt := range []struct {
		name, chunk, quote, url, anchor, want string
	}{
		{"short", "It is *here*.", "It is here.", url, "top", "https://e.org/a?b=1#top:~:text=It%20is%20here."},
		{"no anchor", "So it is here, now.", "it is here, now", url, "", "https://e.org/a?b=1#:~:text=it%20is%20here%2C%20now"},
		{"meaning characters", "aa-bb, cc & dd", "aa-bb, cc & dd", url, "", "https://e.org/a?b=1#:~:text=aa%2Dbb%2C%20cc%20%26%20dd"},
		{"letters", "naïveté", "naïveté", url, "é b", "https://e.org/a?b=1#%C3%A9%20b:~:text=na%C3%AFvet%C3%A9"},
		{"few words", "It holds 256 tokens, no more.\n\nElse", "256 tokens", url, "", "https://e.org/a?b=1#:~:text=It%20holds-,256%20tokens,-%2C%20no%20more."},
		{"repeated", "Rain. The roof is of slate.\n\nSnow. The roof is of slate.", "Snow. The roof is of slate.", url, "", "https://e.org/a?b=1#:~:text=Snow.%20The%20roof%20is%20of%20slate."},
		{"repeated block", "One.\n\nThe roof is of slate.\n\nTwo.\n\nThe roof is of slate.", "The roof is of slate.", url, "", "https://e.org/a?b=1#:~:text=One.-,The%20roof%20is%20of%20slate.,-Two."},
		{"image before", "![x](y) 256 tokens here", "256 tokens", url, "", "https://e.org/a?b=1#:~:text=256%20tokens,-here"},
		{"formula", "It is $x^2$ and so much more than $\\alpha$ of it", "It is $x^2$ and so much more than $\\alpha$ of it", url, "", "https://e.org/a?b=1#:~:text=It%20is,of%20it"},
		{"code keeps its spaces", "```\nxs  =  run( 30 )\n```", "xs = run( 30 )", url, "", "https://e.org/a?b=1#:~:text=xs%20%20%3D%20%20run%28%2030%20%29"},
		{"long", long, long, url, "", "https://e.org/a?b=1#:~:text=The%20agent%20keeps%20a%20memory,than%20the%20one%20before%20it."},
		{"cells", "| name | b c |\n|---|---|\n", "name b c", url, "", "https://e.org/a?b=1#:~:text=name,b%20c"},
		{"blocks", "- one two three four five six\n- seven", "one two three four five six seven", url, "", "https://e.org/a?b=1#:~:text=one%20two%20three%20four%20five,seven"},
		{"long without spaces", strings.Repeat("向量", 70), strings.Repeat("向量", 70), url, "", "https://e.org/a?b=1#:~:text=" + strings.Repeat("%E5%90%91%E9%87%8F", 70)},
		{"file", "It is here.", "It is here.", "docs/a#b.md", "top", "docs/a#b.md"},
		{"page of a PDF", "It is here.", "It is here.", "https://e.org/a.pdf", "page=3", "https://e.org/a.pdf#page=3"},
		{"page of a file", "It is here.", "It is here.", "docs/a.pdf", "page=3", "docs/a.pdf#page=3"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, ok := Parse(tt.chunk, false).Find(tt.quote)
			if !ok {
				t.Fatalf("Find(%q) finds nothing", tt.quote)
			}
			if got := p.Link(tt.url, tt.anchor); got != tt.want {
				t.Errorf("Link = %s, want %s", got, tt.want)
			}
		})
	}
	if got := (Passage{}).Link("https://e.org/a", "b"); got != "https://e.org/a#b" {
		t.Errorf("Link without text = %s, want the anchor alone", got)
	}
}

// Find finds each sentence of Sentences at its offsets.
func FuzzSentences(f *testing.F) {
	for _, s := range []string{page, "x\n```\ny", "| a |\n|---|\n| b |", "\\<a & &lt;b>&#65;", "<div>\nx</div>", "1. a\n   b\n> c", "__a__ **b _c_** ~~d~~ <http://e.org>", "\xff\u0300*a*"} {
		f.Add(s, true)
		f.Add(s, false)
	}
	f.Fuzz(func(t *testing.T, chunk string, inside bool) {
		n := len([]rune(strings.ToValidUTF8(chunk, "\uFFFD")))
		text := Parse(chunk, inside)
		last := 0
		for _, p := range text.Sentences() {
			if p.Text == "" || p.Start < last || p.End <= p.Start || p.End > n {
				t.Errorf("passage %+v is out of order or of the chunk's %d runes", p, n)
			}
			last = p.Start
			if strings.ContainsAny(p.Text, "\n\t") {
				t.Errorf("passage %q has more than one line", p.Text)
			}
			p.Link("https://e.org/", "")
		}
		text.Find(chunk)
	})
}
