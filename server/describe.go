package server

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"sync"

	"github.com/gin-gonic/gin"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/internal/problem"
	"github.com/citewell/citewell/internal/state"
	"github.com/citewell/citewell/server/apidoc"
	"github.com/citewell/citewell/server/openai"
)

// JobForms are values of the types of ingestion jobs, for the description of the API:
// package server does not know them.
type JobForms struct {
	Request, Progress, Report any
	Configured                []string // names of the sources in the configuration file
}

// routeDescription adds the description of the routes of r. It is made when it is first
// asked for.
func (s *api) routeDescription(r *gin.Engine) {
	description := sync.OnceValues(func() ([]byte, error) {
		spec := s.spec()
		spec.Has = func(method, path string) bool {
			return slices.ContainsFunc(r.Routes(), func(i gin.RouteInfo) bool { return i.Method == method && i.Path == path })
		}
		return json.Marshal(apidoc.Document(spec))
	})
	get(r, "/openapi.json", func(g *gin.Context) {
		b, err := description()
		if err != nil {
			s.fail(g, err)
			return
		}
		g.Header("Cache-Control", "no-cache")
		g.Data(http.StatusOK, "application/json; charset=utf-8", b)
	})
}

// spec returns what the API consists of, with the routes that this server lacks.
func (s *api) spec() apidoc.Spec {
	all := apidoc.Spec{
		Title: "Citewell", Version: s.Version,
		Text: "Answers questions from the pages of documentation sites. Each answer cites the sentences that it comes from.\n\n" +
			"HEAD is answered wherever GET is, and OPTIONS names the methods of an address. Every error has a code, a message and a fix.",
		Tags: [][2]string{
			{"ask", "Answers, searches and feedback"},
			{"openai", "The same answers in the forms of OpenAI's API"},
			{"agents", "What agents and other programs read"},
			{"ingest", "Crawls of sites, in the background"},
			{"extract", "Data from one page"},
			{"admin", "The page of operators, and what it shows"},
			{"page", "The page to ask in a browser, and the widget"},
			{"operate", "What those who operate the server read"},
			{"health", "For supervisors and load balancers"},
		},
		Fields:   s.fields(),
		Prefixes: map[string]string{"openai": "OpenAI", "gaps": "Gaps", "stale": "Stale"},
	}
	jobs := s.Jobs
	if jobs.Request == nil {
		object := apidoc.Object{"type": "object"}
		jobs = JobForms{Request: object, Progress: object, Report: object}
	}
	all.Operations = slices.Concat(askOperations(), openai.Operations(s.openAIConfig(), s.Images, questionProblems), jobOperations(jobs), readOperations(), adminOperations(jobs), pageOperations())
	for i := range all.Operations {
		s.gate(&all.Operations[i])
	}
	return all
}

// fields returns the table of fields. Of questions, it tells what this server accepts.
func (s *api) fields() map[string]apidoc.Field {
	all := maps.Clone(requestFields)
	for _, more := range []map[string]apidoc.Field{replyFields, adminFields, openai.Fields} {
		maps.Copy(all, more)
	}
	restrict := func(name string, form more) {
		f := all[name]
		f.More = form
		all[name] = f
	}
	if s.Jobs.Request != nil {
		maps.Copy(all, jobFields)
		restrict("Request.configured", more{"enum": append([]string{""}, s.Jobs.Configured...)})
	}
	mode := append(slices.Clone(modes), string(answer.Extractive))
	if s.Agentic {
		mode = append(mode, string(answer.Agentic))
	}
	restrict("AskRequest.mode", more{"enum": mode})
	if !s.Images {
		restrict("AskRequest.images", more{"maxItems": 0})
	}
	return all
}

// limitProblems are the errors of limits on a route.
func limitProblems(path string) []*problem.Kind {
	switch path {
	case "/v1/ask", "/v1/extract", "/v1/chat/completions", "/v1/responses":
		return []*problem.Kind{problem.TooManyRequests, problem.StateUnavailable}
	case "/v1/search", "/admin/search", "/v1/feedback", "/mcp", "/llms.txt", "/p/*page":
		return []*problem.Kind{problem.TooManyRequests}
	}
	return nil
}

// gate adds the errors that come from what stands before the handlers.
func (s *api) gate(op *apidoc.Operation) {
	if op.Tag == "health" {
		return
	}
	before := []*problem.Kind{problem.UnknownHost, problem.Internal}
	if op.Method != http.MethodGet {
		before = append(before, problem.CrossOrigin)
	}
	op.Free = !s.RequireKey && !slices.Contains(op.Scopes, state.ScopeIngest) && !slices.Contains(op.Scopes, state.ScopeAdmin)
	if op.Scopes != nil && !op.Free {
		before = append(before, problem.Unauthorized, problem.Forbidden)
	}
	if s.Limiter != nil {
		before = append(before, limitProblems(op.Path)...)
	}
	if s.ProofOfWork && slices.Contains([]string{"/v1/ask", "/v1/chat/completions", "/v1/responses"}, op.Path) {
		before = append(before, problem.ProofRequired)
	}
	if openai.Serves(op.Path) {
		op.Foreign = append(op.Foreign, openai.Failures(before)...)
		return
	}
	if op.Body != nil && op.Path != "/mcp" { // which reads its body itself
		before = append(before, problem.BadJSON, problem.BodyTooLarge)
	}
	op.Problems = append(before, op.Problems...)
}

// searchProblems are the errors of a search, questionProblems those of a question.
var (
	searchProblems = []*problem.Kind{problem.BadQuery, problem.NoIndex, problem.IndexMismatch, problem.StoreUnavailable, problem.EmbedderUnavailable, problem.Overloaded, problem.Timeout, problem.Stopping}

	questionProblems = slices.Concat(searchProblems, []*problem.Kind{problem.NotSupported, problem.BadImage, problem.ModelUnavailable, problem.ModelError})
)
