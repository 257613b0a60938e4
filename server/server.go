// Package server answers over HTTP.
//
// Call [Serve] with a listener from [Listen]. The routes are
//
//	POST /v1/ask     {question, k, filter, mode, html}
//	                                        an answer with its citations, also as a stream of events
//	                 {…, images, mode}      for models that accept images, or that search by themselves
//	POST /v1/extract {url or html or text, schema or example, instruction}
//	                                        extracts data from a page; with a key only
//	POST /v1/ingest  {targets}              starts an ingestion job; with a key only, like all of /v1/ingest
//	GET  /v1/ingest, /v1/ingest/ID          the jobs and their progress, also as a stream of events
//	DELETE /v1/ingest/ID                    stops a job
//	POST /v1/search  {query, k, filter, mode, debug}
//	                                        the nearest chunks, without a model; with debug, the reasons
//	POST /v1/feedback {request_id, vote, comment}
//	                                        records a reader's feedback on an answer
//	POST /v1/chat/completions, /v1/responses, GET /v1/models
//	                                        the same answers in the forms of OpenAI's API
//	POST /mcp                               the Model Context Protocol, for agents; GET /SKILL.md tells of it
//	GET  /metrics                           counters for Prometheus, with an admin key
//	GET  /openapi.json                      the description of these routes, by OpenAPI 3.1
//	GET  /llms.txt, /p/ID.md                the indexed pages as texts, if Config.PublishTexts is set
//	GET  /healthz, /livez                   the process runs
//	GET  /readyz                            the state of each part; 503 if one that questions need has failed
//	POST /admin/login {key}, /admin/logout  signs a browser in and out; GET /admin/session tells who it is
//	GET  /admin/                            a page for operators; what it shows is below it
//	GET  /                                  a page to ask in a browser
//	GET  /widget.js                         the same as an element for pages of other sites
//	GET  /v1/page                           what both show: texts, settings, what to choose from
//
// HEAD is answered wherever GET is, and OPTIONS names the methods of a route. Every
// error is {"error":{"code","message","fix"}}. Its cause is logged, never sent.
// Requests to unknown host names and cross-origin requests are refused, so pages of
// other sites can't use a reader's browser to send requests or to read answers.
package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"path"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/internal/problem"
	"github.com/citewell/citewell/internal/state"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/index"
	"github.com/citewell/citewell/server/admit"
	"github.com/citewell/citewell/server/limit"
	"github.com/citewell/citewell/server/metrics"
	"github.com/citewell/citewell/server/sse"
	"github.com/citewell/citewell/server/web"
)

// Limits and deadlines of every request.
const (
	maxBodyBytes  = 1 << 20          // of a request: a question, not a document
	searchTimeout = 30 * time.Second // embedding and search
	askTimeout    = 6 * time.Minute  // a reasoning model may take minutes
	shutdownGrace = 2 * time.Second  // time to send errors to requests that a shutdown ends
)

// Defaults of [Config].
const (
	defaultHeartbeat = 10 * time.Second
	defaultDrain     = 10 * time.Second

	defaultHeaderTimeout = 10 * time.Second
)

