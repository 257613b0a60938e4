package housetest

import (
	"path"
	"testing"

	"github.com/citewell/citewell/internal/problem"
)

// TestErrorsNameNoPackages checks that no user sees the names of packages, which
// errors begin with.
func TestErrorsNameNoPackages(t *testing.T) {
	for _, pkg := range packages(goFiles(t)) {
		if forTests(pkg) || within(pkg, "cmd") || pkg == "internal/bench" {
			continue
		}
		if in := path.Base(pkg) + ": x"; problem.Text(in) != "x" {
			t.Errorf("problem.Text(%q) = %q, want x: add the name of %s to internal/problem/text.go", in, problem.Text(in), pkg)
		}
	}
}
