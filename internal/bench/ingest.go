package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/citewell/citewell/chunker"
	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/embed/minilm"
	"github.com/citewell/citewell/ingest/extract"
	"github.com/citewell/citewell/retrieve/milvus/lite"
)

// ingestFlags are those of runs that measure the pipeline.
func ingestFlags(db, address string) []string {
	return []string{"ingest", address, "--milvus", db, "--embedder", "constant"}
}

// ingestPair measures a first run on the blog by one of the figures of its process.
func ingestPair(ctx context.Context, b *bench, of func(used) float64) (measure, measure, error) {
	python, err := b.python(ctx)
	if err != nil {
		return nil, nil, err
	}
	url, pages, err := b.serveBlog()
	if err != nil {
		return nil, nil, err
	}
	dir, err := b.temporary()
	if err != nil {
		return nil, nil, err
	}
	addresses := filepath.Join(dir, "addresses")
	var list []string
	for path := range pages {
		list = append(list, url+path)
	}
	slices.Sort(list)
	if err := os.WriteFile(addresses, []byte(strings.Join(list, "\n")), 0o644); err != nil {
		return nil, nil, err
	}
	runs := 0
	fresh := func() string {
		runs++
		return filepath.Join(dir, fmt.Sprintf("%d.db", runs))
	}
	return func(ctx context.Context) (float64, error) {
			u, err := b.citewell(ctx, ingestFlags(fresh(), url+postPath(0))...)
			return of(u), err
		}, func(ctx context.Context) (float64, error) {
			cmd := exec.CommandContext(ctx, python, "-B", b.peers()+"/peers.py", "ingest", addresses, fresh())
			out, err := cmd.Output()
			if err != nil {
				return 0, fmt.Errorf("%w: %s", err, stderr(err))
			}
			u := used{memory: memoryOf(cmd.ProcessState)}
			_, err = fmt.Sscan(string(out), &u.seconds, &u.processor)
			return of(u), err
		}, nil
}

func stderr(err error) []byte {
	if e, ok := errors.AsType[*exec.ExitError](err); ok {
		return e.Stderr
	}
	return nil
}

func ingestFirst(ctx context.Context, b *bench) (measure, measure, error) {
	return ingestPair(ctx, b, func(u used) float64 { return u.seconds })
}

func ingestProcessor(ctx context.Context, b *bench) (measure, measure, error) {
	return ingestPair(ctx, b, func(u used) float64 { return u.processor })
}

func ingestMemory(ctx context.Context, b *bench) (measure, measure, error) {
	return ingestPair(ctx, b, func(u used) float64 { return u.memory })
}

func ingestUnchanged(ctx context.Context, b *bench) (measure, measure, error) {
	url, pages, err := b.serveBlog()
	if err != nil {
		return nil, nil, err
	}
	dir, err := b.temporary()
	if err != nil {
		return nil, nil, err
	}
	args := ingestFlags(filepath.Join(dir, "again.db"), url+postPath(0))
	if _, err := b.citewell(ctx, args...); err != nil {
		return nil, nil, err
	}
	tags := map[string]string{}
	for path := range pages {
		r, err := http.Get(url + path)
		if err != nil {
			return nil, nil, err
		}
		tags[path] = r.Header.Get("ETag")
		if err := r.Body.Close(); err != nil {
			return nil, nil, err
		}
	}
	return func(ctx context.Context) (float64, error) {
			u, err := b.citewell(ctx, args...)
			return u.seconds, err
		}, func(ctx context.Context) (float64, error) {
			begun := time.Now()
			l, err := lite.Open(ctx, lite.Config{File: filepath.Join(dir, "again.db")})
			if err != nil {
				return 0, err
			}
			for path, tag := range tags {
				if err := unchanged(ctx, url+path, tag); err != nil {
					return 0, errors.Join(err, l.Close())
				}
			}
			s := time.Since(begun).Seconds()
			err = l.Close()
			time.Sleep(100 * time.Millisecond) // Milvus Lite ends some 15 ms after its last user
			return s, err
		}, nil
}

// unchanged asks for a page that has not changed.
func unchanged(ctx context.Context, url, tag string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	req.Header.Set("If-None-Match", tag)
	r, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, r.Body)
	if err := errors.Join(err, r.Body.Close()); err != nil {
		return err
	}
	if r.StatusCode != http.StatusNotModified {
		return fmt.Errorf("%s: %s, want 304", url, r.Status)
	}
	return nil
}

// embeddedPages is the number of pages that are embedded by the local model: enough
// for 10 s, beside which the start of the process is little.
const embeddedPages = 6

func ingestEmbedding(ctx context.Context, b *bench) (measure, measure, error) {
	m, err := b.embedder(ctx)
	if err != nil {
		return nil, nil, err
	}
	pages, err := blog()
	if err != nil {
		return nil, nil, err
	}
	few := site{}
	var windows []string
	for n := range embeddedPages {
		few[postPath(n)] = pages[postPath(n)]
		w, err := windowsOf(m, pages[postPath(n)])
		if err != nil {
			return nil, nil, err
		}
		windows = append(windows, w...)
	}
	files, err := b.folder("few", few)
	if err != nil {
		return nil, nil, err
	}
	dir, err := b.temporary()
	if err != nil {
		return nil, nil, err
	}
	runs := 0
	return func(ctx context.Context) (float64, error) {
			runs++
			db := filepath.Join(dir, fmt.Sprintf("%d.db", runs))
			u, err := b.citewell(ctx, "ingest", files, "--base-url", "https://example.com/", "--milvus", db, "--embed-model", minilm.Name)
			return u.seconds, err
		}, func(ctx context.Context) (float64, error) {
			begun := time.Now()
			_, err := m.Embed(ctx, windows, embed.Document)
			return time.Since(begun).Seconds(), err
		}, nil
}

// windowsOf returns what is embedded of a page.
func windowsOf(m *minilm.Model, body string) ([]string, error) {
	p, err := extract.Extract([]byte(body), "text/html", "https://example.com/", extract.Options{})
	if err != nil {
		return nil, err
	}
	var headings []chunker.Heading
	for _, h := range p.Headings {
		headings = append(headings, chunker.Heading{Level: h.Level, Text: h.Text, Anchor: h.Anchor, Start: h.StartRune})
	}
	var out []string
	for _, part := range chunker.SplitDocument(p.Text, headings, chunker.Options{Kind: chunker.Document}) {
		heading := p.Title
		if n := len(part.Section); n > 0 {
			heading = part.Section[n-1]
		}
		out = append(out, m.Windows(heading, part.Text)...)
	}
	return out, nil
}
