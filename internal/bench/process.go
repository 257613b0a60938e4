package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// A worker is a running program of a peer. For each line of JSON it does its task once
// and prints the seconds that it took.
type worker struct {
	in  *json.Encoder
	out *json.Decoder
	err *bytes.Buffer
}

// start starts a worker, which ends with the line.
func (b *bench) start(ctx context.Context, name string, args ...string) (*worker, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	w := &worker{json.NewEncoder(in), json.NewDecoder(out), &bytes.Buffer{}}
	cmd.Stderr = w.err
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	b.later(func() error {
		return errors.Join(in.Close(), cmd.Wait())
	})
	return w, nil
}

// startPython starts a worker of peers.py.
func (b *bench) startPython(ctx context.Context, args ...string) (*worker, error) {
	python, err := b.python(ctx)
	if err != nil {
		return nil, err
	}
	return b.start(ctx, python, append([]string{"-B", b.peers() + "/peers.py"}, args...)...)
}

// seconds has the worker do its task once.
func (w *worker) seconds(request any) (float64, error) {
	var s float64
	err := w.in.Encode(request)
	if err == nil {
		err = w.out.Decode(&s)
	}
	if err != nil {
		return 0, fmt.Errorf("%w: %s", err, w.err)
	}
	return s, nil
}

// each returns a measure of the worker, in units of a second divided by perSecond.
func (w *worker) each(request any, perSecond float64) measure {
	return func(context.Context) (float64, error) {
		s, err := w.seconds(request)
		return s * perSecond, err
	}
}

// used is what an ended process used.
type used struct {
	seconds   float64
	processor float64 // seconds of processor time; that of Milvus Lite is not in it
	memory    float64 // the most that it held, in MB
}

// citewell runs the program to its end.
func (b *bench) citewell(ctx context.Context, args ...string) (used, error) {
	cmd := exec.CommandContext(ctx, b.bin, args...)
	begun := time.Now()
	if err := output(cmd); err != nil {
		return used{}, err
	}
	p := cmd.ProcessState
	return used{time.Since(begun).Seconds(), (p.UserTime() + p.SystemTime()).Seconds(), memoryOf(p)}, nil
}

// A server is a running citewell serve.
type server struct {
	url string
	cmd *exec.Cmd
	err *bytes.Buffer
}

// serve starts a server on an index, without waiting for it.
func (b *bench) serve(ctx context.Context, db string, args ...string) (*server, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	args = append([]string{"serve", "--addr", addr, "--milvus", db, "--model", "none", "--log-level", "error"}, args...)
	s := &server{"http://" + addr, exec.CommandContext(ctx, b.bin, args...), &bytes.Buffer{}}
	s.cmd.Stderr = s.err
	return s, s.cmd.Start()
}

// stop ends the server and waits for the end of its Milvus Lite.
func (s *server) stop() error {
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		return err
	}
	err := s.cmd.Wait()
	time.Sleep(100 * time.Millisecond) // Milvus Lite ends some 15 ms after its last user
	if _, ok := errors.AsType[*exec.ExitError](err); ok {
		return nil // it was still starting
	}
	return err
}

// until asks a condition of a server every millisecond until it holds, and returns the
// seconds since begun.
func (s *server) until(ctx context.Context, begun time.Time, holds func() bool) (float64, error) {
	for ctx.Err() == nil && time.Since(begun) < 2*time.Minute {
		if holds() {
			return time.Since(begun).Seconds(), nil
		}
		time.Sleep(time.Millisecond)
	}
	return 0, fmt.Errorf("the server did not start: %v %s", ctx.Err(), s.err)
}

// listens reports whether the server accepts connections.
func (s *server) listens() bool {
	c, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		return false
	}
	return c.Close() == nil
}

// ready reports whether the server is ready for questions.
func (s *server) ready() bool {
	r, err := http.Get(s.url + "/readyz")
	if err != nil {
		return false
	}
	return r.Body.Close() == nil && r.StatusCode == http.StatusOK
}

// post sends a body of JSON to a path and reads the reply.
func (s *server) post(ctx context.Context, hc *http.Client, path string, body any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+path, bytes.NewReader(b))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	r, err := hc.Do(req)
	if err != nil {
		return err
	}
	reply, err := io.ReadAll(r.Body)
	if err := errors.Join(err, r.Body.Close()); err != nil {
		return err
	}
	if r.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s: %s", path, r.Status, reply)
	}
	return nil
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}
