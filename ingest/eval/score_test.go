package eval

import (
	"math"
	"testing"
)

// The wanted figures are those of the benchmark's own evaluator for the same
// spans: two that touch count as overlapping, a chunk of another text as wrong.
func TestScore(t *testing.T) {
	chunks := []placed{
		{"a", "", span{0, 70}}, {"a", "", span{72, 102}}, {"b", "", span{0, 14}}, {"b", "", span{97, 106}},
		{"b", "", span{169, 248}}, {"b", "", span{261, 335}}, {"b", "", span{240, 261}},
	}
	for _, tt := range []struct {
		name      string
		q         question
		retrieved []int
		want      score
	}{
		{"one of two", question{corpus: "b", refs: []span{{210, 237}}}, []int{4, 2},
			score{recall: 1, precision: 27.0 / 93, iou: 27.0 / 93, precisionOmega: 27.0 / 79, recallOmega: 1}},
		{"another text", question{corpus: "b", refs: []span{{261, 303}, {304, 313}}}, []int{0, 3},
			score{recall: 0, precision: 0, iou: 0, precisionOmega: 51.0 / 95, recallOmega: 1}},
		{"partly covered", question{corpus: "a", refs: []span{{60, 80}}}, []int{0},
			score{recall: 0.5, precision: 10.0 / 70, iou: 10.0 / 80, precisionOmega: 18.0 / 102, recallOmega: 0.9}},
		{"in no chunk", question{corpus: "a", refs: []span{{200, 210}}}, []int{0},
			score{recall: 0, precision: 0, iou: 0, precisionOmega: 0, recallOmega: 0}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := tt.q.score(chunks, tt.retrieved)
			for _, d := range []float64{got.recall - tt.want.recall, got.precision - tt.want.precision, got.iou - tt.want.iou,
				got.precisionOmega - tt.want.precisionOmega, got.recallOmega - tt.want.recallOmega} {
				if math.Abs(d) > 1e-12 {
					t.Fatalf("score = %+v, want %+v", got, tt.want)
				}
			}
		})
	}
}
