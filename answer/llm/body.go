package llm

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"unicode"

	"github.com/openai/openai-go/v3/packages/ssestream"
)

// maxReplyBytes bounds the body of a reply. An event of a stream takes some hundred
// bytes for each token, so the longest answers of today's models fit.
const maxReplyBytes = 64 << 20

// maxObjectBytes bounds a reply that is one JSON object, which is read into memory: a
// token of it takes a few bytes, and reasoning is carried along once.
const maxObjectBytes = 16 << 20

// maxEvents bounds the events of a stream, which may hold nothing. The models of the
// table write 128 000 tokens at most, and an event has a token or more.
const maxEvents = 200_000

// receive reads a reply and returns what end makes of it, unless the caller ended it: by
// its context, or by an error of [Request.Delta].
func receive(ctx context.Context, res *http.Response, whole func([]byte) error, event func(ssestream.Event) error, end func(error) (Response, error)) (Response, error) {
	err := readBody(res, whole, event)
	if ctx.Err() != nil {
		return Response{}, ctx.Err()
	}
	if e, ok := errors.AsType[*deltaError](err); ok {
		return Response{}, e
	}
	return end(err)
}

// readBody reads a reply. The body itself decides whether it is JSON or a stream of
// events, since some servers ignore that a stream is asked for, and some send JSON with
// the media type of plain text. whole is called with JSON, event with the data of each
// event until it returns io.EOF.
func readBody(res *http.Response, whole func([]byte) error, event func(ssestream.Event) error) error {
	defer func() { _ = res.Body.Close() }() // cancels the request if the caller stops early
	body := bufio.NewReader(&limitedReader{res.Body, maxReplyBytes})
	first, err := firstByte(body)
	switch {
	case errors.Is(err, io.EOF):
		return errNoCompletion
	case err != nil:
		return err
	case first == '<':
		return &apiError{status: res.StatusCode, webPage: true}
	case first == '{' || first == '[':
		b, err := io.ReadAll(&limitedReader{body, maxObjectBytes})
		if err != nil {
			return err
		}
		return whole(b)
	}
	// A line break at the end completes the last event, which some servers leave open.
	stream := *res
	stream.Header = http.Header{"Content-Type": {"text/event-stream"}}
	stream.Body = io.NopCloser(io.MultiReader(body, strings.NewReader("\n\n")))
	decoder := ssestream.NewDecoder(&stream)
	for n := 0; decoder.Next(); n++ {
		if n == maxEvents {
			return errEndless
		}
		e := decoder.Event()
		e.Data = bytes.TrimSpace(e.Data)
		if len(e.Data) == 0 {
			continue
		}
		if err := event(e); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
	return decoder.Err()
}

// firstByte discards white space and byte order marks and returns the byte that
// follows, without reading it.
func firstByte(r *bufio.Reader) (byte, error) {
	for {
		c, _, err := r.ReadRune()
		if err != nil {
			return 0, err
		}
		if unicode.IsSpace(c) || c == '\ufeff' {
			continue
		}
		if err := r.UnreadRune(); err != nil {
			return 0, err // Unreachable: a rune was read.
		}
		b, err := r.Peek(1)
		if err != nil {
			return 0, err // Unreachable: the rune is in the buffer.
		}
		return b[0], nil
	}
}

// A limitedReader fails with io.ErrUnexpectedEOF after n bytes.
type limitedReader struct {
	r io.Reader
	n int64
}

func (l *limitedReader) Read(p []byte) (int, error) {
	if l.n <= 0 {
		return 0, io.ErrUnexpectedEOF
	}
	if int64(len(p)) > l.n {
		p = p[:l.n]
	}
	n, err := l.r.Read(p)
	l.n -= int64(n)
	return n, err
}
