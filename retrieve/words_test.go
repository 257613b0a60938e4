package retrieve

import (
	"fmt"
	"strings"
	"testing"

	"github.com/citewell/citewell/retrieve/bm25"
	"github.com/citewell/citewell/retrieve/index"
)

// infoOf returns the Info of an index of these English texts.
func infoOf(texts ...string) index.Info {
	var c bm25.Counter
	for _, t := range texts {
		c.Add(bm25.Document(t, "en").Dims, "en")
	}
	return index.Info{Statistics: c.Statistics()}
}

func TestWords(t *testing.T) {
	ix := infoOf("Starlette routes a WebSocket by a web socket route", "Mount a rerank endpoint for the OpenAPI schema", "deploy the type script", "a route is retried max_retries times")
	for _, tt := range []struct {
		name, question string
		want           string // words, with - if absent, ! if a name, ` if code
	}{
		{"an absent product", "How do I deploy Starlette to Kubernetes?", "deploy Starlette! -Kubernetes!"},
		{"in lower case", "how do i deploy starlette to kubernetes", "deploy starlette! -kubernetes!"},
		{"at the start", "Kubernetes: how do I deploy to it?", "-Kubernetes! deploy"},
		{"a usual word", "How do I omit a route?", "-omit route"},
		{"asking words", "What is the best way to use a new example?", ""},
		{"code", "What does `route` do?", "`route!"},
		{"an identifier", "Is max_retries the schema?", "max_retries! schema"},
		{"a whole that the pages lack", "Does TypeScript deploy?", "-TypeScript! deploy"},
		{"parts that the pages write as one", "Does it re-rank routes?", "re rank routes"},
		{"one word that the pages write as parts", "Is there a typescript?", "-typescript"},
		{"versions and numbers", "Does it deploy 3.14 to port 8080?", "deploy -3.14! -port -8080"},
		{"a title", "How To Deploy The Route", "Deploy Route"},
		{"another language", "Wie kann ich die Route deployen?", "-Wie -kann -ich -die Route! -deployen"},
		{"repeated", "route route Route", "route"},
		{"none", "?!", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, w := range wordsOf(tt.question, ix) {
				s := w.Text
				if w.Absent {
					s = "-" + s
				}
				if w.Code {
					s = "`" + s
				}
				if w.Name {
					s += "!"
				}
				if (w.Weight == 1) != w.Absent || w.Weight < 0 {
					t.Errorf("%s has the weight %v", w.Text, w.Weight)
				}
				got = append(got, s)
			}
			if got := strings.Join(got, " "); got != tt.want {
				t.Errorf("words of %q = %s, want %s", tt.question, got, tt.want)
			}
		})
	}
}

// Stop words of English are none in other languages.
func TestWordsOfTwoLanguages(t *testing.T) {
	var c bm25.Counter
	c.Add(bm25.Document("Rotate a key", "en").Dims, "en")
	c.Add(bm25.Document("Der Schlüssel der Tür", "de").Dims, "de")
	ix := index.Info{Statistics: c.Statistics()}
	words := wordsOf("How often should I rotate a key?", ix)
	if len(words) != 2 || words[0].Text != "rotate" || words[1].Text != "key" || words[0].Absent {
		t.Errorf("words = %+v, want rotate and key", words)
	}
}

// A text holds a word in any of its forms.
func TestWordHeld(t *testing.T) {
	ix := infoOf("web socket type script", "rerank websocket")
	for _, tt := range []struct {
		question, text string
		want           bool
	}{
		{"TypeScript", "a type script", true},
		{"TypeScript", "TypeScript", true},
		{"TypeScript", "a script of a type", false},
		{"webpack", "web pack", false},
		{"socketweb", "a web socket", false},
		{"websocket", "the WebSocket", true},
		{"typescript", "a type script", true},
		{"re-rank", "it reranks", true},
		{"routes", "one route", true},
	} {
		words := wordsOf(tt.question, ix)
		if got := len(words[0].heldBy(bm25.Tokenize(tt.text, "en"), "en")) > 0; got != tt.want {
			t.Errorf("%q holds %s: %v, want %v", tt.text, fmt.Sprint(words), got, tt.want)
		}
	}
}
