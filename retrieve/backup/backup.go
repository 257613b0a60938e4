// Package backup copies an index to a stream and back: its pages with their chunks and
// vectors, its crawls, and the fingerprint of its settings. The copy does not depend on
// the engine.
//
// Call [Write] and [Read]. The stream is lines of JSON: a [header], then one [line] for
// each page and each crawl.
package backup

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/retrieve/bm25"
	"github.com/citewell/citewell/retrieve/index"
)

// A Target is a store that a copy can be put into.
type Target interface {
	index.Opener
	// Fingerprint returns that of the index, or [index.ErrNoIndex].
	Fingerprint(ctx context.Context) (index.Fingerprint, error)
}

// A Source is a store whose index can be copied.
type Source interface {
	Target
	index.Manifest
	Crawls(ctx context.Context) ([]index.Crawl, error)
	// Records returns the chunks of a page with their vectors, by Ordinal.
	Records(ctx context.Context, url string) ([]index.Record, error)
}

// Counts are what a copy holds.
type Counts struct {
	Pages   int `json:"pages"`
	Chunks  int `json:"chunks"`
	Windows int `json:"windows"` // vectors
	Crawls  int `json:"crawls"`
}

// A header is the first line.
type header struct {
	Fingerprint index.Fingerprint `json:"fingerprint"`
}

// A line is a page with its records, or a crawl.
type line struct {
	Page    index.Page `json:"page"`
	Records []record   `json:"records,omitempty"`
}

// A record is an [index.Record]. Vectors are little-endian float32.
type record struct {
	index.Chunk
	Windows [][]byte
	Dims    []uint32  `json:",omitempty"`
	Weights []float32 `json:",omitempty"`
}

// Write writes the index. It holds the right to change it meanwhile, so that the copy is
// of one moment. Without an index the error is [index.ErrNoIndex].
func Write(ctx context.Context, s Source, w io.Writer) (n Counts, err error) {
	fp, err := s.Fingerprint(ctx)
	if err != nil {
		return Counts{}, err
	}
	if fp.Schema != index.SchemaVersion {
		return Counts{}, fmt.Errorf("backup: %w: it has the stored form %d, not %d: rebuild it (ingest --rebuild)", index.ErrMismatch, fp.Schema, index.SchemaVersion)
	}
	run, err := s.Begin(ctx, fp, false)
	if err != nil {
		return Counts{}, err
	}
	defer func() { err = errors.Join(err, run.Close(ctx)) }()
	out := json.NewEncoder(w)
	if err := out.Encode(header{fp}); err != nil {
		return n, err
	}
	err = s.EachPage(ctx, func(p index.Page) error {
		l := line{Page: p}
		if p.Decision == index.DecisionIndexed {
			records, err := s.Records(ctx, p.URL)
			if err != nil {
				return err
			}
			for _, r := range records {
				l.Records = append(l.Records, encode(r))
				n.Windows += len(r.Windows)
			}
		}
		n.Pages++
		n.Chunks += len(l.Records)
		return out.Encode(l)
	})
	if err != nil {
		return n, err
	}
	crawls, err := s.Crawls(ctx)
	if err != nil {
		return n, err
	}
	for _, c := range crawls {
		n.Crawls++
		if err := out.Encode(line{Page: c.Page()}); err != nil {
			return n, err
		}
	}
	return n, nil
}

// ErrExists means that there is an index already.
var ErrExists = errors.New("the index exists: restore with --replace, or under another --name")

// batchChunks is about how many chunks are put at once.
const batchChunks = 500

// Read puts a copy into a store. If the index of the store exists, the error is
// [ErrExists], unless replace is set; then it answers until the copy is complete, and
// is kept if that fails.
func Read(ctx context.Context, s Target, r io.Reader, replace bool) (n Counts, err error) {
	in := json.NewDecoder(bufio.NewReaderSize(r, 1<<20))
	var h header
	if err := in.Decode(&h); err != nil {
		return Counts{}, fmt.Errorf("backup: %w", err)
	}
	switch _, err := s.Fingerprint(ctx); {
	case err == nil && !replace:
		return Counts{}, ErrExists
	case err != nil && !errors.Is(err, index.ErrNoIndex):
		return Counts{}, err
	}
	run, err := s.Begin(ctx, h.Fingerprint, replace)
	if err != nil {
		return Counts{}, err
	}
	defer func() { err = errors.Join(err, run.Close(ctx)) }()
	if pages, err := run.Pages(ctx); err != nil {
		return Counts{}, err
	} else if !replace && len(pages) > 0 { // another run has made it meanwhile
		return Counts{}, ErrExists
	}
	var batch []index.Change
	size := 0
	put := func() error {
		err := run.Put(ctx, batch)
		batch, size = batch[:0], 0
		return err
	}
	for {
		var l line
		if err := in.Decode(&l); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return n, fmt.Errorf("backup: %w", err)
		}
		c, err := l.change(&n)
		if err != nil {
			return n, fmt.Errorf("backup: page %.200q: %w", l.Page.URL, err)
		}
		batch = append(batch, c)
		if size += len(c.Insert) + 1; size >= batchChunks {
			if err := put(); err != nil {
				return n, err
			}
		}
	}
	if err := put(); err != nil {
		return n, err
	}
	return n, run.Commit(ctx)
}

// change returns what the line puts into an index, and counts it.
func (l line) change(n *Counts) (index.Change, error) {
	if _, ok := l.Page.Crawl(); ok {
		n.Crawls++
		return index.Change{Page: l.Page}, nil
	}
	c := index.Change{Page: l.Page}
	for _, r := range l.Records {
		rec, err := r.decode()
		if err != nil {
			return c, err
		}
		c.Insert = append(c.Insert, rec)
		n.Windows += len(rec.Windows)
	}
	n.Pages++
	n.Chunks += len(c.Insert)
	return c, nil
}

func encode(r index.Record) record {
	out := record{Chunk: r.Chunk, Dims: r.Terms.Dims, Weights: r.Terms.Weights}
	for _, v := range r.Windows {
		b := make([]byte, 0, 4*len(v))
		for _, x := range v {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
		}
		out.Windows = append(out.Windows, b)
	}
	return out
}

func (r record) decode() (index.Record, error) {
	out := index.Record{Chunk: r.Chunk, Terms: bm25.Sparse{Dims: r.Dims, Weights: r.Weights}}
	for _, b := range r.Windows {
		if len(b)%4 != 0 {
			return out, errors.New("a vector is cut off")
		}
		v := make(embed.Vector, len(b)/4)
		for i := range v {
			v[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
		}
		out.Windows = append(out.Windows, v)
	}
	return out, nil
}
