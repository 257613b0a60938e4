package minilm

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
)

// tensors reads float32 tensors from a file in safetensors format: the length
// of a JSON header (8 bytes, little endian), the header, which gives the range
// of each tensor, the tensors. It keeps the first error.
type tensors struct {
	file *os.File
	at   map[string]tensor
	base int64
	buf  []byte
	err  error
}

type tensor struct {
	DType   string   `json:"dtype"`
	Shape   []int    `json:"shape"`
	Offsets [2]int64 `json:"data_offsets"`
}

// maxHeaderBytes bounds the header, in case the file has another format; the header
// of all-MiniLM-L6-v2 has 11 kB.
const maxHeaderBytes = 1 << 20

func openTensors(f *os.File) (*tensors, error) {
	var size [8]byte
	if _, err := f.ReadAt(size[:], 0); err != nil {
		return nil, err
	}
	n := binary.LittleEndian.Uint64(size[:])
	if n > maxHeaderBytes {
		return nil, fmt.Errorf("not in safetensors format: header of %d bytes", n)
	}
	header := make([]byte, n)
	if _, err := f.ReadAt(header, 8); err != nil {
		return nil, err
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(header, &raw); err != nil {
		return nil, fmt.Errorf("not in safetensors format: %w", err)
	}
	delete(raw, "__metadata__")
	t := &tensors{file: f, at: make(map[string]tensor, len(raw)), base: 8 + int64(n)}
	for name, b := range raw {
		var at tensor
		if err := json.Unmarshal(b, &at); err != nil {
			return nil, fmt.Errorf("not in safetensors format: %s: %w", name, err)
		}
		t.at[name] = at
	}
	return t, nil
}

// offset returns where the tensor name begins in the file, whose shape must be
// the one given.
func (t *tensors) offset(name string, shape ...int) int64 {
	at, size := t.at[name], int64(4)
	for _, n := range shape {
		size *= int64(n)
	}
	if t.err == nil && (at.DType != "F32" || !slices.Equal(at.Shape, shape) || at.Offsets[1]-at.Offsets[0] != size) {
		t.err = fmt.Errorf("tensor %s is %s %v, want F32 %v", name, at.DType, at.Shape, shape)
	}
	return t.base + at.Offsets[0]
}

// read returns the tensor name.
func (t *tensors) read(name string, shape ...int) []float32 {
	off := t.offset(name, shape...)
	if t.err != nil {
		return nil
	}
	n := 1
	for _, s := range shape {
		n *= s
	}
	t.buf = slices.Grow(t.buf[:0], 4*n)[:4*n]
	if _, err := t.file.ReadAt(t.buf, off); err != nil {
		t.err = fmt.Errorf("read tensor %s: %w", name, err)
		return nil
	}
	out := make([]float32, n)
	decode(out, t.buf)
	return out
}

// decode sets dst to the little-endian floats of src.
func decode(dst []float32, src []byte) {
	for i := range dst {
		dst[i] = math.Float32frombits(binary.LittleEndian.Uint32(src[4*i:]))
	}
}
