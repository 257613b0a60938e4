// Package codec replaces the module of the same name, with which gin can send and read
// MessagePack.
//
// Citewell speaks JSON, and that module made the program 6 MB larger (ugorji/go 1.3.1,
// 2026-11-28). gin's build tag nomsgpack has the same effect, but whoever builds the
// program would have to give it. Nothing here is ever called.
package codec

import (
	"errors"
	"io"
)

var errNone = errors.New("codec: this build has no MessagePack")

// A MsgpackHandle stands for settings.
type MsgpackHandle struct{}

// An Encoder writes nothing.
type Encoder struct{}

// NewEncoder returns an Encoder.
func NewEncoder(io.Writer, *MsgpackHandle) *Encoder { return &Encoder{} }

// Encode always returns an error.
func (*Encoder) Encode(any) error { return errNone }

// A Decoder reads nothing.
type Decoder struct{}

// NewDecoder returns a Decoder.
func NewDecoder(io.Reader, *MsgpackHandle) *Decoder { return &Decoder{} }

// Decode always returns an error.
func (*Decoder) Decode(any) error { return errNone }
