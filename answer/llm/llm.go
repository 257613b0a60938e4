// Package llm asks a language model for one completion.
//
// Call [Client.Complete]. The table in profile.go says what each model takes; a
// parameter that a model refuses never leaves the client. The whole request is
// one user message, which every model takes.
package llm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
)

// Defaults of [Config].
const (
	DefaultBaseURL = "https://api.openai.com/v1"
	DefaultModel   = "o1-mini"
	DefaultTimeout = 5 * time.Minute // a reasoning model may think for minutes
)

// retries is how often the SDK repeats a request that was limited, failed on the
// provider's side or was not connected. It waits as Retry-After says.
const retries = 2

// A Config says which model to ask, and where.
type Config struct {
	APIKey          string        // required with the default base URL; may be empty elsewhere
	BaseURL         string        // of an OpenAI-compatible API; empty means [DefaultBaseURL]
	Model           string        // empty means [DefaultModel]
	MaxOutputTokens int           // reasoning and visible text; 0 means as much as the model's profile says
	Timeout         time.Duration // of a completion with its retries; 0 means [DefaultTimeout]
	HTTPClient      *http.Client  // nil means a client of its own
	Log             *slog.Logger  // nil means silence
}

// Errors of [Client.Complete]. Callers use errors.Is; any other error may pass
// when the request is repeated later.
var (
	// ErrNoText means that the model was paid and wrote nothing: its reasoning
	// took the whole budget, or a filter held the text back.
	ErrNoText = errors.New("the model wrote no text")
	// ErrTooLong means that the prompt leaves the model no room to answer.
	ErrTooLong = errors.New("the prompt is too long for the model")
	// ErrConfig means that the key, the model or the base URL is wrong, and that
	// repeating the request is no use.
	ErrConfig = errors.New("the model's settings are wrong")
)

// A Client asks one model. It is safe for concurrent use.
type Client struct {
	chat      openai.ChatCompletionService
	model     string
	host      string // for messages
	profile   profile
	maxOutput int
	timeout   time.Duration
	log       *slog.Logger
}

// New returns a Client. It does not connect.
func New(c Config) (*Client, error) {
	base, err := url.Parse(cmp.Or(c.BaseURL, DefaultBaseURL))
	switch {
	case err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https":
		return nil, fmt.Errorf("llm: %w: OPENAI_BASE_URL must be like %s", ErrConfig, DefaultBaseURL)
	case base.User != nil || base.RawQuery != "" || base.Fragment != "":
		return nil, fmt.Errorf("llm: %w: OPENAI_BASE_URL must have no user, query or fragment", ErrConfig)
	case c.APIKey == "" && c.BaseURL == "":
		return nil, fmt.Errorf("llm: %w: set OPENAI_API_KEY", ErrConfig)
	case c.MaxOutputTokens < 0:
		return nil, fmt.Errorf("llm: %w: --max-output must be at least 1", ErrConfig)
	}
	hc := c.HTTPClient
	if hc == nil {
		hc = &http.Client{}
	}
	log := c.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	opts := []option.RequestOption{
		option.WithBaseURL(strings.TrimSuffix(base.String(), "/") + "/"),
		option.WithHTTPClient(hc),
		option.WithMaxRetries(retries),
	}
	if c.APIKey != "" {
		opts = append(opts, option.WithAPIKey(c.APIKey))
	}
	model := cmp.Or(c.Model, DefaultModel)
	return &Client{
		// The service alone, since openai.NewClient would mix in what the
		// environment holds.
		chat:      openai.NewChatCompletionService(opts...),
		model:     model,
		host:      base.Host,
		profile:   profileOf(model),
		maxOutput: c.MaxOutputTokens,
		timeout:   cmp.Or(c.Timeout, DefaultTimeout),
		log:       log,
	}, nil
}

// Model returns the name of the model, as configured.
func (c *Client) Model() string { return c.model }

// Complete asks the model. With [ErrNoText] the Response still holds the usage,
// since it was paid.
func (c *Client) Complete(ctx context.Context, r Request) (Response, error) {
	params, err := c.params(r)
	if err != nil {
		return Response{}, fmt.Errorf("llm: %s: %w", c.model, err)
	}
	deadline, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	start := time.Now()
	got, err := c.chat.New(deadline, params)
	if err != nil {
		if ctx.Err() != nil {
			return Response{}, ctx.Err()
		}
		return Response{}, fmt.Errorf("llm: %s: %w", c.model, c.explain(err))
	}
	resp, err := c.response(got)
	if err != nil {
		return resp, fmt.Errorf("llm: %s: %w", c.model, err)
	}
	c.log.Debug("completion", "model", resp.Model, "seconds", time.Since(start).Seconds(),
		"prompt_tokens", resp.Usage.PromptTokens, "completion_tokens", resp.Usage.CompletionTokens)
	return resp, nil
}

// params builds the request by the model's profile.
func (c *Client) params(r Request) (openai.ChatCompletionNewParams, error) {
	p := openai.ChatCompletionNewParams{
		Model:    c.model,
		Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage(r.Messages[0].Text)},
	}
	n, err := c.profile.budget(tokens(r.Messages[0].Text), c.maxOutput)
	if err != nil {
		return p, err
	}
	c.profile.limit(&p, int64(n))
	return p, nil
}

// response reads the one choice.
func (c *Client) response(got *openai.ChatCompletion) (Response, error) {
	if got == nil || len(got.Choices) == 0 {
		return Response{}, fmt.Errorf("%w: what %s sends is no chat completion; check OPENAI_BASE_URL", ErrConfig, c.host)
	}
	choice := got.Choices[0]
	u := got.Usage
	resp := Response{
		Text:         visible(choice.Message.Content),
		Refusal:      choice.Message.Refusal,
		Model:        cmp.Or(got.Model, c.model),
		FinishReason: string(choice.FinishReason),
		Usage: Usage{
			PromptTokens:     int(u.PromptTokens),
			CachedTokens:     int(u.PromptTokensDetails.CachedTokens),
			CompletionTokens: int(u.CompletionTokens),
			ReasoningTokens:  int(u.CompletionTokensDetails.ReasoningTokens),
			Calls:            1,
		},
	}
	switch {
	case resp.Text != "" || resp.Refusal != "":
		return resp, nil
	case resp.FinishReason == "length":
		return resp, fmt.Errorf("%w: %d tokens went into reasoning; raise --max-output", ErrNoText, resp.Usage.CompletionTokens)
	case resp.FinishReason == "content_filter":
		return resp, fmt.Errorf("%w: the provider's content filter held it back", ErrNoText)
	}
	return resp, ErrNoText
}

// visible returns what content shows. A self-hosted model may put its reasoning
// in front, between <think> marks; one that was cut never closes them.
func visible(content string) string {
	content = strings.TrimSpace(content)
	if rest, ok := strings.CutPrefix(content, "<think>"); ok {
		_, content, _ = strings.Cut(rest, "</think>")
	}
	return strings.TrimSpace(content)
}
