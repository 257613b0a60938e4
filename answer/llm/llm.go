// Package llm asks a language model for one completion.
//
// Call [Client.Complete]. The table in profiles.go defines what each model accepts:
// a parameter that the model refuses never leaves the client. What the table cannot
// know is negotiated: if a server refuses a parameter, the Client repeats the
// request without it and omits it from then on.
package llm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"golang.org/x/sync/semaphore"

	"github.com/citewell/citewell/internal/problem"
)

// Defaults of [Config].
const (
	defaultTimeout     = 5 * time.Minute // a reasoning model may reason for minutes
	defaultConcurrency = 8
)

// A Config says which model to ask, and where.
type Config struct {
	Provider        string                 // one of [Providers]; empty means openai
	APIKey          string                 // required for a provider's own base URL; may be empty elsewhere
	Credential      azcore.TokenCredential // azure: Entra ID, instead of APIKey
	BaseURL         string                 // empty means the provider's; azure: its endpoint, required
	APIVersion      string                 // azure; empty means [DefaultAPIVersion]
	Model           string                 // empty means the provider's default; azure: the deployment
	API             string                 // [APIAuto], [APIChat] or [APIResponses]; empty means APIAuto
	Profile         string                 // row of the table of models; empty means by the model's name
	MaxOutputTokens int                    // reasoning and visible text; 0 means the default of the model's profile
	Options         Options                // sampling and effort
	Timeout         time.Duration          // for one completion with all its requests; 0 means 5 minutes
	Patience        time.Duration          // how long an impatient request waits for text, without Delta for all of it; 0 means 2 minutes
	Concurrency     int                    // requests at a time; 0 means 8
	HTTPClient      *http.Client           // nil means a new client
	Log             *slog.Logger           // nil means no logging
}

// Errors of [Client.Complete]. Callers use errors.Is. After any other error, a later
// attempt may succeed.
var (
	// ErrNoText means that the model was paid for but returned no text: its
	// reasoning used the whole budget, or a filter blocked the text.
	ErrNoText = errors.New("the model wrote no text")
	// ErrTooLong means that the prompt leaves the model no room to answer.
	ErrTooLong error = problem.PageTooLong
	// ErrConfig means that the key, the model or another setting is wrong, or that
	// the model does not accept the request. Repeating it does not help.
	ErrConfig = errors.New("the model's settings are wrong")
)

// Finish reasons that this package sets or acts on.
const (
	finishStop   = "stop"
	finishLength = "length"
	finishCalls  = "tool_calls"
	finishFilter = "content_filter"
	finishCut    = "cut" // the stream broke off
)

// A Client asks one model. It is safe for concurrent use.
type Client struct {
	protocol   protocol      // chat completions, or the Messages API
	responses  *responsesAPI // nil if the model or the user's choice leaves it out
	api        string        // Config.API
	ownService bool          // the address is OpenAI's or Azure's own
	provider   Provider
	model      string
	host       string // for error messages
	profile    profile
	why        string // this profile was chosen
	unknown    bool   // the model's name is of no known family
	apiVersion string // "" if not at Azure
	maxOutput  int
	options    Options // the options that are sent
	timeout    time.Duration
	patience   time.Duration
	negotiated negotiated
	list       *list
	atVendor   bool // the service is that of the model's vendor
	state      state
	circuit    circuit
	slots      *semaphore.Weighted
	log        *slog.Logger
}

// New returns a Client. It does not connect. It returns [ErrConfig] for settings
// that the model or its provider does not accept.
func New(c Config) (*Client, error) {
	cl, err := newClient(c)
	if err != nil {
		return nil, fmt.Errorf("llm: %w", err)
	}
	return cl, nil
}

func newClient(c Config) (*Client, error) {
	c, provider, base, err := resolve(c)
	if err != nil {
		return nil, err
	}
	p, why, err := chooseProfile(c.Model, c.Profile, provider.Name == azureName)
	if err != nil {
		return nil, err
	}
	claude := provider.Name == anthropicName
	if c.MaxOutputTokens < 0 || c.Concurrency < 0 {
		return nil, fmt.Errorf("%w: --max-output must be at least 1", ErrConfig)
	}
	if err := validateAPI(c.API, provider.Name); err != nil {
		return nil, fmt.Errorf("%s: %w", c.Model, err)
	}
	if err := requireAPIVersion(c.APIVersion, p.azure.model, "profile "+p.name); err != nil {
		return nil, fmt.Errorf("%s: %w", c.Model, err)
	}
	options, err := p.acceptedOptions(c.Options, claude)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Model, err)
	}
	if err := p.validateOptionsOf(c.API, options); err != nil {
		return nil, fmt.Errorf("%s: %w", c.Model, err)
	}
	hc := c.HTTPClient
	if hc == nil {
		hc = &http.Client{}
	}
	log := c.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	c.Provider, c.Timeout = provider.Name, cmp.Or(c.Timeout, defaultTimeout)
	cl := &Client{
		provider: provider, model: c.Model, host: base.Host, profile: p, why: why, unknown: p.name == compatible.name && c.Profile == "", apiVersion: c.APIVersion,
		maxOutput: c.MaxOutputTokens, options: options, timeout: c.Timeout, patience: cmp.Or(c.Patience, defaultPatience), log: log,
		slots: semaphore.NewWeighted(int64(cmp.Or(c.Concurrency, defaultConcurrency))),
	}
	if _, ok := profileByName(baseName(c.Model)); !ok && c.Profile == "" && c.Provider != azureName {
		log.Warn("the model is not in the table of models", "model", c.Model, "profile", p.name, "why", why)
	}
	cl.circuit, cl.list = newCircuit(c.Model, log), newList(c, base, hc)
	cl.atVendor = slices.Contains(vendors, provider.Name) && isVendor(provider, base)
	cl.warnOfEnd()
	if claude {
		cl.protocol = newMessages(c, base, hc)
	} else {
		cl.protocol = newChat(c, base, hc)
		cl.api, cl.ownService = c.API, isOwnService(provider, base)
		if c.API != APIChat && p.api != chatOnly {
			cl.responses = newResponses(c, base, hc)
		}
	}
	return cl, nil
}

