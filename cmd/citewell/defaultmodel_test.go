package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/answer/llm/emulate"
	"github.com/citewell/citewell/answer/llm/llmtest"
)

// service emulates models. Its list has the given models, by their date of shutdown; a
// nil list is an error. It counts the requests for the list.
func service(t *testing.T, listed map[string]string) (url string, lists *atomic.Int64) {
	t.Helper()
	h, err := emulate.Handler(emulate.Config{Key: llmtest.Key})
	if err != nil {
		t.Fatal(err)
	}
	lists = new(atomic.Int64)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			h.ServeHTTP(w, r)
			return
		}
		lists.Add(1)
		if listed == nil {
			http.Error(w, "no list", http.StatusServiceUnavailable)
			return
		}
		data := []any{}
		for name, date := range listed {
			m := map[string]any{"id": name, "object": "model", "created": 1, "owned_by": "openai", "shutdown_date": nil}
			if date != "" {
				m["shutdown_date"] = date
			}
			data = append(data, m)
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"object": "list", "data": data})
	}))
	t.Cleanup(s.Close)
	return s.URL + "/v1", lists
}

// TestChooseModel follows the default model of a key through the list, the cache, a day
// and a list that fails.
func TestChooseModel(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	url, lists := service(t, map[string]string{"gpt-4o": "", "gpt-5.6-luna": "", "whisper-1": ""})
	down, _ := service(t, nil)
	cached := func() string {
		t.Helper()
		files, err := filepath.Glob(filepath.Join(os.Getenv("XDG_CACHE_HOME"), "citewell", "default-model", "*.json"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no cache: %v, %v", files, err)
		}
		return files[0]
	}
	for _, tt := range []struct {
		name, url, key string
		args           []string
		before         func()
		want           string
		lists          int64
	}{
		{"first", url, "k1", nil, nil, "gpt-5.6-luna", 1},
		{"again", url, "k1", nil, nil, "gpt-5.6-luna", 0},
		{"named", url, "k1", []string{"--model", "gpt-4o"}, nil, "gpt-4o", 0},
		{"after a day", url, "k1", nil, func() {
			if err := writeJSON(cached(), chosenModel{"gpt-0", time.Now().Add(-25 * time.Hour)}); err != nil {
				t.Fatal(err)
			}
		}, "gpt-5.6-luna", 1},
		{"a clock that was wrong", url, "k1", nil, func() {
			if err := writeJSON(cached(), chosenModel{"gpt-0", time.Now().Add(time.Hour)}); err != nil {
				t.Fatal(err)
			}
		}, "gpt-5.6-luna", 1},
		{"a broken cache", url, "k1", nil, func() {
			if err := os.WriteFile(cached(), []byte("{"), 0o600); err != nil {
				t.Fatal(err)
			}
		}, "gpt-5.6-luna", 1},
		{"a refusal", url, "k1", nil, func() {
			(&app{config: config{modelConfig: modelConfig{chosenFile: cached()}}}).forgetModel(llm.State{Misconfigured: 1})
		}, "gpt-5.6-luna", 1},
		{"another key", url, "k2", nil, nil, "gpt-5.6-luna", 1},
		{"a list that fails", down, "k1", nil, nil, "gpt-6.1-terra", 0},
	} {
		if tt.before != nil {
			tt.before()
		}
		a, err := loaded(t, map[string]string{"OPENAI_API_KEY": tt.key, "OPENAI_BASE_URL": tt.url}, append([]string{"ask"}, append(tt.args, "q")...)...)
		if err != nil {
			t.Fatal(err)
		}
		before := lists.Load()
		m, err := a.newModel(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if n := lists.Load() - before; m.Model() != tt.want || n != tt.lists {
			t.Errorf("%s: model %s after %d requests for the list, want %s after %d", tt.name, m.Model(), n, tt.want, tt.lists)
		}
	}
}

// TestCheckModelShutdown checks that doctor tells when a model is shut down.
func TestCheckModelShutdown(t *testing.T) {
	url, _ := service(t, map[string]string{"o3": "2026-12-11", "gpt-5.6-terra": ""})
	for model, says := range map[string]string{"o3": "shuts it down on 2026-12-11", "gpt-5.6-terra": "", "gpt-4o": ""} {
		a, err := loaded(t, map[string]string{"OPENAI_API_KEY": llmtest.Key, "OPENAI_BASE_URL": url}, "doctor", "--model", model)
		if err != nil {
			t.Fatal(err)
		}
		got, err := a.checkModel(t.Context())
		if err != nil || !strings.Contains(got, says) || says == "" && strings.Contains(got, "shuts") {
			t.Errorf("checkModel of %s = %q, %v, want it to say %q", model, got, err, says)
		}
	}
}
