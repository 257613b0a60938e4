package milvus

import (
	"context"
	"errors"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/connectivity"

	"github.com/citewell/citewell/internal/problem"
	"github.com/citewell/citewell/retrieve/index"
	"github.com/citewell/citewell/retrieve/milvus/lite"
)

// maxRestartWait ends the attempts to reach Milvus Lite: there are 5, and they take
// 0.3 s besides its starts.
const maxRestartWait = 300 * time.Millisecond

// maxStartingWait ends the waiting for a Milvus Lite that starts: there are 9
// attempts, and they take 5 s.
const maxStartingWait = 5 * time.Second

// isStarting reports whether a reply says that Milvus Lite is still starting. On a
// busy machine its socket was open before its storage (2.5.1: "Mmap manager has not
// been init").
func isStarting(reply any) bool {
	var r *refusal
	return errors.As(replyError("", reply), &r) && strings.Contains(r.reason, "has not been init")
}

// pause waits, or returns the context's error.
func pause(ctx context.Context, wait time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(wait):
		return nil
	}
}

// liteGreeting is how long a connection to Milvus Lite may take. One that is about to
// end accepts connections and never greets.
const liteGreeting = 1500 * time.Millisecond

// dialAgain connects to Milvus. It starts a Milvus Lite that has ended meanwhile, and
// returns an error within [Config.DialTimeout] if it hangs.
func (s *Store) dialAgain(ctx context.Context) (*engine, error) {
	if s.lite == nil {
		return s.dial(ctx, s.config.DialTimeout)
	}
	deadline := time.Now().Add(s.config.DialTimeout)
	e, err := s.dial(ctx, min(liteGreeting, s.config.DialTimeout))
	for wait := 10 * time.Millisecond; errors.Is(err, index.ErrUnavailable) && wait < maxRestartWait; wait *= 2 {
		if serr := s.startLite(ctx, wait); serr != nil {
			return nil, serr
		}
		left := time.Until(deadline)
		if left <= 0 {
			return nil, err
		}
		e, err = s.dial(ctx, min(liteGreeting, left))
	}
	return e, err
}

// startLite waits, and then starts Milvus Lite if it does not run.
func (s *Store) startLite(ctx context.Context, wait time.Duration) error {
	if err := pause(ctx, wait); err != nil {
		return err
	}
	err := s.lite.Ensure(ctx)
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return s.liteError(err)
	}
	return nil
}

// checkFile returns an error if the file of Milvus Lite was deleted while it is in
// use: what is written then is lost. If there is another file in its place, calls go
// to that one.
func (s *Store) checkFile(ctx context.Context) error {
	if s.lite == nil {
		return nil
	}
	if err := s.lite.Check(ctx); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return s.liteError(err)
	}
	return nil
}

// liteError converts an error of package lite.
func (s *Store) liteError(err error) error {
	if errors.Is(err, lite.ErrDeleted) {
		return &problem.Error{Kind: problem.StoreUnavailable, Message: "the file of the index was deleted or moved away while it was in use",
			Fix: "put the file back, or make a new one with: citewell ingest URL", Cause: err}
	}
	return s.unavailable(err)
}

// restartLite waits, starts Milvus Lite if it does not run, and waits for the
// connection to it.
func (s *Store) restartLite(ctx context.Context, cc *grpc.ClientConn, wait time.Duration) error {
	if err := s.startLite(ctx, wait); err != nil {
		return err
	}
	s.log.Warn("milvus lite was gone", "file", s.target.file)
	rctx, cancel := context.WithTimeout(ctx, liteGreeting)
	defer cancel()
	cc.ResetConnectBackoff()
	for state := cc.GetState(); state != connectivity.Ready; state = cc.GetState() {
		cc.Connect()
		if !cc.WaitForStateChange(rctx, state) {
			return ctx.Err() // nil if only the connection failed: the call will return its error
		}
	}
	return nil
}
