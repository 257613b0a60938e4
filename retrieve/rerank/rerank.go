// Package rerank scores passages with services whose models read the question and a
// passage together.
//
// Call [Client.Rerank]. [Providers] is the table of services. They have no Go SDK
// (Jina, Voyage, Text Embeddings Inference) or one that is far larger than the only
// request needed (Cohere), so this package makes the request itself.
//
// A client waits at most three seconds for a reply, retries included, so that the
// answer to a question is not delayed for long.
package rerank

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/citewell/citewell/internal/service"
)

// A Config defines the service and the model.
type Config struct {
	Provider string        // a name of [Providers]
	Model    string        // "" means the provider's default; tei serves one, and the name is for display
	BaseURL  string        // "" means the provider's default; required for tei
	APIKey   string        // "" sends none; hosted services require one
	Timeout  time.Duration // for all passages of a question; 0 means 3 seconds
	Client   *http.Client  // nil means a client without timeouts
	Log      *slog.Logger  // nil means no logging
}

// defaultTimeout is the default of Config.Timeout. For the 30 passages of a question
// the services need less than half a second (Cohere's and Voyage's documentation,
// 2026-11).
const defaultTimeout = 3 * time.Second

const (
	maxRetries    = 2
	minWait       = 150 * time.Millisecond
	maxWait       = time.Second
	maxReplyBytes = 4 << 20
)

// A Client asks one service. It is safe for concurrent use.
type Client struct {
	provider Provider
	model    string
	address  string
	key      string
	timeout  time.Duration
	client   *http.Client
	log      *slog.Logger
}

// New returns a client. It does not connect.
func New(c Config) (*Client, error) {
	i := slices.IndexFunc(providers, func(p Provider) bool { return p.Name == c.Provider })
	if i < 0 {
		return nil, fmt.Errorf("rerank: configure: unknown provider %q: choose %s", c.Provider, strings.Join(names(), ", "))
	}
	c.APIKey, c.BaseURL = service.Key(c.APIKey), service.URL(c.BaseURL)
	r := &Client{provider: providers[i], model: c.Model, key: c.APIKey, timeout: c.Timeout, log: c.Log}
	if err := r.configure(c); err != nil {
		return nil, fmt.Errorf("rerank: configure %s: %w", c.Provider, err)
	}
	return r, nil
}

func (r *Client) configure(c Config) error {
	p := r.provider
	base := c.BaseURL
	if base == "" {
		base = p.URL
	}
	if base == "" {
		return fmt.Errorf("no base URL: set %s", p.URLVar)
	}
	u, err := url.Parse(strings.TrimSuffix(base, "/"))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("the base URL is not an http or https URL: check %s", p.URLVar)
	}
	if c.APIKey == "" && c.BaseURL == "" {
		return fmt.Errorf("no key: set %s", p.KeyVar)
	}
	r.address = u.String() + p.path
	if r.model == "" {
		r.model = p.Model
	}
	if r.timeout == 0 {
		r.timeout = defaultTimeout
	}
	if r.log == nil {
		r.log = slog.New(slog.DiscardHandler)
	}
	hc := c.Client
	if hc == nil {
		hc = &http.Client{}
	}
	rc := &retryablehttp.Client{HTTPClient: hc, RetryMax: maxRetries, RetryWaitMin: minWait, RetryWaitMax: maxWait,
		CheckRetry: retryablehttp.DefaultRetryPolicy, Backoff: retryablehttp.DefaultBackoff, ErrorHandler: retryablehttp.PassthroughErrorHandler}
	r.client = rc.StandardClient()
	return nil
}

// Model returns "provider/model".
func (r *Client) Model() string { return r.provider.Name + "/" + r.model }

// Rerank returns a score from 0 to 1 for each text, in the order of texts: how well
// it answers the query. If there are more texts than the service accepts at once, it
// sends several requests, one after the other.
func (r *Client) Rerank(ctx context.Context, query string, texts []string) ([]float64, error) {
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	scores := make([]float64, 0, len(texts))
	for part := range slices.Chunk(texts, r.provider.max) {
		got, err := r.ask(ctx, query, part)
		if err != nil {
			return nil, fmt.Errorf("rerank: ask %s: %w", r.provider.Name, err)
		}
		scores = append(scores, got...)
	}
	return scores, nil
}

// ask makes one request.
func (r *Client) ask(ctx context.Context, query string, texts []string) ([]float64, error) {
	body, err := json.Marshal(r.provider.body(r.model, query, texts))
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.address, bytes.NewReader(body))
	if err != nil {
		return nil, errors.New("invalid base URL") // Unreachable: New has parsed it.
	}
	req.Header.Set("Content-Type", "application/json")
	if r.key != "" {
		req.Header.Set("Authorization", "Bearer "+r.key)
	}
	res, err := r.client.Do(req)
	if err != nil {
		return nil, r.transportError(ctx, err)
	}
	defer func() { _ = res.Body.Close() }()
	reply, err := io.ReadAll(io.LimitReader(res.Body, maxReplyBytes))
	if err != nil {
		return nil, r.transportError(ctx, err)
	}
	if res.StatusCode != http.StatusOK {
		r.log.DebugContext(ctx, "the reranker refused", "status", res.StatusCode, "body", string(reply[:min(len(reply), 500)]))
		return nil, r.statusError(res.StatusCode)
	}
	found, err := r.provider.read(reply)
	if err != nil {
		return nil, errors.New("invalid reply")
	}
	return inOrder(found, len(texts))
}

// transportError returns why there is no reply, without the URL, which may contain a key.
func (r *Client) transportError(ctx context.Context, err error) error {
	if cause := ctx.Err(); errors.Is(cause, context.DeadlineExceeded) {
		return fmt.Errorf("no answer in time: %w", cause)
	} else if cause != nil {
		return cause
	}
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	r.log.DebugContext(ctx, "the reranker was not reached", "err", err)
	return errors.New("it can't be reached")
}

// statusError returns what a status means and how to fix it.
func (r *Client) statusError(status int) error {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return fmt.Errorf("status %d: the key is refused: check %s", status, r.provider.KeyVar)
	case http.StatusNotFound:
		return fmt.Errorf("status %d: no such path or model %q", status, r.model)
	case http.StatusTooManyRequests:
		return fmt.Errorf("status %d: too many requests", status)
	}
	return fmt.Errorf("status %d", status)
}

// inOrder returns the scores in the order of the n texts. Each text must have one score.
func inOrder(found []scored, n int) ([]float64, error) {
	scores, seen := make([]float64, n), make([]bool, n)
	for _, f := range found {
		if f.index < 0 || f.index >= n || seen[f.index] || f.score != f.score {
			return nil, errors.New("its reply does not match the passages")
		}
		scores[f.index], seen[f.index] = f.score, true
	}
	if slices.Contains(seen, false) {
		return nil, errors.New("its reply has no score for some passages")
	}
	return scores, nil
}
