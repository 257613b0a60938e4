package provider_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/embed/provider"
	"github.com/citewell/citewell/embed/provider/providertest"
)

// answers is a transport that gives each answer in turn, and then fails.
type answers struct {
	list []answer
	at   []time.Duration // since the first request
	from time.Time
}

type answer struct {
	status int
	header map[string]string
	body   string
	err    error
}

func (a *answers) RoundTrip(*http.Request) (*http.Response, error) {
	if a.from.IsZero() {
		a.from = time.Now()
	}
	a.at = append(a.at, time.Since(a.from))
	if len(a.list) == 0 {
		return nil, errors.New("no answer is left")
	}
	next := a.list[0]
	a.list = a.list[1:]
	if next.err != nil {
		return nil, next.err
	}
	res := httptest.NewRecorder()
	for k, v := range next.header {
		res.Header().Set(k, v)
	}
	res.WriteHeader(next.status)
	_, _ = res.WriteString(next.body) // never fails
	return res.Result(), nil
}

const good = `{"model":"mxbai-embed-large","embeddings":[]}`

// Waits are those that the service asks for, else they grow; they have an end.
func TestRetryWaits(t *testing.T) {
	slow := answer{status: 503}
	for _, tt := range []struct {
		name        string
		list        []answer
		requests    int
		least, most time.Duration // until the last
	}{
		{"seconds", []answer{{status: 429, header: map[string]string{"Retry-After": "30"}}, {status: 200, body: good}}, 2, 30 * time.Second, 30 * time.Second},
		{"milliseconds", []answer{{status: 429, header: map[string]string{"Retry-After-Ms": "250", "Retry-After": "30"}}, {status: 200, body: good}}, 2, 250 * time.Millisecond, 250 * time.Millisecond},
		{"date", []answer{{status: 503, header: map[string]string{"Retry-After": "Sat, 01 Jan 2000 00:00:10 GMT"}}, {status: 200, body: good}}, 2, 9 * time.Second, 10 * time.Second},
		{"too long to wait", []answer{{status: 429, header: map[string]string{"Retry-After": "3600"}}, {status: 200, body: good}}, 1, 0, 0},
		{"growing", []answer{slow, slow, slow, slow, slow, slow, slow}, 6, 10 * time.Second, 60 * time.Second},
		{"connection broken", []answer{{err: errors.New("unexpected EOF")}, {status: 200, body: good}}, 2, 500 * time.Millisecond, time.Second},
		{"timeout", []answer{{err: context.DeadlineExceeded}, {status: 200, body: good}}, 1, 0, 0},
		{"too long a text", []answer{{status: 500, body: `{"error":"the input length exceeds the context length"}`}}, 2, 0, time.Minute},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := &answers{list: tt.list}
				e, err := provider.New(t.Context(), provider.Config{Provider: "ollama", HTTPClient: &http.Client{Transport: a}})
				if err != nil {
					t.Fatal(err)
				}
				text := []string{"one"}
				if tt.name == "too long a text" {
					text[0] = "one two" // then it is asked for its halves
					a.list = append(a.list, answer{status: 400})
				}
				_, err = e.Embed(t.Context(), text, embed.Document)
				if err == nil {
					t.Error("no error, though no vector was sent")
				}
				if last := a.at[len(a.at)-1]; len(a.at) != tt.requests || last < tt.least || last > tt.most {
					t.Errorf("requests at %v, want %d, the last at %v to %v", a.at, tt.requests, tt.least, tt.most)
				}
			})
		})
	}
}

// A wait ends when the context does.
func TestRetryCanceled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &answers{list: []answer{{status: 429, header: map[string]string{"Retry-After": "60"}}}}
		e, err := provider.New(t.Context(), provider.Config{Provider: "ollama", HTTPClient: &http.Client{Transport: a}})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		if _, err := e.Embed(ctx, []string{"one"}, embed.Document); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
			t.Errorf("Embed = %v after %v, want the deadline after a second", err, time.Since(start))
		}
	})
}

// A redirect is followed with the body and the key, as by any client.
func TestRedirect(t *testing.T) {
	s := providertest.NewServer(t, "cohere")
	s.Fail = func(n int, w http.ResponseWriter) bool {
		if n == 1 {
			w.Header().Set("Location", "/v2/embed")
			w.WriteHeader(http.StatusPermanentRedirect)
		}
		return n == 1
	}
	e, err := provider.New(t.Context(), s.Config())
	if err != nil {
		t.Fatal(err)
	}
	if got, err := e.Embed(t.Context(), []string{"one"}, embed.Document); err != nil || len(got) != 1 {
		t.Errorf("Embed = %d vectors, %v", len(got), err)
	}
}
