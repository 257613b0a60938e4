package ingest

import "github.com/citewell/citewell/ingest/previous"

// A bitset is a set of small numbers.
type bitset []uint64

func (b *bitset) set(n int, in bool) {
	for n/64 >= len(*b) {
		*b = append(*b, 0)
	}
	if in {
		(*b)[n/64] |= 1 << (n % 64)
	} else {
		(*b)[n/64] &^= 1 << (n % 64)
	}
}

func (b bitset) has(n int) bool { return n >= 0 && n/64 < len(b) && b[n/64]&(1<<(n%64)) != 0 }

// visitedPages are the pages that the run has come to, and which of them could be
// read. A page that the index had costs two bits.
type visitedPages struct {
	previous      *previous.Index
	visited, read bitset          // by previous.Page.Number
	others        map[string]bool // whether it was read, by URL
}

// set records that a page was visited.
func (v *visitedPages) set(cited string, read bool) {
	if p, ok := v.previous.Page(cited); ok {
		v.visited.set(p.Number(), true)
		v.read.set(p.Number(), read)
		return
	}
	if v.others == nil {
		v.others = map[string]bool{}
	}
	v.others[cited] = read
}

// has reports whether a page was visited.
func (v *visitedPages) has(cited string) bool {
	if p, ok := v.previous.Page(cited); ok {
		return v.visited.has(p.Number())
	}
	_, ok := v.others[cited]
	return ok
}

// wasRead reports whether a page was visited and could be read.
func (v *visitedPages) wasRead(cited string) bool {
	if p, ok := v.previous.Page(cited); ok {
		return v.read.has(p.Number())
	}
	return v.others[cited]
}
