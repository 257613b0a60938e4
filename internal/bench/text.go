package main

import (
	"context"
	"path/filepath"
	"time"

	"github.com/citewell/citewell/chunker"
	"github.com/citewell/citewell/ingest/extract"
)

// milliseconds measures f in milliseconds.
func milliseconds(f func(context.Context) error) measure {
	return func(ctx context.Context) (float64, error) {
		begun := time.Now()
		err := f(ctx)
		return time.Since(begun).Seconds() * 1000, err
	}
}

// extractAll returns the texts of pages.
func extractAll(pages site) (site, error) {
	texts := site{}
	for path, body := range pages {
		p, err := extract.Extract([]byte(body), "text/html", "https://example.com"+path, extract.Options{})
		if err != nil {
			return nil, err
		}
		texts[path] = p.Text
	}
	return texts, nil
}

func splitTexts(ctx context.Context, b *bench) (measure, measure, error) {
	pages, err := blog()
	if err != nil {
		return nil, nil, err
	}
	texts, err := extractAll(pages)
	if err != nil {
		return nil, nil, err
	}
	dir, err := b.folder("texts", texts)
	if err != nil {
		return nil, nil, err
	}
	w, err := b.startPython(ctx, "split", filepath.Join(dir, "posts"))
	if err != nil {
		return nil, nil, err
	}
	return milliseconds(func(context.Context) error {
		for _, text := range texts {
			chunker.Split(text, chunker.Options{})
		}
		return nil
	}), w.each(nil, 1000), nil
}

// extractPair measures extraction, beside a worker that reads a folder of pages.
func extractPair(b *bench, peer func(dir string) (*worker, error)) (measure, measure, error) {
	pages, err := blog()
	if err != nil {
		return nil, nil, err
	}
	dir, err := b.folder("pages", pages)
	if err != nil {
		return nil, nil, err
	}
	w, err := peer(filepath.Join(dir, "posts"))
	if err != nil {
		return nil, nil, err
	}
	return milliseconds(func(context.Context) error {
		_, err := extractAll(pages)
		return err
	}), w.each(nil, 1000), nil
}

func extractPython(ctx context.Context, b *bench) (measure, measure, error) {
	return extractPair(b, func(dir string) (*worker, error) { return b.startPython(ctx, "extract", dir) })
}

func extractGo(ctx context.Context, b *bench) (measure, measure, error) {
	return extractPair(b, func(dir string) (*worker, error) {
		bin := filepath.Join(b.dir, "bin", "gotrafilatura")
		modules := "-modfile=" + filepath.Join(b.peers(), "gotrafilatura.mod")
		if err := b.build(ctx, bin, modules, "internal/bench/gotrafilatura.go"); err != nil {
			return nil, err
		}
		return b.start(ctx, bin, dir)
	})
}
