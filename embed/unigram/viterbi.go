package unigram

import "unicode/utf8"

// A node is the end of the best path to a byte of a word.
type node struct {
	score float64
	start int32 // of the last piece; -1 if no path leads here
	id    int32 // of the last piece
}

// paths is memory for the nodes of a word, used again for the next one.
type paths []node

// reset returns n+1 nodes, of which the first is the start.
func (p *paths) reset(n int) []node {
	if cap(*p) <= n {
		*p = make([]node, n+1, 2*n+1)
	}
	nodes := (*p)[:n+1]
	for i := range nodes {
		nodes[i] = node{start: -1}
	}
	return nodes
}

// appendWord appends the pieces of word with the highest sum of scores (Viterbi's
// algorithm). Of equal sums the one found first wins, as in Hugging Face's tokenizers:
// that with the earlier start of its last piece.
func (t *Tokenizer) appendWord(ids []int32, word string, p *paths) []int32 {
	nodes := p.reset(len(word))
	reach := func(start, end int, id int32, score float64) {
		score += nodes[start].score
		if n := &nodes[end]; n.start < 0 || score > n.score {
			*n = node{score, int32(start), id}
		}
	}
	for start := 0; start < len(word); {
		_, size := utf8.DecodeRuneInString(word[start:])
		for end := start + size; ; {
			if found, ok := t.pieces[word[start:end]]; ok {
				reach(start, end, found.id, float64(found.score))
			} else if end == start+size {
				reach(start, end, t.unknown, t.unknownScore)
			}
			if end == len(word) {
				break
			}
			_, next := utf8.DecodeRuneInString(word[end:])
			if end += next; end-start > t.longestBytes {
				break
			}
		}
		start += size
	}
	before := len(ids)
	for end := len(word); end > 0; end = int(nodes[end].start) {
		id := nodes[end].id
		if n := len(ids); id == t.unknown && n > before && ids[n-1] == id {
			continue // joined with the unknown rune that follows
		}
		ids = append(ids, id)
	}
	for i, j := before, len(ids)-1; i < j; i, j = i+1, j-1 {
		ids[i], ids[j] = ids[j], ids[i]
	}
	return ids
}
