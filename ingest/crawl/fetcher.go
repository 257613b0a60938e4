package crawl

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/citewell/citewell/ingest/crawl/guard"
	"github.com/citewell/citewell/internal/trace"
)

// Defaults of [Config].
const (
	defaultMaxBodyBytes = 20 << 20
	defaultTimeout      = 30 * time.Second
	DefaultUserAgent    = "Citewell (+https://github.com/citewell/citewell)"
	defaultRetries      = 3
	defaultRetryWait    = 500 * time.Millisecond
	maxRetryWait        = 30 * time.Second // also the longest Retry-After that is waited for
	maxRedirects        = 10
)

// A Config is the settings of a [Fetcher]. Zero fields mean the defaults.
type Config struct {
	// AllowPrivate lets the Fetcher connect to any address, also in private
	// networks, and send everything through the proxy that the environment names.
	// Without it, each address is checked when it is dialled, also after a
	// redirect, and before a proxy is asked for it.
	AllowPrivate bool
	NoProxy      bool              // without AllowPrivate, ignore the proxies of the environment
	Allow        []netip.Prefix    // private addresses that may be dialled without AllowPrivate
	HTTPClient   *http.Client      // nil means the Fetcher's own; needs AllowPrivate; its CheckRedirect is not used
	Resolver     *net.Resolver     // resolves names if AllowPrivate is not set; nil means the system's
	Timeout      time.Duration     // of one attempt, including its body; 0 means 30 s
	MaxBodyBytes int64             // after decompression; 0 means 20 MiB
	UserAgent    string            // "" means [DefaultUserAgent]
	Headers      map[string]string // sent to the host of the requested address only
	Retries      int               // after the first attempt; 0 means 3, less than 0 none
	RetryWait    time.Duration     // before the first retry, doubling; 0 means half a second
	Log          *slog.Logger      // nil means silence
}

// A Response is a fetched document.
type Response struct {
	URL          string // where the redirects ended, without fragment
	Status       int
	ContentType  string // header, as sent
	Body         []byte
	ETag         string // header, as sent
	LastModified string // header, as sent
	FetchedAt    time.Time
}

// A Fetcher fetches documents. It is safe for concurrent use.
type Fetcher struct {
	client    *retryablehttp.Client
	timeout   time.Duration
	maxBody   int64
	userAgent string
	headers   map[string]string

	mu    sync.Mutex
	gates map[string]*gate // by host; see [Fetcher.gate]
}

// New returns a Fetcher.
func New(c Config) (*Fetcher, error) {
	f := &Fetcher{
		timeout:   c.Timeout,
		maxBody:   c.MaxBodyBytes,
		userAgent: c.UserAgent,
		headers:   maps.Clone(c.Headers),
		gates:     map[string]*gate{},
	}
	switch {
	case c.Timeout < 0:
		return nil, fmt.Errorf("crawl: timeout %v is negative", c.Timeout)
	case c.MaxBodyBytes < 0:
		return nil, fmt.Errorf("crawl: body limit %d is negative", c.MaxBodyBytes)
	case c.HTTPClient != nil && !c.AllowPrivate:
		return nil, errors.New("crawl: HTTPClient may connect to any address: set AllowPrivate as well")
	case c.Resolver != nil && c.AllowPrivate:
		return nil, errors.New("crawl: Resolver has no effect with AllowPrivate: set only one of them")
	}
	for name, value := range c.Headers {
		if name == "" || strings.ContainsAny(name, " :\r\n\t") || strings.ContainsAny(value, "\r\n") {
			return nil, fmt.Errorf("crawl: header %q can't be sent", name)
		}
	}
	if f.timeout == 0 {
		f.timeout = defaultTimeout
	}
	if f.maxBody == 0 {
		f.maxBody = defaultMaxBodyBytes
	}
	if f.userAgent == "" {
		f.userAgent = DefaultUserAgent
	}
	f.client = f.retrying(c)
	return f, nil
}

