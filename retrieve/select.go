package retrieve

import (
	"cmp"
	"hash/maphash"
	"slices"
	"strings"
)

// A Selection holds the hits that are worth reading for an answer. Reasoning models
// answer worse if they are given more.
type Selection struct {
	Hits    []Hit             // best first; neighbours are one hit
	LeftOut map[string]string // why the other hits are not worth reading, by ID
}

// Select drops hits far below the best one and repeated texts, and merges
// neighbours. It is the one place that decides what is worth reading.
func Select(hits []Hit) Selection {
	s := Selection{LeftOut: map[string]string{}}
	leaveOut := func(all, kept []Hit, reason string) []Hit {
		for _, h := range all {
			if !slices.ContainsFunc(kept, func(k Hit) bool { return k.ID == h.ID }) {
				s.LeftOut[h.ID] = reason
			}
		}
		return kept
	}
	kept := leaveOut(hits, distinct(hits), "it repeats one above")
	s.Hits = merged(leaveOut(kept, relevant(kept), "it is far below the best"))
	return s
}

// tailShare is how much of the best hit's score a hit must have to be worth
// reading. On six corpora it drops a fifth (11–34 %) of the first five hits, and
// 1.3 % (0.5–3 %) of those that hold the answer; with 0.70 it would drop a third
// and 4.5 % (2026-11).
const tailShare = 0.60

// relevant drops the hits that have less than 60 % of the best score. At least one
// is kept. Rerankers' scores have no such scale: if one ordered the hits, all are
// kept.
func relevant(hits []Hit) []Hit {
	if len(hits) == 0 {
		return nil
	}
	if slices.ContainsFunc(hits, func(h Hit) bool { return h.Rerank != 0 }) {
		return slices.Clone(hits)
	}
	best := slices.MaxFunc(hits, func(a, b Hit) int { return cmp.Compare(a.Score, b.Score) }).Score
	return slices.DeleteFunc(slices.Clone(hits), func(h Hit) bool { return h.Score < tailShare*best && h.Score < best })
}

const (
	// shingleWords is the length of the runs of words that two texts are
	// compared by.
	shingleWords = 5
	// duplicateShare is the share of common runs from which on two texts count as
	// equal. Neighbours on a page, which overlap by a tenth, have 0.05.
	duplicateShare = 0.80
)

// distinct drops the hits whose text repeats an earlier one's: of the runs of five
// words in either, at least four in five are in both.
func distinct(hits []Hit) []Hit {
	var out []Hit
	var kept []map[uint64]bool
	seed := maphash.MakeSeed()
	for _, h := range hits {
		s := shingles(seed, h.Text)
		if !slices.ContainsFunc(kept, func(t map[uint64]bool) bool { return jaccard(s, t) >= duplicateShare }) {
			out, kept = append(out, h), append(kept, s)
		}
	}
	return out
}

// shingles returns the hashes of a text's runs of words, or of the whole text if it
// is shorter than one run.
func shingles(seed maphash.Seed, text string) map[uint64]bool {
	words := strings.Fields(strings.ToLower(text))
	set := make(map[uint64]bool, len(words))
	var h maphash.Hash
	h.SetSeed(seed)
	for i := 0; i == 0 || i+shingleWords <= len(words); i++ {
		h.Reset()
		for _, w := range words[i:min(i+shingleWords, len(words))] {
			h.WriteString(w)
			h.WriteByte(' ')
		}
		set[h.Sum64()] = true
	}
	return set
}

func jaccard(a, b map[uint64]bool) float64 {
	if len(a) > len(b) {
		a, b = b, a
	}
	if float64(len(a)) < duplicateShare*float64(len(b)) {
		return 0 // too small to reach duplicateShare
	}
	both := 0
	for x := range a {
		if b[x] {
			both++
		}
	}
	return float64(both) / float64(len(a)+len(b)-both)
}

// merged joins hits that overlap or touch in the same text of a page. Text is
// page[Start:End] again, Section and Anchor are those of the first part, all else
// is the best part's. A merged hit has the place of its best part.
func merged(hits []Hit) []Hit {
	type span struct {
		hit   Hit
		place int
	}
	spans := make([]span, len(hits))
	for i, h := range hits {
		spans[i] = span{h, i}
	}
	slices.SortFunc(spans, func(a, b span) int {
		return cmp.Or(strings.Compare(a.hit.URL, b.hit.URL), strings.Compare(a.hit.ContentHash, b.hit.ContentHash),
			cmp.Compare(a.hit.Start, b.hit.Start), cmp.Compare(a.hit.End, b.hit.End), cmp.Compare(a.place, b.place))
	})
	var out []span
	for _, s := range spans {
		if n := len(out); n > 0 && touch(out[n-1].hit, s.hit) {
			last := &out[n-1]
			joined := join(last.hit, s.hit, s.place < last.place)
			last.hit, last.place = joined, min(last.place, s.place)
			continue
		}
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b span) int { return cmp.Compare(a.place, b.place) })
	all := make([]Hit, len(out))
	for i, s := range out {
		all[i] = s.hit
	}
	return all
}

// touch reports whether b begins within a or at its end, given that it does not
// begin before a.
func touch(a, b Hit) bool {
	return a.URL == b.URL && a.ContentHash == b.ContentHash && b.Start <= a.End
}

// join appends to a what b has after a's end.
func join(a, b Hit, bIsBetter bool) Hit {
	h := a
	if bIsBetter {
		h = b
		h.Section, h.Anchor, h.Ordinal = a.Section, a.Anchor, a.Ordinal
	}
	h.Text, h.Anchors, h.Start, h.End = a.Text, a.Anchors, a.Start, max(a.End, b.End)
	if b.End > a.End {
		h.Text += string([]rune(b.Text)[a.End-b.Start:])
		h.Anchors = a.Anchors + b.Anchors
	}
	return h
}