// A Config configures a server. The first three fields are required.
type Config struct {
	Answerer  answer.Responder
	Retriever retrieve.Finder
	Ready     func(context.Context) error // returns an error if the store does not answer
	Parts     []Part                      // what else GET /readyz reports
	Extractor Extractor                   // nil without a model
	Ingester  Ingester                    // nil disables ingestion over HTTP
	Jobs      JobForms                    // of Ingester, for the description of the API
	Voter     Voter                       // nil disables feedback
	Page      web.Settings                // how the page and the widget look
	Catalog   Catalog                     // what the page offers to choose from; nil: nothing
	SentTo    []string                    // names of the services that get questions
	Images    bool                        // questions may contain images
	Agentic   bool                        // the model can search by itself
	Manifest  index.Manifest              // what POST /mcp reads; nil disables it
	Version   string                      // of the program
	// PublishTexts offers the texts of the pages of Manifest, and their list as llms.txt.
	PublishTexts bool
	Index        string                  // name of the index, for the names of models; "" means "default"
	Log          *slog.Logger            // default: discards
	Mount        map[string]http.Handler // additional handlers by path prefix, such as "/docs/"
	Heartbeat    time.Duration           // interval of comments on a silent stream; 0 means 10 s
	Drain        time.Duration           // time for running requests at shutdown; 0 means 10 s

	// EmbedsElsewhere means that a service embeds questions. A search while a reader
	// types then has the mode sparse, so that the service learns nothing before the
	// reader asks.
	EmbedsElsewhere bool
	// Token is a bearer token that gives all rights; "" means that there is none.
	Token string
	// Keys are what else gives rights; nil means that there are none.
	Keys KeySource
	Operators
	// ProofOfWork means that questions without a secret key need a proof of work, which
	// the page and the widget make. Servers with one Token accept each other's challenges.
	ProofOfWork bool
	// RequireKey means that asking and searching need a key, too.
	RequireKey bool
	// AllowedHosts are the names that the server is reached by, also through a proxy,
	// as [ValidateHost] wants them. IP addresses and localhost need not be listed.
	AllowedHosts []string
	// AllowedOrigins are the origins whose pages may ask, as [ValidateOrigin] wants them:
	// sites that embed the widget.
	AllowedOrigins []string
	// TrustedProxies are the addresses of proxies whose headers X-Forwarded-For,
	// X-Forwarded-Host and X-Forwarded-Prefix are read; see [ParseProxy].
	TrustedProxies []netip.Prefix
	// Limiter limits what callers use; nil means that nothing is limited. AddressLimits
	// are those of each address without a secret key, AnonymousLimits those of all
	// callers without a key together; keys have limits of their own.
	Limiter                        *limit.Limiter
	AddressLimits, AnonymousLimits limit.Limits
	// ReservedTokens returns how many tokens a question usually takes; nil means none.
	ReservedTokens func(answer.Question) int64
	// Asks and Searches are the gates that Answerer and Retriever stand behind: what they
	// would refuse is refused before the request is read. Nil refuses nothing.
	Asks, Searches *admit.Gate
	// Metrics count what the server does; nil counts nothing and has no GET /metrics.
	Metrics *metrics.Metrics
	// BasePath is a path that the server is served under, too, such as "/help"; see
	// [ValidateBasePath].
	BasePath string

	signInsPerMinute int64 // attempts of an address; 0 means 5; tests set it

	headerTimeout  time.Duration // for the headers of a request; 0 means 10 s; tests set it
	maxConnections int           // 0 means [maxConnections]; tests set it
}

// Handler returns a handler of the routes. Most callers want [Serve].
func Handler(c Config) (http.Handler, error) {
	if c.Answerer == nil || c.Retriever == nil || c.Ready == nil {
		return nil, errors.New("server: Handler needs an answerer, a retriever and a readiness check")
	}
	if c.Heartbeat < 0 || c.Drain < 0 {
		return nil, errors.New("server: Heartbeat and Drain must not be negative")
	}
	for _, origin := range c.AllowedOrigins {
		if err := ValidateOrigin(origin); err != nil {
			return nil, err
		}
	}
	for _, host := range c.AllowedHosts {
		if err := ValidateHost(host); err != nil {
			return nil, err
		}
	}
	if err := ValidateBasePath(c.BasePath); err != nil {
		return nil, err
	}
	c.Log = discardIfNil(c.Log)
	c.Heartbeat = cmp.Or(c.Heartbeat, defaultHeartbeat)
	site, err := web.New(c.Page)
	if err != nil {
		return nil, fmt.Errorf("server: %w", err)
	}
	return below(c.BasePath, (&api{Config: c, crossOrigin: http.NewCrossOriginProtection(), site: site}).routes()), nil
}

