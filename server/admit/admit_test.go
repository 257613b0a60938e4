package admit_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/internal/problem"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/server/admit"
)

// work takes a second.
type work struct {
	mu            *sync.Mutex
	running, most *int
}

func newWork() work { return work{&sync.Mutex{}, new(int), new(int)} }

func (w work) do(ctx context.Context) error {
	w.mu.Lock()
	*w.running++
	*w.most = max(*w.most, *w.running)
	w.mu.Unlock()
	defer func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		*w.running--
	}()
	select {
	case <-time.After(time.Second):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (w work) Answer(ctx context.Context, _ answer.Question) (*answer.Answer, error) {
	return &answer.Answer{}, w.do(ctx)
}

func (w work) Stream(ctx context.Context, _ answer.Question, _ func(answer.Event) error) (*answer.Answer, error) {
	return &answer.Answer{}, w.do(ctx)
}

func (w work) Retrieve(ctx context.Context, _ retrieve.Query) (*retrieve.Result, error) {
	return &retrieve.Result{}, w.do(ctx)
}

// TestGate sends many callers at once: some are in, some wait, and the others are refused
// at once.
func TestGate(t *testing.T) {
	t.Parallel()
	for name, call := range map[string]func(context.Context, *admit.Gate, work) error{
		"answer": func(ctx context.Context, g *admit.Gate, w work) error {
			_, err := g.Responder(w).Answer(ctx, answer.Question{})
			return err
		},
		"stream": func(ctx context.Context, g *admit.Gate, w work) error {
			_, err := g.Responder(w).Stream(ctx, answer.Question{}, nil)
			return err
		},
		"search": func(ctx context.Context, g *admit.Gate, w work) error {
			_, err := g.Finder(w).Retrieve(ctx, retrieve.Query{})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const slots, callers = 2, 40
				g, w := admit.New(slots), newWork()
				var last time.Duration
				done, refused := 0, 0
				start := time.Now()
				ended := make(chan error, callers)
				for range callers {
					go func() { ended <- call(t.Context(), g, w) }()
					synctest.Wait()
				}
				for range callers {
					err := <-ended
					var p *problem.Error
					switch took := time.Since(start); {
					case err == nil:
						done, last = done+1, took
					case errors.As(err, &p) && p.Kind == problem.Overloaded && p.After > 0 && took == 0:
						refused++
					default:
						t.Errorf("after %v: %v", took, err)
					}
				}
				if want := slots * (1 + admit.QueuePerSlot); done != want || refused != callers-want || *w.most != slots || last != (1+admit.QueuePerSlot)*time.Second {
					t.Errorf("%d were answered, the last after %v, %d at once, %d were refused; want %d, %d at once", done, last, *w.most, refused, want, slots)
				}
			})
		})
	}
}

// TestLeaves checks that who goes away while it waits, or while it is in, leaves its place.
func TestLeaves(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g, w := admit.New(1), newWork()
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 5)
		for range 5 {
			go func() {
				_, err := g.Finder(w).Retrieve(ctx, retrieve.Query{})
				ended <- err
			}()
		}
		synctest.Wait()
		cancel()
		for range 5 {
			if err := <-ended; !errors.Is(err, context.Canceled) {
				t.Errorf("Retrieve() = %v, want that it was canceled", err)
			}
		}
		for range 3 {
			if _, err := g.Finder(w).Retrieve(t.Context(), retrieve.Query{}); err != nil {
				t.Errorf("Retrieve() after it = %v", err)
			}
		}
	})
}

// TestRefuses checks that a caller is refused at once who would wait too long, by how long
// the work took lately, and that those who are refused are told different times.
func TestRefuses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := admit.New(1)
		const took = admit.MaxWait * 9 / 40
		hold := func(d time.Duration) {
			leave, err := g.Enter(t.Context())
			if err == nil {
				time.Sleep(d)
				leave()
			}
		}
		hold(took)
		for range 8 {
			go hold(took)
			synctest.Wait()
		}
		s := g.Stats()
		after := map[time.Duration]bool{}
		for range 50 {
			if p := problem.Of(g.Refuses()); p.Code == problem.Overloaded.Code {
				after[p.After] = true
			}
		}
		if s.Inside != 1 || s.Waiting != 4 || len(after) < 2 || after[0] {
			t.Errorf("of 8, %d are in and %d wait, and those who are refused may try after %v; want 1 and 4, who wait %v, and several times", s.Inside, s.Waiting, after, admit.MaxWait)
		}
		time.Sleep(2 * admit.MaxWait)
		if s = g.Stats(); s.Inside+s.Waiting != 0 || s.Refused != 53 || g.Refuses() != nil {
			t.Errorf("at the end, %+v; want nobody, and 53 refused", s)
		}
		g = admit.New(1)
		hold(2 * admit.MaxWait) // longer than anybody would wait
		if err := g.Refuses(); err != nil {
			t.Errorf("Refuses() = %v with a free slot, want nil however long the last one took", err)
		}
	})
}

// TestMaxWait checks that a caller is refused who has waited long, but not one whom
// another gate has let in.
func TestMaxWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g, w := admit.New(1), newWork()
		leave, err := g.Enter(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		late := make(chan error)
		go func() {
			_, err := g.LateFinder(w).Retrieve(t.Context(), retrieve.Query{})
			late <- err
		}()
		start := time.Now()
		if _, err := g.Finder(w).Retrieve(t.Context(), retrieve.Query{}); !errors.Is(err, problem.Overloaded) || time.Since(start) != admit.MaxWait {
			t.Errorf("Retrieve() = %v after %v, want %v after %v", err, time.Since(start), problem.Overloaded, admit.MaxWait)
		}
		leave()
		if err := <-late; err != nil {
			t.Errorf("the search of a question = %v", err)
		}
	})
}
