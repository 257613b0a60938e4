// Package structured gets data of a given form out of a page.
//
// Call [Extractor.Extract]. What it returns is JSON that is valid against the
// schema, or there is an error. The form goes to the model as a structured output
// where it has these, else in the prompt; a reply that is not valid is sent back
// once, with what is wrong with it. A page that is too long for the model is
// refused, never cut. No text of a page can close its delimiter in the prompt.
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

// Errors of [Extractor.Extract], besides [answer.ErrModel] for a model that can't
// be asked as it is configured and [llm.ErrTooLong] for a page that is too long.
var (
	// ErrForm means that the schema or the example is no use.
	ErrForm error = problem.BadForm
	// ErrReply means that the model gave no JSON of the form.
	ErrReply error = problem.NoData
	// ErrUnavailable means that the model failed in a way that may pass.
	ErrUnavailable error = problem.ModelUnavailable
)

// A Model completes a prompt. [llm.Client] is the one in use.
type Model interface {
	Complete(ctx context.Context, r llm.Request) (llm.Response, error)
	// Fit returns [llm.ErrConfig] for a request that the model does not take.
	Fit(r llm.Request) error
}

// A Config says what an [Extractor] works with.
type Config struct {
	Model Model        // required
	Log   *slog.Logger // nil means silence
}

// An Extractor gets data out of pages. It is safe for concurrent use.
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

// A Request says what to get out of which page. It has either a schema or an
// example.
type Request struct {
	URL, Title  string          // of the page; not needed
	Text        string          // of the page, as Markdown
	Schema      json.RawMessage // JSON schema of the data
	Example     json.RawMessage // an object like the data: its types are the form
	Instruction string          // what to get; empty means what the form's names say
}

// A Result is the data, with what it cost.
type Result struct {
	Data         json.RawMessage `json:"data"`          // valid against the schema
	URL          string          `json:"url,omitempty"` // where the page was found in the end
	Model        string          `json:"model"`
	Usage        llm.Usage       `json:"usage"` // of all requests
	FinishReason string          `json:"finish_reason,omitempty"`
	Warning      string          `json:"warning,omitempty"`
	RequestID    string          `json:"request_id,omitempty"` // set by who serves it
}

// What a user is told.
const (
	asked     = "the model's first reply did not have the form; it was asked a second time"
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

// prompt returns the message for the model.
func (r Request) prompt(schema json.RawMessage) []llm.Message {
	p := prompt.Extraction{URL: r.URL, Title: r.Title, Text: r.Text, Instruction: r.Instruction, Example: r.Example}
	return llm.User(p.Message(fence.New(), schema))
}

// extract asks the model, and once more if its reply is not valid.
func (e *Extractor) extract(ctx context.Context, r Request, f *form) (*Result, error) {
	req := llm.Request{Messages: r.prompt(nil), Schema: &llm.Schema{Name: "data", JSON: f.schema}}
	if !f.object || errors.Is(e.model.Fit(req), llm.ErrConfig) {
		req = llm.Request{Messages: r.prompt(f.schema)}
	}
	res := &Result{}
	resp, err := e.complete(ctx, req, res)
	if errors.Is(err, answer.ErrModel) && req.Schema != nil { // perhaps the service does not take the schema: few take all that a schema may say
		e.log.Debug("ask without structured outputs", "err", err)
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
		e.log.Info("the model's reply does not have the form; ask again", "model", resp.Model)
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

// complete asks the model, adds up the usage, and says what became of it.
func (e *Extractor) complete(ctx context.Context, req llm.Request, res *Result) (llm.Response, error) {
	resp, err := e.model.Complete(ctx, req)
	res.Usage = res.Usage.Add(resp.Usage)
	switch {
	case ctx.Err() != nil:
		return resp, ctx.Err()
	case err == nil && resp.Refusal != "":
		return resp, fmt.Errorf("%w: it declined", ErrReply)
	case err == nil && strings.TrimSpace(resp.Text) == "", errors.Is(err, llm.ErrNoText):
		why := "it wrote nothing"
		if resp.FinishReason == "length" {
			why = truncated
		} else if resp.FinishReason == "content_filter" {
			why = "the provider's content filter held it back"
		}
		return resp, fmt.Errorf("%w: %s", ErrReply, why)
	case errors.Is(err, llm.ErrConfig):
		return resp, fmt.Errorf("%w: %w", answer.ErrModel, err)
	case err == nil, errors.Is(err, llm.ErrTooLong), errors.Is(err, context.DeadlineExceeded):
		return resp, err
	}
	return resp, fmt.Errorf("%w: %w", ErrUnavailable, err)
}
