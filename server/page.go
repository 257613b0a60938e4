package server

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/citewell/citewell/internal/problem"
	"github.com/citewell/citewell/internal/state"
	"github.com/citewell/citewell/server/web"
)

// OwnService stands in [Config].SentTo for a service of the operator without a public
// name.
const OwnService = "own"

// Contents are what an index holds, as far as readers choose from it.
type Contents struct {
	Sources, Versions, Langs []string
	UpdatedAt                time.Time // when the text of some page last changed
}

// A Catalog tells what readers can choose from.
type Catalog interface {
	// Contents returns what the index holds now. It may read all of its pages.
	Contents(ctx context.Context) (Contents, error)
	// Popular returns questions that were answered well and often, best first.
	Popular(ctx context.Context) ([]string, error)
}

// routePage adds the routes of the page and of the widget.
func (s *api) routePage(r *gin.Engine) {
	for _, name := range web.Names {
		get(r, "/"+name, func(g *gin.Context) {
			f, ok := s.site.File(name)
			if !ok {
				s.fail(g, problem.NotFound)
				return
			}
			g.Header("Cross-Origin-Resource-Policy", "cross-origin") // pages of other sites load the widget
			sendFile(g, f)
		})
	}
	for _, path := range []string{"/", "/index.html"} {
		get(r, path, s.index)
	}
	get(r, "/v1/page", s.handle(searchTimeout, func(req *http.Request) (any, error) {
		return s.page(req.Context(), req.URL.Query().Get("lang"), req.Header.Get("Accept-Language")), nil
	}))
}

// index serves the page in the language of the browser.
func (s *api) index(g *gin.Context) {
	f, err := s.site.Index(s.page(g.Request.Context(), g.GetHeader("Accept-Language")))
	if err != nil {
		s.fail(g, err)
		return
	}
	g.Writer.Header().Add("Vary", "Accept-Language")
	sendFile(g, f)
}

// page returns what the page shows, in the first language that it has.
func (s *api) page(ctx context.Context, languages ...string) web.Page {
	p := s.site.Page(languages...)
	p.Feedback, p.SentTo = s.Voter != nil, s.SentTo
	if key := callerOf(ctx).key; s.RequireKey && (key == nil || !key.Allows(state.ScopeSearch)) {
		return p // what the index holds is for those who may search it
	}
	seen := s.contents.get(ctx, s)
	p.UpdatedAt = seen.UpdatedAt
	p.Filters = map[string][]string{}
	for name, values := range map[string][]string{"source": seen.Sources, "version": seen.Versions, "lang": seen.Langs} {
		if len(values) > 1 {
			p.Filters[name] = values
		}
	}
	for _, q := range seen.popular {
		if len(p.Starters) < maxStarters && !slices.Contains(p.Starters, q) {
			p.Starters = append(slices.Clip(p.Starters), q)
		}
	}
	return p
}

const (
	maxStarters    = 6
	contentsAge    = 5 * time.Minute        // after which the contents are read again
	emptyAge       = 10 * time.Second       // the same if there were none, or reading failed
	contentsWait   = 300 * time.Millisecond // that a page waits for its first contents
	contentsLimit  = time.Minute            // of one reading
	maxFilterCount = 200                    // values to choose from
)

// contents keeps what the catalog told last. Reading it may take seconds for a large
// index, so that no page waits for that for long.
type contents struct {
	mu      sync.Mutex
	last    known
	next    time.Time     // when they are read again; zero before the first time
	running chan struct{} // closed when the running read has ended; nil if none runs
}

type known struct {
	Contents
	popular []string
}

// get returns the last contents, and has them read again if they are old.
func (c *contents) get(ctx context.Context, s *api) known {
	if s.Catalog == nil {
		return known{}
	}
	c.mu.Lock()
	first := c.next.IsZero()
	if c.running == nil && time.Now().After(c.next) {
		done := make(chan struct{})
		c.running = done
		go c.refresh(context.WithoutCancel(ctx), s, done)
	}
	running := c.running
	c.mu.Unlock()
	if first && running != nil {
		select {
		case <-running:
		case <-time.After(contentsWait):
		case <-ctx.Done():
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last
}

// refresh reads the contents. If that fails, the last ones stay.
func (c *contents) refresh(ctx context.Context, s *api, done chan struct{}) {
	defer close(done)
	ctx, cancel := context.WithTimeout(ctx, contentsLimit)
	defer cancel()
	got, err := s.Catalog.Contents(ctx)
	popular, popularErr := s.Catalog.Popular(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.next, c.running = time.Now().Add(contentsAge), nil
	if err != nil || len(got.Sources) == 0 {
		c.next = time.Now().Add(emptyAge)
	}
	if err == nil {
		got.Sources, got.Versions, got.Langs = choices(got.Sources), choices(got.Versions), choices(got.Langs)
		c.last.Contents = got
	} else {
		s.Log.Warn("the page can't tell what the index holds", "err", err)
	}
	if popularErr == nil {
		c.last.popular = popular
	} else {
		s.Log.Warn("the page can't read the log of questions", "err", popularErr)
	}
}

// choices returns the values that are not empty, sorted, each once.
func choices(values []string) []string {
	values = slices.DeleteFunc(slices.Clone(values), func(v string) bool { return v == "" })
	slices.Sort(values)
	values = slices.Compact(values)
	return values[:min(len(values), maxFilterCount)]
}

// sendFile sends a file, compressed if the client takes that, and only if it has
// changed.
func sendFile(g *gin.Context, f web.File) {
	h := g.Writer.Header()
	h.Set("ETag", f.ETag)
	h.Set("Cache-Control", "no-cache") // ask whether it has changed
	h.Add("Vary", "Accept-Encoding")
	if strings.Contains(g.GetHeader("If-None-Match"), f.ETag) {
		g.Status(http.StatusNotModified)
		return
	}
	body := f.Body
	if strings.Contains(g.GetHeader("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = f.Gzip
	}
	g.Data(http.StatusOK, f.Type, body)
}
