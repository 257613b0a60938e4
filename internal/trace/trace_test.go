package trace_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/citewell/citewell/internal/trace"
)

// TestOff checks that stages take no memory where nothing records them.
func TestOff(t *testing.T) {
	ctx := t.Context()
	if n := testing.AllocsPerRun(100, func() {
		_, s := trace.Start(ctx, "model", trace.Client)
		s.Text(trace.Model, "o1")
		s.Number(trace.InputTokens, 3)
		s.End(nil)
	}); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

// TestObserve checks that stages are observed without a collector, each with its error.
func TestObserve(t *testing.T) {
	t.Parallel()
	var got []string
	boom := errors.New("boom")
	ctx := trace.Observe(t.Context(), func(stage string, _ time.Duration, err error) { got = append(got, fmt.Sprint(stage, " ", err)) })
	in, outer := trace.Start(ctx, "answer")
	_, inner := trace.Start(in, "model")
	inner.Rename("chat o1")
	inner.End(boom)
	outer.End(nil)
	if want := "[model boom answer <nil>]"; fmt.Sprint(got) != want {
		t.Errorf("observed %v, want %s", got, want)
	}
}
