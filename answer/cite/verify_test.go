package cite

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/citewell/citewell/docs"
)

// A pair is a quote, a chunk, and whether the chunk holds the quote.
type pair struct {
	kind, chunk, quote string
	stands             bool
}

// handwritten are pairs written by hand: kind, chunk, quote, whether it is found.
var handwritten = []pair{
	{"space", "It keeps\n  every page for an hour.", "It keeps every page  for an hour.", true},
	{"no-break space", "It takes 10\u00a0ms on average.", "It takes 10 ms on average.", true},
	{"typographic quotes", "Call it “the store” and don’t ask.", `Call it "the store" and don't ask.`, true},
	{"German quotes", "Das heißt „Speicher“ und nichts anderes.", `Das heißt "Speicher" und nichts anderes.`, true},
	{"French quotes", "C’est «le dépôt» des pages.", `C'est "le dépôt" des pages.`, true},
	{"dashes", "It is fast – very fast — and small.", "It is fast - very fast - and small.", true},
	{"no-break hyphen", "The all‑MiniLM model is small.", "The all-MiniLM model is small.", true},
	{"soft hyphen", "A word\u00adpiece is a part of a word.", "A wordpiece is a part of a word.", true},
	{"soft hyphen in the quote", "A wordpiece is a part of a word.", "A word\u00adpiece is a part of a word.", true},
	{"zero width space", "A word\u200bpiece is a part.", "A wordpiece is a part.", true},
	{"decomposed", "Le mode\u0300le est recharge\u0301 ensuite.", "Le modèle est rechargé ensuite.", true},
	{"composed", "Le modèle est rechargé ensuite.", "Le mode\u0300le est recharge\u0301 ensuite.", true},
	{"jamo", "한국어 문장입니다.", "\u1112\u1161\u11ab국어 문장입니다.", true},
	{"ligature", "The ﬁrst ﬂag of the oﬃce.", "The first flag of the office.", true},
	{"full width", "版本为ＡＢＣ１２３的软件。", "版本为ABC123的软件。", true},
	{"ellipsis sign", "Wait … and see what comes.", "Wait ... and see what comes.", true},
	{"variation selector", "Heavy ❤\ufe0f metal is loud.", "Heavy ❤ metal is loud.", true},
	{"strong", "The **default** model is small.", "The default model is small.", true},
	{"strong in the quote", "The default model is small.", "The **default** model is small.", true},
	{"nested marks", "The ***very* default** model is small.", "The very default model is small.", true},
	{"half of a mark", "The **default model** is small.", "The **default model is small.", true},
	{"code ticks", "Set `OPENAI_API_KEY` before you start.", "Set OPENAI_API_KEY before you start.", true},
	{"code ticks in the quote", "Set OPENAI_API_KEY before you start.", "Set `OPENAI_API_KEY` before you start.", true},
	{"link", "Read [the guide](https://e.org/a_b(c)) before you start.", "Read the guide before you start.", true},
	{"link in the quote", "Read the guide before you start.", "Read [the guide](https://e.org) before you start.", true},
	{"image", "Press ![play](p.png) to start it.", "Press to start it.", true},
	{"list mark", "- Rotate the keys\n- Shut the doors", "- Rotate the keys", true},
	{"numbers of a list", "1. Rotate the keys\n2. Shut the doors", "1. Rotate the keys\n2. Shut the doors", true},
	{"heading mark", "## How keys rotate\n\nThey do.", "## How keys rotate", true},
	{"quotation mark", "> Measure twice,\n> cut once.", "Measure twice, cut once.", true},
	{"table marks", "| Flag | Means |\n|---|---|\n| `--size` | runes of a chunk |", "| `--size` | runes of a chunk |", true},
	{"table marks inside", "| Flag | Means |\n|---|---|\n| `--size` | runes of a chunk |", "--size | runes of a chunk", true},
	{"escapes", `Use \*args and a\_name here.`, "Use *args and a_name here.", true},
	{"entities", "AT&amp;T is a &lt;company&gt; there.", "AT&T is a <company> there.", true},
	{"entities in the quote", "Write <source> around it all.", "Write &lt;source> around it all.", true},
	{"escaped quotes", `The flag "size" sets it.`, `The flag \"size\" sets it.`, true},
	{"strike", "It is ~~not~~ very well known.", "It is not very well known.", true},
	{"full stop added", "It needs no key, and no account.", "It needs no key.", true},
	{"over a heading", "## Keys\n\nRotate them often.", "Keys Rotate them often.", true},
	{"chinese over a line", "向量存储在\n数据库中。", "向量存储在数据库中。", true},
	{"thai", "ระบบนี้เก็บเวกเตอร์ไว้", "เก็บเวกเตอร์", true},
	{"code", "```go\nif err != nil {\n\treturn err\n}\n```", "if err != nil {\n    return err", true},
	{"elided", "The store keeps each page, long or short, in one row of a table.", "The store keeps each page ... in one row of a table.", true},
	{"elided in brackets", "The store keeps each page, long or short, in one row of a table.", "The store keeps each page [...] in one row of a table.", true},
	{"elided by a sign", "The store keeps each page, long or short, in one row.", "The store keeps each page…in one row.", true},
	{"elided twice", "First start the server. Then open the page. At last ask a question of it.", "First start ... open the page ... ask a question", true},
	{"elided sentences", "Start the server. Do not wait. Open the page.", "Start the server. ... Open the page.", true},
	{"elided at the ends", "The store keeps each page in one row.", "...keeps each page in one row...", true},
	{"ellipsis that stands there", "Write f(*a, ...) to pass them all.", "Write f(*a, ...) to pass them", true},
	{"first piece twice", "Rotate a key, then wait. " + strings.Repeat("Wait more. ", 80) + "Rotate a key, and then use it.", "Rotate a key ... then use it.", true},

	{"number", "It takes 256 tokens.", "It takes 512 tokens.", false},
	{"number of another length", "It takes 1000 tokens.", "It takes 100 tokens.", false},
	{"decimal", "It takes 2.5 seconds on average.", "It takes 2,5 seconds on average.", false},
	{"part of a decimal", "It takes 12.5 seconds on average.", "5 seconds on average.", false},
	{"decimal cut", "On average it takes 2.5", "On average it takes 2", false},
	{"grouped number cut", "It holds up to 1,000,000", "It holds up to 1,000", false},
	{"range cut", "It takes about 3-5 days to finish.", "It takes about 3", false},
	{"range with a dash cut", "It takes about 3–5 days to finish.", "It takes about 3", false},
	{"version cut", "You need version 1.25.3", "You need version 1.25", false},
	{"time cut", "It begins at 10:30", "It begins at 10", false},
	{"minus left out", "The limit is -7 degrees outside.", "7 degrees outside.", false},
	{"sign left out", "It takes ≤ 500 requests at once.", "500 requests at once.", false},
	{"less than", "It takes <500 requests at once.", "500 requests at once.", false},
	{"about", "It takes ~500 requests at once.", "It takes 500 requests at once.", false},
	{"currency", "It costs $500 a month or more.", "500 a month or more.", false},
	{"percent cut", "The load grew by 5% a year.", "The load grew by 5", false},
	{"unit cut", "Each call takes up to 5 minutes.", "Each call takes up to 5", false},
	{"unit", "Each call takes 5 minutes.", "Each call takes 5 seconds.", false},
	{"prefix of a unit", "It needs 5 GB of memory.", "It needs 5 MB of memory.", false},
	{"case of a unit", "It sends 5 Mb in a second.", "It sends 5 MB in a second.", false},
	{"power", "It is 10² times larger.", "It is 102 times larger.", false},
	{"fraction", "It takes 5½ hours in all.", "It takes 51/2 hours in all.", false},
	{"number of an item", "1. Rotate the keys\n2. Shut the doors", "3. Shut the doors", false},
	{"number of a later item", "1. Rotate the keys\n2. Shut the doors", "1. Rotate the keys\n3. Shut the doors", false},
	{"number put in front", "Shut the doors at night.", "7. Shut the doors at night.", false},
	{"negation left out", "It does not support streams.", "It does support streams.", false},
	{"negation put in", "It does support streams.", "It does not support streams.", false},
	{"negation cut off", "Keys are not kept on the disk.", "kept on the disk.", false},
	{"negation two words off", "It does not currently support streams.", "support streams.", false},
	{"negation by n't", "It doesn’t support streams at all.", "support streams at all.", false},
	{"can't", "The users can’t.", "The users can", false},
	{"cannot", "Such users cannot write.", "Such users can write.", false},
	{"never", "It never stores the passwords.", "stores the passwords.", false},
	{"without", "It runs without any API key.", "any API key.", false},
	{"negation behind", "The model does not reason.", "The model does", false},
	{"German negation", "Es speichert keine Passwörter auf der Platte.", "Passwörter auf der Platte.", false},
	{"French negation", "Il ne garde pas les mots de passe.", "les mots de passe.", false},
	{"Chinese negation", "该模型不支持流式输出。", "支持流式输出。", false},
	{"negation elided", "The model does not yet support any streams.", "The model does ... support any streams.", false},
	{"negation elided in brackets", "The interface is not, as of now, open to all.", "The interface is [...] open to all.", false},
	{"negation elided over sentences", "The model may write. It does not read pages at all.", "The model may ... read pages at all.", false},
	{"prefix", "This option is unsupported here.", "supported here.", false},
	{"non-", "The value is non-empty there.", "empty there.", false},
	{"word", "The default model is small.", "The default model is large.", false},
	{"word left out", "The default model is small.", "The model is small.", false},
	{"word put in", "The default model is small.", "The default model is very small.", false},
	{"words swapped", "Milvus reads SQLite files.", "SQLite reads Milvus files.", false},
	{"case of a name", "Set `maxTokens` before you start.", "Set `maxtokens` before you start.", false},
	{"case of a variable", "Set OPENAI_API_KEY before you start.", "Set openai_api_key before you start.", false},
	{"part of a name", "Set `max_tokens_per_minute` to ten.", "Set `max_tokens", false},
	{"part of a dotted name", "Call os.path.join for each of them.", "Call os.path", false},
	{"part of a model's name", "Use gpt-4o-mini for it.", "Use gpt-4o", false},
	{"underscore", "Call `_private` before all else.", "Call private before all else.", false},
	{"asterisk of code", "Call `f(*args)` before all else.", "Call f(args) before all else.", false},
	{"asterisk put into code", "Call `f(args)` before all else.", "Call f(*args) before all else.", false},
	{"tilde", "It is in ~/.config on Unix.", "It is in /.config on Unix.", false},
	{"operator", "if err != nil then stop", "if err == nil then stop", false},
	{"comma", "Let's eat, grandma, it is late.", "Let's eat grandma, it is late.", false},
	{"pieces out of order", "First start the server. Then open the page.", "open the page ... start the server", false},
	{"pieces of nothing", "The store keeps each page in one row.", "The ... is ... a", false},
	{"piece that is not there", "The store keeps each page in one row.", "The store keeps each page ... for an hour.", false},
	{"pieces too far apart", "The store keeps pages. " + strings.Repeat("So it goes on. ", 60) + "Then it is shut down.", "The store keeps pages ... it is shut down.", false},
	{"too short", "The model is a model.", "is a", false},
	{"empty", "The model is a model.", "", false},
	{"points", "Wait ... and see.", "...", false},
	{"invented", "The model is a model.", "Paris is the capital of France.", false},
	{"translated", "The model is small.", "Das Modell ist klein.", false},
	{"accent", "El año pasado fue bueno.", "El ano pasado fue bueno.", false},
	{"look-alike letter", "The password is kept there.", "The pаssword is kept there.", false},
}

