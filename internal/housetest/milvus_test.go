package housetest

import (
	"slices"
	"strings"
	"testing"
)

// TestOneFileKnowsTheMilvusSDK holds the SDK behind one file, so that another
// client of Milvus takes its place there alone.
func TestOneFileKnowsTheMilvusSDK(t *testing.T) {
	const sdk, home = "github.com/milvus-io/milvus-sdk-go/", "retrieve/milvus/engine.go"
	var importers []string
	for _, f := range goFiles(t) {
		if !f.test && slices.ContainsFunc(f.imports(), func(imp string) bool { return strings.HasPrefix(imp, sdk) }) {
			importers = append(importers, f.path)
		}
	}
	if !slices.Equal(importers, []string{home}) {
		t.Errorf("the Milvus SDK is imported by %v, want %s alone", importers, home)
	}
}
