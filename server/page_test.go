package server

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/server/web"
)

// shelf is a catalog.
type shelf struct{ err error }

func (s shelf) Contents(context.Context) (Contents, error) {
	return Contents{Sources: []string{"a"}, Versions: []string{"2", "", "1", "2"}, UpdatedAt: time.Unix(0, 0).UTC()}, s.err
}

func (s shelf) Popular(context.Context) ([]string, error) {
	return []string{"first", "second"}, s.err
}

func TestPageSettings(t *testing.T) {
	c := Config{Answerer: fake{}, Retriever: fake{}, Ready: func(context.Context) error { return nil }, Voter: keeper{}, Catalog: shelf{}, SentTo: []string{"OpenAI"}, Page: web.Settings{Title: "Kettle", Starters: []string{"first"}}}
	h, err := Handler(c)
	if err != nil {
		t.Fatal(err)
	}
	var got web.Page
	if err := json.Unmarshal(do(h, "GET", "/v1/page?lang=de", "").Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(got.Text), "Fragen Sie") {
		t.Errorf("texts = %s", got.Text)
	}
	got.Text = nil
	want := web.Page{Lang: "de", Title: "Kettle", Starters: []string{"first", "second"}, Filters: map[string][]string{"version": {"1", "2"}}, UpdatedAt: time.Unix(0, 0).UTC(), Feedback: true, SentTo: []string{"OpenAI"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("page (-want +got):\n%s", diff)
	}

	// The page is there, too, if nothing is known of the index.
	c.Catalog = shelf{errors.New("no index yet")}
	if h, err = Handler(c); err != nil {
		t.Fatal(err)
	}
	if w := do(h, "GET", "/", "", "Accept-Language", "de"); w.Code != 200 || !strings.Contains(w.Body.String(), `<html lang="de">`) {
		t.Errorf("GET / = %d %s", w.Code, w.Body)
	}
}

// Files are compressed for those who take that, and sent once.
func TestFiles(t *testing.T) {
	h, err := Handler(Config{Answerer: fake{}, Retriever: fake{}, Ready: func(context.Context) error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/", "/app.js", "/widget.js", "/style.css", "/icon.svg", "/admin.js", "/admin.css"} {
		plain := do(h, "GET", path, "")
		packed := do(h, "GET", path, "", "Accept-Encoding", "br, gzip")
		r, err := gzip.NewReader(packed.Body)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r)
		if err != nil || string(body) != plain.Body.String() || packed.Header().Get("Content-Encoding") != "gzip" || len(body) == 0 {
			t.Errorf("%s compressed: %d bytes, want %d (%v)", path, len(body), plain.Body.Len(), err)
		}
		again := do(h, "GET", path, "", "If-None-Match", plain.Header().Get("ETag"))
		if again.Code != 304 || again.Body.Len() != 0 {
			t.Errorf("%s again: %d with %d bytes", path, again.Code, again.Body.Len())
		}
	}
	if w := do(h, "GET", "/logo", ""); w.Code != 404 {
		t.Errorf("GET /logo = %d without a logo", w.Code)
	}
}
