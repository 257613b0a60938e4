package main

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/internal/state"
)

// The page names every service that gets a question, and none that does not.
func TestSentTo(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		c     config
		model bool
		want  []string
	}{
		{"all here", config{milvus: "citewell.db", embedder: "local"}, false, nil},
		{"model", config{milvus: "citewell.db", embedder: "local"}, true, []string{"OpenAI"}},
		{"model here", config{milvus: "citewell.db", embedder: "local", modelConfig: modelConfig{provider: "ollama"}}, true, nil},
		{"model of one's own", config{milvus: "citewell.db", modelConfig: modelConfig{provider: "vllm", modelVars: map[string]Secret{"OPENAI_BASE_URL": "http://10.0.0.5:8000/v1"}}}, true, []string{"own"}},
		{"embedder, reranker and store", config{milvus: "https://x.api.gcp-us-west1.zillizcloud.com", embedder: "openai", retrievalConfig: retrievalConfig{reranker: "cohere"}}, false, []string{"OpenAI", "Cohere", "Zilliz Cloud"}},
		{"unknown name", config{milvus: "milvus.example.com:19530"}, false, []string{"milvus.example.com"}},
		{"store beside it", config{milvus: "milvus:19530"}, false, []string{"own"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := &app{config: tt.c}
			if diff := cmp.Diff(tt.want, a.sentTo(tt.model)); diff != "" {
				t.Errorf("sentTo (-want +got):\n%s", diff)
			}
		})
	}
}

// Only questions that several asked, and that were always answered well, are shown.
func TestPopularQuestions(t *testing.T) {
	t.Parallel()
	db, err := state.Open(t.Context(), state.Config{DSN: filepath.Join(t.TempDir(), "state.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	ask := func(text string, times int, answered bool) (id string) {
		for range times {
			q := state.Question{Index: "i", Question: text, Outcome: state.OutcomeAnswered, Answered: answered, Grounded: answered}
			if id, err = db.RecordQuestion(t.Context(), q); err != nil {
				t.Fatal(err)
			}
		}
		return id
	}
	ask("How do I rotate a key?", 3, true)
	ask("What is a key?", 5, true)
	ask("I am Jane Doe, where is my key?", 1, true)
	ask("Is there a gap?", 4, false)
	if _, err := db.SetFeedback(t.Context(), state.Feedback{QuestionID: ask("Is it bad?", 4, true), Vote: -1}); err != nil {
		t.Fatal(err)
	}
	got, err := popularQuestions(t.Context(), db, "i")
	if diff := cmp.Diff([]string{"What is a key?", "How do I rotate a key?"}, got); diff != "" || err != nil {
		t.Errorf("popular (-want +got):\n%s%v", diff, err)
	}
}
