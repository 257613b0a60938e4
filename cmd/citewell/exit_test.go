package main

import (
	"fmt"
	"io"
	"path/filepath"
	"testing"
)

func TestExitCodes(t *testing.T) {
	t.Parallel()
	missing := filepath.Join(t.TempDir(), "missing.db")
	for _, tt := range []struct {
		args []string
		want int
	}{
		{[]string{"version"}, 0},
		{[]string{"frobnicate"}, exitUsage},
		{[]string{"eval", "frobnicate"}, exitUsage},
		{[]string{"ask"}, exitUsage},
		{[]string{"ask", "--bogus", "x"}, exitUsage},
		{[]string{"search", "-k", "0", "x"}, exitUsage},
		{[]string{"ask", "--milvus", missing, "--embedder", "constant", "x"}, exitFailure},
	} {
		if got := exitCode(run(t.Context(), tt.args, noEnv, io.Discard, io.Discard)); got != tt.want {
			t.Errorf("citewell %q exits with %d, want %d", tt.args, got, tt.want)
		}
	}
	if got := exitCode(fmt.Errorf("%w", errUnanswered)); got != exitUnanswered {
		t.Errorf("a question that is not answered exits with %d, want %d", got, exitUnanswered)
	}
}
