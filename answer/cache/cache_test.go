package cache_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/answer/cache"
	"github.com/citewell/citewell/answer/history"
	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/retrieve"
)

// source answers every question after a second, the second half of the text after another
// one. It counts.
type source struct {
	change func(*answer.Answer) // of the answer; may be nil
	err    error

	asked, canceled int
}

func (s *source) Answer(ctx context.Context, q answer.Question) (*answer.Answer, error) {
	return s.Stream(ctx, q, func(answer.Event) error { return nil })
}

func (s *source) Stream(ctx context.Context, q answer.Question, on func(answer.Event) error) (*answer.Answer, error) {
	s.asked++
	if q.Text == "panic" {
		panic("asked to")
	}
	events := []answer.Event{{Sources: []answer.Source{{N: 1, URL: "https://e.example/"}, {N: 2, URL: "https://e.example/b"}}}, {Delta: "It is "}, {Delta: "so. [2]"}}
	for i, e := range events {
		if err := on(e); err != nil {
			return nil, err
		}
		if i == 0 {
			continue
		}
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			s.canceled++
			return nil, ctx.Err()
		}
	}
	a := &answer.Answer{Answer: "It is so. [2]", Answered: true, Mode: answer.Generated, Citations: []answer.Citation{{N: 2, URL: "https://e.example/b"}},
		Usage: &llm.Usage{PromptTokens: 9}, Cost: &answer.Cost{Amount: 1}, Timings: answer.Timings{ModelMS: 2000, TotalMS: 2000}}
	if s.change != nil {
		s.change(a)
	}
	return a, s.err
}

// world is a cache of a source and an index.
type world struct {
	*cache.Cache
	source
	version string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{version: "1"}
	var err error
	w.Cache, err = cache.New(cache.Config{Responder: &w.source, MaxBytes: 1 << 20, Version: func(context.Context) (string, error) {
		if w.version == "" {
			return "", errors.New("down")
		}
		return w.version, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// stream asks for a stream. It returns the text that was sent, and the sources before it.
func (w *world) stream(ctx context.Context, q answer.Question) (text string, sources int, a *answer.Answer, err error) {
	a, err = w.Cache.Stream(ctx, q, func(e answer.Event) error {
		if e.Sources != nil {
			sources = len(e.Sources)
		}
		text += e.Delta
		return nil
	})
	return text, sources, a, err
}

var why = answer.Question{Text: "why?"}

// TestAgain asks twice: the second answer is the first one, at once and without tokens.
func TestAgain(t *testing.T) {
	t.Parallel()
	for _, streamed := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			first, err := w.Cache.Answer(t.Context(), why)
			if streamed {
				_, _, first, err = w.stream(t.Context(), answer.Question{Text: "why?", K: 3})
			}
			if err != nil || first.Cached || first.Usage == nil || first.Timings.ModelMS == 0 {
				t.Fatalf("first = %+v, %v", first, err)
			}
			first.RequestID = "r1" // as the server does
			w.asked = 0
			q := answer.Question{Text: "why?"}
			wantSources := 1 // those that the answer cites
			if streamed {
				q.K, wantSources = 3, 2
			}
			start := time.Now()
			text, sources, a, err := w.stream(t.Context(), q)
			if err != nil || text != a.Answer || sources != wantSources || !a.Cached || a.Usage != nil || a.Cost != nil || a.RequestID != "" || a.Timings != (answer.Timings{}) || len(a.Citations) != 1 {
				t.Errorf("again = %+v, %v, sent %q with %d sources", a, err, text, sources)
			}
			if w.asked != 0 || time.Since(start) != 0 {
				t.Errorf("again took %v and %d questions", time.Since(start), w.asked)
			}
		})
	}
}

// TestKey checks which questions are the same.
func TestKey(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		ask := func(name string, q answer.Question, want int) {
			t.Helper()
			w.asked = 0
			if a, err := w.Cache.Answer(t.Context(), q); err != nil || w.asked != want || a.Cached == (want == 1) {
				t.Errorf("%s: the responder was asked %d times, want %d; %v", name, w.asked, want, err)
			}
		}
		ask("first", why, 1)
		ask("again", why, 0)
		ask("other text", answer.Question{Text: "why"}, 1)
		ask("other history", answer.Question{Text: "why?", History: []history.Turn{{Role: "user", Content: "x"}}}, 1)
		ask("other filter", answer.Question{Text: "why?", Filter: retrieve.Filter{Lang: "de"}}, 1)
		ask("other number", answer.Question{Text: "why?", K: 9}, 1)
		ask("other mode", answer.Question{Text: "why?", Mode: answer.Extractive}, 1)
		ask("other search", answer.Question{Text: "why?", SearchMode: retrieve.Sparse}, 1)
		image := answer.Question{Text: "why?", Images: []string{"https://e.example/a.png"}}
		ask("image", image, 1)
		ask("image again", image, 1)
		ask("the first again", why, 0)
		w.version = "2"
		ask("after a crawl", why, 1)
		w.version = ""
		ask("index unknown", why, 1)
		w.version = "2"
		time.Sleep(cache.MaxAge - time.Minute)
		ask("before it is old", why, 0)
		time.Sleep(2 * time.Minute)
		before, _ := w.Stats()
		ask("old", why, 1)
		if s, _ := w.Stats(); s.Hits != before.Hits || s.Misses != before.Misses+1 {
			t.Errorf("an answer that is too old: %d hits and %d misses after %d and %d, want a miss", s.Hits, s.Misses, before.Hits, before.Misses)
		}
	})
}

