package retrieve_test

import (
	"context"
	"strings"
	"testing"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/embed/embedtest"
	"github.com/citewell/citewell/retrieve"
)

// A reader is an embedder of [embedtest.Words] that translates word by word. All
// questions with letters that it can't read have the same vector, and so have pages.
type reader struct {
	words   map[string]string // to English
	unread  string            // letters that it can't read
	misread string            // what it reads instead in questions
}

func (reader) Model() string  { return embedtest.Words{}.Model() }
func (reader) MaxTokens() int { return embedtest.Words{}.MaxTokens() }

func (r reader) Embed(ctx context.Context, texts []string, kind embed.Kind) ([]embed.Vector, error) {
	var read []string
	for _, text := range texts {
		if r.unread != "" && strings.ContainsAny(text, r.unread) {
			text = "?"
			if kind == embed.Query {
				text = r.misread
			}
		}
		var out []string
		for w := range strings.FieldsFuncSeq(strings.ToLower(text), func(c rune) bool { return strings.ContainsRune(" .,?!", c) }) {
			if to, ok := r.words[w]; ok {
				w = to
			}
			out = append(out, w)
		}
		read = append(read, strings.Join(out, " "))
	}
	return embedtest.Words{}.Embed(ctx, read, kind)
}

// translation holds the words of the German panel, and of the questions below.
var translation = func() map[string]string {
	m := map[string]string{}
	for line := range strings.Lines(`
		wie lange muss ein sauerteig vor dem backen gehen: how long does a sourdough before baked to rise
		wann schneidet man rosen: when pruned be roses
		warum brechen vulkane aus: why erupt volcanoes do
		was fressen igel: what eat hedgehogs
		wechsle ich einen platten reifen: change I a flat tire
		welche symptome haben die masern: which symptoms of the measles
		wer malte decke der sixtinischen kapelle: who painted ceiling of sistine chapel
		wodurch entstehen ebbe und flut: what causes tides and sea
		oft wird signierschlüssel getauscht: often is key rotated
		auf welchem port lauscht server: on which port listens server
		komponierte oper über barbier: composed opera about barber`) {
		from, to, _ := strings.Cut(strings.TrimSpace(line), ": ")
		f, e := strings.Fields(from), strings.Fields(to)
		for i := range min(len(f), len(e)) {
			m[f[i]] = e[i]
		}
	}
	return m
}()

// TestForeignQuestions checks that a question in another language than the pages is
// judged by what the embedder finds, since it has no words in common with them.
func TestForeignQuestions(t *testing.T) {
	r, _ := retriever(t, reader{words: translation}, nil)
	for question, known := range map[string]bool{
		"Wie oft wird ein Signierschlüssel getauscht?":    true,
		"Auf welchem Port lauscht der Server?":            true,
		"Wer komponierte die Oper über den Barbier?":      false,
		"Was fressen Igel und warum brechen Vulkane aus?": false,
	} {
		res, err := r.Retrieve(t.Context(), retrieve.Query{Text: question})
		if err != nil {
			t.Fatal(err)
		}
		if got := res.Evidence >= retrieve.DefaultMinEvidence; got != known {
			t.Errorf("evidence for %q = %.3f of %+v, want enough: %v", question, res.Evidence, res.Signals, known)
		}
	}
}

// TestUnreadLanguage checks that vectors have no say where their embedder can't read.
func TestUnreadLanguage(t *testing.T) {
	const russian = "аеиоуыэюя"
	for _, misread := range []string{"Rotate a signing key every ninety days", "Backups are written to a folder"} {
		e := reader{unread: russian, misread: misread}
		r, o := retriever(t, e, nil)
		put(t, o, e, "Ключ подписи меняют раз в девяносто дней.", "Сервер слушает порт и не принимает чужих ключей.")
		for _, question := range []string{"Как часто меняют ключ подписи?", "Какой порт слушает сервер?"} {
			hybrid, err := r.Retrieve(t.Context(), retrieve.Query{Text: question, K: 2})
			if err != nil {
				t.Fatal(err)
			}
			words, err := r.Retrieve(t.Context(), retrieve.Query{Text: question, K: 2, Mode: retrieve.Sparse})
			if err != nil {
				t.Fatal(err)
			}
			if texts(hybrid.Hits[:1]) != texts(words.Hits[:1]) || hybrid.Signals.Nearness != 0 || hybrid.Evidence != words.Evidence {
				t.Errorf("%q finds %q (%+v), want %q as by words alone", question, texts(hybrid.Hits), hybrid.Signals, texts(words.Hits))
			}
		}
	}
}
