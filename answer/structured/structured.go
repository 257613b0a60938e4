// Package structured extracts data from a page.
//
// Call [Extractor.Extract]. It returns JSON that is valid against the schema,
// or an error. The schema is sent as a structured output if the model supports
// these, else in the prompt. An invalid reply is sent back once, with the
// error. A page that is too long for the model is rejected, never cut. No text
// of a page can close its delimiter in the prompt.
package structured

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/answer/fence"
	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/answer/prompt"
	"github.com/citewell/citewell/internal/problem"
)

// Errors of [Extractor.Extract], besides [answer.ErrModel] for a wrong configuration
// of the model and [llm.ErrTooLong] for a page that is too long.
var (
	// ErrForm means that the schema or the example is invalid.
	ErrForm error = problem.BadForm
	// ErrReply means that the model returned no valid data.
	ErrReply error = problem.NoData
	// ErrUnavailable means that the model failed temporarily.
	ErrUnavailable error = problem.ModelUnavailable
)

// A Model completes a prompt. [llm.Client] implements it.
type Model interface {
	Complete(ctx context.Context, r llm.Request) (llm.Response, error)
	// Fit returns [llm.ErrConfig] for a request that the model does not accept.
	Fit(r llm.Request) error
}

// A Config configures an [Extractor].
type Config struct {
	Model Model        // required
	Log   *slog.Logger // nil discards all
}

// An Extractor extracts data from pages. It is safe for concurrent use.
type Extractor struct {
	model Model
	log   *slog.Logger
}

// New returns an Extractor.
func New(c Config) (*Extractor, error) {
	if c.Model == nil {
		return nil, errors.New("structured: New needs a model")
	}
	e := &Extractor{model: c.Model, log: c.Log}
	if e.log == nil {
		e.log = slog.New(slog.DiscardHandler)
	}
	return e, nil
}

// A Request says what to extract from which page. It has either a schema or an
// example.
type Request struct {
	URL, Title  string          // of the page; optional
	Text        string          // of the page, as Markdown
	Schema      json.RawMessage // JSON schema of the data
	Example     json.RawMessage // an object like the data; the schema follows from its types
	Instruction string          // what to extract; empty means what the schema names
}

// A Result is the data, with its cost.
type Result struct {
	Data         json.RawMessage `json:"data"`          // valid against the schema
	URL          string          `json:"url,omitempty"` // of the page, after redirects
	Model        string          `json:"model"`
	Usage        llm.Usage       `json:"usage"` // of all requests; null if the service did not report it
	FinishReason string          `json:"finish_reason,omitempty"`
	Warning      string          `json:"warning,omitempty"`
	RequestID    string          `json:"request_id,omitempty"` // set by the server
}

// Warnings and errors for the user.
const (
	asked     = "the model's first reply did not match the schema; it was asked again"
	truncated = "the model reached its output limit before the data ended; raise --max-output or ask for less"
)

// Extract returns the data.
func (e *Extractor) Extract(ctx context.Context, r Request) (*Result, error) {
	f, err := newForm(r.Schema, r.Example)
	if err != nil {
		return nil, fmt.Errorf("structured: %w: %w", ErrForm, err)
	}
	res, err := e.extract(ctx, r, f)
	if err != nil {
		return nil, fmt.Errorf("structured: %w", err)
	}
	res.URL = r.URL
	return res, nil
}

// prompt returns the messages for the model; schema is nil if it is sent apart.
func (r Request) prompt(schema json.RawMessage) []llm.Message {
	p := prompt.Extraction{URL: r.URL, Title: r.Title, Text: r.Text, Instruction: r.Instruction, Example: r.Example}
	return llm.User(p.Message(fence.New(), schema))
}

// extract asks the model, and asks again if its reply is invalid.
func (e *Extractor) extract(ctx context.Context, r Request, f *form) (*Result, error) {
	req := llm.Request{Messages: r.prompt(nil), Schema: &llm.Schema{Name: "data", JSON: f.schema}}
	if !f.object || errors.Is(e.model.Fit(req), llm.ErrConfig) {
		req = llm.Request{Messages: r.prompt(f.schema)}
	}
	res := &Result{}
	resp, err := e.complete(ctx, req, res)
	if errors.Is(err, answer.ErrModel) && req.Schema != nil { // the service may reject the schema: few support every keyword
		e.log.DebugContext(ctx, "ask without structured outputs", "err", err)
		req = llm.Request{Messages: r.prompt(f.schema)}
		resp, err = e.complete(ctx, req, res)
	}
	if err != nil {
		return nil, err
	}
	data, problem := f.read(resp.Text)
	if problem != nil && resp.FinishReason == "length" {
		return nil, fmt.Errorf("%w: %s", ErrReply, truncated)
	}
	if problem != nil {
		e.log.InfoContext(ctx, "the model's reply does not match the schema; ask again", "model", resp.Model)
		res.Warning = asked
		req.Messages = append(req.Messages, llm.Message{Role: llm.RoleAssistant, Text: resp.Text},
			llm.Message{Role: llm.RoleUser, Text: prompt.Correct(problem)})
		if resp, err = e.complete(ctx, req, res); errors.Is(err, llm.ErrTooLong) {
			return nil, fmt.Errorf("%w: %w", ErrReply, problem)
		} else if err != nil {
			return nil, err
		}
		if data, problem = f.read(resp.Text); problem != nil {
			return nil, fmt.Errorf("%w, asked twice: %w", ErrReply, problem)
		}
	}
	res.Data, res.Model, res.FinishReason = data, resp.Model, resp.FinishReason
	return res, nil
}

// complete asks the model, adds the usage to res and maps its errors.
func (e *Extractor) complete(ctx context.Context, req llm.Request, res *Result) (llm.Response, error) {
	resp, err := e.model.Complete(ctx, req)
	res.Usage = res.Usage.Add(resp.Usage)
	switch {
	case ctx.Err() != nil:
		return resp, ctx.Err()
	case err == nil && resp.Refusal != "":
		return resp, fmt.Errorf("%w: it declined", ErrReply)
	case err == nil && strings.TrimSpace(resp.Text) == "", errors.Is(err, llm.ErrNoText):
		why := "it returned no text"
		if resp.FinishReason == "length" {
			why = truncated
		} else if resp.FinishReason == "content_filter" {
			why = "the provider's content filter blocked it"
		}
		return resp, fmt.Errorf("%w: %s", ErrReply, why)
	case errors.Is(err, llm.ErrConfig):
		return resp, fmt.Errorf("%w: %w", answer.ErrModel, err)
	case err == nil, errors.Is(err, llm.ErrTooLong), errors.Is(err, context.DeadlineExceeded):
		return resp, err
	}
	return resp, fmt.Errorf("%w: %w", ErrUnavailable, err)
}
