package milvus

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/milvus-io/milvus-sdk-go/v2/entity"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/citewell/citewell/retrieve/index"
)

// An engine is what is behind an address. What it lacks is known before anything
// is created: a collection whose index is refused later would be left half-made,
// and Milvus Lite leaves the SDK waiting for ever for an index it does not have.
type engine struct {
	version string // "" for Milvus Lite, which does not tell
	sparse  bool   // has SPARSE_FLOAT_VECTOR
}

func (e engine) isLite() bool { return e.version == "" }

// String names the engine.
func (e engine) String() string {
	if e.isLite() {
		return "Milvus Lite"
	}
	return "Milvus " + e.version
}

var versionRE = regexp.MustCompile(`^v?(\d+)\.(\d+)`)

// probe asks the engine what it is. Milvus has sparse vectors since 2.4.
func (s *Store) probe(ctx context.Context) (engine, error) {
	version, err := s.client.GetVersion(ctx)
	if status.Code(err) == codes.Unimplemented {
		return engine{sparse: true}, nil
	}
	if err != nil {
		return engine{}, err
	}
	m := versionRE.FindStringSubmatch(version)
	if m == nil {
		return engine{version: strconv.Quote(version)}, nil
	}
	major, _ := strconv.Atoi(m[1]) // digits
	minor, _ := strconv.Atoi(m[2])
	return engine{version: version, sparse: major > 2 || major == 2 && minor >= 4}, nil
}

// An indexType is what a type of index needs: to be built, and to be searched for
// k rows.
type indexType struct {
	onLite bool // Milvus Lite 2.5.1 has it
	build  map[string]string
	search func(k int) map[string]any
}

// indexes are the types an index may have. Only FLAT is exact.
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

// checkFingerprint returns an error for what the engine can't do.
func (e engine) checkFingerprint(fp index.Fingerprint) error {
	switch entity.MetricType(fp.Metric) {
	case entity.L2, entity.IP, entity.COSINE:
	default:
		return fmt.Errorf("the metric %q is not L2, IP or COSINE", fp.Metric)
	}
	if fp.Dim < 1 || fp.Dim > 32_768 {
		return fmt.Errorf("vectors of %d dimensions are not within 1–32768", fp.Dim)
	}
	if ix, ok := indexes[fp.Index]; !ok || e.isLite() && !ix.onLite {
		names := slices.DeleteFunc(slices.Sorted(maps.Keys(indexes)), func(n string) bool {
			return e.isLite() && !indexes[n].onLite
		})
		return fmt.Errorf("%s has no index %q here: use one of %s", e, fp.Index, strings.Join(names, ", "))
	}
	return nil
}

// searchParam is the SDK's interface for what [indexType.search] returns.
type searchParam map[string]any

func (p searchParam) Params() map[string]any { return p }
func (p searchParam) AddRadius(float64)      {}
func (p searchParam) AddRangeFilter(float64) {}
