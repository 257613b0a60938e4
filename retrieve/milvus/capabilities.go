package milvus

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/citewell/citewell/retrieve/index"
)

// capabilities are what a Milvus supports. They are known before anything is created:
// if an index were refused later, a collection without it would be left, and for an
// index that Milvus Lite does not support, the SDK would wait for ever.
type capabilities struct {
	version string // "" for Milvus Lite, which does not tell its version
	sparse  bool   // has SPARSE_FLOAT_VECTOR
}

func (c capabilities) isLite() bool { return c.version == "" }

// String names the engine.
func (c capabilities) String() string {
	if c.isLite() {
		return "Milvus Lite"
	}
	return "Milvus " + c.version
}

var versionRE = regexp.MustCompile(`^v?(\d+)\.(\d+)`)

// capabilitiesOf asks a Milvus for its capabilities. Sparse vectors came with 2.4.
func capabilitiesOf(ctx context.Context, e *engine) (capabilities, error) {
	version, ok, err := e.version(ctx)
	if err != nil {
		return capabilities{}, err
	}
	if !ok {
		return capabilities{sparse: true}, nil
	}
	m := versionRE.FindStringSubmatch(version)
	if m == nil {
		return capabilities{version: strconv.Quote(version)}, nil
	}
	major, _ := strconv.Atoi(m[1]) // digits
	minor, _ := strconv.Atoi(m[2])
	return capabilities{version: version, sparse: major > 2 || major == 2 && minor >= 4}, nil
}

// An indexType holds the parameters of a type of index.
type indexType struct {
	onLite bool                       // whether Milvus Lite 2.5.1 has it
	build  map[string]string          // to create it
	search func(k int) map[string]any // to search it for k rows
}

// indexes are the supported types of index. Only FLAT is exact.
var indexes = map[string]indexType{
	"FLAT":      {onLite: true},
	"AUTOINDEX": {onLite: true},
	"IVF_FLAT":  {onLite: true, build: map[string]string{"nlist": "128"}, search: probes},
	"IVF_SQ8":   {build: map[string]string{"nlist": "128"}, search: probes},
	"HNSW": {
		build:  map[string]string{"M": "16", "efConstruction": "200"},
		search: func(k int) map[string]any { return map[string]any{"ef": min(max(64, k), 32_768)} },
	},
}

func probes(int) map[string]any { return map[string]any{"nprobe": 16} }

// validateFingerprint returns an error for what the engine does not support.
func (c capabilities) validateFingerprint(fp index.Fingerprint) error {
	switch fp.Metric {
	case "L2", "IP", "COSINE":
	default:
		return fmt.Errorf("the metric %q is not L2, IP or COSINE", fp.Metric)
	}
	if fp.Dim < 1 || fp.Dim > 32_768 {
		return fmt.Errorf("vectors of %d dimensions are not within 1–32768", fp.Dim)
	}
	if ix, ok := indexes[fp.Index]; !ok || c.isLite() && !ix.onLite {
		names := slices.DeleteFunc(slices.Sorted(maps.Keys(indexes)), func(n string) bool {
			return c.isLite() && !indexes[n].onLite
		})
		return fmt.Errorf("%s has no index %q here: use one of %s", c, fp.Index, strings.Join(names, ", "))
	}
	return nil
}
