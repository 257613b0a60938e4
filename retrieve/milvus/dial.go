package milvus

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/milvus-io/milvus-proto/go-api/v2/commonpb"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"

	"github.com/citewell/citewell/retrieve/index"
)

// A target is a parsed URI: a file, or the address of a server.
type target struct {
	file    string // of Milvus Lite; "" for a server
	address string // for the SDK, with scheme
	show    string // for messages: without credentials
}

// parse follows the convention of Milvus's Python client.
func parse(uri string) (target, error) {
	if strings.HasSuffix(uri, ".db") && !strings.Contains(uri, "://") {
		return target{file: uri, address: "lite:1", show: uri}, nil
	}
	u, err := url.Parse(uri)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" || u.User != nil {
		return target{}, errors.New("the address of Milvus is not FILE.db, http://host:19530 or https://host (with a token)")
	}
	if u.Scheme == "http" && u.Port() == "" {
		u.Host = net.JoinHostPort(u.Hostname(), "19530")
	}
	u.RawQuery, u.Fragment = "", ""
	return target{address: u.String(), show: u.Scheme + "://" + u.Host}, nil
}

// dial connects to Milvus.
func (s *Store) dial(ctx context.Context) (*engine, error) {
	dctx, cancel := context.WithTimeout(ctx, s.config.DialTimeout)
	defer cancel()
	opts := []grpc.DialOption{grpc.WithChainUnaryInterceptor(s.intercept)}
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
	}
	return nil, s.unavailable(err)
}

// unavailable says that Milvus does not answer and how to mend it.
func (s *Store) unavailable(cause error) error {
	fix := "start it (docker compose up -d), or use a file (--milvus FILE.db)"
	if s.lite != nil {
		fix = "try again"
	}
	return fmt.Errorf("%w: %s does not answer: %w: %s", index.ErrUnavailable, s.target.show, cause, fix)
}

// A refusal is Milvus's answer that it did not do what it was asked.
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
	codeNotFound  = 100 // the collection is not there
	codeNotLoaded = 101 // it is there, but can't be searched yet
)

// isRefusal reports whether Milvus answered that it did not do it.
func isRefusal(err error) bool { return errors.As(err, new(*refusal)) }

// isGone reports whether a collection that was asked for is not there.
func isGone(err error) bool { return hasCode(err, codeNotFound) }

// isNotLoaded reports whether a collection that was asked for is not loaded.
func isNotLoaded(err error) bool { return hasCode(err, codeNotLoaded) }

func hasCode(err error, code int32) bool {
	var r *refusal
	return errors.As(err, &r) && r.code == code
}

// intercept makes a failed call an error, whatever the way it failed: SDK v2.4.2
// reads only the old error_code, which Milvus Lite never sets. If Milvus Lite
// has gone, because it was killed, it is started again and the call repeated:
// every call that this package makes may be.
func (s *Store) intercept(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	call := func() error {
		ctx, cancel := context.WithTimeout(ctx, s.config.CallTimeout)
		defer cancel()
		begun := time.Now()
		err := invoke(ctx, method, req, reply, cc, opts...)
		s.log.Debug("milvus call", "method", path.Base(method), "took", time.Since(begun))
		return err
	}
	err := call()
	// One that was just killed may take a connection before it is gone.
	for wait := 10 * time.Millisecond; s.lite != nil && status.Code(err) == codes.Unavailable && wait < maxReviveWait; wait *= 2 {
		if err := s.revive(ctx, cc, wait); err != nil {
			return err
		}
		err = call()
	}
	// One that was just started may answer before it can do anything.
	for wait := 10 * time.Millisecond; s.lite != nil && err == nil && unready(reply) && wait < maxUnreadyWait; wait *= 2 {
		if err := pause(ctx, wait); err != nil {
			return err
		}
		err = call()
	}
	if err != nil {
		return s.explain(ctx, method, err)
	}
	return check(path.Base(method), reply)
}

// maxReviveWait ends the attempts to reach Milvus Lite: there are 5, and they
// take 0.3 s besides its starts.
const maxReviveWait = 300 * time.Millisecond

// maxUnreadyWait ends the attempts to wait for a Milvus Lite that starts: there
// are 9, and they take 5 s.
const maxUnreadyWait = 5 * time.Second

// unready reports whether a reply is Milvus Lite's complaint that it has not begun
// to work. On a busy machine its socket was open before its storage was (2.5.1:
// "Mmap manager has not been init").
func unready(reply any) bool {
	var r *refusal
	return errors.As(check("", reply), &r) && strings.Contains(r.reason, "has not been init")
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

// relight waits, and starts Milvus Lite if it does not run.
func (s *Store) relight(ctx context.Context, wait time.Duration) error {
	if err := pause(ctx, wait); err != nil {
		return err
	}
	err := s.lite.Ensure(ctx)
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return s.unavailable(err)
	}
	return nil
}

// revive waits, starts Milvus Lite if it does not run, and waits for the
// connection to it.
func (s *Store) revive(ctx context.Context, cc *grpc.ClientConn, wait time.Duration) error {
	if err := s.relight(ctx, wait); err != nil {
		return err
	}
	s.log.Warn("milvus lite was gone", "file", s.target.file)
	rctx, cancel := context.WithTimeout(ctx, s.config.DialTimeout)
	defer cancel()
	cc.ResetConnectBackoff()
	for state := cc.GetState(); state != connectivity.Ready; state = cc.GetState() {
		cc.Connect()
		if !cc.WaitForStateChange(rctx, state) {
			return ctx.Err() // if it is only that the connection does not come up, the call will say so
		}
	}
	return nil
}

// explain turns an error of the transport into one of ours.
func (s *Store) explain(ctx context.Context, method string, err error) error {
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
		return err // the SDK looks for it
	}
	return fmt.Errorf("%s: %w", path.Base(method), err)
}

// check returns the error that a reply reports.
func check(method string, reply any) error {
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