// routes returns the routes behind the checks of access.
func (s *api) routes() *gin.Engine {
	gin.SetMode(gin.ReleaseMode)
	if s.Keys != nil {
		s.keys = &keyring{source: s.Keys, log: s.Log}
	}
	s.wrapParts()
	r := gin.New()
	r.HandleMethodNotAllowed = true
	r.RedirectTrailingSlash = false // gin would redirect without the checks
	r.Use(s.identify, s.count, s.shed, s.trace, s.record, s.recover, secure, s.arrive, s.checkHost, s.authenticate, takeProof, s.shareWithOrigins, s.checkOrigin)
	r.NoRoute(s.handle(0, func(*http.Request) (any, error) { return nil, problem.NotFound }))
	r.NoMethod(s.noMethod)
	s.routeHealth(r)
	whole, maxBytes := s.handle(askTimeout, s.ask), int64(maxBodyBytes)
	if s.Images {
		maxBytes = maxPageBytes
	}
	ask, search, ingest := s.need(state.ScopeAsk), s.need(state.ScopeSearch), s.need(state.ScopeIngest)
	question, typed := s.showLimits(limit.Question), s.showLimits(limit.Search)
	r.POST("/v1/extract", ingest, question, allowBody(maxPageBytes), s.handle(askTimeout, s.extract))
	r.POST("/v1/ask", ask, question, allowBody(maxBytes), func(g *gin.Context) {
		if g.NegotiateFormat(gin.MIMEJSON, sse.MIME) == sse.MIME {
			s.askStream(g)
			return
		}
		whole(g)
	})
	s.routeOpenAI(r.Group("", ask), maxBytes)
	s.routeMCP(r)
	s.routeTexts(r)
	r.POST("/v1/search", search, typed, s.handle(searchTimeout, s.search))
	r.POST("/v1/feedback", ask, typed, s.countSearch, allowBody(maxFeedbackBytes), s.handle(feedbackTimeout, s.feedback))
	s.routeIngest(r.Group("/v1/ingest", ingest))
	s.routeAdmin(r)
	s.routePage(r)
	s.routeMetrics(r)
	s.routeDescription(r)
	for prefix, h := range s.Mount {
		get(r, prefix+"*rest", gin.WrapH(h))
		// The address is relative, since a proxy may serve this server under a path.
		get(r, strings.TrimSuffix(prefix, "/"), func(g *gin.Context) {
			g.Header("Location", path.Base(prefix)+"/")
			g.Status(http.StatusMovedPermanently)
		})
	}
	return r
}

// get adds a route for GET and HEAD. The HTTP server leaves out the body for HEAD.
func get(r gin.IRoutes, path string, h gin.HandlerFunc) {
	r.Match([]string{http.MethodGet, http.MethodHead}, path, h)
}

// noMethod answers a request whose method the route does not have. Gin has set Allow.
func (s *api) noMethod(g *gin.Context) {
	allow := g.Writer.Header().Get("Allow")
	if g.Request.Method == http.MethodOptions {
		g.Header("Allow", allow+", "+http.MethodOptions)
		g.Status(http.StatusNoContent)
		return
	}
	s.fail(g, &problem.Error{Kind: problem.MethodNotAllowed, Fix: "use " + strings.ReplaceAll(allow, ", ", " or ")})
}

// Serve serves on ln until ctx ends. Then it waits for running requests, at most for
// Config.Drain, and ends the others with [problem.Stopping]. It closes ln.
func Serve(ctx context.Context, ln net.Listener, c Config) error {
	h, err := Handler(c)
	if err != nil {
		_ = ln.Close()
		return err
	}
	// Requests outlive ctx until the deadline of the shutdown, so that answers that
	// are nearly complete are still sent.
	requests, stop := context.WithCancelCause(context.WithoutCancel(ctx))
	defer stop(nil)
	conns := &connections{most: cmp.Or(c.maxConnections, maxConnections)}
	srv := &http.Server{
		Handler:           conns.handler(h),
		ConnState:         conns.watch,
		BaseContext:       func(net.Listener) context.Context { return requests },
		ReadHeaderTimeout: cmp.Or(c.headerTimeout, defaultHeaderTimeout),
		ReadTimeout:       time.Minute,
		WriteTimeout:      askTimeout + time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(discardIfNil(c.Log).Handler(), slog.LevelWarn),
	}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(conns.listener(ln)) }()
	select {
	case err := <-done:
		return fmt.Errorf("server: %w", err)
	case <-ctx.Done():
	}
	drain := cmp.Or(c.Drain, defaultDrain)
	defer time.AfterFunc(drain, func() { stop(problem.Stopping) }).Stop()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain+shutdownGrace)
	defer cancel()
	if err := srv.Shutdown(last); err != nil {
		_ = srv.Close()
		return fmt.Errorf("server: requests still running after %v were cut off: %w", drain+shutdownGrace, err)
	}
	return nil
}

func discardIfNil(log *slog.Logger) *slog.Logger {
	if log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return log
}
