package housetest

import (
	"fmt"
	"path"
	"strings"
	"testing"
)

// layers maps each owner to its layer. A package belongs to the longest owner that
// its path begins with. Imports go to a lower layer or stay within the owner.
var layers = map[string]int{
	"chunker":         0,
	"embed":           0,
	"retrieve/bm25":   0,
	"retrieve/index":  1,
	"retrieve":        2,
	"retrieve/milvus": 3,
	"answer":          3,
	"ingest":          3,
	"server":          4,
	"cmd/citewell":    5,
	"internal/bench":  5,
}

// separate are pairs of owners of which the first must not import the second,
// although it lies lower.
var separate = map[[2]string]string{
	{"ingest", "retrieve"}: "ingestion stands on the contract of stores (retrieve/index), not on search",
}

// aside lists what stands beside the layers, apart from the owners among them: every
// layer may import it, and it imports no layer.
var aside = []string{"docs", "internal"}

// homes maps a module to the only packages, with those below them, that may import it.
var homes = map[string][]string{
	"github.com/gin-gonic/gin":                    {"server"},
	"github.com/PuerkitoBio/goquery":              {"ingest"},
	"github.com/milvus-io/milvus-sdk-go":          {"retrieve/milvus", "internal/bench"},
	"github.com/openai/openai-go":                 {"embed", "answer/llm", "server/openai"},
	"github.com/testcontainers/testcontainers-go": {"internal/milvustest"},
	"github.com/spf13":                            {"cmd/citewell"},
	"github.com/chromedp":                         {"server/web"},
	"go.opentelemetry.io":                         {"internal/trace"},
}

// within reports whether a path is dir or below it.
func within(p, dir string) bool { return p == dir || strings.HasPrefix(p, dir+"/") }

// ownerOf returns the owner of a package of this module and its layer; the layer
// is -1 for what stands aside.
func ownerOf(pkg string) (owner string, layer int, ok bool) {
	for o, l := range layers {
		if within(pkg, o) && len(o) > len(owner) {
			owner, layer, ok = o, l, true
		}
	}
	for _, a := range aside {
		if within(pkg, a) && !ok {
			return pkg, -1, true
		}
	}
	return owner, layer, ok
}

// forTests reports whether a package exists for tests only.
func forTests(pkg string) bool { return strings.HasSuffix(path.Base(pkg), "test") }

// forbidden returns why a file must not import a package of this module, or "" if
// it may.
func forbidden(dir string, test bool, imported string) string {
	from, fromLayer, ok := ownerOf(dir)
	if !ok {
		return dir + " has no layer: add it to layers, or to aside"
	}
	to, toLayer, ok := ownerOf(imported)
	switch {
	case !ok:
		return imported + " has no layer: add it to layers, or to aside"
	case forTests(imported) && !test && !forTests(dir):
		return "only tests may import test helpers"
	case within(dir, "answer/llm/emulate") && within(imported, "answer/prompt"):
		return "emulated models read a prompt as a service gets it, not by the code that wrote it"
	case forTests(imported), from == to:
		return ""
	case fromLayer == -1 && toLayer >= 0 && !test && !forTests(dir):
		return "a package beside the layers must not import a layer"
	case fromLayer >= 0 && fromLayer <= toLayer:
		return fmt.Sprintf("layer %d must not import layer %d", fromLayer, toLayer)
	}
	return separate[[2]string{from, to}]
}

func TestArrowsGoDown(t *testing.T) {
	for _, f := range goFiles(t) {
		for _, imp := range f.imports() {
			pkg, ours := strings.CutPrefix(imp, module+"/")
			if !ours {
				continue
			}
			if why := forbidden(f.dir, f.test, pkg); why != "" {
				t.Errorf("%s imports %s: %s", f.path, pkg, why)
			}
		}
	}
}

func TestForbidden(t *testing.T) {
	for _, tt := range []struct {
		name     string
		dir      string
		test     bool
		imported string
		allowed  bool
	}{
		{"down", "answer", false, "retrieve", true},
		{"down to a sub-package", "ingest", false, "retrieve/bm25", true},
		{"down to the contract of stores", "ingest", false, "retrieve/index", true},
		{"ingestion never searches", "ingest", false, "retrieve", false},
		{"up from the contract of stores", "retrieve/index", false, "retrieve", false},
		{"up from the contract to a store", "retrieve/index", false, "retrieve/milvus", false},
		{"two layers down", "server", false, "retrieve", true},
		{"own sub-package", "answer", false, "answer/llm", true},
		{"emulator from the prompt", "answer/llm/emulate", false, "answer/prompt", false},
		{"own parent", "embed/minilm", false, "embed", true},
		{"below another owner", "retrieve/milvus", false, "retrieve", true},
		{"up", "retrieve", false, "answer", false},
		{"up to a sub-owner", "retrieve", false, "retrieve/milvus", false},
		{"across", "answer", false, "ingest", false},
		{"across in layer 0", "chunker", false, "embed", false},
		{"across in a test", "answer", true, "retrieve/milvus", false},
		{"aside", "embed/minilm", false, "internal/wheel", true},
		{"measured", "internal/bench", false, "retrieve/milvus", true},
		{"from aside", "internal/wheel", false, "embed", false},
		{"aside to aside", "internal/site", false, "docs", true},
		{"helper in a test", "answer", true, "retrieve/retrievetest", true},
		{"helper from above in a test", "retrieve", true, "internal/milvustest", true},
		{"helper in a helper", "retrieve/retrievetest", false, "embed/embedtest", true},
		{"helper shipped", "answer", false, "embed/embedtest", false},
		{"unknown", "answer", false, "utils", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if why := forbidden(tt.dir, tt.test, tt.imported); (why == "") != tt.allowed {
				t.Errorf("forbidden(%s, %t, %s) = %q, want allowed %t", tt.dir, tt.test, tt.imported, why, tt.allowed)
			}
		})
	}
}

func TestModulesStayHome(t *testing.T) {
	for _, f := range goFiles(t) {
		for _, imp := range f.imports() {
			for mod, dirs := range homes {
				if within(imp, mod) && !withinAny(f.dir, dirs) {
					t.Errorf("%s imports %s, which only %s may import", f.path, imp, strings.Join(dirs, ", "))
				}
			}
		}
	}
}

func withinAny(p string, dirs []string) bool {
	for _, d := range dirs {
		if within(p, d) {
			return true
		}
	}
	return false
}
