// Package crawl fetches documents from web servers.
//
// Call [Fetcher.Fetch] for an address. A fetch speaks http and https only, follows
// at most ten redirects, reads no more than the body limit, and tries again when
// the server is busy or the connection breaks. It connects to addresses of the
// public Internet alone, unless Config.AllowPrivate or Config.Allow opens others. A
// failed fetch returns an [*Error], whose one line says what to do.
//
// Call [Fetcher.Crawl] for a whole site. It obeys robots.txt, stays on the host
// and in the scope of its start, asks for no address twice, keeps to the rate of
// the host, and visits the documents in an order that depends on the site alone.
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
)

// Defaults of [Config].
const (
	DefaultMaxBodyBytes = 20 << 20
	DefaultTimeout      = 30 * time.Second
	DefaultUserAgent    = "Citewell (+https://github.com/citewell/citewell)"
	defaultRetries      = 3
	defaultRetryWait    = 500 * time.Millisecond
	maxRetryWait        = 30 * time.Second // also the longest Retry-After that is waited for
	maxRedirects        = 10
)

// A Config says how to fetch. Its zero fields mean the defaults.
type Config struct {
	// AllowPrivate lets the Fetcher connect to any address, also in private
	// networks, and use the proxy that the environment names, for all. Without
	// it, the address is checked when it is dialled, that of each redirect too,
	// and what a proxy is asked for is checked before.
	AllowPrivate bool
	Allow        []netip.Prefix    // of private networks, that may be dialled although AllowPrivate is not set
	HTTPClient   *http.Client      // nil means one of the Fetcher's own; needs AllowPrivate; its CheckRedirect is not used
	Resolver     *net.Resolver     // of names, without AllowPrivate; nil means the system's
	Timeout      time.Duration     // of one attempt, body included; 0 means [DefaultTimeout]
	MaxBodyBytes int64             // after decompression; 0 means [DefaultMaxBodyBytes]
	UserAgent    string            // "" means [DefaultUserAgent]
	Headers      map[string]string // sent to the host of the address asked for, to no other
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
		return nil, errors.New("crawl: a client of the caller's own connects to any address: set AllowPrivate as well")
	case c.Resolver != nil && c.AllowPrivate:
		return nil, errors.New("crawl: a resolver is for fetches without AllowPrivate")
	}
	for name, value := range c.Headers {
		if name == "" || strings.ContainsAny(name, " :\r\n\t") || strings.ContainsAny(value, "\r\n") {
			return nil, fmt.Errorf("crawl: header %q can't be sent", name)
		}
	}
	if f.timeout == 0 {
		f.timeout = DefaultTimeout
	}
	if f.maxBody == 0 {
		f.maxBody = DefaultMaxBodyBytes
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
	default:
		hc.Transport = guard.Transport(c.Resolver, c.Allow)
	}
	hc.Timeout = f.timeout
	hc.CheckRedirect = f.checkRedirect
	rc.HTTPClient = &hc
	rc.Logger = nil
	if c.Log != nil {
		rc.Logger = quiet{c.Log}
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

// Fetch gets the document at an http or https address. An answer that is not a
// success is an [*Error], as is a network that fails and, wrapping [ErrType], a
// document without text; a canceled context is ctx.Err().
func (f *Fetcher) Fetch(ctx context.Context, address string) (Response, error) {
	u, err := parse(address)
	if err != nil {
		return Response{}, err
	}
	req, err := retryablehttp.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return Response{}, &Error{URL: redact(u), Reason: "the address can't be asked for", err: err}
	}
	req.Header.Set("User-Agent", f.userAgent)
	req.Header.Set("Accept", accept)
	for name, value := range f.headers {
		req.Header.Set(name, value)
	}
	var got Response
	req.SetResponseHandler(func(resp *http.Response) error {
		got, err = f.read(resp, 0, false)
		return err
	})
	resp, err := f.client.Do(req)
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	if resp != nil {
		// The handler has read what is wanted.
		_ = resp.Body.Close()
	}
	if errors.Is(err, context.Canceled) || (ctx.Err() != nil && errors.Is(err, ctx.Err())) {
		return Response{}, err
	}
	if err != nil {
		return Response{}, f.explain(u, err)
	}
	if resp.StatusCode != http.StatusOK {
		return Response{}, &Error{URL: redact(u), Status: resp.StatusCode, Reason: statusReason(resp)}
	}
	return got, nil
}

// parse returns the address if it can be fetched, without its fragment.
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
