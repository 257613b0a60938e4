package llmtest

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
)

// specVariable is the environment variable with the path of OpenAI's own description
// of its API. If it is set, [checked] validates against that description, too.
const specVariable = "CITEWELL_OPENAI_SPEC"

//go:embed schema/openai.json
var ownSchema []byte

// A form is a kind of body: the name of its schema here and, if the API is OpenAI's,
// in OpenAI's description.
type form struct{ own, openAI string }

var (
	chatForms  = [3]form{{"chatRequest", "CreateChatCompletionRequest"}, {"chatResponse", "CreateChatCompletionResponse"}, {"chatChunk", "CreateChatCompletionStreamResponse"}}
	embedForms = [2]form{{"embeddingsRequest", "CreateEmbeddingRequest"}, {"embeddingsResponse", "CreateEmbeddingResponse"}}
	errorForm  = form{own: "error"} // OpenAI describes errors of the streaming APIs only
)

// checked returns a handler that answers as h does and reports to t every body of
// chat completions and embeddings that is invalid against its schema: each request
// that is not refused for its format, and each response.
func checked(t testing.TB, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the client has left
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		rec := &recorder{ResponseWriter: w, status: http.StatusOK}
		h.ServeHTTP(rec, r) // a broken connection panics, so that no partial body is checked
		for _, err := range exchangeErrors(r, body, rec) {
			t.Errorf("llmtest: %s %s: %v", r.Method, r.URL.Path, err)
		}
	})
}

// A recorder keeps a copy of the response.
type recorder struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	r.body.Write(b)
	return r.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// exchangeErrors returns the errors of a request and its response.
func exchangeErrors(r *http.Request, request []byte, rec *recorder) []error {
	azure := strings.HasPrefix(r.URL.Path, "/openai/")
	var errs []error
	check := func(what string, f form, body []byte) {
		if azure {
			f.openAI = "" // its responses have more fields, and null for missing ones
		}
		if err := f.check(body); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w: %s", what, err, body))
		}
	}
	switch {
	case strings.HasSuffix(r.URL.Path, "/chat/completions"):
		if wellFormed(rec) {
			check("request", chatForms[0], request)
		}
		if strings.HasPrefix(rec.Header().Get("Content-Type"), "text/event-stream") {
			for _, data := range events(rec.body.String()) {
				check("chunk", chatForms[2], []byte(data))
			}
			return errs
		}
		check("response", orError(chatForms[1], rec), rec.body.Bytes())
	case strings.HasSuffix(r.URL.Path, "/embeddings"):
		if wellFormed(rec) {
			check("request", embedForms[0], request)
		}
		check("response", orError(embedForms[1], rec), rec.body.Bytes())
	}
	return errs
}

func orError(f form, rec *recorder) form {
	if rec.status != http.StatusOK {
		return errorForm
	}
	return f
}

// wellFormed reports whether the request had the format of the API, as far as the
// response shows: it was answered, or refused for what this model does not accept.
func wellFormed(rec *recorder) bool {
	var body struct {
		Error struct {
			Code string `json:"code"`
		} `json:"error"`
	}
	return rec.status == http.StatusOK || json.Unmarshal(rec.body.Bytes(), &body) == nil &&
		slices.Contains([]string{"unsupported_parameter", "unsupported_value", "context_length_exceeded", "content_filter"}, body.Error.Code)
}

// events returns the data of server-sent events, without [DONE].
func events(stream string) []string {
	var out []string
	for line := range strings.Lines(stream) {
		if data, ok := strings.CutPrefix(strings.TrimSpace(line), "data: "); ok && data != "[DONE]" {
			out = append(out, data)
		}
	}
	return out
}

// check validates a body against the schemas.
func (f form) check(body []byte) error {
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return err
	}
	if err := compiled("own:///openai.json#/$defs/" + f.own).Validate(v); err != nil {
		return err
	}
	if f.openAI == "" || os.Getenv(specVariable) == "" {
		return nil
	}
	return compiled("spec:///openai.json#/components/schemas/" + f.openAI).Validate(older(v))
}

// older replaces what the description of 2025-05 does not have: vectors in base64, and
// later efforts.
func older(v any) any {
	m, _ := v.(map[string]any)
	data, _ := m["data"].([]any)
	for _, d := range data {
		if e, ok := d.(map[string]any); ok {
			if _, ok := e["embedding"].(string); ok {
				e["embedding"] = []any{json.Number("0")}
			}
		}
	}
	if effort, _ := m["reasoning_effort"].(string); slices.Contains([]string{"none", "minimal", "xhigh"}, effort) {
		m["reasoning_effort"] = "low"
	}
	return v
}

// compiler holds the schemas, each compiled once.
var compiler struct {
	sync.Mutex
	*jsonschema.Compiler
	done map[string]*jsonschema.Schema
}

// compiled returns the schema with that URL. It panics if the schema is missing or
// invalid.
func compiled(place string) *jsonschema.Schema {
	compiler.Lock()
	defer compiler.Unlock()
	if compiler.Compiler == nil {
		compiler.Compiler, compiler.done = jsonschema.NewCompiler(), map[string]*jsonschema.Schema{}
		own, err := jsonschema.UnmarshalJSON(bytes.NewReader(ownSchema))
		must(err)
		must(compiler.AddResource("own:///openai.json", own))
		if path := os.Getenv(specVariable); path != "" {
			must(compiler.AddResource("spec:///openai.json", description(path)))
		}
	}
	if compiler.done[place] == nil {
		s, err := compiler.Compile(place)
		must(err)
		compiler.done[place] = s
	}
	return compiler.done[place]
}

func must(err error) {
	if err != nil {
		panic("llmtest: misuse: " + err.Error())
	}
}

// description reads an OpenAPI 3.0 description as JSON Schema of 2020-12.
func description(path string) any {
	b, err := os.ReadFile(path)
	must(err)
	var doc any
	must(yaml.Unmarshal(b, &doc))
	j, err := json.Marshal(modern(doc))
	must(err)
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(j))
	must(err)
	return v
}

// modern replaces nullable, a keyword of OpenAPI 3.0, by its equivalent in JSON Schema.
func modern(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = modern(v[i])
		}
	case map[string]any:
		nullable := v["nullable"] == true
		delete(v, "nullable")
		for k := range v {
			v[k] = modern(v[k])
		}
		if nullable {
			return map[string]any{"anyOf": []any{v, map[string]any{"type": "null"}}}
		}
	}
	return v
}
