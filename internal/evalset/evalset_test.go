package evalset_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/citewell/citewell/internal/evalset"
)

// unpack writes a set of the repository's test data to a folder.
func unpack(t *testing.T, name string) string {
	t.Helper()
	return unpackFile(t, filepath.Join("../../testdata/sets", name))
}

// unpackFile writes the files of an archive to a folder.
func unpackFile(t *testing.T, name string) string {
	t.Helper()
	archive, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	files, err := txtar.FS(archive)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, files); err != nil {
		t.Fatal(err)
	}
	return dir
}

// write replaces a file of a folder, or removes it if the text is empty.
func write(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	err := os.WriteFile(path, []byte(text), 0o644)
	if text == "" {
		err = os.Remove(path)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestReadBEIR(t *testing.T) {
	got, err := evalset.Read(unpack(t, "beir.txtar"))
	want := &evalset.Dataset{
		Documents: []evalset.Document{
			{ID: "keys", Title: "Keys", Text: "A key opens the door. Keys are rotated monthly."},
			{ID: "doors", Title: "Doors", Text: "The door is made of oak."},
			{ID: "roofs", Text: "The roof is made of slate."},
		},
		Questions: []evalset.Question{
			{ID: "q1", Text: "Which key is rotated?", Relevant: map[string]int{"keys": 1}, Reference: "Every key, monthly."},
			{ID: "q2", Text: "oak door", Relevant: map[string]int{"doors": 2}},
		},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("Read(beir.txtar) = %v (-want +got):\n%s", err, diff)
	}
}

func TestReadSpans(t *testing.T) {
	dir := unpack(t, "spans.txtar")
	got, err := evalset.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := []evalset.Question{
		{ID: "0", Text: "How much syrup do bees get?", Spans: []evalset.Span{{Document: "guide", Start: 210, End: 237}}},
		{ID: "1", Text: "When does a swarm leave, and what helps?", Spans: []evalset.Span{{Document: "guide", Start: 261, End: 303}, {Document: "guide", Start: 304, End: 313}}},
		{ID: "2", Text: "Wie heiß ist das Wasser?", Spans: []evalset.Span{{Document: "café", Start: 20, End: 25}, {Document: "café", Start: 35, End: 51}}},
	}
	if diff := cmp.Diff(want, got.Questions); diff != "" || !got.Spans {
		t.Errorf("Read(spans.txtar).Questions, Spans = %t (-want +got):\n%s", got.Spans, diff)
	}
	if len(got.Documents) != 2 || got.Documents[0].ID != "guide" || string([]rune(got.Documents[0].Text)[210:237]) != "Feed syrup, one litre a day" {
		t.Errorf("Read(spans.txtar).Documents = %+v", got.Documents)
	}
	// A mark of byte order, another order of columns and other line ends change nothing.
	write(t, dir, "questions_df.csv", "\ufeffcorpus_id,references,question\r\nguide,\"[{\"\"start_index\"\": 210, \"\"end_index\"\": 237}]\",How much syrup do bees get?\r\n")
	write(t, dir, "corpora/guide.md", strings.ReplaceAll(got.Documents[0].Text, "\n", "\r\n"))
	again, err := evalset.ReadSpans(dir)
	wantAgain := &evalset.Dataset{Spans: true, Documents: got.Documents[:1], Questions: want[:1]}
	if diff := cmp.Diff(wantAgain, again); err != nil || diff != "" {
		t.Errorf("ReadSpans() of the other form = %v (-want +got):\n%s", err, diff)
	}
}

func TestReadErrors(t *testing.T) {
	row := func(refs, id string) string {
		return "corpus_id,question,references\n" + id + ",why?,\"" + strings.ReplaceAll(refs, `"`, `""`) + "\"\n"
	}
	const csv = "questions_df.csv"
	for _, tt := range []struct{ name, set, file, text, want string }{
		{"no documents file", "beir.txtar", "corpus.jsonl", "",
			"corpus.jsonl: the folder must hold corpus.jsonl, queries.jsonl and qrels/test.tsv, or questions_df.csv and corpora/ID.md"},
		{"no documents", "beir.txtar", "corpus.jsonl", "\n", "there are 0 documents and 2 questions"},
		{"query not JSON", "beir.txtar", "queries.jsonl", "{", "queries.jsonl: line 1: unexpected end of JSON input"},
		{"columns", "beir.txtar", "qrels/test.tsv", "h\nq1\tkeys\n", "test.tsv: line 2: 2 columns, not 3"},
		{"grade", "beir.txtar", "qrels/test.tsv", "h\nq1\tkeys\tx\n", "test.tsv: line 2: strconv.Atoi"},
		{"nothing judged", "beir.txtar", "qrels/test.tsv", "h\n", "3 documents and 0 questions"},
		{"neither layout", "spans.txtar", csv, "", "test.tsv: the folder must hold corpus.jsonl"},
		{"no text", "spans.txtar", "corpora/guide.md", "", "guide.md: the folder must hold questions_df.csv and corpora/ID.md for each corpus_id in it"},
		{"no header", "spans.txtar", csv, "\n", "questions_df.csv: EOF"},
		{"no column", "spans.txtar", csv, "question,corpus_id\na,guide\n", "questions_df.csv: there is no column references"},
		{"no questions", "spans.txtar", csv, "question,references,corpus_id\n", "0 questions with an answer"},
		{"not CSV", "spans.txtar", csv, "question,references,corpus_id\na,\"b\n", `extraneous or missing " in quoted-field`},
		{"references not JSON", "spans.txtar", csv, row("[", "guide"), "line 2: references: unexpected end of JSON input"},
		{"no references", "spans.txtar", csv, row("[]", "guide"), "line 2: references: there are none"},
		{"reference without end", "spans.txtar", csv, row(`[{"start_index": 3}]`, "guide"), "start_index must be at least 0 and end_index greater"},
		{"reference beyond the end", "spans.txtar", csv, row(`[{"start_index": 3, "end_index": 999}]`, "guide"),
			"a reference ends at 999, but guide has only 354 code points"},
		{"text elsewhere", "spans.txtar", csv, row(`[{"start_index": 3, "end_index": 9}]`, "../guide"), `corpus_id "../guide" is not the name of a file`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := unpack(t, tt.set)
			write(t, dir, tt.file, tt.text)
			_, err := evalset.Read(dir)
			if err == nil || !strings.HasPrefix(err.Error(), "evalset: ") || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("Read() = %v, want evalset: … %s", err, tt.want)
			}
		})
	}
}

func TestReadAbsent(t *testing.T) {
	dir := unpack(t, "beir.txtar")
	got, err := evalset.ReadAbsent(dir)
	want := []evalset.Question{{ID: "a1", Text: "Who made the carpet?"}, {ID: "a2", Text: "Why is it red?"}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("ReadAbsent(beir.txtar) = %v (-want +got):\n%s", err, diff)
	}
	for _, text := range []string{`{"_id": "1"}`, "{"} {
		write(t, dir, "absent.jsonl", text)
		if got, err := evalset.ReadAbsent(dir); err == nil {
			t.Errorf("ReadAbsent() of %s = %+v, want an error", text, got)
		}
	}
	write(t, dir, "absent.jsonl", "")
	if _, err := evalset.ReadAbsent(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("ReadAbsent() without the file = %v, want %v", err, fs.ErrNotExist)
	}
}