// pairsOf returns pairs of every kind, made from the sentences of chunks.
func pairsOf(chunks []string, rnd *rand.Rand, perChunk int) []pair {
	var out []pair
	for i, c := range chunks {
		ps := Parse(c, i > 0).Sentences()
		other := Parse(chunks[(i+1)%len(chunks)], true).Sentences()
		rnd.Shuffle(len(ps), func(a, b int) { ps[a], ps[b] = ps[b], ps[a] })
		for _, p := range ps[:min(perChunk, len(ps))] {
			if p.Kind == Prose && !p.Whole || len(strings.Fields(p.Text)) < 6 {
				continue
			}
			out = append(out, of(c, p.Text, string([]rune(c)[p.Start:p.End]))...)
			if len(other) > 0 {
				if q := other[rnd.IntN(len(other))].Text; IsQuotable(q) && !strings.Contains(shown(c), plainly(q)) {
					out = append(out, pair{"another chunk", c, q, false})
				}
			}
		}
	}
	return out
}

var (
	digits  = regexp.MustCompile(`\d+`)
	verb    = regexp.MustCompile(`\b(is|are|does|do|can|may|must|will|has|was)\b`)
	negator = regexp.MustCompile(`\b(not|never|no) `)
)

// of returns the pairs made from a sentence of a chunk; source is its Markdown.
func of(chunk, s, source string) []pair {
	words := strings.Fields(s)
	n := len(words)
	out := []pair{
		{"exact", chunk, s, true},
		{"source", chunk, source, true},
		{"typography", chunk, strings.NewReplacer("'", "’", "-", "‑", " ", "\u00a0").Replace(s), true},
		{"white space", chunk, strings.Join(words, " \n "), true},
		{"word put in", chunk, strings.Join(words[:n/2], " ") + " zebra " + strings.Join(words[n/2:], " "), false},
		{"invented", chunk, "Zebras " + strings.Join(words[1:], " "), false},
	}
	if swapped := strings.Join(append(append([]string{}, words[n/2:]...), words[:n/2]...), " "); !strings.Contains(shown(chunk), plainly(swapped)) {
		out = append(out, pair{"words swapped", chunk, swapped, false})
	}
	if m := digits.FindStringIndex(s); m != nil {
		out = append(out, pair{"number", chunk, s[:m[0]] + "7" + s[m[0]:], false})
	}
	if m := verb.FindStringIndex(s); m != nil && m[0] > 0 {
		out = append(out, pair{"negation put in", chunk, s[:m[1]] + " not" + s[m[1]:], false})
	}
	if m := negator.FindStringIndex(s); m != nil && m[0] > 0 && !strings.Contains(source, "|") {
		out = append(out, pair{"negation left out", chunk, s[:m[0]] + s[m[1]:], false},
			pair{"negation elided", chunk, s[:m[0]] + "... " + s[m[1]:], false})
	}
	if n >= 12 && !strings.ContainsFunc(strings.Join(words[4:n-4], " "), unicode.IsPunct) && !negator.MatchString(s) {
		out = append(out, pair{"elided", chunk, strings.Join(words[:4], " ") + " ... " + strings.Join(words[n-4:], " "), true})
	}
	return out
}

