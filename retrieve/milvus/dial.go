package milvus

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"net/url"
	"path"
	"regexp"
	"strings"
	"time"

	"github.com/milvus-io/milvus-proto/go-api/v2/commonpb"
	"github.com/milvus-io/milvus-proto/go-api/v2/milvuspb"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"

	"github.com/citewell/citewell/retrieve/index"
)

// A target is a parsed URI: a file, or the address of a server.
type target struct {
	file    string // of Milvus Lite; "" for a server
	address string // for the SDK, with scheme
	show    string // for messages: without credentials
	tls     bool
}

// parse follows the convention of Milvus's Python client.
func parse(uri string) (target, error) {
	if strings.HasSuffix(uri, ".db") && !strings.Contains(uri, "://") {
		return target{file: uri, address: "lite:1", show: uri}, nil
	}
	u, err := url.Parse(uri)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" || u.User != nil {
		return target{}, errors.New("invalid address of Milvus (want FILE.db, http://host:19530, or https://host with a token)")
	}
	if u.Scheme == "http" && u.Port() == "" {
		u.Host = net.JoinHostPort(u.Hostname(), "19530")
	}
	u.RawQuery, u.Fragment = "", ""
	return target{address: u.String(), show: u.Scheme + "://" + u.Host, tls: u.Scheme == "https"}, nil
}

// dial connects to Milvus within a time.
func (s *Store) dial(ctx context.Context, within time.Duration) (*engine, error) {
	dctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	opts := []grpc.DialOption{grpc.WithChainUnaryInterceptor(s.intercept)}
	if s.tls != nil {
		opts = append(opts, s.tls) // the last one counts
	}
	if s.lite != nil {
		// Milvus Lite ends a connection that is pinged every 5 s, as the SDK does,
		// after some 15 s without a call, and with it what is under way. A process
		// that ends closes its socket: there is nothing to ping for.
		opts = append(opts, grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: math.MaxInt64})) // never
		opts = append(opts, grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
			return s.lite.Dial(ctx) // the SDK can't parse unix:
		}))
	}
	e, err := connect(dctx, s.target.address, s.config.Token, opts...)
	switch {
	case err == nil:
		return e, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, index.ErrUnavailable) || errors.As(err, new(*refusal)):
		return nil, err
	case strings.Contains(err.Error(), certificateFault):
		return nil, s.untrusted(err)
	case dctx.Err() != nil:
		return nil, s.unavailable(dctx.Err()) // the cause has only the text of it
	}
	return nil, s.unavailable(err)
}

// transportWords matches what gRPC adds to the reason of a failed connection.
var transportWords = regexp.MustCompile(`(?i)rpc error: code = \w+ desc = |connection error: desc = |transport: |error while dialing: |authentication handshake failed: |"`)

// unavailable returns the error of a Milvus that does not answer, with the fix.
func (s *Store) unavailable(cause error) error {
	fix := "start it (docker compose up -d), or use a file (--milvus FILE.db)"
	if s.lite != nil {
		fix = "try again"
	}
	if s.lite != nil && errors.Is(cause, context.DeadlineExceeded) {
		fix = "the Milvus Lite that serves it is stopped or very busy: look for its process (milvus) and try again"
	}
	if text := transportWords.ReplaceAllString(cause.Error(), ""); text != cause.Error() {
		cause = errors.New(text)
	}
	return fmt.Errorf("%w: %s does not answer: %w: %s", index.ErrUnavailable, s.target.show, cause, fix)
}

// A refusal is an error that Milvus itself returned.
type refusal struct {
	method string
	code   int32
	reason string
}

func (r *refusal) Error() string {
	return fmt.Sprintf("%s refused: %s (code %d)", r.method, r.reason, r.code)
}

// Codes of refusals.
const (
	codeNotFound  = 100 // the collection does not exist
	codeNotLoaded = 101 // it exists, but can't be searched yet
)

// isRefusal reports whether err is a [refusal].
func isRefusal(err error) bool { return errors.As(err, new(*refusal)) }

// isGone reports whether a collection does not exist.
func isGone(err error) bool { return hasCode(err, codeNotFound) }

// isNotLoaded reports whether a collection is not loaded.
func isNotLoaded(err error) bool { return hasCode(err, codeNotLoaded) }

func hasCode(err error, code int32) bool {
	var r *refusal
	return errors.As(err, &r) && r.code == code
}

// intercept returns an error for every failed call: SDK v2.4.2 reads only the old
// error_code, which Milvus Lite never sets. If Milvus Lite was killed, intercept starts
// it again and repeats the call, since all calls of this package are idempotent.
func (s *Store) intercept(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	return s.visibly(ctx, method, func() error {
		return s.durably(ctx, method, func() error { return s.call(ctx, method, req, reply, cc, invoke, opts...) })
	})
}

func (s *Store) call(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	call := func() error {
		ctx, cancel := context.WithTimeout(ctx, s.config.CallTimeout)
		defer cancel()
		begun := time.Now()
		err := invoke(ctx, method, req, reply, cc, opts...)
		s.log.DebugContext(ctx, "milvus call", "method", path.Base(method), "took", time.Since(begun))
		return err
	}
	if err := s.checkFile(ctx); err != nil {
		return err
	}
	err := call()
	// A Milvus Lite that was just killed may still accept a connection.
	for wait := 10 * time.Millisecond; s.lite != nil && status.Code(err) == codes.Unavailable && wait < maxRestartWait; wait *= 2 {
		if err := s.restartLite(ctx, cc, wait); err != nil {
			return err
		}
		err = call()
	}
	// A Milvus Lite that was just started may answer before it is ready.
	for wait := 10 * time.Millisecond; s.lite != nil && err == nil && isStarting(reply) && wait < maxStartingWait; wait *= 2 {
		if err := pause(ctx, wait); err != nil {
			return err
		}
		err = call()
	}
	if err != nil {
		return s.transportError(ctx, method, err)
	}
	numberCollections(reply)
	err = replyError(path.Base(method), reply)
	if s.lite != nil && err != nil {
		s.lite.TrimLog()
	}
	return err
}

// numberCollections adds to a list of collections the numbers that Milvus Lite leaves
// out (2.5.1): the SDK skips collections without one.
func numberCollections(reply any) {
	if r, ok := reply.(*milvuspb.ShowCollectionsResponse); ok && len(r.CollectionIds) < len(r.CollectionNames) {
		r.CollectionIds = make([]int64, len(r.CollectionNames))
	}
}

// transportError converts an error of gRPC.
func (s *Store) transportError(ctx context.Context, method string, err error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	st, _ := status.FromError(err)
	switch st.Code() {
	case codes.Unavailable:
		return s.unavailable(errors.New(st.Message()))
	case codes.DeadlineExceeded:
		return s.unavailable(context.DeadlineExceeded)
	case codes.Unauthenticated, codes.PermissionDenied:
		return &refusal{path.Base(method), int32(st.Code()), st.Message() + ": check MILVUS_TOKEN"}
	case codes.Unimplemented:
		return err // the engine checks for it
	}
	return fmt.Errorf("%s: %w", path.Base(method), err)
}

// replyError returns the error that a reply reports.
func replyError(method string, reply any) error {
	var s *commonpb.Status
	switch r := reply.(type) {
	case *commonpb.Status:
		s = r
	case interface{ GetStatus() *commonpb.Status }:
		s = r.GetStatus()
	}
	code := s.GetCode()
	if code == 0 {
		//lint:ignore SA1019 servers before 2.3 set nothing else
		code = int32(s.GetErrorCode())
	}
	if code != 0 {
		return &refusal{method, code, s.GetReason()}
	}
	return nil
}
