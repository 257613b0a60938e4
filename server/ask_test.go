package server

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/answer/answertest"
	"github.com/citewell/citewell/retrieve/index"
)

// A reply with html has the answer and the passages of its citations as HTML, the same
// at once and as a stream.
func TestHTML(t *testing.T) {
	hits := answertest.Retriever{{Chunk: index.Chunk{URL: "https://e.org/a", Title: "A", Text: "# A\n\nMilvus keeps `vectors`.\n\nIt also keeps [words](https://e.org/w).", Lang: "en"}}}
	a, err := answer.New(answer.Config{Retriever: hits})
	if err != nil {
		t.Fatal(err)
	}
	h, err := Handler(Config{Answerer: a, Retriever: hits, Ready: func(context.Context) error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	const question = `{"question":"What keeps vectors?","html":true}`
	type reply struct {
		Answer, HTML string
		Citations    []struct{ Quote, Passage string }
	}
	var whole, done reply
	if err := json.Unmarshal(do(h, "POST", "/v1/ask", question).Body.Bytes(), &whole); err != nil {
		t.Fatal(err)
	}
	want := reply{Answer: "Milvus keeps `vectors`. [1]", HTML: "<p>Milvus keeps <code>vectors</code>. <a class=\"ref\" href=\"#cite-1\">1</a></p>\n",
		Citations: []struct{ Quote, Passage string }{{"Milvus keeps vectors.", "<h3>A</h3>\n<p>Milvus keeps <code>vectors</code>.</p>\n<p>It also keeps words.</p>\n"}}}
	if diff := cmp.Diff(want, whole); diff != "" {
		t.Errorf("reply (-want +got):\n%s", diff)
	}

	var html []uint16
	for event := range strings.SplitSeq(do(h, "POST", "/v1/ask", question, "Accept", "text/event-stream").Body.String(), "\n\n") {
		head, data, _ := strings.Cut(event, "\ndata: ")
		switch head {
		case "event: html":
			var c struct {
				Keep int
				HTML string
			}
			if err := json.Unmarshal([]byte(data), &c); err != nil {
				t.Fatal(err)
			}
			html = append(html[:c.Keep:c.Keep], utf16.Encode([]rune(c.HTML))...)
		case "event: done":
			if err := json.Unmarshal([]byte(data), &done); err != nil {
				t.Fatal(err)
			}
		}
	}
	if diff := cmp.Diff(want, done); diff != "" {
		t.Errorf("done (-want +got):\n%s", diff)
	}
	if got := string(utf16.Decode(html)); got != want.HTML {
		t.Errorf("the stream shows %q, want %q", got, want.HTML)
	}
}

// given gives an answer again that was whole when it was made: its sources are those that
// it cites.
type given struct{ fake }

func (given) Stream(_ context.Context, _ answer.Question, on func(answer.Event) error) (*answer.Answer, error) {
	a := &answer.Answer{Answer: "So. [3]", Answered: true, Mode: answer.Extractive, Citations: []answer.Citation{{N: 3, By: "server"}}}
	if err := on(answer.Event{Sources: []answer.Source{{N: 3}}}); err != nil {
		return nil, err
	}
	return a, on(answer.Event{Delta: a.Answer})
}

// TestHTMLOfFewSources checks that a citation is one whatever its number, where the stream
// has only the sources that are cited.
func TestHTMLOfFewSources(t *testing.T) {
	t.Parallel()
	h, err := Handler(Config{Answerer: given{}, Retriever: fake{}, Ready: func(context.Context) error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	shown, _, _ := strings.Cut(do(h, "POST", "/v1/ask", `{"question":"why","html":true}`, "Accept", "text/event-stream").Body.String(), "event: citations")
	if !strings.Contains(shown, "#cite-3") {
		t.Errorf("the stream shows no citation: %s", shown)
	}
}
