package milvustest

import (
	"os"
	"testing"

	"github.com/citewell/citewell/retrieve/milvus/lite"
)

// LiteDir returns the folder of Milvus Lite's program: CITEWELL_MILVUS_LITE,
// else the user's cache, filled by pip. If there is none to be had the test is
// skipped, or fails if [Require] says so.
func LiteDir(t testing.TB) string {
	t.Helper()
	dir, err := lite.Find(t.Context(), lite.Config{Dir: os.Getenv("CITEWELL_MILVUS_LITE")})
	if err != nil {
		skip(t, err.Error())
	}
	return dir
}
