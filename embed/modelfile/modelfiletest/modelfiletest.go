// Package modelfiletest gives tests the files of local models that are not fetched for
// every one who runs the tests.
package modelfiletest

import (
	"context"
	"os"
	"testing"

	"github.com/citewell/citewell/embed/modelfile"
)

// requireVar demands all models: what is not in the cache is fetched.
const requireVar = "CITEWELL_REQUIRE_MODELS"

// Has reports whether tests may use a model: its files are in the user's cache, or
// CITEWELL_REQUIRE_MODELS is 1.
func Has(m modelfile.Model) bool {
	f, err := m.Locate(context.Background(), modelfile.Config{Offline: true})
	return os.Getenv(requireVar) == "1" || err == nil && f.Exist() == nil
}

// Folder returns the folder with the model's files in the user's cache. Without them
// the test is skipped, unless CITEWELL_REQUIRE_MODELS is 1: then they are fetched.
func Folder(t testing.TB, m modelfile.Model) modelfile.Folder {
	t.Helper()
	required := os.Getenv(requireVar) == "1"
	f, err := m.Locate(t.Context(), modelfile.Config{Offline: !required})
	if err == nil {
		err = f.Exist()
	}
	switch {
	case err == nil:
	case required:
		t.Fatal(err)
	default:
		t.Skipf("%s is not in the cache: set %s=1 to fetch %d MB (%v)", m.Name, requireVar, m.Wheel.Bytes/1e6, err)
	}
	return f
}
