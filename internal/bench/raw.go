package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"strings"

	"github.com/milvus-io/milvus-sdk-go/v2/client"
	"github.com/milvus-io/milvus-sdk-go/v2/entity"
	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"
	"google.golang.org/grpc/keepalive"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/embed/minilm"
	"github.com/citewell/citewell/retrieve/index"
	"github.com/citewell/citewell/retrieve/milvus"
	"github.com/citewell/citewell/retrieve/milvus/lite"
)

// wantedHits is the number of chunks of a search.
const wantedHits = 5

// A rawIndex searches an index by bare calls of Milvus's SDK.
type rawIndex struct {
	client     client.Client
	generation string     // beginning of the collections' names
	info       index.Info // for the terms of questions; see readStatistics
}

// dialRaw connects to the Milvus Lite that serves a file, until the line is over.
func dialRaw(ctx context.Context, b *bench, db string) (*rawIndex, error) {
	l, err := lite.Open(ctx, lite.Config{File: db})
	if err != nil {
		return nil, err
	}
	b.later(l.Close)
	opts := append([]grpc.DialOption{}, client.DefaultGrpcOpts...)
	opts = append(opts, grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: math.MaxInt64}),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return l.Dial(ctx) }))
	c, err := client.NewClient(ctx, client.Config{Address: "lite:1", DialOptions: opts})
	if err != nil {
		return nil, err
	}
	b.later(c.Close)
	found, err := c.Query(ctx, "citewell_meta", nil, `name == "citewell"`, []string{"active"}, client.WithLimit(1))
	if err != nil {
		return nil, err
	}
	active, ok := found.GetColumn("active").(*entity.ColumnVarChar)
	if !ok || active.Len() == 0 {
		return nil, fmt.Errorf("%s has no index", db)
	}
	return &rawIndex{client: c, generation: "citewell_" + active.Data()[0]}, nil
}

// readStatistics reads what the terms of a question are weighted by.
func (r *rawIndex) readStatistics(ctx context.Context, db string) error {
	s, err := milvus.Open(ctx, milvus.Config{URI: db, Name: "citewell"})
	if err != nil {
		return err
	}
	r.info, err = s.Index(ctx)
	return errors.Join(err, s.Close())
}

// flat is the parameters of a search of a FLAT or sparse index: none.
type flat struct{}

func (flat) Params() map[string]any { return map[string]any{} }
func (flat) AddRadius(float64)      {}
func (flat) AddRangeFilter(float64) {}

// find searches one collection.
func (r *rawIndex) find(ctx context.Context, kind, field, metric, key string, v entity.Vector) ([]string, error) {
	found, err := r.client.Search(ctx, r.generation+kind, nil, "", []string{key}, []entity.Vector{v}, field, entity.MetricType(metric), wantedHits, flat{})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	ids, ok := found[0].Fields.GetColumn(key).(*entity.ColumnVarChar)
	if !ok {
		return nil, found[0].Err
	}
	return ids.Data(), nil
}

func (r *rawIndex) denseIDs(ctx context.Context, v []float32) ([]string, error) {
	return r.find(ctx, "_windows", "dense", "L2", "chunk_id", entity.FloatVector(v))
}

// dense embeds a question and searches the vectors.
func (r *rawIndex) dense(ctx context.Context, m *minilm.Model, question string) error {
	v, err := m.Embed(ctx, []string{question}, embed.Query)
	if err != nil {
		return err
	}
	_, err = r.denseIDs(ctx, v[0])
	return err
}

// hybrid embeds a question, searches vectors and words at once, and reads the texts of
// what was found.
func (r *rawIndex) hybrid(ctx context.Context, m *minilm.Model, question string) error {
	v, err := m.Embed(ctx, []string{question}, embed.Query)
	if err != nil {
		return err
	}
	terms := r.info.Statistics.Question(question, "").Vector()
	sparse, err := entity.NewSliceSparseEmbedding(terms.Dims, terms.Weights)
	if err != nil {
		return err
	}
	var near, words []string
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) {
		near, err = r.denseIDs(gctx, v[0])
		return err
	})
	g.Go(func() (err error) {
		words, err = r.find(gctx, "_chunks", "sparse", "IP", "id", sparse)
		return err
	})
	if err := g.Wait(); err != nil {
		return err
	}
	expr := `id in ["` + strings.Join(append(near, words...), `", "`) + `"]`
	found, err := r.client.Query(ctx, r.generation+"_chunks", nil, expr, []string{"text", "url", "title", "section"}, client.WithLimit(2*wantedHits))
	if err == nil && found.Len() == 0 {
		return fmt.Errorf("the SDK found no text")
	}
	return err
}
