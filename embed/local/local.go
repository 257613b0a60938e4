// Package local chooses between the models that run inside Citewell, and opens them:
// all-MiniLM-L6-v2 for English and multilingual-e5-small for other languages.
//
// Call [New], [Models.Choose] for the pages of a new index, and [Models.Open]. A model
// is fetched and opened when it is first asked for, and only once.
package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/embed/e5"
	"github.com/citewell/citewell/embed/encoder"
	"github.com/citewell/citewell/embed/minilm"
	"github.com/citewell/citewell/embed/modelfile"
	"github.com/citewell/citewell/internal/language"
)

// Names of the models, as users write them.
const (
	English      = minilm.Name
	Multilingual = "multilingual" // or its full name
)

// A Config defines where the files of the models are.
type Config struct {
	Dir      string                                     // folder with the files of one or both models; "" means the cache
	CacheDir string                                     // folder of fetched files; "" means the user's cache folder
	Deferred bool                                       // load the weights of a model on first use
	Progress func(model string) func(done, total int64) // of fetching a model; may be nil
}

// Models are the models of this machine. They are safe for concurrent use.
type Models struct {
	config Config
	models map[string]*slot // by the name in an index
}

// A slot is a model that may be opened.
type slot struct {
	turn  chan struct{} // a lock that a context can interrupt: holds one token
	model openModel     // nil until it is opened
	open  func(context.Context, modelfile.Config) (openModel, error)
}

// An openModel is an opened model.
type openModel interface {
	embed.Embedder
	Close() error
}

// nameOf returns the name of a model in an index.
func nameOf(model string) string { return fmt.Sprintf("%s/%d", model, encoder.Dim) }

// New returns the models. It opens none.
func New(c Config) *Models {
	m := &Models{config: c, models: map[string]*slot{
		nameOf(minilm.Name): {open: func(ctx context.Context, files modelfile.Config) (openModel, error) {
			return opened(minilm.Open(ctx, minilm.Config{Config: files, Deferred: c.Deferred}))
		}},
		nameOf(e5.Name): {open: func(ctx context.Context, files modelfile.Config) (openModel, error) {
			return opened(e5.Open(ctx, e5.Config{Config: files, Deferred: c.Deferred}))
		}},
	}}
	for _, s := range m.models {
		s.turn = make(chan struct{}, 1)
		s.turn <- struct{}{}
	}
	return m
}

// opened returns m as an interface, nil for an error.
func opened[M openModel](m M, err error) (openModel, error) {
	if err != nil {
		return nil, err
	}
	return m, nil
}

// Find returns the name in an index of a model that a user names, and whether there is
// one.
func Find(model string) (name string, ok bool) {
	switch model {
	case English:
		return nameOf(minilm.Name), true
	case Multilingual, e5.Name:
		return nameOf(e5.Name), true
	}
	return "", false
}

// Has reports whether name is that of a local model in an index, "name/dim".
func (m *Models) Has(name string) bool { return m.models[name] != nil }

// Open returns the model of this name in an index. It fetches the model's files if they
// are not there.
func (m *Models) Open(ctx context.Context, name string) (embed.Embedder, error) {
	s := m.models[name]
	if s == nil {
		return nil, fmt.Errorf("local: there is no local model %s", name)
	}
	select {
	case <-s.turn:
		defer func() { s.turn <- struct{}{} }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if s.model != nil {
		return s.model, nil
	}
	files := modelfile.Config{Dir: m.config.Dir, CacheDir: m.config.CacheDir}
	if m.config.Progress != nil {
		short, _, _ := strings.Cut(name, "/")
		files.Progress = m.config.Progress(short)
	}
	model, err := s.open(ctx, files)
	if err != nil {
		return nil, err
	}
	s.model = model
	return model, nil
}

// Close closes all models that were opened.
func (m *Models) Close() error {
	var errs []error
	for _, s := range m.models {
		<-s.turn
		if s.model != nil {
			errs = append(errs, s.model.Close())
			s.model = nil
		}
		s.turn <- struct{}{}
	}
	return errors.Join(errs...)
}

// A Choice is the model for an index, and why.
type Choice struct {
	Name     string // of the model in an index
	Pages    int    // whose language is known
	Foreign  int    // of these, in another language than English
	Language string // of most foreign pages, as a BCP 47 tag
	Missing  string // the file of the model that would be better, if the folder of the user lacks it
}

const (
	// minConfidence is that of a language that counts.
	minConfidence = 0.5
	// foreignShare is the share of pages in other languages from which on the
	// multilingual model is chosen, as its reciprocal. In English it finds somewhat
	// less (recall@5 .833 in place of .858), in other languages far more: a question
	// in German on English pages finds its page with a recall@5 of .99 in place of
	// .74, one in Russian of .99 in place of .21 (2026-11).
	foreignShare = 3
)

// Choose returns the model for an index of pages with these texts. The model for
// English is chosen if their language is not known.
func (m *Models) Choose(texts []string) Choice {
	c := Choice{Name: nameOf(minilm.Name)}
	foreign := map[string]int{}
	for _, text := range texts {
		tag, confidence := language.Guess(text)
		if tag == "" || confidence < minConfidence {
			continue
		}
		c.Pages++
		if tag != "en" {
			foreign[tag]++
			c.Foreign++
		}
	}
	for tag, n := range foreign {
		if most := foreign[c.Language]; n > most || n == most && tag < c.Language {
			c.Language = tag
		}
	}
	if c.Foreign == 0 || c.Foreign*foreignShare < c.Pages {
		return c
	}
	if c.Missing = m.missing(e5.Source); c.Missing == "" {
		c.Name = nameOf(e5.Name)
	}
	return c
}

// missing returns a file of the model that the folder of the user lacks, or "".
func (m *Models) missing(model modelfile.Model) string {
	if m.config.Dir == "" {
		return ""
	}
	i := slices.IndexFunc(model.Files, func(f modelfile.File) bool {
		_, err := os.Stat(filepath.Join(m.config.Dir, f.Name))
		return errors.Is(err, fs.ErrNotExist)
	})
	if i < 0 {
		return ""
	}
	return model.Files[i].Name
}
