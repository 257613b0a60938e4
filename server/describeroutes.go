package server

import (
	"net/http"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/answer/structured"
	"github.com/citewell/citewell/internal/problem"
	"github.com/citewell/citewell/internal/state"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/server/apidoc"
	"github.com/citewell/citewell/server/render"
	"github.com/citewell/citewell/server/sse"
	"github.com/citewell/citewell/server/web"
)

// Scopes of keys, as SECURITY.md lists them.
var askScope, searchScope, ingestScope = []string{state.ScopeAsk}, []string{state.ScopeSearch}, []string{state.ScopeIngest}

// textForm is the schema of a text.
var textForm = apidoc.Object{"type": "string"}

func askOperations() []apidoc.Operation {
	return []apidoc.Operation{
		{Method: http.MethodPost, Path: "/v1/ask", ID: "ask", Tag: "ask", Scopes: askScope, Summary: "Answer a question with citations",
			Text:    "With `Accept: text/event-stream`, the parts of the answer are sent as they are written.",
			Body:    askRequest{},
			Example: `{"question": "How many minutes does Assam take?", "k": 3, "mode": "hybrid", "history": [{"role": "user", "content": "Which teas does Kettle know?"}, {"role": "assistant", "content": "Sencha and Assam."}]}`,
			Replies: []apidoc.Reply{
				{Text: "the answer; `answered` is false if the pages do not answer the question", Body: apidoc.Object{"anyOf": []any{apidoc.Ref("Answer"), apidoc.Ref("Rendered")}}, Links: map[string]apidoc.Object{
					"feedback": {"operationId": "feedback", "requestBody": apidoc.Object{"request_id": "$response.body#/request_id", "vote": "up"}, "description": "a reader's feedback on the answer"}}},
				{Type: sse.MIME, Events: []apidoc.Event{
					{Name: "sources", Text: "first: what was found, best first", Body: []answer.Source{}},
					{Name: "delta", Text: "the next part of the answer's text", Body: delta{}},
					{Name: "html", Text: "with `html`: how the answer's HTML changes", Body: render.Change{}},
					{Name: "citations", Text: "after the quotes were checked", Body: []answer.Citation{}},
					{Name: "usage", Text: "if a model was asked and reports its tokens", Body: apidoc.Object{"anyOf": []any{apidoc.Ref("Usage"), apidoc.Object{"type": "null"}}}},
					{Name: "done", Text: "last: the whole answer", Body: apidoc.Object{"anyOf": []any{apidoc.Ref("Answer"), apidoc.Ref("Rendered")}}},
					{Name: "error", Text: "instead of further events", Body: apidoc.Ref("Failure")},
				}},
			},
			Types:    []any{answer.Answer{}, rendered{}, llm.Usage{}},
			Problems: questionProblems},
		{Method: http.MethodPost, Path: "/v1/search", ID: "search", Tag: "ask", Scopes: searchScope, Summary: "Find the nearest chunks, without a model",
			Body: searchRequest{}, Rules: searchRules, Example: `{"query": "cold brew", "k": 2, "mode": "sparse", "debug": true}`,
			Replies:  []apidoc.Reply{{Text: "the hits, best first", Body: searchReply{}}},
			Problems: searchProblems},
		{Method: http.MethodPost, Path: "/v1/feedback", ID: "feedback", Tag: "ask", Scopes: askScope, Summary: "Record a reader's feedback on an answer",
			Text: "It replaces earlier feedback on the same answer.",
			Body: feedbackRequest{}, Rules: feedbackRules, Example: `{"request_id": "r-1", "vote": "up", "comment": "It rings."}`,
			Replies:  []apidoc.Reply{{Text: "what was recorded", Body: voteReply{}}},
			Problems: []*problem.Kind{problem.BadFeedback, problem.NoSuchAnswer, problem.NoFeedback, problem.StateUnavailable, problem.Timeout, problem.Stopping}},
		{Method: http.MethodPost, Path: "/v1/extract", ID: "extract", Tag: "extract", Scopes: ingestScope, Summary: "Extract data from one page",
			Text: "Exactly one of `url`, `html` and `text` is sent, and exactly one of `schema` and `example`.",
			Body: Extraction{}, Rules: extractRules, Example: `{"text": "Assam takes 4 minutes at 95 °C.", "schema": {"type": "object", "properties": {"minutes": {"type": "integer"}}, "required": ["minutes"]}, "instruction": "How long does the tea take?"}`,
			Replies: []apidoc.Reply{{Text: "data that is valid against the schema", Body: structured.Result{}}},
			Problems: []*problem.Kind{problem.BadForm, problem.BadPage, problem.UnreadablePage, problem.PageTooLong, problem.NoData, problem.NoModel, problem.NotSupported,
				problem.ModelUnavailable, problem.ModelError, problem.Timeout, problem.Stopping}},
	}
}

