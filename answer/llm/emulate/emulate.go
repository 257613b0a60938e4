// Package emulate answers requests as the services of language models document,
// without a model.
//
// Call [Handler]. It answers POST /v1/chat/completions and /v1/responses (with or
// without the /v1), Azure's /openai/deployments/{deployment}/chat/completions and
// /openai/v1/responses, Anthropic's /v1/messages, POST /v1/embeddings and GET /v1/models. A request that the real
// service refuses gets the body of its error; the table in rules.go defines what
// each model accepts. It is kept apart from the client's own table on purpose, so
// that a mistake in one shows against the other.
//
// [Config.Answer] writes the text. By default an extractive reader does: it chooses
// the sentences of the prompt's sources that share most terms with the question,
// cites and quotes them. Reasoning uses a part of the budget, as in the real models.
// The same requests in the same order get the same answers.
package emulate

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
)

// maxBodyBytes bounds a request with its images.
const maxBodyBytes = 64 << 20

// A Config defines which models are emulated, and how. Its zero value serves every
// known model to any key.
type Config struct {
	Models   map[string]string              // served name, or Azure's deployment, to one of [Names]; nil serves all of them
	Key      string                         // the only valid key; empty accepts any
	Token    func(bearer string) bool       // whether Azure accepts this Entra ID token; nil accepts none
	Seed     uint64                         // varies how long the models reason
	Label    string                         // appended to the model's name in every response, such as " (emulated)"
	Obedient bool                           // the model obeys instructions outside the prompt's delimiters: for tests of the delimiters
	Answer   func(prompt string) string     // writes the text; nil means the extractive reader
	Count    func(text string) int          // tokens of a text; nil means an estimate
	Script   func(n int, body []byte) Fault // the fault of the n-th request, from 1; nil means none
}

// A Fault is a failure of one request. A client can ask for one with the header
// X-Emulate or the query parameter emulate; see [parseFault].
type Fault struct {
	Status       int                       // answer with this HTTP error; 0 means none
	RetryAfter   string                    // the header with it
	Reasoning    int                       // tokens of reasoning; 0 means the model's own number, less than 0 none
	Refusal      string                    // returned instead of a text
	FilterPrompt bool                      // the content filter refuses the prompt
	FilterAnswer bool                      // the content filter blocks the text
	Hold         func(ctx context.Context) // called before the headers are sent
	Cut          int                       // the connection breaks after so many pieces; 0 means never
	NoUsage      bool                      // the response has no usage
	Failed       string                    // Responses API: the response fails with this code
	Unopened     bool                      // reasoning in the text has no opening mark
}

// Names returns the known models, in the order of the table.
func Names() []string {
	names := make([]string, len(table))
	for i, m := range table {
		names[i] = m.name
	}
	return names
}

// Anthropic reports whether a model has Anthropic's messages API and not OpenAI's.
func Anthropic(name string) bool {
	m, ok := lookup(name)
	return ok && m.vendor == "anthropic"
}

// An emulator is the state of the handler.
type emulator struct {
	Config
	requests atomic.Int64
}

// Handler returns a handler of the services.
func Handler(c Config) (http.Handler, error) {
	for served, name := range c.Models {
		_, embeds := embeddingModels[name]
		if _, ok := lookup(name); !ok && !embeds {
			return nil, fmt.Errorf("emulate: %s: no rules for a model %q: choose one of %s", served, name, strings.Join(Names(), ", "))
		}
	}
	if c.Count == nil {
		c.Count = estimate
	}
	e := &emulator{Config: c}
	mux := http.NewServeMux()
	for _, base := range []string{"", "/v1"} {
		mux.HandleFunc("POST "+base+"/chat/completions", e.serve(openAI))
		mux.HandleFunc("POST "+base+"/responses", e.serve(openAI))
		mux.HandleFunc("POST "+base+"/messages", e.serve(anthropic))
		mux.HandleFunc("POST "+base+"/embeddings", e.serve(openAI))
		mux.HandleFunc("GET "+base+"/models", e.models)
	}
	mux.HandleFunc("POST /openai/deployments/{deployment}/chat/completions", e.serve(azure))
	mux.HandleFunc("POST /openai/deployments/{deployment}/embeddings", e.serve(azure))
	mux.HandleFunc("POST /openai/v1/responses", e.serve(azure))
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { unknownURL(r).send(w, r, openAI) })
	return mux, nil
}

