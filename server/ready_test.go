package server

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/retrieve/index"
)

// TestReadyParts checks the states that /readyz reports.
func TestReadyParts(t *testing.T) {
	part := func(name string, optional bool, state string, err error) Part {
		return Part{Name: name, Optional: optional, State: func(context.Context) (string, error) { return state, err }}
	}
	hangs := Part{Name: "embedder", State: func(ctx context.Context) (string, error) {
		<-ctx.Done()
		return "", ctx.Err()
	}}
	for _, tt := range []struct {
		name   string
		store  error
		parts  []Part
		status int
		want   map[string]string
		code   string
	}{
		{"all well", nil, []Part{part("model", true, StateNone, nil)}, 200, map[string]string{"store": "ok", "model": "none"}, ""},
		{"model failed", nil, []Part{part("model", true, "", errors.New("secret"))}, 200, map[string]string{"store": "ok", "model": "failed"}, ""},
		{"no index", nil, []Part{part("index", false, "", index.ErrNoIndex)}, 503, map[string]string{"store": "ok", "index": "failed"}, "no_index"},
		{"first that failed", index.ErrUnavailable, []Part{part("index", false, "", index.ErrNoIndex)}, 503, map[string]string{"store": "failed", "index": "failed"}, "store_unavailable"},
		{"one that hangs", nil, []Part{hangs}, 503, map[string]string{"store": "ok", "embedder": "failed"}, "store_unavailable"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h, err := Handler(Config{Answerer: fake{}, Retriever: fake{}, Ready: func(context.Context) error { return tt.store }, Parts: tt.parts})
				if err != nil {
					t.Fatal(err)
				}
				begun := time.Now()
				w := do(h, "GET", "/readyz", "")
				var got struct {
					Status string
					Parts  map[string]string
					Error  struct{ Code, Message, Fix string }
				}
				if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
					t.Fatalf("%v: %s", err, w.Body)
				}
				if w.Code != tt.status || got.Error.Code != tt.code || (got.Status == "ready") != (tt.status == 200) {
					t.Errorf("readyz = %d %s, want %d with code %q", w.Code, w.Body, tt.status, tt.code)
				}
				if diff := cmp.Diff(tt.want, got.Parts); diff != "" {
					t.Errorf("parts: -want +got\n%s", diff)
				}
				if d := time.Since(begun); d > readyTimeout {
					t.Errorf("readyz took %v", d)
				}
				if (w.Header().Get("Retry-After") != "") != (tt.status == 503) {
					t.Errorf("Retry-After = %q with %d", w.Header().Get("Retry-After"), w.Code)
				}
			})
		})
	}
}
