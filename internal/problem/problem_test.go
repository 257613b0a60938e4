package problem

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/docs"
)

var codeForm = regexp.MustCompile(`^[a-z]+(_[a-z]+)*$`)

func TestKinds(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range kinds {
		d := Of(k)
		if !codeForm.MatchString(d.Code) || seen[d.Code] {
			t.Errorf("code %q is malformed or used twice", d.Code)
		}
		seen[d.Code] = true
		if d.Code != k.Code || d.Message == "" || d.Fix == "" || d.Status < 400 || d.Status > 599 || k.Text == "" {
			t.Errorf("Of(%s) = %+v, want its code, a message, a fix and a status of an error", k.Code, d)
		}
	}
}

// TestKindsAreDocumented checks that the guide names every code.
func TestKindsAreDocumented(t *testing.T) {
	names, err := fs.Glob(docs.Files, "*.md")
	if err != nil {
		t.Fatal(err)
	}
	var guide strings.Builder
	for _, name := range names {
		b, err := fs.ReadFile(docs.Files, name)
		if err != nil {
			t.Fatal(err)
		}
		guide.Write(b)
	}
	for _, k := range kinds {
		if !strings.Contains(guide.String(), "`"+k.Code+"`") {
			t.Errorf("docs name no code `%s`", k.Code)
		}
	}
}

func TestOf(t *testing.T) {
	secret := errors.New("rpc error: token 1234")
	for _, tt := range []struct {
		name string
		err  error
		want Details
	}{
		{"kind that speaks for itself", fmt.Errorf("%w: k is 99", BadQuery), Details{"bad_query", "bad query: k is 99", BadQuery.Fix, 400, 0}},
		{"cause not shown", fmt.Errorf("milvus: %w: %w", StoreUnavailable, secret), Details{"store_unavailable", "the vector store does not answer", StoreUnavailable.Fix, 503, 0}},
		{"first of several", errors.Join(Timeout, fmt.Errorf("%w: empty", BadQuery)), Details{"bad_query", "timeout\nbad query: empty", BadQuery.Fix, 400, 0}},
		{"standard library", fmt.Errorf("search: %w", context.DeadlineExceeded), Details{"timeout", Timeout.Message, Timeout.Fix, 504, 0}},
		{"stored first", fmt.Errorf("%w: %w", StoreUnavailable, context.DeadlineExceeded), Details{"store_unavailable", StoreUnavailable.Message, StoreUnavailable.Fix, 503, 0}},
		{"own message and fix", fmt.Errorf("server: %w", &Error{Kind: BadQuery, Message: "no such mode", Fix: "leave it out", Cause: secret}), Details{"bad_query", "no such mode", "leave it out", 400, 0}},
		{"own error without words", &Error{Kind: NoSuchJob, Cause: secret}, Details{"no_such_job", NoSuchJob.Message, NoSuchJob.Fix, 404, 0}},
		{"no kind", secret, Details{"internal", Internal.Message, Internal.Fix, 500, 0}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, Of(tt.err)); diff != "" {
				t.Errorf("Of(%v): -want +got\n%s", tt.err, diff)
			}
		})
	}
}

func TestErrorUnwraps(t *testing.T) {
	cause := errors.New("cause")
	err := error(&Error{Kind: NoSuchJob, Cause: cause})
	if !errors.Is(err, NoSuchJob) || !errors.Is(err, cause) || errors.Is(err, BadQuery) {
		t.Errorf("%v is not of its kind and cause alone", err)
	}
	if bare := error(&Error{Kind: BadJSON}); !errors.Is(bare, BadJSON) || errors.Is(bare, cause) {
		t.Errorf("%v without a cause is not of its kind alone", bare)
	}
}