// retrying returns the client that f fetches with.
func (f *Fetcher) retrying(c Config) *retryablehttp.Client {
	rc := retryablehttp.NewClient()
	var hc http.Client
	switch {
	case c.HTTPClient != nil:
		hc = *c.HTTPClient
	case c.AllowPrivate:
		hc.Transport = guard.Open()
	case c.NoProxy:
		hc.Transport = guard.Direct(c.Resolver, c.Allow)
	default:
		hc.Transport = guard.Transport(c.Resolver, c.Allow)
	}
	hc.Timeout = f.timeout
	hc.CheckRedirect = f.checkRedirect
	rc.HTTPClient = &hc
	rc.Logger = nil
	if c.Log != nil {
		rc.Logger = retryLog{c.Log}
	}
	rc.RetryMax = defaultRetries
	if c.Retries != 0 {
		rc.RetryMax = max(c.Retries, 0)
	}
	rc.RetryWaitMin = defaultRetryWait
	if c.RetryWait > 0 {
		rc.RetryWaitMin = c.RetryWait
	}
	rc.RetryWaitMax = maxRetryWait
	rc.CheckRetry = retryUpTo(maxRetryWait)
	rc.ErrorHandler = retryablehttp.PassthroughErrorHandler
	return rc
}

// Fetch returns the document at an http or https address. The error is an [*Error]
// if the network fails, the status is not 200, or, wrapping [ErrType], the
// document holds no text. It is ctx.Err() if ctx is canceled.
func (f *Fetcher) Fetch(ctx context.Context, address string) (Response, error) {
	u, err := parse(address)
	if err != nil {
		return Response{}, err
	}
	req, err := retryablehttp.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return Response{}, &Error{URL: redact(u), Reason: "no request can be made for the address", err: err}
	}
	req.Header.Set("User-Agent", f.userAgent)
	req.Header.Set("Accept", accept)
	for name, value := range f.headers {
		req.Header.Set(name, value)
	}
	var got Response
	resp, err := f.send(ctx, f.client, u, req, func(resp *http.Response) error {
		got, err = f.read(resp, 0, false, false)
		return err
	})
	if err != nil {
		return Response{}, err
	}
	if resp.StatusCode != http.StatusOK {
		return Response{}, &Error{URL: redact(u), Status: resp.StatusCode, Reason: statusReason(resp)}
	}
	return got, nil
}

// send sends a request for u and closes the body once read has read it. The error is
// ctx.Err() if ctx is canceled, else an [*Error].
func (f *Fetcher) send(ctx context.Context, client *retryablehttp.Client, u *url.URL, req *retryablehttp.Request, read func(*http.Response) error) (*http.Response, error) {
	ctx, span := trace.Start(ctx, "fetch", trace.Client)
	span.Rename(http.MethodGet)
	span.Text(trace.URL, redact(u))
	span.Peer(u.Host)
	req.SetResponseHandler(read)
	resp, err := client.Do(req)
	if resp != nil {
		_ = resp.Body.Close() // read has read what is needed.
		span.Number(trace.Status, resp.StatusCode)
	}
	switch {
	case ctx.Err() != nil:
		err = ctx.Err()
	case err != nil:
		err = f.explain(u, err)
	}
	span.End(err)
	if err != nil {
		return nil, err
	}
	return resp, nil
}

// parse returns the address without its fragment, or an [*Error] if it can't be
// fetched.
func parse(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return nil, &Error{URL: "the address", Reason: "it is not a URL"}
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, &Error{URL: redact(u), Reason: "only http and https addresses can be fetched"}
	case u.Host == "":
		return nil, &Error{URL: redact(u), Reason: "the address names no host"}
	case u.User != nil:
		return nil, &Error{URL: redact(u), Reason: errUser.Error(), err: errUser}
	}
	u.Fragment, u.RawFragment = "", ""
	return u, nil
}
