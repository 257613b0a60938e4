package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/ingest"
	"github.com/citewell/citewell/ingest/crawl"
	"github.com/citewell/citewell/ingest/extract"
	"github.com/citewell/citewell/internal/evalset"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/index"
	"github.com/citewell/citewell/retrieve/milvus"
)

// An evalIndex is an index of evaluation data. It is in a folder of the cache whose
// name is a hash of data and settings:
//
//	index.db    Milvus Lite's file
//	documents/  the data as pages, during ingestion
//	complete    the id of the program that ingested all of them
//
// The documents are ingested as HTML files, each with a title and one pre element.
// Extraction returns the text of a pre element unchanged, so offsets in chunks are
// offsets in the document. The pages of a site are ingested as they are.
type evalIndex struct {
	*parts
	ids     map[string]string // of documents, by URL
	chunks  int
	setting evalSettings
}

// evalSettings are the settings that an evaluation index was made with.
type evalSettings struct {
	Embedder string `json:"embedder"`
	Chunker  string `json:"chunker"`
	Index    string `json:"index"`
	Metric   string `json:"metric"`
}

// String joins the settings.
func (s evalSettings) String() string {
	return strings.Join([]string{s.Embedder, s.Chunker, s.Index, s.Metric}, ", ")
}

const (
	evalBase     = "https://data.example/" // what the documents are cited under
	evalSelector = "pre"
	completeMark = "complete" // name of a file

	// noTitle is the title of a document without one: a zero-width space. It has no
	// words. Without a title, extraction would use the name of the file.
	noTitle = "\u200b"
)

// Retrieve finds chunks. Their URLs are the IDs of documents.
func (s *evalIndex) Retrieve(ctx context.Context, q retrieve.Query) (*retrieve.Result, error) {
	res, err := s.retriever.Retrieve(ctx, q)
	if err != nil {
		return nil, err
	}
	for i := range res.Candidates {
		res.Candidates[i].URL = s.ids[res.Candidates[i].URL]
	}
	for i := range res.Hits {
		res.Hits[i].URL = s.ids[res.Hits[i].URL]
	}
	return res, nil
}

// evalPages are pages that an evaluation index is made of.
type evalPages struct {
	config  ingest.Config // without embedder, store and index
	content any           // what the pages are made of; encoded as JSON, it is a part of the index's name
	count   int
	// write writes the pages to a folder and returns what to ingest.
	write func(dir string) ([]string, error)
}

// openEvalIndex opens the index of documents, each of which is one text.
func (a *app) openEvalIndex(ctx context.Context, docs []evalset.Document) (*evalIndex, error) {
	s := &evalIndex{parts: &parts{}, ids: map[string]string{}}
	for i, d := range docs {
		s.ids[evalBase+pageName(i)] = d.ID
	}
	return s, a.openEvalPages(ctx, s, evalPages{
		config:  ingest.Config{BaseURL: evalBase, Crawl: crawl.Options{Source: "data"}, Extract: extract.Options{Format: extract.Plain, Selectors: []string{evalSelector}}},
		content: docs, count: len(docs),
		write: func(dir string) ([]string, error) { return writePages(dir, docs) },
	}, retrieve.Config{FlaggedWeight: 1})
}

