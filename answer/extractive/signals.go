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
	Near  float64 // cosine of the question and it, with the title and heading above it
}

// Values returns the signals in the order of their fields.
func (s Signals) Values() []float64 {
	return []float64{s.Words, s.Above, s.Label, s.Rank, s.Page, s.Shape, s.Place, s.Long, s.Links, s.Near}
}

// SignalNames returns the names of the fields, in their order.
func SignalNames() []string {
	return []string{"Words", "Above", "Label", "Rank", "Page", "Shape", "Place", "Long", "Links", "Near"}
}

// SignalsOf is the reverse of [Signals.Values].
func SignalsOf(v []float64) Signals {
	return Signals{v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9]}
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
// on 2026-11-28, with all-MiniLM-L6-v2, to 372 answerable questions of
// testdata/questions on the eleven sites for choosing; see docs/evaluation.md.
var (
	byWords    = Signals{Words: 5, Above: 1.49, Label: 2.97, Rank: 5.88, Page: 0.84, Shape: 1.72, Place: 2.34, Long: -0.97, Links: -1.09}
	byNearness = Signals{Words: 3.84, Above: 0.84, Label: 2.32, Rank: 4.53, Page: 0.74, Shape: 1.78, Place: 2.14, Long: -0.76, Links: -0.92, Near: 6.41}
)
