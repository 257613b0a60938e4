package llmtest

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"maps"
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
// of its API. If it is set, [Checked] validates against that description, too.
const specVariable = "CITEWELL_OPENAI_SPEC"

//go:embed schema/openai.json
var ownSchema []byte

// A form is a kind of body: the name of its schema here and, if the API is OpenAI's,
// in OpenAI's description.
type form struct {
	own, openAI string
	since31     bool // descriptions of OpenAPI 3.0 are too old for it
}

var (
	chatForms = [3]form{
		{own: "chatRequest", openAI: "CreateChatCompletionRequest"}, {own: "chatResponse", openAI: "CreateChatCompletionResponse"},
		{own: "chatChunk", openAI: "CreateChatCompletionStreamResponse"},
	}
	embedForms = [2]form{{own: "embeddingsRequest", openAI: "CreateEmbeddingRequest"}, {own: "embeddingsResponse", openAI: "CreateEmbeddingResponse"}}
	errorForm  = form{own: "error"} // OpenAI describes errors of the streaming APIs only
)

// Checked returns a handler that answers as h does and reports to t every body of
// chat completions, responses and embeddings that is invalid against its schema: each request
// that is not refused for its format, and each response.
func Checked(t testing.TB, h http.Handler) http.Handler { return check(t, h, true) }

// CheckedReplies is [Checked] without the requests, which clients of other programs send.
func CheckedReplies(t testing.TB, h http.Handler) http.Handler { return check(t, h, false) }

func check(t testing.TB, h http.Handler, requests bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the client has left
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		rec := &recorder{ResponseWriter: w, status: http.StatusOK}
		h.ServeHTTP(rec, r) // a broken connection panics, so that no partial body is checked
		for _, err := range exchangeErrors(r, body, rec, requests) {
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

// exchangeErrors returns the errors of a request, if it is to be checked, and of its
// response.
func exchangeErrors(r *http.Request, request []byte, rec *recorder, checkRequest bool) []error {
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
	streamed := strings.HasPrefix(rec.Header().Get("Content-Type"), "text/event-stream")
	var forms []form
	switch {
	case strings.HasSuffix(r.URL.Path, "/chat/completions"):
		forms = chatForms[:]
	case strings.HasSuffix(r.URL.Path, "/responses"):
		forms = responseForms[:]
		if err := sequenceError(events(rec.body.String())); streamed && err != nil {
			errs = append(errs, err)
		}
	case strings.HasSuffix(r.URL.Path, "/embeddings"):
		forms = embedForms[:]
	default:
		return nil
	}
	if checkRequest && wellFormed(rec) {
		check("request", forms[0], request)
	}
	if !streamed {
		check("response", orError(forms[1], rec), rec.body.Bytes())
		return errs
	}
	for _, data := range events(rec.body.String()) {
		check("chunk", forms[2], []byte(data))
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
			Code    string `json:"code"`
			Message string `json:"message"`
		} `json:"error"`
	}
	return rec.status == http.StatusOK || json.Unmarshal(rec.body.Bytes(), &body) == nil &&
		slices.Contains([]string{"unsupported_parameter", "unsupported_value", "context_length_exceeded", "content_filter"}, body.Error.Code) &&
		!strings.Contains(body.Error.Message, "this parameter has moved")
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
	schema, version := compiled("spec:///openai.json#/components/schemas/"+f.openAI), compiler.version
	if old := strings.HasPrefix(version, "3.0"); old && f.since31 {
		return nil
	}
	return schema.Validate(older(v))
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
	if effort, _ := m["reasoning_effort"].(string); slices.Contains([]string{"none", "minimal", "xhigh", "max"}, effort) {
		m["reasoning_effort"] = "low"
	}
	return v
}

// compiler holds the schemas, each compiled once.
var compiler struct {
	sync.Mutex
	*jsonschema.Compiler
	done    map[string]*jsonschema.Schema
	version string // of OpenAPI, of OpenAI's description
}

// compiled returns the schema with that URL. It panics if the schema is missing or
// invalid.
func compiled(place string) *jsonschema.Schema {
	compiler.Lock()
	defer compiler.Unlock()
	if compiler.Compiler == nil {
		compiler.Compiler, compiler.done = jsonschema.NewCompiler(), map[string]*jsonschema.Schema{}
		must(compiler.AddResource("own:///openai.json", ownSchemas()))
		if path := os.Getenv(specVariable); path != "" {
			doc := description(path)
			compiler.version, _ = doc["openapi"].(string)
			must(compiler.AddResource("spec:///openai.json", doc))
		}
	}
	if compiler.done[place] == nil {
		s, err := compiler.Compile(place)
		must(err)
		compiler.done[place] = s
	}
	return compiler.done[place]
}

// ownSchemas returns our schemas as one document.
func ownSchemas() map[string]any {
	doc := unmarshal(ownSchema)
	maps.Copy(doc["$defs"].(map[string]any), unmarshal(ownResponsesSchema)["$defs"].(map[string]any))
	return doc
}

// unmarshal returns a JSON object with exact numbers.
func unmarshal(b []byte) map[string]any {
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	must(err)
	return v.(map[string]any)
}

func must(err error) {
	if err != nil {
		panic("llmtest: misuse: " + err.Error())
	}
}

// description reads an OpenAPI description, of 3.0 or 3.1, as JSON Schema of 2020-12.
func description(path string) map[string]any {
	b, err := os.ReadFile(path)
	must(err)
	var doc any
	must(yaml.Unmarshal(b, &doc))
	j, err := json.Marshal(modern(doc))
	must(err)
	return unmarshal(j)
}

// modern replaces what is not in JSON Schema of 2020-12: nullable, a keyword of
// OpenAPI 3.0, and oneOf, whose alternatives a discriminator tells apart although they
// overlap. Recursion of an older draft, in filters of searches, is left out.
func modern(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = modern(v[i])
		}
	case map[string]any:
		nullable := v["nullable"] == true
		for _, name := range []string{"nullable", "$recursiveAnchor", "$recursiveRef"} {
			delete(v, name)
		}
		if one, ok := v["oneOf"]; ok && v["anyOf"] == nil {
			v["anyOf"] = one
			delete(v, "oneOf")
		}
		for k := range v {
			v[k] = modern(v[k])
		}
		if nullable {
			return map[string]any{"anyOf": []any{v, map[string]any{"type": "null"}}}
		}
	}
	return v
}
