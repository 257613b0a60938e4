package eval

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/citewell/citewell/internal/evalset"
	"github.com/citewell/citewell/retrieve"
)

// Metrics are measured values by name, such as "recall@3". All are within 0–1.
type Metrics map[string]float64

// ofDocuments measures a ranking of distinct documents, at each k:
//
//   - recall@k: share of the relevant documents among the first k;
//   - mrr@k: 1/place of the first relevant one among them, else 0;
//   - ndcg@k: sum of grade/log2(place+1) over them, divided by the sum of the best ranking.
func ofDocuments(ranking []string, relevant map[string]int, ks []int) Metrics {
	ideal := slices.SortedFunc(maps.Values(relevant), func(a, b int) int { return cmp.Compare(b, a) })
	m := Metrics{}
	for _, k := range ks {
		var found int
		var rr, gain, best float64
		for i, doc := range ranking[:min(k, len(ranking))] {
			grade := relevant[doc]
			if grade <= 0 {
				continue
			}
			found++
			if rr == 0 {
				rr = 1 / float64(i+1)
			}
			gain += float64(grade) / math.Log2(float64(i+2))
		}
		for i, grade := range ideal[:min(k, len(ideal))] {
			best += float64(grade) / math.Log2(float64(i+2))
		}
		m[fmt.Sprintf("recall@%d", k)] = float64(found) / float64(len(relevant))
		m[fmt.Sprintf("mrr@%d", k)] = rr
		m[fmt.Sprintf("ndcg@%d", k)] = gain / best
	}
	return m
}

// ofSpans measures how chunks cover the references, at each k, in runes; text that is
// covered twice counts once:
//
//   - recall@k: share of the references that the first k chunks cover;
//   - precision@k: share of the first k chunks that the references cover;
//   - iou@k: intersection of the two, divided by their union.
func ofSpans(chunks []retrieve.Hit, refs []evalset.Span, ks []int) Metrics {
	m := Metrics{}
	size := 0
	for _, r := range union(refs) {
		size += r.End - r.Start
	}
	for _, k := range ks {
		var covered []evalset.Span
		read := 0
		for _, c := range chunks[:min(k, len(chunks))] {
			read += c.End - c.Start
			for _, r := range refs {
				s := evalset.Span{Document: r.Document, Start: max(r.Start, c.Start), End: min(r.End, c.End)}
				if r.Document == c.URL && s.Start < s.End {
					covered = append(covered, s)
				}
			}
		}
		both := 0
		for _, s := range union(covered) {
			both += s.End - s.Start
		}
		m[fmt.Sprintf("recall@%d", k)] = share(both, size)
		m[fmt.Sprintf("precision@%d", k)] = share(both, read)
		m[fmt.Sprintf("iou@%d", k)] = share(both, read+size-both)
	}
	return m
}

func share(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}

// union joins the spans that overlap or touch.
func union(spans []evalset.Span) []evalset.Span {
	spans = slices.SortedFunc(slices.Values(spans), func(a, b evalset.Span) int {
		return cmp.Or(cmp.Compare(a.Document, b.Document), cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End))
	})
	var out []evalset.Span
	for _, s := range spans {
		if n := len(out); n > 0 && out[n-1].Document == s.Document && s.Start <= out[n-1].End {
			out[n-1].End = max(out[n-1].End, s.End)
			continue
		}
		out = append(out, s)
	}
	return out
}

// mean returns the mean of each metric over the rows.
func mean(rows []Row) Metrics {
	m := Metrics{}
	for _, r := range rows {
		for name, v := range r.Metrics {
			m[name] += v / float64(len(rows))
		}
	}
	return m
}