// Model returns the name of the model, as configured.
func (c *Client) Model() string { return c.model }

// Complete asks the model. With [ErrNoText] the Response still holds the usage,
// since the request was paid for. An error of r.Delta is returned unchanged.
func (c *Client) Complete(ctx context.Context, r Request) (Response, error) {
	if err := c.validate(r); err != nil {
		return Response{}, &callError{c.model, c.host, err}
	}
	start := time.Now()
	resp, err := c.complete(ctx, r)
	if ctx.Err() != nil {
		return resp, ctx.Err()
	}
	c.state.record(err)
	if e, ok := errors.AsType[*deltaError](err); ok {
		return resp, e.error
	}
	if err != nil {
		return resp, &callError{c.model, c.host, err}
	}
	c.log.DebugContext(ctx, "completion", "model", resp.Model, "seconds", time.Since(start).Seconds(), "calls", resp.Usage.Calls,
		"prompt_tokens", resp.Usage.PromptTokens, "completion_tokens", resp.Usage.CompletionTokens)
	return resp, nil
}

// complete asks the model, and once more if reasoning used up all the tokens.
func (c *Client) complete(ctx context.Context, r Request) (Response, error) {
	limit, most, err := c.budget(r)
	if err != nil {
		return Response{}, err
	}
	limited, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	if err := c.awaitTurn(limited, r); err != nil {
		return Response{}, err
	}
	defer c.slots.Release(1)
	limited, stop := c.withPatience(limited, &r)
	defer stop()
	effort := c.options.Effort
	if r.Brief {
		limit, effort = min(limit, briefTokens), c.profile.briefEffort(effort)
	}
	resp, err := c.ask(limited, r, limit, effort)
	if more, effort, ok := c.retryLimits(limit, most); err == nil && resp.usedUpByReasoning() && ok && !r.Brief {
		c.log.WarnContext(ctx, "repeat the request, since reasoning used all tokens", "model", c.model, "limit", limit, "next_limit", more, "next_effort", effort)
		again, err := c.ask(limited, r, more, effort)
		if err == nil {
			again.Usage = again.Usage.Add(resp.Usage)
			resp = again
		} else if e, ok := errors.AsType[*deltaError](err); ok {
			return resp, e
		}
	}
	if err != nil {
		return resp, err
	}
	return resp, resp.noTextError()
}

// retryLimits returns the limit and effort of a second request: a larger limit, else a
// lower effort.
func (c *Client) retryLimits(limit, most int) (int, string, bool) {
	effort := c.options.Effort
	if limit < most {
		return min(most, max(limit*limitGrowth, reservedTokens)), effort, true
	}
	lower, ok := c.profile.lowerEffort(effort)
	return limit, lower, ok && !c.negotiated.snapshot().refused["reasoning_effort"]
}

// usedUpByReasoning reports whether the limit was reached before any output.
func (r Response) usedUpByReasoning() bool {
	return r.FinishReason == finishLength && r.Text == "" && r.Refusal == "" && len(r.Calls) == 0
}

// noTextError returns [ErrNoText] with the reason if the response is empty.
func (r Response) noTextError() error {
	switch {
	case r.Text != "" || r.Refusal != "" || len(r.Calls) > 0:
		return nil
	case r.FinishReason == finishLength && r.Usage.CompletionTokens == 0:
		return fmt.Errorf("%w: reasoning used all its tokens; raise --max-output", ErrNoText)
	case r.FinishReason == finishLength:
		return fmt.Errorf("%w: reasoning used all %d tokens; raise --max-output", ErrNoText, r.Usage.CompletionTokens)
	case r.FinishReason == finishCut:
		return errors.New("the stream broke off before any text; try again later")
	case r.FinishReason == finishFilter:
		return fmt.Errorf("%w: the provider's content filter blocked it", ErrNoText)
	}
	return ErrNoText
}
