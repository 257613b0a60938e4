package llm

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/openai/openai-go/v3/packages/ssestream"
)

// endless repeats its bytes.
type endless struct {
	b    []byte
	next int
}

func (e *endless) Read(p []byte) (int, error) {
	n := copy(p, e.b[e.next:])
	e.next = (e.next + n) % len(e.b)
	return n, nil
}

// TestReadBodyIsBounded ends replies that do not end by themselves.
func TestReadBodyIsBounded(t *testing.T) {
	event := append(append([]byte("data: "), bytes.Repeat([]byte("x"), 1<<20)...), "\n\n"...)
	for name, b := range map[string][]byte{"stream": event, "JSON": []byte(`{"a":1,`)} {
		t.Run(name, func(t *testing.T) {
			events := 0
			res := &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(&endless{b: b})}
			err := readBody(res, func([]byte) error { return nil }, func(ssestream.Event) error { events++; return nil })
			if !errors.Is(err, io.ErrUnexpectedEOF) || events > maxReplyBytes>>20 {
				t.Errorf("readBody = %v after %d events, want io.ErrUnexpectedEOF", err, events)
			}
		})
	}
}
