package e5

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"

	"github.com/citewell/citewell/embed/encoder"
	"github.com/citewell/citewell/embed/unigram"
)

// The shape of multilingual-e5-small, beyond what all models of [encoder] have.
const (
	layers    = 12
	maxPieces = 512
	wordRows  = 250_037 // more than there are pieces
)

// Special pieces, by their id.
const (
	pieceStart   = 0 // <s>
	piecePad     = 1
	pieceEnd     = 2 // </s>
	pieceUnknown = 3
	maskName     = "<mask>"
)

// magic begins the file. All numbers are little endian. The rest is
//
//	u32 version, i32 × 7: dimensions, layers, heads, Inner, word rows, positions, types;
//	f32 epsilon; i32 weights of a block; i32 × 5: pieces, and the ids of the special ones
//	u64 size of the blob; u32 × (pieces+1) offsets into it; f32 × pieces scores; the blob
//	i32 entries, u32 size of them; each: u32 code point, u8 n, u32 × n what it becomes
//	i32 tensors; each: u16 length and name, u8 type, u32 count, u64 offset, u64 size
//	the tensors
const magic = "E5S1"

// Types of tensors.
const (
	typeFloat = 0 // float32
	typeQ4    = 1 // see decodeQ4
)

// Q4 blocks: a scale as float16, and 16 bytes of two weights each.
const (
	blockWeights = 32
	blockBytes   = 2 + blockWeights/2
	wordBytes    = encoder.Dim / blockWeights * blockBytes
)

// maxHeadBytes bounds what is read before the tensors; it has 4.6 MB.
const maxHeadBytes = 8 << 20

// load reads the model from f, for the kernel k.
func load(f *os.File, k *encoder.Kernel) (*unigram.Tokenizer, *encoder.Encoder, error) {
	head := make([]byte, maxHeadBytes)
	n, err := f.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, nil, err
	}
	r := &reader{b: head[:n]}
	pieces := r.shape()
	vocabulary := r.vocabulary(pieces)
	vocabulary.Replace = r.replacements()
	t := &tensors{file: f, at: r.directory()}
	if r.err != nil {
		return nil, nil, r.err
	}
	tok, err := unigram.New(vocabulary)
	if err != nil {
		return nil, nil, err
	}
	e, err := t.encoder(k)
	return tok, e, err
}

// A reader reads the head of the file. It keeps the first error, and returns zeros from
// then on.
type reader struct {
	b   []byte
	err error
}

var errFormat = errors.New("not a file of " + Name + " in 4 bits")

// next returns the next n bytes; nil if there are fewer.
func (r *reader) next(n int) []byte {
	if r.err != nil || n < 0 || n > len(r.b) {
		r.err = errFormat
		return nil
	}
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}

func (r *reader) u32() uint32 {
	if b := r.next(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (r *reader) u64() uint64 {
	if b := r.next(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

func (r *reader) u8() byte {
	if b := r.next(1); b != nil {
		return b[0]
	}
	return 0
}

// expect reads numbers that must have these values.
func (r *reader) expect(values ...uint32) {
	for _, want := range values {
		if r.u32() != want {
			r.err = errFormat
		}
	}
}

// shape reads the first numbers and returns how many pieces there are.
func (r *reader) shape() (pieces int) {
	if string(r.next(len(magic))) != magic {
		r.err = errFormat
	}
	r.expect(1, encoder.Dim, layers, encoder.Heads, encoder.Inner, wordRows, maxPieces, 2, math.Float32bits(encoder.Epsilon), blockWeights)
	pieces = int(r.u32())
	r.expect(pieceStart, pieceEnd, piecePad, pieceUnknown)
	if pieces > wordRows {
		r.err = errFormat
	}
	return pieces
}

// vocabulary reads the pieces.
func (r *reader) vocabulary(pieces int) unigram.Config {
	size := r.u64()
	offsets, scores := r.next(4*(pieces+1)), r.next(4*pieces)
	blob := string(r.next(int(min(size, maxHeadBytes))))
	c := unigram.Config{Unknown: pieceUnknown, Control: []int32{pieceStart, piecePad, pieceEnd}}
	if r.err != nil {
		return c
	}
	for i := range pieces {
		from, to := binary.LittleEndian.Uint32(offsets[4*i:]), binary.LittleEndian.Uint32(offsets[4*i+4:])
		if from > to || int(to) > len(blob) {
			r.err = errFormat
			return c
		}
		piece := blob[from:to]
		if piece == maskName {
			c.Control = append(c.Control, int32(i))
		}
		c.Pieces = append(c.Pieces, piece)
		c.Scores = append(c.Scores, math.Float32frombits(binary.LittleEndian.Uint32(scores[4*i:])))
	}
	return c
}

// replacements reads what code points become before they are tokenized.
func (r *reader) replacements() map[rune]string {
	n := int(r.u32())
	r.u32() // size
	m := map[rune]string{}
	for i := 0; i < n && r.err == nil; i++ {
		from := rune(r.u32())
		var to strings.Builder
		for range r.u8() {
			to.WriteRune(rune(r.u32()))
		}
		m[from] = to.String()
	}
	return m
}

// directory reads where the tensors are.
func (r *reader) directory() map[string]tensor {
	n := int(r.u32())
	at := map[string]tensor{}
	for i := 0; i < n && r.err == nil; i++ {
		length := r.next(2)
		if length == nil {
			break
		}
		name := string(r.next(int(binary.LittleEndian.Uint16(length))))
		at[name] = tensor{kind: r.u8(), count: int64(r.u32()), offset: int64(r.u64()), size: int64(r.u64())}
	}
	return at
}

// words are the embeddings of the pieces. They are three quarters of the file (54 MB)
// and stay there: each text reads the few rows that it needs.
type words struct {
	file   io.ReaderAt
	offset int64
}

// Word implements [encoder.Words].
func (w words) Word(x []float32, id int32, buf []byte) error {
	buf = buf[:wordBytes]
	if _, err := w.file.ReadAt(buf, w.offset+int64(id)*wordBytes); err != nil {
		return fmt.Errorf("read piece: %w", err)
	}
	decodeQ4(x, buf)
	return nil
}
