package retrieve

import (
	"fmt"
	"strings"
	"testing"

	"github.com/citewell/citewell/retrieve/bm25"
	"github.com/citewell/citewell/retrieve/bm25/vocabulary"
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
		{"another language", "Wie kann ich die Route deployen?", "Route -deployen"},
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

// The language of a question tells its stop words, and whether capital letters and
// absence tell anything.
func TestWordsOfLanguages(t *testing.T) {
	english, german, chinese := [2]string{"en", "Rotate a key"}, [2]string{"de", "Der Schlüssel der Tür, mit Exceptionhandlern von Marconi am Amazonas im Wald"}, [2]string{"zh", "密钥轮换"}
	spanish := [2]string{"es", "La clave de la puerta"}
	for _, tt := range []struct {
		name, question string
		texts          [][2]string // language and text
		want           string      // as in TestWords
	}{
		{"stop words of English", "How often should I rotate a key?", [][2]string{english, german}, "rotate key"},
		{"nouns of German", "Wie oft wechsle ich den Schlüssel der Garage mit OAuth2?", [][2]string{german}, "-oft -wechsle Schlüssel -Garage -OAuth2!"},
		{"another language than the pages", "Wie oft wechsle ich in Warschau den Schlüssel der Garage mit OAuth2?", [][2]string{english}, "-oft -wechsle -Warschau -Schlüssel -Garage -OAuth2!"},
		{"rather German than English", "Wie oft finden Parlamentswahlen statt?", [][2]string{english}, "-oft -finden -Parlamentswahlen -statt"},
		{"an unknown language", "Wann fand Marconis Schlüssel statt?", [][2]string{english}, "-fand -Marconis -Schlüssel -statt"},
		{"names of German", "Wie öffne ich die Tür der Garage mit Kotlin und jenkins auf Jenkins?", [][2]string{german}, "-öffne Tür -Garage -Kotlin! -jenkins"},
		{"parts of German words", "Marconis Exceptionhandler im Amazonaswald", [][2]string{german}, "Marconis! Exceptionhandler! Amazonaswald!"},
		{"names in Spanish", "Como abro la puerta con Kotlin y clave", [][2]string{spanish}, "-abro puerta -Kotlin! clave"},
		{"vowel marks are no sign of a name", "مدرّسوها بوّابة", [][2]string{{"ar", "بوابة"}}, "-مدرّسوها بوّابة"},
		{"names in another script", "如何用 kubernetes 和 Flutter 在 body 密钥轮换", [][2]string{chinese}, "-kubernetes! -Flutter! -body 密钥 钥轮 轮换"},
		{"names before Korean particles", "Jenkins를 Vue와 어떻게 연결", [][2]string{{"ko", "Vue는 연결"}}, "-Jenkins! Vue! 연결"},
		{"no spaces", "怎么样做密钥轮换吗", [][2]string{chinese}, "-做密 密钥 钥轮 轮换"},
		{"words of German that ask", "Wie funktioniert die Tür, zum Beispiel im Wald?", [][2]string{german}, "Tür Wald"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var c bm25.Counter
			var v vocabulary.Counter
			for _, text := range tt.texts {
				c.Add(bm25.Document(text[1], text[0]).Dims, text[0])
				v.Add(text[1])
			}
			var got []string
			for _, w := range wordsOf(tt.question, index.Info{Statistics: c.Statistics(), Vocabulary: v.Vocabulary()}) {
				s := w.Text
				if w.Absent {
					s = "-" + s
				}
				if w.Name {
					s += "!"
				}
				got = append(got, s)
			}
			if got := strings.Join(got, " "); !strings.HasSuffix(got, tt.want) {
				t.Errorf("words of %q = %s, want %s", tt.question, got, tt.want)
			}
		})
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

// A German verb whose particle stands at the end is looked for as the pages write it.
func TestWithSeparable(t *testing.T) {
	var c bm25.Counter
	c.Add(bm25.Document("Dateien hochladen und den Schlüssel wechseln", "de").Dims, "de")
	ix := index.Info{Statistics: c.Statistics()}
	de, en := languages{question: "de", pages: "de"}, languages{question: "de", pages: "en"}
	for question, want := range map[string]string{
		"Wie lade ich Schokolade hoch?":  "Wie hochlade ich Schokolade ?",
		"Wie schalte ich den Strom ab?":  "Wie schalte ich den Strom ab?", // no page has it
		"Wie wechsle ich den Schlüssel?": "Wie wechsle ich den Schlüssel?",
	} {
		if got := withSeparable(question, de, ix); got != want {
			t.Errorf("withSeparable(%q) = %q, want %q", question, got, want)
		}
		if got := withSeparable(question, en, ix); got != question {
			t.Errorf("withSeparable(%q) over English pages = %q", question, got)
		}
	}
}