// TestNotKept checks which answers are not kept.
func TestNotKept(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]source{
		"unanswered": {change: func(a *answer.Answer) { a.Answered = false }},
		"cut off":    {change: func(a *answer.Answer) { a.Truncated = true }},
		"fallback":   {change: func(a *answer.Answer) { a.Warning = "the model is down" }},
		"notice":     {change: func(a *answer.Answer) { a.Notice = "words only" }},
		"error":      {err: errors.New("boom")},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.source = s
			for range 2 {
				if _, err := w.Cache.Answer(t.Context(), why); !errors.Is(err, s.err) {
					t.Errorf("%s: %v", name, err)
				}
			}
			if w.asked != 2 {
				t.Errorf("%s: the responder was asked %d times, want 2", name, w.asked)
			}
		})
	}
	w := newWorld(t)
	if _, err := w.Cache.Answer(t.Context(), answer.Question{Text: "panic"}); err == nil || !strings.Contains(err.Error(), "asked to") {
		t.Errorf("a panic = %v, want an error", err)
	}
}

// TestOneFlight asks the same several times at once, and lets those who asked first go.
func TestOneFlight(t *testing.T) {
	t.Parallel()
	for _, streamed := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			type reply struct {
				text string
				a    *answer.Answer
				err  error
			}
			ask := func(ctx context.Context, streamed bool) chan reply {
				out := make(chan reply, 1)
				go func() {
					if streamed {
						text, _, a, err := w.stream(ctx, why)
						out <- reply{text, a, err}
						return
					}
					a, err := w.Cache.Answer(ctx, why)
					out <- reply{a: a, err: err}
				}()
				synctest.Wait()
				return out
			}
			ctx, cancel := context.WithCancel(t.Context())
			first := ask(ctx, streamed)
			time.Sleep(1500 * time.Millisecond)
			second, third := ask(t.Context(), true), ask(t.Context(), false)
			cancel()
			if r := <-first; !errors.Is(r.err, context.Canceled) {
				t.Errorf("who goes away = %v", r.err)
			}
			if r := <-second; r.err != nil || !r.a.Cached || r.text != r.a.Answer {
				t.Errorf("who streams = %+v, sent %q; %v", r.a, r.text, r.err)
			}
			if r := <-third; r.err != nil || !r.a.Cached || r.a.Usage != nil {
				t.Errorf("who wants the whole = %+v, %v", r.a, r.err)
			}
			if s, shared := w.Stats(); w.asked != 1 || w.canceled != 0 || shared != 2 || s.Misses != 1 {
				t.Errorf("the responder was asked %d times, canceled %d times; %d shared, %d misses", w.asked, w.canceled, shared, s.Misses)
			}
			// All go away: the question ends, and the next one begins anew.
			w.version = "2"
			ctx, cancel = context.WithCancel(t.Context())
			all := []chan reply{ask(ctx, streamed), ask(ctx, !streamed)}
			cancel()
			for _, r := range all {
				<-r
			}
			synctest.Wait()
			if r := <-ask(t.Context(), streamed); r.err != nil || r.a.Cached || w.asked != 3 || w.canceled != 1 {
				t.Errorf("after all went = %+v, %v; asked %d times, canceled %d", r.a, r.err, w.asked, w.canceled)
			}
			if err := w.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}
