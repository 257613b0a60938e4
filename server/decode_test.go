package server

import (
	"bytes"
	stdcmp "cmp"
	"encoding/json"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/answer/history"
	"github.com/citewell/citewell/ingest/job"
)

// TestBodies checks what a client is told of every kind of wrong body.
func TestBodies(t *testing.T) {
	h := openServer().routes()
	for _, tt := range []struct{ name, path, body, want string }{
		{"empty", "/v1/ask", "", "the body is empty: it must be a JSON object"},
		{"white space", "/v1/ask", " \n", "the body is empty: it must be a JSON object"},
		{"array", "/v1/ask", "[]", "the body must be a JSON object, not an array"},
		{"string", "/v1/ask", `"why"`, "the body must be a JSON object, not a string"},
		{"number", "/v1/ask", "5", "the body must be a JSON object, not a number"},
		{"null", "/v1/ask", "null", "the body must be a JSON object, not null"},
		{"true", "/v1/ask", "true", "the body must be a JSON object, not true"},
		{"not JSON", "/v1/ask", "question=why", "the body is not valid JSON: error at byte 1"},
		{"UTF-16 with a byte order mark", "/v1/ask", "\xff\xfe{\x00\"\x00", "the body is not UTF-8: it seems to be UTF-16"},
		{"UTF-16", "/v1/ask", "\x00{\x00\"", "the body is not UTF-8: it seems to be UTF-16"},
		{"cut", "/v1/ask", `{"question":"a`, "the body is not valid JSON: it ends too early"},
		{"cut after a name", "/v1/ask", `{"question"`, "the body is not valid JSON: it ends too early"},
		{"comma too many", "/v1/ask", `{"question":"a",}`, "the body is not valid JSON: error at byte 16"},
		{"two values", "/v1/ask", `{"question":"a"}{}`, "the body must be one JSON object: more follows after its end"},
		{"words behind", "/v1/ask", `{"question":"a"} x`, "the body must be one JSON object: more follows after its end"},
		{"unknown field", "/v1/ask", `{"question":"a","temperature":2}`, `unknown field "temperature"`},
		{"unknown field inside", "/v1/ask", `{"question":"a","filter":{"vendor":"x"}}`, `unknown field "filter.vendor"`},
		{"long unknown field", "/v1/ask", `{"` + strings.Repeat("x", 500) + `":1}`, `unknown field "` + strings.Repeat("x", 60) + `…"`},
		{"twice", "/v1/ask", `{"question":"a","question":"b"}`, `"question" is given twice`},
		{"twice, in another case", "/v1/ask", `{"question":"a","QUESTION":"b"}`, `"question" is given twice`},
		{"twice inside", "/v1/extract", `{"text":"x","schema":{"a":1,"a":2}}`, `schema: "a" is given twice`},
		{"string", "/v1/ask", `{"question":5}`, "question must be a string"},
		{"whole number", "/v1/ask", `{"question":"a","k":"5"}`, "k must be a whole number"},
		{"fraction", "/v1/search", `{"query":"a","k":1.5}`, "k must be a whole number"},
		{"large number", "/v1/search", `{"query":"a","k":1e30}`, "k is too large a number"},
		{"huge number", "/v1/search", `{"query":"a","k":1e999}`, "k is too large a number"},
		{"truth", "/v1/search", `{"query":"a","debug":1}`, "debug must be true or false"},
		{"object", "/v1/ask", `{"question":"a","filter":"docs"}`, "filter must be an object"},
		{"array of objects", "/v1/ask", `{"question":"a","history":{"role":"user"}}`, "history must be an array"},
		{"element", "/v1/ask", `{"question":"a","history":[{"role":"user","content":"a"},5]}`, "history[1] must be an object"},
		{"field of an element", "/v1/ask", `{"question":"a","history":[{"role":["user"]}]}`, "history[0].role must be a string"},
		{"target", "/v1/ingest", `{"targets":["https://e.example/",7]}`, "targets[1] must be a string"},
		{"null in a list", "/v1/ingest", `{"targets":["https://e.example/", null]}`, "targets[1] is null: leave it out"},
		{"null in a list of objects", "/v1/ask", `{"question":"a","history":[ null]}`, "history[0] is null: leave it out"},
		{"number of an ingestion", "/v1/ingest", `{"targets":["https://e.example/"],"rate":"fast"}`, "rate must be a number"},
		{"header of an ingestion", "/v1/ingest", `{"headers":{"A":5}}`, `headers["A"] must be a string`},
		{"deep", "/v1/extract", `{"text":"x","schema":` + strings.Repeat("[", 3000) + strings.Repeat("]", 3000) + "}", "the body is nested deeper than 100 levels"},
		{"deep and cut", "/v1/ask", strings.Repeat(`{"filter":`, 100_000), `unknown field "filter.filter"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := do(h, "POST", tt.path, tt.body, "Authorization", "Bearer "+token)
			got := errorOf(t, w)
			if w.Code != 400 || got.Code != "bad_json" || got.Message != tt.want || got.Fix == "" {
				t.Errorf("= %d %+v, want 400 with %q", w.Code, got, tt.want)
			}
		})
	}
	for _, k := range []string{"5.0", "5", "50e-1", "0.5E1", "5.000"} {
		if w := do(h, "POST", "/v1/ask", `{"question":"why","k":`+k+`}`); w.Code != 200 || !strings.Contains(w.Body.String(), "why/5/") {
			t.Errorf("k of %s = %d %s", k, w.Code, w.Body)
		}
	}
	if w := do(h, "POST", "/v1/ask", "\ufeff"+`{"question":"why"}`); w.Code != 200 {
		t.Errorf("a body with a byte order mark = %d %s", w.Code, w.Body)
	}
}

// TestFixesWork sends the objects that fixes show: their routes must take them.
func TestFixesWork(t *testing.T) {
	h := openServer().routes()
	for path := range bodies {
		if path == "/mcp" {
			continue // its errors have the form of JSON-RPC
		}
		told := errorOf(t, do(h, "POST", path, "[]", "Authorization", "Bearer "+token))
		fix := stdcmp.Or(told.Fix, told.Message) // OpenAI's errors have no fix of their own
		begin, end := strings.Index(fix, "{"), strings.LastIndex(fix, "}")
		if begin < 0 || end < begin {
			t.Errorf("%s shows no object: %s", path, fix)
			continue
		}
		w := do(h, "POST", path, fix[begin:end+1], "Authorization", "Bearer "+token)
		if w.Code == 400 && errorOf(t, w).Code == "bad_json" {
			t.Errorf("%s refuses what its fix shows, %s: %s", path, fix, w.Body)
		}
	}
}

// everything is a struct with a field of every kind.
type everything struct {
	job.Request
	K       *int            `json:"k"`
	Small   int8            `json:"small"`
	Share   float32         `json:"share"`
	Count   uint            `json:"count"`
	On      bool            `json:"on"`
	Raw     json.RawMessage `json:"raw"`
	Any     any             `json:"any"`
	At      time.Time       `json:"at"`
	Bytes   []byte          `json:"bytes"`
	History []history.Turn  `json:"history"`
	Inside  struct {
		Deep *everything `json:"deep"`
	} `json:"inside"`
}

// ownWords are what an error may say; names that a client chose are quoted.
var (
	ownWords = regexp.MustCompile(`^[a-zA-Z0-9_.,:'\[\] -]+$`)
	inQuotes = regexp.MustCompile(`"(\\.|[^"\\])*"`)
	goTypes  = regexp.MustCompile(`\b(json|reflect|strconv|server|struct|interface|u?int\d*|float\d*|bool|[a-z]+\.[A-Z]\w*)\b|\[\][a-z]`)
)

// FuzzBody checks that a body is decoded as encoding/json does it, but for what
// decode refuses, and that no error shows a type of Go.
func FuzzBody(f *testing.F) {
	for _, seed := range []string{`{}`, `[]`, `{"targets":["a"],"max_depth":0,"k":5.0,"small":-7}`, `{"headers":{"a":"b"},"rate":1e2,"share":0.5}`, `{"small":300}`, `{"count":-1}`,
		`{"raw":{"a":[1,2.0,null,true]},"any":[{}],"at":"2026-01-02T03:04:05Z","bytes":"AAAA"}`, `{"at":5}`, `{"history":[{"role":"user"},null],"inside":{"deep":{"k":1}}}`,
		`{"k":null,"raw":null,"K":1}`, `{"a":1,}`, `{"k":1 2}`, `{"k":--1}`, "{\"\xff\":1}", `{"inside":{"deep":{"inside":{"deep":5}}}}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var got, want everything
		err := decodeObject(body, reflect.ValueOf(&got).Elem())
		standard := json.NewDecoder(bytes.NewReader(body))
		standard.DisallowUnknownFields()
		errWant := standard.Decode(&want)
		if err == nil && errWant == nil {
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-encoding/json +got):\n%s", body, diff)
			}
			return
		}
		if err == nil {
			if !strings.Contains(errWant.Error(), "json: cannot unmarshal number") {
				t.Errorf("%s is accepted, but %v", body, errWant)
			}
			return
		}
		message := jsonFault(err)
		if bare := inQuotes.ReplaceAllString(message, ""); !ownWords.MatchString(bare) || goTypes.MatchString(bare) {
			t.Errorf("%s: the message is %q", body, message)
		}
		refused := []string{"given twice", "deeper than", "more follows", "must be a JSON object", "is null"}
		for _, part := range refused {
			if strings.Contains(message, part) {
				return
			}
		}
		if errWant == nil {
			t.Errorf("%s is refused: %s", body, message)
		}
	})
}

// FuzzRequest checks that no body makes a route fail.
func FuzzRequest(f *testing.F) {
	for path, body := range bodies {
		f.Add(path, body)
	}
	f.Add("/v1/ask", `{"question":"a","k":5.0,"history":[{"role":"user","content":"b"}],"filter":{"source":"x"},"mode":"agentic"}`)
	h := openServer().routes()
	f.Fuzz(func(t *testing.T, path, body string) {
		if _, known := bodies[path]; !known || strings.Contains(body, "panic") { // the fake panics when asked to
			t.Skip()
		}
		w := send(h, "POST", path, body, "Authorization", "Bearer "+token)
		if w.Code >= 500 || w.Code == 400 && goTypes.MatchString(inQuotes.ReplaceAllString(errorOf(t, w).Message, "")) {
			t.Errorf("%s %s = %d %s", path, body, w.Code, w.Body)
		}
	})
}