// An api is one of the emulated APIs.
type api int

const (
	openAI api = iota
	azure
	anthropic
)

// An exchange is one request with the state of its handling.
type exchange struct {
	*emulator
	w       http.ResponseWriter
	r       *http.Request
	api     api
	n       int
	body    []byte
	fault   Fault
	version string // Azure's api-version
}

// serve answers requests of one API: it checks the caller first, then the model.
func (e *emulator) serve(a api) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBodyBytes))
		if err != nil {
			apiError{status: http.StatusRequestEntityTooLarge, message: "The request is too large."}.send(w, r, a)
			return
		}
		x := &exchange{emulator: e, w: w, r: r, api: a, n: int(e.requests.Add(1)), body: body}
		w.Header().Set("X-Request-Id", fmt.Sprintf("req_emulated%d", x.n))
		if f := x.answer(); f != nil {
			f.send(w, r, a)
		}
	}
}

// answer answers the request, or returns the error to send.
func (x *exchange) answer() *apiError {
	if x.Script != nil {
		x.fault = x.Script(x.n, x.body)
	}
	if asked := cmp.Or(x.r.Header.Get("X-Emulate"), x.r.URL.Query().Get("emulate")); asked != "" {
		f, err := parseFault(asked)
		if err != nil {
			return &apiError{status: http.StatusBadRequest, param: "emulate", message: err.Error()}
		}
		x.fault = f
	}
	if x.fault.Hold != nil {
		x.fault.Hold(x.r.Context())
	}
	if x.fault.Status != 0 {
		return x.faultError()
	}
	if f := x.authenticate(); f != nil {
		return f
	}
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(x.body, &fields); err != nil {
		return &apiError{status: http.StatusBadRequest, message: "We could not parse the JSON body of your request. The API expects a JSON object."}
	}
	for name, v := range fields {
		if string(v) == "null" {
			delete(fields, name) // as if the field were missing
		}
	}
	switch {
	case strings.HasSuffix(x.r.URL.Path, "/embeddings"):
		return x.embed(fields)
	case strings.HasSuffix(x.r.URL.Path, "/responses"):
		return x.responses(fields)
	case x.api == anthropic:
		return x.messages(fields)
	}
	return x.chat(fields)
}

// resolve returns the rules of the requested model, and its name.
func (x *exchange) resolve(fields map[string]json.RawMessage) (rules, string, *apiError) {
	var name string
	if name = x.r.PathValue("deployment"); name != "" { // Azure, except for its v1 API
	} else if err := json.Unmarshal(fields["model"], &name); err != nil || name == "" {
		return rules{}, "", &apiError{status: http.StatusBadRequest, message: "you must provide a model parameter"}
	}
	known := name
	if x.Models != nil {
		known = x.Models[name]
	}
	m, ok := lookup(known)
	if !ok || x.Models == nil && (x.api == anthropic) != (m.vendor == "anthropic") {
		return rules{}, name, unknownModel(x.api, name)
	}
	return m, name, nil
}

// names returns the models that GET /v1/models lists.
func (e *emulator) names() []string {
	if e.Models == nil {
		return Names()
	}
	return slices.Sorted(maps.Keys(e.Models))
}

func (e *emulator) models(w http.ResponseWriter, r *http.Request) {
	x := &exchange{emulator: e, w: w, r: r, api: openAI}
	if r.Header.Get("X-Api-Key") != "" {
		x.api = anthropic
	}
	if f := x.authenticate(); f != nil {
		f.send(w, r, x.api)
		return
	}
	data := []any{}
	for _, name := range e.names() {
		data = append(data, map[string]any{"id": name, "object": "model", "created": released, "owned_by": "emulate"})
	}
	send(w, http.StatusOK, map[string]any{"object": "list", "data": data})
}

// send sends v as JSON.
func send(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v) // the client may be gone; there is nobody to tell
}
