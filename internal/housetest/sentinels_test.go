package housetest

import (
	"go/ast"
	"maps"
	"slices"
	"testing"
)

// handled are sentinel errors that no user is told of by their kind: the code in
// between decides what to do, or the error that wraps them names the fix.
var handled = map[string]string{
	"answer/eval.ErrNotRecorded":      "its text names the fix",
	"answer/llm.ErrConfig":            "becomes answer.ErrModel, or names the flag",
	"answer/llm.ErrNoText":            "the answer is extractive then",
	"ingest.ErrKept":                  "the error that wraps it names the site and the reason",
	"ingest.ErrNothing":               "the error that wraps it names the page and the reason",
	"ingest/crawl/guard.ErrPrivate":   "a reason in the report; problem.UnreadablePage on request",
	"ingest/crawl.ErrType":            "a reason in the report; problem.UnreadablePage on request",
	"ingest/document.ErrNeedsScript":  "a reason in the report; problem.UnreadablePage on request",
	"ingest/extract.ErrNoText":        "a reason in the report; problem.UnreadablePage on request",
	"ingest/extract.ErrType":          "a reason in the report; problem.UnreadablePage on request",
	"internal/archive.ErrDamaged":     "its text names the fix",
	"internal/state.ErrLockLost":      "the error that wraps it names the fix",
	"internal/state.ErrNotFound":      "becomes problem.NoSuchJob or problem.NoSuchAnswer",
	"internal/state.ErrNotEmpty":      "its text names the fix",
	"internal/wheel.ErrNoPip":         "the error that wraps it names what to install",
	"retrieve/backup.ErrExists":       "its text names the fix",
	"retrieve/milvus/lite.ErrDeleted": "becomes problem.StoreUnavailable",
	"server.ErrPortInUse":             "the error that wraps it names the flag",
}

// TestSentinelsHaveKinds checks that each sentinel error is a kind of package
// problem, so that it has a code, a message and a fix, or stands in handled.
func TestSentinelsHaveKinds(t *testing.T) {
	left := maps.Clone(handled)
	for _, f := range goFiles(t) {
		if f.test || forTests(f.dir) {
			continue
		}
		for name := range sentinels(f.ast) {
			id := f.dir + "." + name
			if _, ok := left[id]; !ok {
				t.Errorf("%s is errors.New: make it a kind of internal/problem, or say in handled what becomes of it", id)
			}
			delete(left, id)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(left)) {
		t.Errorf("handled names %s, which is no sentinel made by errors.New", id)
	}
}

// sentinels returns the exported variables of a file that errors.New makes.
func sentinels(file *ast.File) map[string]bool {
	names := map[string]bool{}
	for _, decl := range file.Decls {
		vars, ok := decl.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range vars.Specs {
			v, ok := spec.(*ast.ValueSpec)
			if !ok {
				continue
			}
			for i, value := range v.Values {
				call, ok := value.(*ast.CallExpr)
				if ok && v.Names[i].IsExported() && isErrorsNew(call.Fun) {
					names[v.Names[i].Name] = true
				}
			}
		}
	}
	return names
}

func isErrorsNew(fun ast.Expr) bool {
	sel, ok := fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	pkg, ok := sel.X.(*ast.Ident)
	return ok && pkg.Name == "errors" && sel.Sel.Name == "New"
}