// openEvalPages opens the index of pages. It ingests the pages if the index is
// missing or incomplete, or if another build of the program made it; in that case
// only chunks that differ are embedded. After an error s is closed.
func (a *app) openEvalPages(ctx context.Context, s *evalIndex, p evalPages, retrieval retrieve.Config) (err error) {
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if s.embedder, err = a.evalEmbedder(ctx, s.parts, p); err != nil {
		return err
	}
	p.config.Embedder, p.config.IndexType, p.config.Metric, p.config.Chunking = s.embedder, a.index, a.metric, a.chunking()
	p.config.Progress, p.config.Log = a.ingestProgress(), a.log()
	in, err := ingest.New(p.config)
	if err != nil {
		return err
	}
	fp, err := in.Fingerprint()
	if err != nil {
		return err
	}
	s.setting = evalSettings{fp.Model, fp.Chunker, fp.Index, fp.Metric}
	dir := a.cache("eval", evalIndexKey(fp, p.content))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	lock := flock.New(filepath.Join(dir, "lock"))
	if err := lock.Lock(); err != nil { // another process may be ingesting
		return err
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	if s.store, err = a.evalStore(ctx, dir); err != nil {
		return err
	}
	s.closers = append(s.closers, s.store.Close)
	p.config.Opener = s.store
	if err := a.fillEvalIndex(ctx, p, dir); err != nil {
		return err
	}
	stats, err := s.store.Stats(ctx)
	if err != nil {
		return err
	}
	s.chunks = stats.Chunks
	retrieval.Embedder, retrieval.Searcher, retrieval.EmbedTimeout, retrieval.RequireVectors = s.embedder, s.store, embedTimeout, true
	s.retriever, err = a.newRetriever(retrieval)
	return err
}

// evalEmbedder opens the embedder. If pages choose it, they are written to a temporary
// folder, since the index is named by the embedder, too.
func (a *app) evalEmbedder(ctx context.Context, into *parts, p evalPages) (embed.Embedder, error) {
	if !a.choosesModel() {
		return a.openEmbedder(ctx, into)
	}
	dir, err := os.MkdirTemp("", "citewell-eval-")
	if err != nil {
		return nil, err
	}
	into.closers = append(into.closers, func() error { return os.RemoveAll(dir) })
	targets, err := p.write(dir)
	if err != nil {
		return nil, err
	}
	in, err := ingest.New(p.config)
	if err != nil {
		return nil, err
	}
	var texts []string
	for doc, err := range in.Preview(ctx, targets) {
		if err == nil && len(doc.Chunks) > 0 {
			texts = append(texts, doc.Text)
		}
		if len(texts) == ingest.SamplePages {
			break
		}
	}
	models := a.openLocal(into)
	return models.Open(ctx, models.Choose(texts))
}

// evalStore opens the store in a folder. If requests to an embedding service are
// recorded, it deletes the store first, so that the recording is complete.
func (a *app) evalStore(ctx context.Context, dir string) (*milvus.Store, error) {
	file := filepath.Join(dir, "index.db")
	if _, service, err := a.embedConfig(); err != nil {
		return nil, err
	} else if service && a.record != "" {
		if err := errors.Join(os.RemoveAll(file), os.RemoveAll(filepath.Join(dir, completeMark))); err != nil {
			return nil, err
		}
	}
	return milvus.Open(ctx, milvus.Config{URI: file, Name: "data", LiteDir: a.liteDir, CacheDir: a.cacheDir, Progress: a.download("Milvus Lite"), Log: a.log()})
}

// evalIndexKey returns a hash of the content and the settings of an index.
func evalIndexKey(fp index.Fingerprint, content any) string {
	h := sha256.New()
	enc := json.NewEncoder(h) // A hash accepts every write, and strings can be encoded.
	_ = enc.Encode(fp)
	_ = enc.Encode(content)
	return hex.EncodeToString(h.Sum(nil))[:24]
}

// fillEvalIndex ingests the pages, unless this build of the program has done so.
func (a *app) fillEvalIndex(ctx context.Context, p evalPages, dir string) error {
	program, err := programID()
	if err != nil {
		return err
	}
	mark := filepath.Join(dir, completeMark)
	if b, err := os.ReadFile(mark); err == nil && string(b) == program {
		return nil
	}
	pages := filepath.Join(dir, "documents")
	targets, err := p.write(pages)
	if err != nil {
		return err
	}
	a.say("indexing %d documents into %s", p.count, dir)
	in, err := ingest.New(p.config)
	if err != nil {
		return err
	}
	report, err := in.Ingest(ctx, targets, false)
	if err != nil {
		return err
	}
	if len(report.Errors) > 0 {
		return fmt.Errorf("%d documents could not be indexed: %s", report.Failed, report.Errors[0])
	}
	a.say("%d chunks, %d embedded, in %.1f s", report.Chunks, report.Embedded, report.Seconds)
	return errors.Join(os.WriteFile(mark, []byte(program), 0o600), os.RemoveAll(pages))
}

// programID returns an id of this build of the program.
func programID() (string, error) {
	name, err := os.Executable()
	if err != nil {
		return "", err
	}
	info, err := os.Stat(name)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d %d", info.Size(), info.ModTime().UnixNano()), nil
}

// writePages writes documents to files and returns their names. Each file is a
// separate target, since only one of several equal pages of a target is indexed.
// The text of a document without text is its title.
func writePages(dir string, docs []evalset.Document) ([]string, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	var files []string
	for i, d := range docs {
		text := d.Text
		if strings.TrimSpace(text) == "" {
			text = d.Title
		}
		if strings.TrimSpace(text) == "" {
			continue
		}
		name := filepath.Join(dir, pageName(i))
		page := "<!DOCTYPE html><meta charset=utf-8><title>" + escapeHTML(cmp.Or(d.Title, noTitle)) + "</title><pre>" + escapeHTML(text) + "</pre>"
		if err := os.WriteFile(name, []byte(page), 0o600); err != nil {
			return nil, err
		}
		files = append(files, name)
	}
	return files, nil
}

func pageName(i int) string { return fmt.Sprintf("%07d.html", i) }

// escapeHTML escapes a text so that parsing it as HTML returns it unchanged.
func escapeHTML(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r == '<' || r == '>' || r == '&' || r == '\ufeff' || r < ' ' && r != '\n' && r != '\t' {
			fmt.Fprintf(&b, "&#%d;", r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}
