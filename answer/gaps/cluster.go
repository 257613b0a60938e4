package gaps

import (
	"cmp"
	"math"
	"slices"

	"github.com/citewell/citewell/embed"
)

// DefaultSimilarity is the mean cosine from which two groups of questions are
// merged. Of 60 questions on 15 subjects, four wordings each, all-MiniLM-L6-v2
// puts 52 into the largest group of their subject at 0.55, and none into
// another's (0.45: 58, 0.65: 41; see TestSubjects). Of 100 questions that are
// all on one product, the largest group has 6, on one subject; at 0.45 groups
// begin to mix subjects (November 2026). Other embedders may need another
// value.
const DefaultSimilarity = 0.55

// A group holds similar questions.
type group struct {
	members []int
	sum     []float64 // of the vectors of the members
}

// similarity returns the mean cosine of the pairs of members of two groups.
// Vectors have unit length, so it follows from the sums.
func (g *group) similarity(o *group) float64 {
	dot := 0.0
	for i, v := range g.sum {
		dot += v * o.sum[i]
	}
	return dot / float64(len(g.members)*len(o.members))
}

// cluster groups vectors of unit length by average linkage: it merges the two
// most similar groups until no two have at least the given mean cosine. It
// returns indices: within a group the member nearest to the mean first, groups
// by their lowest index. Equal input gives equal groups.
//
// It follows chains of nearest neighbours. This gives the same groups in
// quadratic time, because a merged group is never more similar to another group
// than both of its parts were.
func cluster(vectors []embed.Vector, alike float64) [][]int {
	open := make([]*group, len(vectors))
	for i, v := range vectors {
		open[i] = &group{members: []int{i}, sum: make([]float64, len(v))}
		for k, x := range v {
			open[i].sum[k] = float64(x)
		}
	}
	var done []*group
	var chain []*group
	for len(open) > 0 {
		if len(chain) == 0 {
			chain = append(chain, open[0])
		}
		last := chain[len(chain)-1]
		var before *group
		if len(chain) > 1 {
			before = chain[len(chain)-2]
		}
		next, near := nearest(open, last, before)
		switch {
		case next == nil || near < alike: // last will never merge with another group
			done = append(done, last)
			open = remove(open, last)
			chain = chain[:len(chain)-1]
		case next == before:
			before.join(last)
			open = remove(open, last)
			chain = chain[:len(chain)-2]
		default:
			chain = append(chain, next)
		}
	}
	out := make([][]int, len(done))
	for i, g := range done {
		out[i] = g.order(vectors)
	}
	slices.SortFunc(out, func(a, b []int) int { return cmp.Compare(slices.Min(a), slices.Min(b)) })
	return out
}

// nearest returns the open group most similar to g. Among equal ones it prefers
// before, then the first.
func nearest(open []*group, g, before *group) (best *group, near float64) {
	if before != nil {
		best, near = before, g.similarity(before)
	}
	for _, o := range open {
		if o == g || o == before {
			continue
		}
		if a := g.similarity(o); best == nil || a > near {
			best, near = o, a
		}
	}
	return best, near
}

func (g *group) join(o *group) {
	g.members = append(g.members, o.members...)
	for i, v := range o.sum {
		g.sum[i] += v
	}
}

func remove(open []*group, g *group) []*group {
	i := slices.Index(open, g)
	return slices.Delete(open, i, i+1)
}

// order returns the members, the nearest to the mean first.
func (g *group) order(vectors []embed.Vector) []int {
	near := make(map[int]float64, len(g.members))
	for _, i := range g.members {
		for k, x := range vectors[i] {
			near[i] += float64(x) * g.sum[k]
		}
	}
	for i, n := range near {
		near[i] = math.Round(n * 1e5) // so that rounding errors do not decide
	}
	slices.SortFunc(g.members, func(a, b int) int { return cmp.Or(cmp.Compare(near[b], near[a]), cmp.Compare(a, b)) })
	return g.members
}
