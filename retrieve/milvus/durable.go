package milvus

import (
	"context"
	"errors"
	"path"
	"slices"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/citewell/citewell/internal/problem"
)

// inserting are the methods that always change the file of Milvus Lite.
var inserting = []string{"Insert", "Upsert", "CreateCollection"}

// writeGap is how long after a write Milvus Lite is read. Within the same millisecond
// it missed rows, in one of two runs on a quick disk (2.5.1, 2026-11).
const writeGap = 2 * time.Millisecond

// visibly makes a call of Milvus. A read of Milvus Lite sees the writes of this store.
func (s *Store) visibly(ctx context.Context, method string, call func() error) error {
	if s.lite == nil {
		return call()
	}
	switch path.Base(method) {
	case "Insert", "Upsert", "Delete":
		err := call()
		s.wroteAt.Store(time.Now().UnixNano())
		return err
	case "Query", "Search":
		if since := time.Duration(time.Now().UnixNano() - s.wroteAt.Load()); since >= 0 && since < writeGap {
			if err := pause(ctx, writeGap-since); err != nil {
				return err
			}
		}
	}
	return call()
}

// durably makes a call of Milvus. If the disk is full, Milvus Lite acknowledges a write
// that it could not commit, or fails with an "unexpected error" (2.5.1, 2026-11). It
// then knows rows that are not in its file. Both are the same error here, and Milvus
// Lite is ended, so that the next one knows what is in the file and nothing else.
//
// Writes of a store are made one at a time, as Milvus Lite does: else the commit of one
// would hide that another had none.
func (s *Store) durably(ctx context.Context, method string, call func() error) error {
	if s.lite == nil || !slices.Contains(inserting, path.Base(method)) {
		return call()
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	before, known := s.lite.Commits()
	interrupted := s.lite.InTransaction() // after the count, which may be that of an unfinished transaction
	err := call()
	// A refusal, or a Milvus Lite that can't be reached, is an error without a status.
	st, ok := status.FromError(err)
	if !ok || err != nil && st.Code() != codes.Unknown || !known || interrupted {
		return err
	}
	if after, ok := s.lite.Commits(); !ok || after != before {
		return err
	}
	s.log.Error("milvus lite could not write to its file", "method", path.Base(method), "file", s.target.file, "err", err)
	return &problem.Error{Kind: problem.StoreFull, Cause: errors.Join(err, s.lite.End(ctx))}
}
