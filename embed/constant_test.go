package embed

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestConstant(t *testing.T) {
	for _, tt := range []struct {
		name  string
		c     Constant
		dim   int
		model string
	}{
		{"default", Constant{}, 384, "constant/384"},
		{"small", Constant{Dim: 2}, 2, "constant/2"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.c.Embed(t.Context(), []string{"a", "b", "a", ""}, Document)
			if err != nil || len(got) != 4 || tt.c.Model() != tt.model {
				t.Fatalf("Embed = %d vectors, %v; Model = %q", len(got), err, tt.c.Model())
			}
			if d := cmp.Diff(got[0], got[2]); d != "" {
				t.Errorf("vectors of equal texts:\n%s", d)
			}
			if cmp.Equal(got[0], got[1]) {
				t.Error("vectors of different texts are equal")
			}
			for i, v := range got {
				var sum float64
				for _, x := range v {
					sum += float64(x) * float64(x)
				}
				if len(v) != tt.dim || math.Abs(sum-1) > 1e-5 {
					t.Errorf("vector %d has %d dimensions and length² %v", i, len(v), sum)
				}
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got, err := (Constant{}).Embed(ctx, []string{"a"}, Query); len(got) != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("Embed canceled = %v, %v", got, err)
	}
}

func TestNormalize(t *testing.T) {
	for _, tt := range []struct {
		name string
		v    Vector
		want bool
	}{
		{"some", Vector{3, -4}, true},
		{"tiny", Vector{1e-30, 0}, true},
		{"zeros", Vector{0, 0}, false},
		{"none", nil, false},
		{"NaN", Vector{1, float32(math.NaN())}, false},
		{"infinite", Vector{1, float32(math.Inf(1))}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Normalize(tt.v); got != tt.want {
				t.Errorf("Normalize(%v) = %v, want %v", tt.v, got, tt.want)
			}
		})
	}
}