func jobOperations(forms JobForms) []apidoc.Operation {
	id := []apidoc.Param{{Name: "id", In: "path", Text: "of the job", Schema: textForm, Example: "j1"}}
	location := map[string]string{"Location": "address of the job"}
	atAll := []*problem.Kind{problem.NoIngestion, problem.StateUnavailable, problem.Timeout, problem.Stopping}
	return []apidoc.Operation{
		{Method: http.MethodPost, Path: "/v1/ingest", ID: "startIngestion", Tag: "ingest", Scopes: ingestScope, Summary: "Start an ingestion",
			Body: forms.Request, Rules: jobRules, Example: `{"targets": ["https://e.example/docs/"], "max_pages": 10, "max_depth": 2, "rate": 20}`,
			Replies: []apidoc.Reply{{Status: http.StatusAccepted, Text: "the job, which is queued", Body: state.Job{}, Headers: location, Links: map[string]apidoc.Object{
				"show":   {"operationId": "getIngestion", "parameters": apidoc.Object{"id": "$response.body#/id"}, "description": "how far it has come"},
				"cancel": {"operationId": "cancelIngestion", "parameters": apidoc.Object{"id": "$response.body#/id"}, "description": "stop it"}}}},
			Types:    []any{forms.Progress, forms.Report},
			Problems: append([]*problem.Kind{problem.BadIngestion, problem.TooManyJobs}, atAll...)},
		{Method: http.MethodGet, Path: "/v1/ingest", ID: "listIngestions", Tag: "ingest", Scopes: ingestScope, Summary: "List the ingestions, newest first",
			Params: []apidoc.Param{
				{Name: "limit", In: "query", Text: "how many at most", Schema: apidoc.Object{"type": "integer", "minimum": 1, "maximum": maxJobs}},
				{Name: "after", In: "query", Text: "the value of `next` of the page before", Schema: textForm},
			},
			Replies:  []apidoc.Reply{{Text: "one page of the list", Body: jobList{}}},
			Problems: append([]*problem.Kind{problem.BadQuery, problem.NoSuchJob}, atAll...)},
		{Method: http.MethodGet, Path: "/v1/ingest/:id", ID: "getIngestion", Tag: "ingest", Scopes: ingestScope, Summary: "Show one ingestion",
			Text:   "With `Accept: text/event-stream`, its progress is sent until it ends.",
			Params: id,
			Replies: []apidoc.Reply{{Text: "the job", Body: state.Job{}}, {Type: sse.MIME, Events: []apidoc.Event{
				{Name: "progress", Text: "at every change", Body: state.Job{}},
				{Name: "done", Text: "last: the job has ended", Body: state.Job{}},
				{Name: "error", Text: "instead of further events", Body: apidoc.Ref("Failure")},
			}}},
			Problems: append([]*problem.Kind{problem.NoSuchJob}, atAll...)},
		{Method: http.MethodDelete, Path: "/v1/ingest/:id", ID: "cancelIngestion", Tag: "ingest", Scopes: ingestScope, Summary: "Cancel an ingestion",
			Params: id,
			Replies: []apidoc.Reply{{Text: "the job, which has ended", Body: state.Job{}},
				{Status: http.StatusAccepted, Text: "the job, which is still stopping", Body: state.Job{}}},
			Problems: append([]*problem.Kind{problem.NoSuchJob, problem.JobOver}, atAll...)},
	}
}

