package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/answer/gaps"
	"github.com/citewell/citewell/internal/state"
)

// TestFeedback asks a server, whole and as a stream, votes, and looks for that in
// the log and in what gaps makes of it.
func TestFeedback(t *testing.T) {
	t.Parallel()
	site := httptest.NewServer(badSite())
	defer site.Close()
	dir := t.TempDir()
	db := filepath.Join(dir, "log.db")
	if err := run(t.Context(), []string{"ingest", "--milvus", db, "--embedder", "constant", site.URL + "/keys.html"}, noEnv, io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	base, stop := startServe(t, db, "--min-evidence", "0")
	_, got := post(t, base+"/v1/ask", `{"question":"How often should I rotate a key?"}`)
	asked, _ := got["request_id"].(string)
	if status, got := post(t, base+"/v1/feedback", `{"request_id":"`+asked+`","vote":"down","comment":"which key?"}`); status != http.StatusOK {
		t.Errorf("feedback = %d %v", status, got)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+"/v1/ask", strings.NewReader(`{"question":"What opens the door of the archive?","filter":{"lang":"en"}}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "text/event-stream")
	req.Header.Set("X-Request-ID", "mine")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil || !strings.Contains(string(body), `"request_id":"mine"`) {
		t.Errorf("the stream lacks its request id: %v\n%s", err, body)
	}
	if status, got := post(t, base+"/v1/feedback", `{"request_id":"mine","vote":"up"}`); status != http.StatusOK {
		t.Errorf("feedback = %d %v", status, got)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}

	log, err := state.Open(t.Context(), state.Config{DSN: filepath.Join(dir, state.DefaultFile)})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	questions, err := log.Questions(t.Context(), state.QuestionFilter{})
	if err != nil || len(questions) != 2 {
		t.Fatalf("%d questions are logged, %v", len(questions), err)
	}
	for i, want := range []state.Question{
		{RequestID: "mine", Question: "What opens the door of the archive?", Lang: "en", Up: 1},
		{RequestID: asked, Question: "How often should I rotate a key?", Down: 1},
	} {
		q := questions[i]
		if diff := cmp.Diff(want, state.Question{RequestID: q.RequestID, Question: q.Question, Lang: q.Lang, Up: q.Up, Down: q.Down}); diff != "" {
			t.Errorf("question %d (-want +got):\n%s", i, diff)
		}
		if !q.Answered || q.Outcome != state.OutcomeAnswered || len(q.Scores) == 0 || q.Scores[0].Score == 0 || q.Evidence == 0 || len(q.Citations) == 0 ||
			len(q.Citations[0].ChunkID) != 32 || len(q.Citations[0].ContentHash) != 64 || q.Timings["total_ms"] == 0 {
			t.Errorf("question %d is logged as %+v", i, q)
		}
	}

	var out bytes.Buffer
	if err := run(t.Context(), []string{"gaps", "--milvus", db, "--embedder", "constant", "--json"}, noEnv, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	var r gaps.Report
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	down := 0
	for _, g := range r.Gaps {
		down += g.Reasons[gaps.Down]
	}
	if down != 1 {
		t.Errorf("gaps = %s, want one that was voted down", &out)
	}
}
