package server

import (
	"context"
	"strings"
	"testing"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/retrieve/retrievetest"
)

// kettle is a page of the index that tests read.
var kettle = retrievetest.Text{URL: "https://e.org/kettle?v=1", Title: "The [big] kettle", Text: "# Kettle\n\nThe kettle boils."}

// indexed returns an index with one page.
func indexed() *retrievetest.Oracle {
	o := &retrievetest.Oracle{}
	if err := retrievetest.Index(context.Background(), o, embed.Constant{}, []retrievetest.Text{kettle}); err != nil {
		panic(err)
	}
	return o
}

func TestTexts(t *testing.T) {
	t.Parallel()
	s := openServer()
	h := s.routes()
	list := do(h, "GET", "/llms.txt", "")
	path := textPath(kettle.URL)
	if want := "- [The (big) kettle](" + path + "): " + kettle.URL; !strings.Contains(list.Body.String(), want) || !strings.HasPrefix(list.Body.String(), "# ") {
		t.Errorf("llms.txt = %s, want the line %s", list.Body, want)
	}
	page := do(h, "GET", "/"+path, "")
	if want := "> " + kettle.URL + "\n\n" + kettle.Text + "\n"; page.Body.String() != want {
		t.Errorf("the text = %q, want %q", page.Body, want)
	}
	if got := page.Header().Get("Link"); got != `<`+kettle.URL+`>; rel="canonical"` || page.Header().Get("X-Robots-Tag") != "noindex" {
		t.Errorf("headers = %v", page.Header())
	}
	for _, path := range []string{"/p/", "/p/x.md", "/p/" + strings.TrimSuffix(strings.TrimPrefix(path, "p/"), ".md"), "/p/aHR0cHM6Ly9vdGhlci5vcmcv.md"} {
		if w := do(h, "GET", path, ""); w.Code != 404 {
			t.Errorf("%s = %d %s, want 404", path, w.Code, w.Body)
		}
	}
	s.PublishTexts = false
	if w := do(s.routes(), "GET", "/llms.txt", ""); w.Code != 404 {
		t.Errorf("llms.txt of a server that does not publish texts = %d", w.Code)
	}
}
