package minilm

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/embed/modelfile"
	"github.com/citewell/citewell/internal/wheel"
)

// vocabulary returns the content of the right vocabulary.
func vocabulary(t *testing.T) string {
	t.Helper()
	f, err := located()
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(f.Path(vocabFile))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func writeFiles(t *testing.T, dir string, content map[string]string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, s := range content {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(s), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOpenDir(t *testing.T) {
	f, err := located()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", "") // no pip is needed
	m, err := Open(t.Context(), Config{Config: modelfile.Config{Dir: filepath.Dir(f.Path(vocabFile))}})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Close(); err != nil {
		t.Error(err)
	}
}

func TestOpenBadDir(t *testing.T) {
	vocab := vocabulary(t)
	for _, tt := range []struct {
		name    string
		content map[string]string
		want    []string
	}{
		{"empty", nil, []string{vocabFile, "is missing"}},
		{"no model", map[string]string{vocabFile: vocab}, []string{modelFile, "is missing"}},
		{"other vocabulary", map[string]string{vocabFile: "x" + vocab, modelFile: "not a model"}, []string{vocabFile, "is damaged or another file"}},
		{"other model", map[string]string{vocabFile: vocab, modelFile: "not a model"}, []string{modelFile, "is damaged or another file"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			writeFiles(t, dir, tt.content)
			for _, deferred := range []bool{false, true} {
				_, err := Open(t.Context(), Config{Config: modelfile.Config{Dir: dir}, Deferred: deferred})
				for _, want := range append(tt.want, dir, "minilm: ", "CITEWELL_MODEL_DIR") {
					if err == nil || !strings.Contains(err.Error(), want) {
						t.Errorf("deferred: %v: error = %v, want %q in it", deferred, err, want)
					}
				}
				if err != nil && strings.Contains(err.Error(), "\n") {
					t.Errorf("deferred: %v: error of several lines: %q", deferred, err)
				}
			}
		})
	}
}

func TestDeferredDamage(t *testing.T) {
	dir := t.TempDir()
	writeFiles(t, dir, map[string]string{vocabFile: vocabulary(t), modelFile: "not a model"})
	if err := os.Truncate(filepath.Join(dir, modelFile), source.Files[0].Bytes); err != nil {
		t.Fatal(err)
	}
	m, err := Open(t.Context(), Config{Config: modelfile.Config{Dir: dir}, Deferred: true})
	if err != nil {
		t.Fatal(err)
	}
	if ws := m.Windows("heading", "text"); len(ws) != 1 {
		t.Errorf("Windows = %q, want one", ws)
	}
	if _, err = m.Embed(t.Context(), []string{"text"}, embed.Document); err == nil || !strings.Contains(err.Error(), modelFile+" is damaged or another file") {
		t.Errorf("Embed = %v, want what is wrong with the file", err)
	}
}

func TestOpenDeferred(t *testing.T) {
	f, err := located()
	if err != nil {
		t.Fatal(err)
	}
	m, err := Open(t.Context(), Config{Config: modelfile.Config{Dir: filepath.Dir(f.Path(vocabFile))}, Deferred: true})
	if err != nil {
		t.Fatal(err)
	}
	if m.Model() != "all-MiniLM-L6-v2/384" || m.MaxTokens() != 256 || m.encoder != nil {
		t.Errorf("model = %s, %d tokens, loaded: %v; want it unloaded", m.Model(), m.MaxTokens(), m.encoder != nil)
	}
	if err := m.Close(); err != nil {
		t.Errorf("Close before the first use: %v", err)
	}
	if v, err := m.Embed(t.Context(), []string{"text"}, embed.Document); err != nil || len(v) != 1 || len(v[0]) != 384 {
		t.Errorf("Embed = %v, %v", v, err)
	}
	if err := m.Close(); err != nil {
		t.Error(err)
	}
}

// A cached file that changed without changing its size is found out by its
// SHA-256.
func TestOpenDamagedCache(t *testing.T) {
	cache := t.TempDir()
	dir := source.Wheel.Dir(cache)
	vocab, model := vocabulary(t), "damaged"
	manifest, err := json.Marshal(map[string]any{
		"sha256": source.Wheel.SHA256,
		"files":  map[string]int{vocabFile: len(vocab), modelFile: len(model)},
	})
	if err != nil {
		t.Fatal(err)
	}
	writeFiles(t, dir, map[string]string{vocabFile: vocab, modelFile: model, ".wheel.json": string(manifest)})
	_, err = Open(t.Context(), Config{Config: modelfile.Config{CacheDir: cache}})
	for _, want := range []string{filepath.Join(dir, modelFile), "is damaged", "delete it, and it will be fetched again"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Open = %v, want %q in it", err, want)
		}
	}
}

func TestOpenNotFetched(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := Open(t.Context(), Config{Config: modelfile.Config{CacheDir: t.TempDir()}})
	if !errors.Is(err, wheel.ErrNoPip) || !strings.Contains(err.Error(), "CITEWELL_MODEL_DIR") {
		t.Errorf("Open without pip = %v, want ErrNoPip and CITEWELL_MODEL_DIR", err)
	}
	_, err = Open(t.Context(), Config{Config: modelfile.Config{CacheDir: t.TempDir(), Offline: true}})
	if errors.Is(err, wheel.ErrNoPip) || err == nil || !strings.Contains(err.Error(), "is missing") {
		t.Errorf("Open offline = %v, want a missing file", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Open(ctx, Config{Config: modelfile.Config{CacheDir: t.TempDir()}}); !errors.Is(err, context.Canceled) {
		t.Errorf("Open canceled = %v, want context.Canceled", err)
	}
	t.Setenv("HOME", "")
	t.Setenv("XDG_CACHE_HOME", "")
	if _, err := Open(t.Context(), Config{}); err == nil || !strings.Contains(err.Error(), "cache folder") {
		t.Errorf("Open without home = %v, want the cache folder in it", err)
	}
}

func TestTensors(t *testing.T) {
	const good = `{"__metadata__":{"format":"pt"},"x":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]}}`
	for _, tt := range []struct {
		name   string
		header string
		size   int64 // of the header, as the file says
		data   string
		want   string
	}{
		{"good", good, int64(len(good)), "\x00\x00\x80?\x00\x00\x00\xc0", ""},
		{"empty", "", -8, "", "EOF"},
		{"not JSON", "{x", 2, "", "not in safetensors format"},
		{"not tensors", `{"x":3}`, 7, "", "not in safetensors format"},
		{"huge header", "", 1 << 40, "", "header of 1099511627776 bytes"},
		{"header cut", good[:9], int64(len(good)), "", "EOF"},
		{"data cut", good, int64(len(good)), "\x00\x00\x80?", "read tensor x"},
		{"other shape", strings.Replace(good, "[2,1]", "[1,2]", 1), int64(len(good)), "12345678", "tensor x is F32 [1 2], want F32 [2 1]"},
		{"other type", strings.Replace(good, "F32", "I32", 1), int64(len(good)), "12345678", "tensor x is I32"},
		{"no tensor", "{}", 2, "", "tensor x is"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := append(binary.LittleEndian.AppendUint64(nil, uint64(tt.size)), tt.header+tt.data...)
			if tt.size < 0 {
				b = nil
			}
			name := filepath.Join(t.TempDir(), modelFile)
			if err := os.WriteFile(name, b, 0o644); err != nil {
				t.Fatal(err)
			}
			f, err := os.Open(name)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			ts, err := openTensors(f)
			var x []float32
			if err == nil {
				x = ts.read("x", 2, 1)
				err = ts.err
			}
			switch {
			case tt.want == "" && (err != nil || len(x) != 2 || x[0] != 1 || x[1] != -2):
				t.Errorf("read = %v, %v, want [1 -2]", x, err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("read = %v, %v, want %q", x, err, tt.want)
			}
			if tt.want != "" {
				if e, err := load(f, nil); err == nil {
					t.Errorf("load = %v, want an error", e)
				}
			}
		})
	}
}
