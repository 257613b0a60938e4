package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/answer/structured"
	"github.com/citewell/citewell/internal/problem"
)

// extractor returns err, or what it was asked for.
type extractor struct {
	err error
	got *Extraction
}

func (x extractor) Extract(_ context.Context, e Extraction) (*structured.Result, error) {
	if x.got != nil {
		*x.got = e
	}
	return &structured.Result{Data: json.RawMessage(`{"name":"Lamp"}`), Model: "o1"}, x.err
}

func extractHandler(t *testing.T, x Extractor) http.Handler {
	t.Helper()
	h, err := Handler(Config{Answerer: fake{}, Retriever: fake{}, Ready: func(context.Context) error { return nil }, Extractor: x, Token: token})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// token is the one of all servers in tests.
const token = "test-token-of-32-characters-0000"

// post asks /v1/extract with the token.
func post(h http.Handler, body string) *httptest.ResponseRecorder {
	return do(h, "POST", "/v1/extract", body, "Authorization", "Bearer "+token)
}

func errorOf(t *testing.T, w *httptest.ResponseRecorder) problem.Details {
	t.Helper()
	var got struct{ Error problem.Details }
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatalf("body %q: %v", w.Body, err)
	}
	return got.Error
}

const lampForm = `"example":{"name":"x"},"instruction":"the lamp"`

func TestExtract(t *testing.T) {
	var got Extraction
	w := post(extractHandler(t, extractor{got: &got}), `{"url":"https://e.example/",`+lampForm+`}`)
	var res structured.Result
	if err := json.Unmarshal(w.Body.Bytes(), &res); err != nil || w.Code != 200 {
		t.Fatalf("extract = %d %s, %v", w.Code, w.Body, err)
	}
	if string(res.Data) != `{"name":"Lamp"}` || res.Model != "o1" || res.RequestID == "" {
		t.Errorf("extract = %+v", res)
	}
	if got.URL != "https://e.example/" || string(got.Example) != `{"name":"x"}` || got.Instruction != "the lamp" {
		t.Errorf("the extractor was asked %+v", got)
	}
	page := `{"html":"` + strings.Repeat("x", 2<<20) + `",` + lampForm + `}`
	if w := post(extractHandler(t, extractor{}), page); w.Code != 200 {
		t.Errorf("a page of 2 MiB = %d %s", w.Code, w.Body)
	}
}

func TestExtractRefuses(t *testing.T) {
	ok := `{"text":"x",` + lampForm + `}`
	for _, tt := range []struct {
		name   string
		body   string
		x      Extractor
		status int
		code   string
		fix    string
	}{
		{"no model", ok, nil, 409, "no_model", "OPENAI_API_KEY"},
		{"no page", `{` + lampForm + `}`, extractor{}, 400, "bad_page", "url"},
		{"two pages", `{"text":"x","html":"x",` + lampForm + `}`, extractor{}, 400, "bad_page", "url"},
		{"unknown field", `{"page":"x"}`, extractor{}, 400, "bad_json", "instruction"},
		{"too large", `{"text":"` + strings.Repeat("x", maxPageBytes) + `"}`, extractor{}, 413, "body_too_large", "smaller part"},
		{"bad form", ok, extractor{err: fmt.Errorf("structured: %w: x", structured.ErrForm)}, 400, "bad_form", "schema"},
		{"unreadable", ok, extractor{err: problem.UnreadablePage}, 422, "unreadable_page", "html"},
		{"too long", ok, extractor{err: llm.ErrTooLong}, 413, "page_too_long", "larger context"},
		{"no data", ok, extractor{err: structured.ErrReply}, 502, "no_data", "simpler"},
		{"model down", ok, extractor{err: fmt.Errorf("%w: secret host", structured.ErrUnavailable)}, 503, "model_unavailable", "later"},
		{"key", ok, extractor{err: answer.ErrModel}, 502, "model_error", "doctor"},
		{"late", ok, extractor{err: context.DeadlineExceeded}, 504, "timeout", ""},
		{"cause of its own", ok, extractor{err: errors.New("secret host")}, 500, "internal", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := post(extractHandler(t, tt.x), tt.body)
			got := errorOf(t, w)
			if w.Code != tt.status || got.Code != tt.code || !strings.Contains(got.Fix, tt.fix) || got.Fix == "" || strings.Contains(w.Body.String(), "secret") {
				t.Errorf("extract = %d %s, want %d %s with the fix %q", w.Code, w.Body, tt.status, tt.code, tt.fix)
			}
		})
	}
}

// asked keeps the question.
type asked struct {
	fake
	q *answer.Question
}

func (a asked) Answer(ctx context.Context, q answer.Question) (*answer.Answer, error) {
	*a.q = q
	return a.fake.Answer(ctx, q)
}

// TestAskMore checks the fields that go beyond text, and the room for them.
func TestAskMore(t *testing.T) {
	image := "data:image/png;base64," + strings.Repeat("A", 2<<20)
	for _, tt := range []struct {
		name, body string
		images     bool
		err        error
		status     int
		code       string
	}{
		{"image", `{"question":"a","images":["https://e.example/a.png"]}`, true, nil, 200, ""},
		{"large image", `{"question":"a","images":["` + image + `"]}`, true, nil, 200, ""},
		{"large image, blind model", `{"question":"a","images":["` + image + `"]}`, false, nil, 413, "body_too_large"},
		{"agentic", `{"question":"a","mode":"agentic"}`, false, nil, 200, ""},
		{"another mode", `{"question":"a","mode":"psychic"}`, false, nil, 400, "bad_query"},
		{"extractive", `{"question":"a","mode":"extractive"}`, false, nil, 200, ""},
		{"not with this model", `{"question":"a","mode":"agentic"}`, false, answer.ErrUnsupported, 400, "not_supported"},
		{"bad image", `{"question":"a","images":["x"]}`, true, answer.ErrImage, 400, "bad_image"},
		{"images of a wrong type", `{"question":"a","images":"x"}`, true, nil, 400, "bad_json"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var q answer.Question
			h, err := Handler(Config{Answerer: asked{fake{err: tt.err}, &q}, Retriever: fake{}, Ready: func(context.Context) error { return nil }, Images: tt.images})
			if err != nil {
				t.Fatal(err)
			}
			w := do(h, "POST", "/v1/ask", tt.body)
			if w.Code != tt.status || tt.code != "" && errorOf(t, w).Code != tt.code {
				t.Fatalf("ask = %d %.200s, want %d %s", w.Code, w.Body, tt.status, tt.code)
			}
			if tt.status == 200 && strings.Contains(tt.body, "images") != (len(q.Images) == 1) {
				t.Errorf("%d images arrive", len(q.Images))
			}
			if tt.status == 200 && strings.Contains(tt.body, "agentic") != (q.Mode == answer.Agentic) {
				t.Errorf("mode %q arrives", q.Mode)
			}
		})
	}
}
