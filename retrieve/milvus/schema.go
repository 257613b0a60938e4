package milvus

import (
	"context"
	"fmt"
	"time"

	"github.com/milvus-io/milvus-sdk-go/v2/client"
	"github.com/milvus-io/milvus-sdk-go/v2/entity"

	"github.com/citewell/citewell/retrieve/index"
)

// The stored form. An index NAME of generation GEN has four collections, each
// keyed by id: 32 lower-case hex digits, and nothing else ever, since Milvus
// Lite 2.5.1 pastes keys into SQL. Times are microseconds since 1970; a string
// has at most 65 535 bytes. The index of every vector field is FLAT, unless the
// fingerprint names another one for dense.
//
//	NAME_GEN_chunks    id = ChunkID · url_id = URLID · url · title · section ·
//	                   anchor · text · ordinal · start · end (runes) · source ·
//	                   lang · flags · content_hash · modified · crawled_at ·
//	                   windows (how many) · sparse, or vec on engines without
//	                   sparse vectors
//	NAME_GEN_windows   id = WindowID · chunk_id · n (position) · source · lang ·
//	                   url (the columns that filters use) · dense
//	NAME_GEN_pages     id = URLID · url · title · source · status · etag ·
//	                   last_modified · content_hash · chunks · text_runes ·
//	                   canonical · discovered_from · decision · reason ·
//	                   crawled_at · vec
//	NAME_GEN_terms     id · version · n · parts · chunks · langs · data · vec:
//	                   the statistics of BM25; see statistics.go
//
// Field vec is [1, 0] in every row: Milvus wants a vector in a collection. A
// chunk without terms has the sparse vector {4294967294: 1e-6}, since an empty
// one is refused; no query holds that dimension but by a collision of hashes.
//
// A chunk is whole if as many of its windows are there as its row says.

// A kind is one of an index's collections.
type kind string

const (
	chunksKind  kind = "chunks"
	windowsKind kind = "windows"
	pagesKind   kind = "pages"
	termsKind   kind = "terms"
)

var kinds = []kind{chunksKind, windowsKind, pagesKind, termsKind}

// collection returns the name of a generation's collection.
func (s *Store) collection(generation string, k kind) string {
	return s.config.Name + "_" + generation + "_" + string(k)
}

const (
	maxKeyBytes = 32
	shards      = 1 // a documentation site fits one
)

// placeholder stands for the terms of a chunk that has none.
const (
	placeholderDim    = 4_294_967_294
	placeholderWeight = 1e-6
)

func key(name string) *entity.Field {
	return entity.NewField().WithName(name).WithDataType(entity.FieldTypeVarChar).WithMaxLength(maxKeyBytes)
}

func str(name string) *entity.Field {
	return entity.NewField().WithName(name).WithDataType(entity.FieldTypeVarChar).WithMaxLength(index.MaxTextBytes)
}

func num(name string) *entity.Field {
	return entity.NewField().WithName(name).WithDataType(entity.FieldTypeInt64)
}

func vector(name string, dim int) *entity.Field {
	return entity.NewField().WithName(name).WithDataType(entity.FieldTypeFloatVector).WithDim(int64(dim))
}

// schema returns the fields of a collection.
func (s *Store) schema(name string, k kind, fp index.Fingerprint) *entity.Schema {
	fields := []*entity.Field{key("id").WithIsPrimaryKey(true)}
	switch k {
	case chunksKind:
		fields = append(fields, key("url_id"), str("url"), str("title"), str("section"), str("anchor"), str("text"),
			num("ordinal"), num("start"), num("end"), str("source"), str("lang"), str("flags"), str("content_hash"),
			num("modified"), num("crawled_at"), num("windows"))
		if s.engine.sparse {
			fields = append(fields, entity.NewField().WithName("sparse").WithDataType(entity.FieldTypeSparseVector))
		} else {
			fields = append(fields, vector("vec", 2))
		}
	case windowsKind:
		fields = append(fields, key("chunk_id"), num("n"), str("source"), str("lang"), str("url"), vector("dense", fp.Dim))
	case pagesKind:
		fields = append(fields, str("url"), str("title"), str("source"), num("status"), str("etag"), str("last_modified"),
			str("content_hash"), num("chunks"), num("text_runes"), str("canonical"), str("discovered_from"), str("decision"),
			str("reason"), num("crawled_at"), vector("vec", 2))
	case termsKind:
		fields = append(fields, num("version"), num("n"), num("parts"), num("chunks"), str("langs"), str("data"), vector("vec", 2))
	}
	sch := entity.NewSchema().WithName(name)
	for _, f := range fields {
		sch.WithField(f)
	}
	return sch
}

