package embed

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"unicode/utf8"
)

const testKey = "sk-test-0123456789"

// A service plays OpenAI's embeddings API by its documented rules. The vectors
// it gives are of any length, and in reverse order.
type service struct {
	*httptest.Server
	dims   map[string]int // of its models
	spoil  func(data []map[string]any) []map[string]any
	fail   func(n int64, w http.ResponseWriter) bool // answers request n itself
	calls  atomic.Int64
	inputs []int // of each request answered
	last   map[string]any
}

func newService(t *testing.T) *service {
	s := &service{dims: map[string]int{
		"text-embedding-3-small": 1536, "text-embedding-3-large": 3072, "text-embedding-ada-002": 1536, "other": 7,
	}}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

// refuse answers with an error as OpenAI does. The SDK is told not to wait long
// before it tries again.
func refuse(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Retry-After-Ms", "1")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]any{"code": code, "message": message, "type": "invalid_request_error", "param": nil}})
}

func (s *service) serve(w http.ResponseWriter, r *http.Request) {
	if n := s.calls.Add(1); s.fail != nil && s.fail(n, w) {
		return
	}
	var req struct {
		Model      string   `json:"model"`
		Input      []string `json:"input"`
		Dimensions *int     `json:"dimensions"`
		Format     string   `json:"encoding_format"`
	}
	var body bytes.Buffer
	if _, err := body.ReadFrom(r.Body); err != nil {
		return
	}
	s.last = nil
	if json.Unmarshal(body.Bytes(), &req) != nil || json.Unmarshal(body.Bytes(), &s.last) != nil {
		refuse(w, 400, "", "bad JSON")
		return
	}
	dim, known := s.dims[req.Model]
	size := 0
	for _, in := range req.Input {
		size += utf8.RuneCountInString(in) // as if every rune were a token
	}
	switch {
	case r.Method != http.MethodPost || r.URL.Path != "/v1/embeddings":
		http.NotFound(w, r)
		return
	case r.Header.Get("Authorization") != "Bearer "+testKey:
		refuse(w, 401, "invalid_api_key", "Incorrect API key provided: "+r.Header.Get("Authorization"))
		return
	case !known:
		refuse(w, 404, "model_not_found", "The model does not exist")
		return
	case req.Dimensions != nil && !strings.HasPrefix(req.Model, "text-embedding-3-"):
		refuse(w, 400, "", "This model does not support specifying dimensions.")
		return
	case len(req.Input) == 0 || len(req.Input) > 2048 || slices.Contains(req.Input, "") || size > 300_000:
		refuse(w, 400, "", "'$.input' is invalid.")
		return
	}
	if req.Dimensions != nil {
		dim = *req.Dimensions
	}
	var data []map[string]any
	for i, in := range req.Input {
		data = append(data, map[string]any{"object": "embedding", "index": i, "embedding": vectorOf(in, dim, req.Format)})
	}
	slices.Reverse(data)
	if s.spoil != nil {
		data = s.spoil(data)
	}
	s.inputs = append(s.inputs, len(req.Input))
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"object": "list", "model": req.Model, "data": data, "usage": map[string]any{"prompt_tokens": size, "total_tokens": size}})
}

// vectorOf returns a vector of length 5 in the direction that text has.
func vectorOf(text string, dim int, format string) any {
	v := direction(text, dim)
	for i := range v {
		v[i] *= 5
	}
	if format != "base64" {
		return v
	}
	var b []byte
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return base64.StdEncoding.EncodeToString(b)
}

func direction(text string, dim int) Vector {
	v, err := Constant{Dim: dim}.Embed(context.Background(), []string{text}, Document)
	if err != nil {
		panic(err)
	}
	return v[0]
}

func (s *service) config() OpenAIConfig {
	return OpenAIConfig{APIKey: testKey, BaseURL: s.URL + "/v1", HTTPClient: s.Client()}
}

func near(a, b Vector) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if math.Abs(float64(a[i]-b[i])) > 1e-6 {
			return false
		}
	}
	return true
}
