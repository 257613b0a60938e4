package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/citewell/citewell/ingest"
	"github.com/citewell/citewell/ingest/folder"
)

func TestShortReport(t *testing.T) {
	var r ingest.Report
	for i := range 30 {
		u := fmt.Sprintf("https://e.org/%d", i)
		r.Notes = append(r.Notes, ingest.PageNote{URL: u, Note: fmt.Sprintf("it refreshes to https://e.org/x/%d", i)})
		r.Errors = append(r.Errors, ingest.PageError{URL: u, Error: "fetch " + u + ": 404 Not Found"})
		r.PrunedURLs = append(r.PrunedURLs, u)
	}
	r.NotIndexed = []ingest.PageNote{{URL: "https://e.org/a", Decision: "noindex", Note: "meta robots"}, {URL: "https://e.org/b", Decision: "duplicate", Note: "same text"}}
	r.Failed, r.Pruned = 2000, 30
	r.Read = map[string]int{".rst": 1, ".md": 12}
	r.LeftOut = []folder.LeftOut{{Kind: ".adoc", Files: 2, Example: "x.adoc", Reason: "not read"}, {Kind: ".js", Files: 3, Reason: folder.NoDocuments}, {Kind: ".png", Files: 1, Reason: folder.NoDocuments}}
	var out, errOut bytes.Buffer
	a := &app{out: &out, err: &errOut}
	if err := a.printReport(r); err != nil {
		t.Fatal(err)
	}
	want := `read: 12 .md, 1 .rst
left out: 2 .adoc, such as x.adoc: not read
left out: 3 .js, 1 .png: not documents
not indexed: https://e.org/a: meta robots
not indexed: https://e.org/b: same text
note: https://e.org/0: it refreshes to https://e.org/x/0 (and 29 more)
removed: https://e.org/0 (and 29 more)
failed: fetch https://e.org/0: 404 Not Found (and 29 more)
failed: 2000 pages in all
`
	if got := errOut.String(); got != want {
		t.Errorf("report =\n%s\nwant\n%s", got, want)
	}
	if !strings.HasSuffix(out.String(), " s\n") {
		t.Errorf("totals = %q", out.String())
	}
}

func TestProgressSteps(t *testing.T) {
	for _, tt := range []struct {
		p           ingest.Progress
		done, total int
	}{
		{ingest.Progress{}, 0, 1},
		{ingest.Progress{Found: 4, Fetched: 2, Failed: 1, ToEmbed: 10, Embedded: 3}, 6, 15},
		{ingest.Progress{Found: 4, Fetched: 4, ToEmbed: 10, Embedded: 10}, 14, 15},
	} {
		if done, total := progressSteps(tt.p); done != tt.done || total != tt.total {
			t.Errorf("progressSteps(%+v) = %d, %d, want %d, %d", tt.p, done, total, tt.done, tt.total)
		}
	}
}
