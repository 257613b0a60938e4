package milvustest

import (
	"os"
	"testing"

	"github.com/citewell/citewell/retrieve/milvus/lite"
)

// LiteDir returns the folder of Milvus Lite's program: CITEWELL_MILVUS_LITE,
// else the user's cache, which pip fills. If Milvus Lite cannot be had, the test is
// skipped, or fails with CITEWELL_REQUIRE_MILVUS=1.
func LiteDir(t testing.TB) string {
	t.Helper()
	dir, err := lite.Find(t.Context(), lite.Config{Dir: os.Getenv("CITEWELL_MILVUS_LITE")})
	if err != nil {
		skip(t, err.Error())
	}
	return dir
}
