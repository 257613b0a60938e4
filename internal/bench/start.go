package main

import (
	"context"
	"errors"
	"os"
	"time"
)

func startHelp(_ context.Context, b *bench) (measure, measure, error) {
	return func(ctx context.Context) (float64, error) {
		u, err := b.citewell(ctx, "--help")
		return u.seconds * 1000, err
	}, nil, nil
}

// startUntil measures a server from its start until a condition holds.
func startUntil(b *bench, db string, holds func(*server) bool) measure {
	return func(ctx context.Context) (float64, error) {
		begun := time.Now()
		s, err := b.serve(ctx, db)
		if err != nil {
			return 0, err
		}
		took, err := s.until(ctx, begun, func() bool { return holds(s) })
		return took, errors.Join(err, s.stop())
	}
}

func startListen(ctx context.Context, b *bench) (measure, measure, error) {
	db, err := b.index(ctx)
	return startUntil(b, db, (*server).listens), nil, err
}

func startReady(ctx context.Context, b *bench) (measure, measure, error) {
	db, err := b.index(ctx)
	if err != nil {
		return nil, nil, err
	}
	vector := make([]float32, 384)
	vector[0] = 1
	return startUntil(b, db, (*server).ready), func(ctx context.Context) (float64, error) {
		begun := time.Now()
		only := &bench{} // to end what the search needs
		r, err := dialRaw(ctx, only, db)
		if err == nil {
			_, err = r.denseIDs(ctx, vector)
		}
		took := time.Since(begun).Seconds()
		err = errors.Join(err, only.endLine())
		time.Sleep(100 * time.Millisecond) // Milvus Lite ends some 15 ms after its last user
		return took, err
	}, nil
}

func binarySize(_ context.Context, b *bench) (measure, measure, error) {
	return func(context.Context) (float64, error) {
		fi, err := os.Stat(b.bin)
		if err != nil {
			return 0, err
		}
		return float64(fi.Size()) / 1e6, nil
	}, nil, nil
}
