package bm25

import (
	"encoding/binary"
	"errors"
	"maps"
	"math"
	"slices"
	"sort"
)

// Statistics are the document frequencies of a collection: how many chunks hold a
// term. A question's terms are weighted by them. They are immutable.
type Statistics struct {
	chunks int
	langs  []string // language tags of the chunks
	dims   []uint32 // in increasing order
	counts []uint32 // chunks that hold dims[i]
}

// Chunks returns the number of chunks that were counted. Nil counts none.
func (s *Statistics) Chunks() int {
	if s == nil {
		return 0
	}
	return s.chunks
}

// Count returns how many chunks hold a term of that dimension.
func (s *Statistics) Count(dim uint32) int {
	if s == nil {
		return 0
	}
	i, ok := slices.BinarySearch(s.dims, dim)
	if !ok {
		return 0
	}
	return int(s.counts[i])
}

// IDF returns the weight of a term of that dimension: ln(1 + (N−n+½)/(n+½)) for
// a term that n of N chunks hold.
func (s *Statistics) IDF(dim uint32) float64 { return s.idf(s.Count(dim)) }

// idf returns the weight of a term that n chunks hold.
func (s *Statistics) idf(n int) float64 {
	held, all := float64(n), float64(s.Chunks())
	return math.Log(1 + (max(all, held)-held+0.5)/(held+0.5))
}

// Equal reports whether two statistics have the same counts and languages.
func (s *Statistics) Equal(t *Statistics) bool {
	return s.Chunks() == t.Chunks() && slices.Equal(s.dims, t.dims) && slices.Equal(s.counts, t.counts) &&
		slices.Equal(s.langs, t.langs)
}

// A Counter makes [Statistics]. The zero Counter has counted nothing.
type Counter struct {
	chunks int
	counts map[uint32]uint32
	langs  map[string]bool
}

// Add counts a chunk with these terms, in the language of the tag lang.
func (c *Counter) Add(dims []uint32, lang string) {
	if c.counts == nil {
		c.counts, c.langs = map[uint32]uint32{}, map[string]bool{}
	}
	c.chunks++
	c.langs[knownSubtag(lang)] = true
	for _, d := range dims {
		c.counts[d]++
	}
}

// Statistics returns what was counted.
func (c *Counter) Statistics() *Statistics {
	s := &Statistics{chunks: c.chunks, langs: slices.Sorted(maps.Keys(c.langs)), dims: slices.Sorted(maps.Keys(c.counts))}
	s.counts = make([]uint32, len(s.dims))
	for i, d := range s.dims {
		s.counts[i] = c.counts[d]
	}
	return s
}

// Langs returns the languages of the chunks, by primary subtag.
func (s *Statistics) Langs() []string {
	if s == nil {
		return nil
	}
	return slices.Clone(s.langs)
}

// Pack encodes the counts in parts of at most size bytes each. A part is pairs of
// unsigned varints: the difference to the previous dimension (from 0 in each part),
// and the count.
func (s *Statistics) Pack(size int) [][]byte {
	var parts [][]byte
	var part []byte
	last := uint32(0)
	for i, d := range s.dims {
		if len(part)+2*binary.MaxVarintLen32 > size {
			parts, part, last = append(parts, part), nil, 0
		}
		part = binary.AppendUvarint(part, uint64(d-last))
		part = binary.AppendUvarint(part, uint64(s.counts[i]))
		last = d
	}
	if len(part) > 0 {
		parts = append(parts, part)
	}
	return parts
}

var errPacked = errors.New("bm25: the packed statistics are damaged")

// Unpack decodes the parts that [Statistics.Pack] returned.
func Unpack(chunks int, langs []string, parts [][]byte) (*Statistics, error) {
	s := &Statistics{chunks: chunks, langs: langs}
	for _, part := range parts {
		for last := uint64(0); len(part) > 0; {
			step, n := binary.Uvarint(part)
			if n <= 0 {
				return nil, errPacked
			}
			count, m := binary.Uvarint(part[n:])
			last += step
			if m <= 0 || last > math.MaxUint32 || count > math.MaxUint32 {
				return nil, errPacked
			}
			s.dims, s.counts = append(s.dims, uint32(last)), append(s.counts, uint32(count))
			part = part[n+m:]
		}
	}
	if !sort.SliceIsSorted(s.dims, func(i, j int) bool { return s.dims[i] < s.dims[j] }) {
		return nil, errPacked
	}
	return s, nil
}
