package vocabulary

import (
	"encoding/binary"
	"errors"
	"slices"
)

// Pack encodes the vocabulary in parts of at most size bytes each, which is at least
// [maxPackedWord]. A part is, for each word: the bytes that it shares with the word
// before (0 for the first), the number of its other bytes, these bytes, and its
// count. Numbers are unsigned varints.
func (v *Vocabulary) Pack(size int) [][]byte {
	var parts [][]byte
	var part []byte
	last := ""
	for i, w := range v.words {
		if len(part)+maxPackedWord > size {
			parts, part, last = append(parts, part), nil, ""
		}
		same := 0
		for same < min(len(w), len(last)) && w[same] == last[same] {
			same++
		}
		part = binary.AppendUvarint(part, uint64(same))
		part = binary.AppendUvarint(part, uint64(len(w)-same))
		part = append(part, w[same:]...)
		part = binary.AppendUvarint(part, uint64(v.counts[i]))
		last = w
	}
	if len(part) > 0 {
		parts = append(parts, part)
	}
	return parts
}

// maxPackedWord is the most bytes that a packed word takes.
const maxPackedWord = 4*maxRunes + 3*binary.MaxVarintLen32

var errPacked = errors.New("vocabulary: the packed words are damaged")

// Unpack decodes the parts that [Vocabulary.Pack] returned.
func Unpack(parts [][]byte) (*Vocabulary, error) {
	v := &Vocabulary{}
	for _, part := range parts {
		for last := ""; len(part) > 0; {
			var fields [3]uint64 // shared bytes, other bytes, count
			word := last
			for i := range fields {
				n, size := binary.Uvarint(part)
				if size <= 0 {
					return nil, errPacked
				}
				fields[i], part = n, part[size:]
				if i == 1 {
					if fields[0] > uint64(len(last)) || n > uint64(len(part)) {
						return nil, errPacked
					}
					word, part = last[:fields[0]]+string(part[:n]), part[n:]
				}
			}
			v.words, v.counts = append(v.words, word), append(v.counts, uint32(fields[2]))
			last = word
		}
	}
	if !slices.IsSorted(v.words) {
		return nil, errPacked
	}
	return v, nil
}