// readOperations are what agents, supervisors and programs read.
func readOperations() []apidoc.Operation {
	ready := apidoc.Object{"type": "object", "required": []string{"status", "parts"}, "properties": apidoc.Object{
		"status":     apidoc.Object{"enum": []string{"ready", "not ready"}},
		"parts":      apidoc.Object{"type": "object", "additionalProperties": textForm, "description": "the state of each part, such as `ok`, `failed`, `none` or `unknown`"},
		"error":      apidoc.Ref("Details"),
		"request_id": textForm,
	}, "additionalProperties": apidoc.Object{"description": "details of the part of this name"}}
	runs := apidoc.Reply{Text: "it does", Body: alive{}}
	refuses := func(status int, text string) apidoc.Reply {
		return apidoc.Reply{Status: status, Text: text, Type: "text/plain; charset=utf-8", Body: textForm}
	}
	markdown := "text/markdown; charset=utf-8"
	reading := []*problem.Kind{problem.NoIndex, problem.IndexMismatch, problem.StoreUnavailable}
	return []apidoc.Operation{
		{Method: http.MethodPost, Path: "/mcp", ID: "mcp", Tag: "agents", Scopes: []string{state.ScopeAsk, state.ScopeSearch}, Summary: "The Model Context Protocol, by streamable HTTP without sessions",
			Params:  []apidoc.Param{{Name: "Accept", In: "header", Text: "both types, as the protocol demands", Schema: apidoc.Object{"type": "string", "enum": []string{mcpAccept}}}},
			Body:    mcpMessage,
			Example: `{"jsonrpc": "2.0", "id": 1, "method": "tools/list"}`,
			Replies: []apidoc.Reply{{Text: "the reply, a message of JSON-RPC 2.0", Body: apidoc.Object{"type": "object"}},
				{Status: http.StatusAccepted, Text: "a notification was received"},
				refuses(http.StatusBadRequest, "not a message of the protocol, or the header Accept lacks one of the types"),
				refuses(http.StatusRequestEntityTooLarge, "the body is too large"),
				refuses(http.StatusUnsupportedMediaType, "the header Content-Type is not application/json")}},
		{Method: http.MethodGet, Path: "/SKILL.md", ID: "skill", Tag: "agents", Summary: "How an agent uses the tools", Replies: []apidoc.Reply{{Text: "a skill file", Type: markdown, Body: textForm}}},
		{Method: http.MethodGet, Path: "/llms.txt", ID: "listTexts", Tag: "agents", Scopes: searchScope, Summary: "The list of the indexed pages",
			Replies: []apidoc.Reply{{Text: "in the form of llms.txt", Type: "text/plain; charset=utf-8", Body: textForm}}, Problems: reading},
		{Method: http.MethodGet, Path: "/p/*page", ID: "pageText", Tag: "agents", Scopes: searchScope, Summary: "The text of an indexed page",
			Params:   []apidoc.Param{{Name: "page", In: "path", Text: "as the list names it", Schema: textForm}},
			Replies:  []apidoc.Reply{{Text: "the text", Type: markdown, Body: textForm, Headers: map[string]string{"Link": "address of the page itself", "X-Robots-Tag": "noindex"}}},
			Problems: append([]*problem.Kind{problem.NotFound}, reading...)},
		{Method: http.MethodGet, Path: "/openapi.json", ID: "description", Tag: "agents", Summary: "This description", Replies: []apidoc.Reply{{Text: "OpenAPI 3.1", Body: apidoc.Object{"type": "object"}}}},
		{Method: http.MethodGet, Path: "/metrics", ID: "metrics", Tag: "operate", Scopes: []string{state.ScopeAdmin}, Summary: "Counters for Prometheus",
			Replies: []apidoc.Reply{{Text: "in the text format of Prometheus", Type: "text/plain; version=0.0.4; charset=utf-8; escaping=underscores", Body: textForm}}},
		{Method: http.MethodGet, Path: "/healthz", ID: "healthz", Tag: "health", Summary: "Whether the process runs", Replies: []apidoc.Reply{runs}},
		{Method: http.MethodGet, Path: "/livez", ID: "livez", Tag: "health", Summary: "Whether the process runs", Replies: []apidoc.Reply{runs}},
		{Method: http.MethodGet, Path: "/readyz", ID: "readyz", Tag: "health", Summary: "Whether questions can be answered, and the state of each part",
			Types: []any{problem.Details{}},
			Replies: []apidoc.Reply{{Text: "they can", Body: ready},
				{Status: http.StatusServiceUnavailable, Text: "they can't: `error` says why", Body: ready}}},
	}
}

