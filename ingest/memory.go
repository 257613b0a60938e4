package ingest

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

// visits are the addresses of pages that came through, and whether they could be
// read. Those that the index knew cost two bits.
type visits struct {
	known         *manifest
	visited, read bitset          // rows of known
	others        map[string]bool // whether it was read, by address
}

func (v *visits) set(cited string, read bool) {
	if i, ok := v.known.find(cited); ok {
		v.visited.set(int(i), true)
		v.read.set(int(i), read)
		return
	}
	if v.others == nil {
		v.others = map[string]bool{}
	}
	v.others[cited] = read
}

// has reports whether a page came through.
func (v *visits) has(cited string) bool {
	if i, ok := v.known.find(cited); ok {
		return v.visited.has(int(i))
	}
	_, ok := v.others[cited]
	return ok
}

// wasRead reports whether a page came through and could be read.
func (v *visits) wasRead(cited string) bool {
	if i, ok := v.known.find(cited); ok {
		return v.read.has(int(i))
	}
	return v.others[cited]
}

// A textKey is what pages with the same text share: target and text.
type textKey struct {
	hash  textHash
	group int32
}

// leaders are the pages that are kept of those with the same text.
type leaders struct {
	index map[textKey]int32
	all   []leader
}

func (l *leaders) get(key textKey) (leader, bool) {
	if i, ok := l.index[key]; ok {
		return l.all[i], true
	}
	return leader{}, false
}

// set makes one the leader of those with a text.
func (l *leaders) set(key textKey, one leader) {
	i, ok := l.index[key]
	if !ok {
		if l.index == nil {
			l.index = map[textKey]int32{}
		}
		i = int32(len(l.all))
		l.index[key] = i
		l.all = append(l.all, leader{})
	}
	l.all[i] = one
}
