package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/citewell/citewell/embed/minilm"
)

// indexChunks is the number of chunks of the index that is searched.
const indexChunks = 10_000

// index returns the index that is searched. It is embedded once, which takes minutes.
func (b *bench) index(ctx context.Context) (string, error) {
	if b.db != "" {
		return b.db, nil
	}
	from, err := sentences()
	if err != nil {
		return "", err
	}
	dir, err := b.folder("notes", notes(from, indexChunks))
	if err != nil {
		return "", err
	}
	db := filepath.Join(b.dir, "index", "notes.db")
	if err := os.MkdirAll(filepath.Dir(db), 0o755); err != nil {
		return "", err
	}
	fmt.Fprintln(os.Stderr, "preparing the index of 10 000 chunks; the first time, embedding takes minutes …")
	args := []string{"ingest", dir, "--base-url", "https://example.com/", "--milvus", db, "--embed-model", minilm.Name, "--size", "300", "--overlap", "0", "--yes"}
	if _, err := b.citewell(ctx, args...); err != nil {
		// It may be of another version of the program.
		if _, err := b.citewell(ctx, append(args, "--rebuild")...); err != nil {
			return "", err
		}
	}
	b.db = db
	return db, nil
}

// serveIndex serves the index until the line is over.
func (b *bench) serveIndex(ctx context.Context) (*server, string, error) {
	db, err := b.index(ctx)
	if err != nil {
		return nil, "", err
	}
	s, err := b.serve(ctx, db, "--mode", "hybrid", "--max-searches", "64")
	if err != nil {
		return nil, "", err
	}
	b.later(s.stop)
	_, err = s.until(ctx, time.Now(), s.ready)
	return s, db, err
}

// A questioner makes questions, each of them once.
type questioner struct {
	from []string
	next atomic.Int64
}

func newQuestioner() (*questioner, error) {
	from, err := sentences()
	return &questioner{from: from}, err
}

// question returns eight words of a sentence and a number.
func (q *questioner) question() string {
	n := int(q.next.Add(1))
	words := strings.Fields(q.from[n%len(q.from)])
	return fmt.Sprintf("%s %d?", strings.Join(words[:min(8, len(words))], " "), n)
}

// questionsPerRun is the number of questions of which a run is the median.
const questionsPerRun = 40

// p50 measures f in milliseconds, as the median of a run's questions.
func p50(q *questioner, f func(ctx context.Context, question string) error) measure {
	return func(ctx context.Context) (float64, error) {
		var took []float64
		for range questionsPerRun {
			question := q.question()
			begun := time.Now()
			if err := f(ctx, question); err != nil {
				return 0, err
			}
			took = append(took, time.Since(begun).Seconds()*1000)
		}
		return median(took), nil
	}
}

type body map[string]any

// searchIndex returns the questions, a search of the server and one by the SDK.
func searchIndex(ctx context.Context, b *bench, mode string) (q *questioner, ours, raw func(context.Context, string) error, err error) {
	m, err := b.embedder(ctx)
	if err != nil {
		return nil, nil, nil, err
	}
	s, db, err := b.serveIndex(ctx)
	if err != nil {
		return nil, nil, nil, err
	}
	q, err = newQuestioner()
	if err != nil {
		return nil, nil, nil, err
	}
	sdk, err := dialRaw(ctx, b, db)
	if err != nil {
		return nil, nil, nil, err
	}
	if err := sdk.readStatistics(ctx, db); err != nil {
		return nil, nil, nil, err
	}
	hc := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections}}
	search := sdk.dense
	if mode == "hybrid" {
		search = sdk.hybrid
	}
	return q, func(ctx context.Context, question string) error {
			return s.post(ctx, hc, "/v1/search", body{"query": question, "mode": mode, "k": wantedHits})
		}, func(ctx context.Context, question string) error {
			return search(ctx, m, question)
		}, nil
}

func searchBeside(mode string) func(context.Context, *bench) (measure, measure, error) {
	return func(ctx context.Context, b *bench) (measure, measure, error) {
		q, ours, raw, err := searchIndex(ctx, b, mode)
		if err != nil {
			return nil, nil, err
		}
		return p50(q, ours), p50(q, raw), nil
	}
}

// connections is how many clients search at once.
const connections = 64

func searchMany(ctx context.Context, b *bench) (measure, measure, error) {
	q, ours, raw, err := searchIndex(ctx, b, "hybrid")
	if err != nil {
		return nil, nil, err
	}
	const each = 10 // searches of a client
	many := func(f func(context.Context, string) error) measure {
		return func(ctx context.Context) (float64, error) {
			begun := time.Now()
			g, ctx := errgroup.WithContext(ctx)
			for range connections {
				g.Go(func() error {
					for range each {
						if err := f(ctx, q.question()); err != nil {
							return err
						}
					}
					return nil
				})
			}
			err := g.Wait()
			return connections * each / time.Since(begun).Seconds(), err
		}
	}
	return many(ours), many(raw), nil
}

func askBesideSearch(ctx context.Context, b *bench) (measure, measure, error) {
	s, _, err := b.serveIndex(ctx)
	if err != nil {
		return nil, nil, err
	}
	q, err := newQuestioner()
	if err != nil {
		return nil, nil, err
	}
	hc := &http.Client{}
	return p50(q, func(ctx context.Context, question string) error {
			return s.post(ctx, hc, "/v1/ask", body{"question": question})
		}), p50(q, func(ctx context.Context, question string) error {
			return s.post(ctx, hc, "/v1/search", body{"query": question, "k": wantedHits})
		}), nil
}