// indexOf returns the index of a vector field.
func indexOf(field string, fp index.Fingerprint) entity.Index {
	typ, metric := "FLAT", "L2"
	switch field {
	case "sparse":
		typ, metric = "SPARSE_INVERTED_INDEX", "IP"
	case "dense":
		typ, metric = fp.Index, fp.Metric
	}
	params := map[string]string{"metric_type": metric}
	if field == "dense" {
		for k, v := range indexes[typ].build {
			params[k] = v
		}
	}
	return entity.NewGenericIndex("", entity.IndexType(typ), params)
}

// createGeneration makes those collections of a generation that are not there.
func (s *Store) createGeneration(ctx context.Context, generation string, fp index.Fingerprint) error {
	for _, k := range kinds {
		name := s.collection(generation, k)
		if err := s.create(ctx, s.schema(name, k, fp), fp); err != nil {
			return fmt.Errorf("create %s: %w", name, err)
		}
	}
	return s.loadGeneration(ctx, generation)
}

// create makes a collection and its indexes.
func (s *Store) create(ctx context.Context, sch *entity.Schema, fp index.Fingerprint) error {
	name := sch.CollectionName
	has, err := s.client.HasCollection(ctx, name)
	if err != nil {
		return err
	}
	if !has {
		if err := s.client.CreateCollection(ctx, sch, shards, client.WithConsistencyLevel(entity.ClBounded)); err != nil {
			return err
		}
	}
	for _, f := range sch.Fields {
		if f.DataType != entity.FieldTypeFloatVector && f.DataType != entity.FieldTypeSparseVector {
			continue
		}
		// Not waited for: rows are found before they are indexed.
		if err := s.client.CreateIndex(ctx, name, f.Name, indexOf(f.Name, fp), true); err != nil {
			return err
		}
	}
	return nil
}

// loadGeneration loads the collections of a generation, once.
func (s *Store) loadGeneration(ctx context.Context, generation string) error {
	var names []string
	for _, k := range kinds {
		names = append(names, s.collection(generation, k))
	}
	return s.load(ctx, generation, names...)
}

// load brings collections into memory, unless this store has done so. The SDK's
// own waiting takes 200 ms for each at least; a server takes 3 s, for one as for
// all (2.3.5, 2026-11).
func (s *Store) load(ctx context.Context, what string, names ...string) error {
	s.mu.Lock()
	done := s.loaded[what]
	s.mu.Unlock()
	if done {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, s.config.CallTimeout)
	defer cancel()
	for _, name := range names {
		if err := s.client.LoadCollection(ctx, name, true); err != nil {
			return err
		}
	}
	for _, name := range names {
		if err := s.awaitLoaded(ctx, name); err != nil {
			return err
		}
	}
	s.mu.Lock()
	s.loaded[what] = true
	s.mu.Unlock()
	return nil
}

func (s *Store) awaitLoaded(ctx context.Context, name string) error {
	for wait := time.Millisecond; ; wait = min(2*wait, 50*time.Millisecond) { // Lite is done at once, a server in seconds
		state, err := s.client.GetLoadState(ctx, name, nil)
		if err != nil {
			return err
		}
		if state == entity.LoadStateLoaded {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}

// dropGenerations removes the collections of generations, as [metaRow.Building]
// lists them. It is no error if some are not there.
func (s *Store) dropGenerations(ctx context.Context, generations string) error {
	for _, g := range splitGenerations(generations) {
		for _, k := range kinds {
			err := s.client.DropCollection(ctx, s.collection(g, k))
			if err != nil && !isGone(err) {
				return err
			}
		}
	}
	return nil
}
