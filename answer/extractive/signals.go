package extractive

// Signals are what the score of a part is computed from. Each is about 0 to 1.
type Signals struct {
	Words float64 // share of the question, by weight, that it holds
	Above float64 // share that only the headings above it hold
	Label float64 // share that the name of what it explains holds
	Rank  float64 // score of its source, the best is 1
	Page  float64 // 1 on the page of the best source
	Shape float64 // how well its shape fits what the question asks for
	Place float64 // how likely its place is that of a definition, if one is asked for
	Long  float64 // words beyond sizeWords, in multiples of that
	Links float64 // share of a list or table that is links
	Near  float64 // its cosine with the question
	Head  float64 // cosine of the heading above it and the question
}

// Values returns the signals in the order of their fields.
func (s Signals) Values() []float64 {
	return []float64{s.Words, s.Above, s.Label, s.Rank, s.Page, s.Shape, s.Place, s.Long, s.Links, s.Near, s.Head}
}

// SignalNames returns the names of the fields, in their order.
func SignalNames() []string {
	return []string{"Words", "Above", "Label", "Rank", "Page", "Shape", "Place", "Long", "Links", "Near", "Head"}
}

// SignalsOf is the reverse of [Signals.Values].
func SignalsOf(v []float64) Signals {
	return Signals{v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9], v[10]}
}

// score returns the sum of the signals, each times its weight.
func (s Signals) score(weights Signals) float64 {
	sum, w := 0.0, weights.Values()
	for i, v := range s.Values() {
		sum += w[i] * v
	}
	return sum
}

// The weights of the signals. The difference of two scores is the logarithm of how much
// more likely one part is to answer than the other. They were fitted by citewell eval fit
// on 2026-11-28, with all-MiniLM-L6-v2, to the answerable questions of
// testdata/questions on the five sites for choosing; see docs/evaluation.md.
var (
	byWords    = Signals{Words: 5.27, Above: 1.78, Label: 3.14, Rank: 5.11, Page: 1.52, Shape: 1.69, Place: 2.04, Long: -0.58, Links: -0.92}
	byNearness = Signals{Words: 4.15, Above: 2.19, Label: 1.56, Rank: 3.52, Page: 1.25, Shape: 1.84, Place: 1.71, Long: -0.24, Links: -0.53, Near: 4.86, Head: 3.14}
)