// shown returns a chunk as its page shows it, normalized.
func shown(chunk string) string { return plainly(Parse(chunk, true).String()) }

func plainly(s string) string { return string(normalize([]rune(s), nil).runes) }

// judge counts the pairs and the wrong results of each kind.
func judge(t *testing.T, pairs []pair) (wrong int) {
	for _, p := range pairs {
		if _, ok := Parse(p.chunk, true).Find(p.quote); ok != p.stands {
			wrong++
			if !p.stands || wrong < 20 {
				t.Logf("%s: Find(%q) = %v", p.kind, p.quote, ok)
			}
			if !p.stands {
				t.Errorf("%s: %q is verified in\n%.300s", p.kind, p.quote, p.chunk)
			}
		}
	}
	return wrong
}

// A quote of a page is verified in every spelling, and an altered one is not.
func TestVerify(t *testing.T) {
	for _, p := range handwritten {
		t.Run(p.kind, func(t *testing.T) {
			if got, ok := Parse(p.chunk, false).Find(p.quote); ok != p.stands {
				t.Errorf("Find(%q) = %q, %v, want %v in %q", p.quote, got.Text, ok, p.stands, p.chunk)
			}
		})
	}
	var chunks []string
	for _, name := range docs.Order {
		b, err := fs.ReadFile(docs.Files, name+".md")
		if err != nil {
			t.Fatal(err)
		}
		for i, c := range strings.SplitAfter(string(b), "\n## ") {
			if i%everyChunk == 0 {
				chunks = append(chunks, c)
			}
		}
	}
	pairs := pairsOf(chunks, rand.New(rand.NewPCG(1, 2)), 3)
	kinds := map[string]int{}
	for _, p := range pairs {
		kinds[p.kind]++
	}
	t.Logf("%d pairs by hand, %d of the documentation: %v", len(handwritten), len(pairs), fmt.Sprint(kinds))
	if wrong := judge(t, pairs); wrong*100 > len(pairs) || len(pairs) < 200/everyChunk {
		t.Errorf("%d of %d verdicts are wrong, want 1 %% at most", wrong, len(pairs))
	}
}
