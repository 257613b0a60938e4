package retrieve

import (
	"fmt"
	"strings"
	"testing"

	"github.com/citewell/citewell/retrieve/bm25/vocabulary"
)

func TestCorrect(t *testing.T) {
	texts := []string{"Uploads happen when the ceiling is reached", "upload a file, the upload is encrypted", "content_block_delta of a message", "it contains completions",
		"Pedantic messages of the Kubernetes operator", "read the next object of the cargo", "UploadFile for TypeScript and Postgres", "classification of handles"}
	ix := infoOf(texts...)
	var c vocabulary.Counter
	for _, text := range texts {
		c.Add(text)
	}
	ix.Vocabulary = c.Vocabulary()
	for _, tt := range []struct {
		name, question, want string
		made                 string
	}{
		{"swapped letters", "How do I uplaod a file?", "How do I upload a file?", "[{uplaod upload}]"},
		{"several", "what hapens when the cieling is reached", "what happens when the ceiling is reached", "[{hapens happens} {cieling ceiling}]"},
		{"two edits", "a classiifcaton", "a classification", "[{classiifcaton classification}]"},
		{"a name", "Is there a Kuberentes operator?", "Is there a Kubernetes operator?", "[{Kuberentes Kubernetes}]"},
		{"with an ending", "the Kuberentes's operator", "the Kubernetes's operator", "[{Kuberentes Kubernetes}]"},
		{"a name that is like a usual word", "Are messages of Pydantic sent?", "Are messages of Pydantic sent?", "[]"},
		{"a usual word in capitals", "the Messaegs API", "the Messages API", "[{Messaegs Messages}]"},
		{"a usual word in another form", "Is it contanied?", "Is it contained?", "[{contanied contained}]"},
		{"a usual word that the pages lack", "a relatinoship", "a relatinoship", "[]"},
		{"a usual word", "How do I unload a file?", "How do I unload a file?", "[]"},
		{"an identifier", "What is content_bolck_delta?", "What is content_block_delta?", "[{content_bolck_delta content_block_delta}]"},
		{"swapped between the parts of an identifier", "What is content_blockd_elta?", "What is content_block_delta?", "[{content_blockd_elta content_block_delta}]"},
		{"four letters, two swapped", "How do I raed it?", "How do I read it?", "[{raed read}]"},
		{"four letters, one replaced", "Does it work with nuxt?", "Does it work with nuxt?", "[]"},
		{"a name of four letters", "Does it work with Raed?", "Does it work with Raed?", "[]"},
		{"a rare word near a frequent one", "Is an objet uploaded?", "Is an object uploaded?", "[{objet object}]"},
		{"code", "What is `content_bolck_delta` or `uplaod`?", "What is `content_bolck_delta` or `uplaod`?", "[]"},
		{"CamelCase", "What is UplaodFile?", "What is UploadFile?", "[{UplaodFile UploadFile}]"},
		{"CamelCase with the wrong capital", "Is there a TypSecript SDK or a TypeScrript one?", "Is there a Typescript SDK or a TypeScript one?", "[{TypSecript Typescript} {TypeScrript TypeScript}]"},
		{"CamelCase that no page has", "What is UplaodUpload?", "What is UplaodUpload?", "[]"},
		{"another name", "Does it work with PostgREST?", "Does it work with PostgREST?", "[]"},
		{"right", "How do I upload a file?", "How do I upload a file?", "[]"},
		{"nothing near", "How do I install graphql?", "How do I install graphql?", "[]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, made := correct(tt.question, ix)
			if got != tt.want || fmt.Sprint(made) != tt.made {
				t.Errorf("correct(%q) = %q, %v, want %q, %s", tt.question, got, made, tt.want, tt.made)
			}
		})
	}
	ix.Vocabulary = nil
	if got, made := correct("uplaod", ix); got != "uplaod" || len(made) > 0 {
		t.Errorf("without a vocabulary, correct = %q, %v", got, made)
	}
}

// Words stand together in a run of terms, or in the heading.
func TestTogether(t *testing.T) {
	words := []Word{{Text: "a", Weight: 1}, {Text: "b", Weight: 0.5}, {Text: "c", Weight: 0.4}}
	weight := func(w Word) float64 { return w.Weight }
	for _, tt := range []struct {
		name string
		in   []places
		want string // of the words that stand together
	}{
		{"near", []places{{at: []int{3, 90}}, {at: []int{95}}, {at: []int{99}}}, "abc"},
		{"too far", []places{{at: []int{3}}, {at: []int{95}}, {at: []int{13}}}, "a"},
		{"far, but in the heading", []places{{at: []int{0}, inHeading: true}, {at: []int{95}}, {at: []int{99}}}, "abc"},
		{"the heavier one", []places{{at: []int{3}}, {at: []int{95}}, {at: []int{99}}}, "a"},
		{"repeated", []places{{}, {at: []int{1, 2, 3, 4}}, {at: []int{12, 13, 14}}}, "bc"},
		{"none", []places{{}, {}, {}}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got strings.Builder
			for i, ok := range together(words, tt.in, 10, weight) {
				if ok {
					got.WriteString(words[i].Text)
				}
			}
			if got.String() != tt.want {
				t.Errorf("together = %q, want %q", got.String(), tt.want)
			}
		})
	}
}
