package eval

import (
	"cmp"
	"slices"
)

// A span is the code points [start, end) of a text. Spans are treated exactly as
// the benchmark's evaluator treats them: two that only touch intersect in an empty
// span, and their union is one span.
type span struct{ start, end int }

// intersect returns the intersection of a and b; false if they neither overlap nor
// touch.
func intersect(a, b span) (span, bool) {
	s := span{max(a.start, b.start), min(a.end, b.end)}
	return s, s.start <= s.end
}

// union returns the spans in order, with those that overlap or touch joined.
func union(spans []span) []span {
	spans = slices.SortedStableFunc(slices.Values(spans), func(a, b span) int { return cmp.Compare(a.start, b.start) })
	var out []span
	for _, s := range spans {
		if n := len(out); n > 0 && s.start <= out[n-1].end {
			out[n-1].end = max(out[n-1].end, s.end)
			continue
		}
		out = append(out, s)
	}
	return out
}

// subtract returns the spans without the parts that one span covers.
func subtract(spans []span, without span) []span {
	var out []span
	for _, s := range spans {
		if s.end < without.start || without.end < s.start {
			out = append(out, s)
			continue
		}
		if s.start < without.start {
			out = append(out, span{s.start, without.start})
		}
		if without.end < s.end {
			out = append(out, span{without.end, s.end})
		}
	}
	return out
}

// total returns the sum of the lengths.
func total(spans []span) float64 {
	sum := 0
	for _, s := range spans {
		sum += s.end - s.start
	}
	return float64(sum)
}

// A score holds the measures of one question.
type score struct{ recall, precision, iou, precisionOmega, recallOmega float64 }

func (s *score) add(t score) {
	s.recall += t.recall
	s.precision += t.precision
	s.iou += t.iou
	s.precisionOmega += t.precisionOmega
	s.recallOmega += t.recallOmega
}

// score scores the retrieved chunks, given by number, and all chunks.
func (q question) score(chunks []placed, retrieved []int) score {
	var s score
	all := total(q.refs)
	hit, touched, missed := q.overlap(func(yield func(placed) bool) {
		for _, c := range chunks {
			if !yield(c) {
				return
			}
		}
	})
	s.recallOmega = 1 - total(missed)/all
	s.precisionOmega = ratio(total(hit), total(union(append(touched, missed...))))

	size := 0.0
	hit, _, missed = q.overlap(func(yield func(placed) bool) {
		for _, i := range retrieved {
			size += total([]span{chunks[i].span})
			if !yield(chunks[i]) {
				return
			}
		}
	})
	s.recall = total(hit) / all
	s.precision = ratio(total(hit), size)
	s.iou = ratio(total(hit), size+total(missed))
	return s
}

// overlap returns the parts of the answer that the chunks contain, the chunks that
// contain or touch a part, and the parts that no chunk contains.
func (q question) overlap(chunks func(func(placed) bool)) (hit, touched, missed []span) {
	missed = q.refs
	for c := range chunks {
		if c.corpus != q.corpus {
			continue
		}
		for _, ref := range q.refs {
			if common, ok := intersect(c.span, ref); ok {
				hit = append(hit, common)
				touched = append(touched, c.span)
				missed = subtract(missed, common)
			}
		}
	}
	return union(hit), union(touched), missed
}