// pageOperations are what the page to ask loads.
func pageOperations() []apidoc.Operation {
	file := func(path, id, media, summary string) apidoc.Operation {
		return apidoc.Operation{Method: http.MethodGet, Path: path, ID: id, Tag: "page", Summary: summary,
			Replies: []apidoc.Reply{{Text: "the file", Type: media, Body: textForm, Headers: map[string]string{"ETag": "of this version"}},
				{Status: http.StatusNotModified, Text: "the version of If-None-Match is the current one"}}}
	}
	logo := file("/logo", "logo", "*/*", "The logo of the settings")
	logo.Problems = []*problem.Kind{problem.NotFound}
	return []apidoc.Operation{
		{Method: http.MethodGet, Path: "/v1/page", ID: "page", Tag: "page", Summary: "What the page shows before a question is asked",
			Params:  []apidoc.Param{{Name: "lang", In: "query", Text: "language of the interface, before that of Accept-Language", Schema: textForm, Example: "de"}},
			Replies: []apidoc.Reply{{Text: "its texts and settings", Body: web.Page{}}}},
		file("/", "index", "text/html; charset=utf-8", "The page to ask in a browser"),
		file("/index.html", "indexFile", "text/html; charset=utf-8", "The page to ask in a browser"),
		file("/app.js", "app", "text/javascript; charset=utf-8", "Its program"),
		file("/admin.js", "adminApp", "text/javascript; charset=utf-8", "The program of the page for operators"),
		file("/admin.css", "adminStyle", "text/css; charset=utf-8", "Its style"),
		file("/widget.js", "widget", "text/javascript; charset=utf-8", "The page as an element of other pages"),
		file("/style.css", "style", "text/css; charset=utf-8", "Its style"),
		file("/icon.svg", "icon", "image/svg+xml", "Its icon"),
		logo,
	}
}

// mcpMessage is what clients of the Model Context Protocol send.
var mcpMessage = apidoc.Object{"type": "object", "description": "a message of JSON-RPC 2.0, as the protocol describes them", "required": []string{"jsonrpc", "method"}, "anyOf": []any{
	apidoc.Object{"required": []string{"id"}, "properties": apidoc.Object{"jsonrpc": apidoc.Object{"const": "2.0"}, "id": apidoc.Object{"type": []string{"string", "integer"}},
		"method": apidoc.Object{"enum": []string{"ping", "tools/list"}}, "params": apidoc.Object{"type": "object", "maxProperties": 0}}},
	apidoc.Object{"required": []string{"id", "params"}, "properties": apidoc.Object{"jsonrpc": apidoc.Object{"const": "2.0"}, "id": apidoc.Object{"type": []string{"string", "integer"}},
		"method": apidoc.Object{"const": "tools/call"}, "params": apidoc.Object{"type": "object", "required": []string{"name"}, "properties": apidoc.Object{
			"name": apidoc.Object{"type": "string", "description": "of a tool"}, "arguments": apidoc.Object{"type": "object", "description": "as the schema of the tool says"}}}}},
	apidoc.Object{"required": []string{"id", "params"}, "properties": apidoc.Object{"jsonrpc": apidoc.Object{"const": "2.0"}, "id": apidoc.Object{"type": []string{"string", "integer"}},
		"method": apidoc.Object{"const": "initialize"}, "params": apidoc.Object{"type": "object", "required": []string{"protocolVersion", "capabilities", "clientInfo"}}}},
	apidoc.Object{"properties": apidoc.Object{"jsonrpc": apidoc.Object{"const": "2.0"}, "method": apidoc.Object{"const": "notifications/initialized"}}, "not": apidoc.Object{"required": []string{"id"}}},
}}

// mcpAccept is what clients of the Model Context Protocol accept.
const mcpAccept = "application/json, text/event-stream"

// modes are the values of "mode" of a search, "" for the server's default.
var modes = []string{"", string(retrieve.Hybrid), string(retrieve.Dense), string(retrieve.Sparse)}
