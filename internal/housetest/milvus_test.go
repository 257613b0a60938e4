package housetest

import (
	"slices"
	"strings"
	"testing"
)

// TestOneFileKnowsTheMilvusSDK holds the SDK behind one file, so that another
// client of Milvus takes its place there alone. The benchmark compares with bare calls
// of the SDK.
func TestOneFileKnowsTheMilvusSDK(t *testing.T) {
	const sdk, measured, home = "github.com/milvus-io/milvus-sdk-go/", "internal/bench/raw.go", "retrieve/milvus/engine.go"
	var importers []string
	for _, f := range goFiles(t) {
		if !f.test && slices.ContainsFunc(f.imports(), func(imp string) bool { return strings.HasPrefix(imp, sdk) }) {
			importers = append(importers, f.path)
		}
	}
	if !slices.Equal(importers, []string{measured, home}) {
		t.Errorf("the Milvus SDK is imported by %v, want %s and %s alone", importers, measured, home)
	}
}
