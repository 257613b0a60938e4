package backup_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/retrieve/backup"
	"github.com/citewell/citewell/retrieve/bm25"
	"github.com/citewell/citewell/retrieve/index"
	"github.com/citewell/citewell/retrieve/retrievetest"
)

var fingerprint = index.Fingerprint{Model: "test/2", Dim: 2, Index: "FLAT", Metric: "L2", Chunker: "recursive 2000/200", Analyser: bm25.Analyser, Schema: index.SchemaVersion}

// fill puts pages, each with as many chunks as its number, and a crawl into a store.
func fill(t *testing.T, o *retrievetest.Oracle, pages int) {
	t.Helper()
	run, err := o.Begin(t.Context(), fingerprint, false)
	if err != nil {
		t.Fatal(err)
	}
	crawl := index.Crawl{Start: "https://e.org/", Complete: true, State: `{"etag": "x"}`, CrawledAt: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)}
	changes := []index.Change{{Page: crawl.Page()}, {Page: index.Page{URL: "https://e.org/copy", Decision: index.DecisionDuplicate, Reason: "same text"}}}
	for p := range pages {
		url := fmt.Sprintf("https://e.org/%d", p)
		c := index.Change{Page: index.Page{URL: url, Title: "Seite „ü“ \x00 <b>", Decision: index.DecisionIndexed, Chunks: p, CrawledAt: crawl.CrawledAt}}
		for n := range p {
			text := fmt.Sprintf("chunk %d of page %d", n, p)
			angle := float64(p*100 + n)
			v := embed.Vector{float32(math.Cos(angle)), float32(math.Sin(angle))}
			c.Insert = append(c.Insert, index.Record{Windows: []embed.Vector{v, {1, 0}}, Terms: bm25.Document(text, "en"),
				Chunk: index.Chunk{ID: index.ChunkID(url, text, 0), URL: url, Text: text, Ordinal: n, Lang: "en", AlsoIn: ",1.0,"}})
		}
		changes = append(changes, c)
	}
	if err := errors.Join(run.Put(t.Context(), changes), run.Commit(t.Context())); err != nil {
		t.Fatal(err)
	}
}

// contents returns all that a store holds.
func contents(t *testing.T, o *retrievetest.Oracle) (all []any) {
	t.Helper()
	fp, err := o.Fingerprint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	err = o.EachPage(t.Context(), func(p index.Page) error {
		records, err := o.Records(t.Context(), p.URL)
		all = append(all, p, records)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	crawls, err := o.Crawls(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return append(all, fp, crawls)
}

func TestCopy(t *testing.T) {
	t.Parallel()
	from, to := &retrievetest.Oracle{}, &retrievetest.Oracle{}
	fill(t, from, 40)
	var file bytes.Buffer
	want := backup.Counts{Pages: 41, Chunks: 780, Windows: 1560, Crawls: 1}
	if n, err := backup.Write(t.Context(), from, &file); err != nil || n != want {
		t.Fatalf("Write() = %+v, %v, want %+v", n, err, want)
	}
	if n, err := backup.Read(t.Context(), to, bytes.NewReader(file.Bytes()), false); err != nil || n != want {
		t.Fatalf("Read() = %+v, %v, want %+v", n, err, want)
	}
	if diff := cmp.Diff(contents(t, from), contents(t, to)); diff != "" {
		t.Errorf("the copy differs (-from +to):\n%s", diff)
	}
	if _, err := backup.Read(t.Context(), to, bytes.NewReader(file.Bytes()), false); !errors.Is(err, backup.ErrExists) {
		t.Errorf("Read() where an index is = %v", err)
	}
	fill(t, from, 50) // changes what is copied from, not the copy
	if diff := cmp.Diff(contents(t, from), contents(t, to)); diff == "" {
		t.Error("the copy changes with its source")
	}
	var second bytes.Buffer
	if _, err := backup.Write(t.Context(), from, &second); err != nil {
		t.Fatal(err)
	}
	cut := second.Bytes()[:second.Len()/2]
	before := contents(t, to)
	if _, err := backup.Read(t.Context(), to, bytes.NewReader(cut), true); err == nil {
		t.Error("Read() of half a copy = nil")
	}
	if diff := cmp.Diff(before, contents(t, to)); diff != "" {
		t.Errorf("half a copy changes the index (-before +after):\n%s", diff)
	}
	if _, err := backup.Read(t.Context(), to, &second, true); err != nil {
		t.Errorf("Read() that replaces = %v", err)
	}
	if diff := cmp.Diff(contents(t, from), contents(t, to)); diff != "" {
		t.Errorf("the copy that replaces differs (-from +to):\n%s", diff)
	}
}

// TestCopyWaits checks that no run changes the index while it is copied.
func TestCopyWaits(t *testing.T) {
	t.Parallel()
	o := &retrievetest.Oracle{}
	fill(t, o, 3)
	run, err := o.Begin(t.Context(), fingerprint, false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := backup.Write(t.Context(), o, &bytes.Buffer{}); !errors.Is(err, index.ErrBusy) {
		t.Errorf("Write() beside a run = %v, want ErrBusy", err)
	}
	if err := run.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := backup.Write(t.Context(), o, &bytes.Buffer{}); err != nil {
		t.Errorf("Write() after it = %v", err)
	}
}

func TestNoCopy(t *testing.T) {
	t.Parallel()
	if _, err := backup.Write(t.Context(), &retrievetest.Oracle{}, &bytes.Buffer{}); !errors.Is(err, index.ErrNoIndex) {
		t.Errorf("Write() without an index = %v", err)
	}
	for _, text := range []string{"", "{", `{"fingerprint":{"model":"test/2","dim":2,"index":"FLAT","metric":"L2","schema":5}}{"page":{"URL":"u"},"records":[{"URL":"u","Windows":["AAA="]}]}`} {
		if _, err := backup.Read(context.Background(), &retrievetest.Oracle{}, strings.NewReader(text), false); err == nil {
			t.Errorf("Read(%q) = nil", text)
		}
	}
}

// late is a store in which another run makes the index after it was looked for.
type late struct{ *retrievetest.Oracle }

func (late) Fingerprint(context.Context) (index.Fingerprint, error) {
	return index.Fingerprint{}, index.ErrNoIndex
}

func TestMadeMeanwhile(t *testing.T) {
	t.Parallel()
	from, to := &retrievetest.Oracle{}, &retrievetest.Oracle{}
	fill(t, from, 5)
	fill(t, to, 2)
	var file bytes.Buffer
	if _, err := backup.Write(t.Context(), from, &file); err != nil {
		t.Fatal(err)
	}
	before := contents(t, to)
	if n, err := backup.Read(t.Context(), late{to}, &file, false); !errors.Is(err, backup.ErrExists) || n != (backup.Counts{}) {
		t.Errorf("Read() = %+v, %v, want nothing and ErrExists", n, err)
	}
	if diff := cmp.Diff(before, contents(t, to)); diff != "" {
		t.Errorf("the index changed (-before +after):\n%s", diff)
	}
}
