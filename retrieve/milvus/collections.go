package milvus

import (
	"context"
	"fmt"

	"github.com/citewell/citewell/retrieve/index"
)

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

// createGeneration creates the missing collections of a generation.
func (s *Store) createGeneration(ctx context.Context, generation string, fp index.Fingerprint) error {
	fields := map[kind][]field{
		chunksKind: s.can.chunkColumns().fields(fp), windowsKind: windowColumns.fields(fp),
		pagesKind: pageColumns.fields(fp), termsKind: termsColumns.fields(fp),
	}
	for _, k := range kinds {
		name := s.collection(generation, k)
		if err := s.engine.create(ctx, name, fields[k]); err != nil {
			return fmt.Errorf("create %s: %w", name, err)
		}
	}
	return s.loadGeneration(ctx, generation)
}

// loadGeneration loads the collections of a generation, once.
func (s *Store) loadGeneration(ctx context.Context, generation string) error {
	var names []string
	for _, k := range kinds {
		names = append(names, s.collection(generation, k))
	}
	return s.load(ctx, generation, names...)
}

// load loads collections into memory, unless this store has done so under that name.
func (s *Store) load(ctx context.Context, what string, names ...string) error {
	s.mu.Lock()
	done := s.loaded[what]
	s.mu.Unlock()
	if done {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, s.config.CallTimeout)
	defer cancel()
	if err := s.engine.load(ctx, names...); err != nil {
		return err
	}
	s.mu.Lock()
	s.loaded[what] = true
	s.mu.Unlock()
	return nil
}

// dropGenerations drops the collections of generations, given as [metaRow.Building]
// lists them. Missing collections are not an error.
func (s *Store) dropGenerations(ctx context.Context, generations string) error {
	for _, g := range splitGenerations(generations) {
		for _, k := range kinds {
			err := s.engine.drop(ctx, s.collection(g, k))
			if err != nil && !isGone(err) {
				return err
			}
		}
	}
	return nil
}
