package crawl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// A hostClient sends the requests of one crawl to its host.
type hostClient struct {
	f      *Fetcher
	client *retryablehttp.Client
	gate   *gate
	weight int64    // slots of the gate that one request takes
	start  *url.URL // only its host gets the configured headers
	sent   atomic.Int64
}

// A request is for one address. Redirects are not followed.
type request struct {
	url            *url.URL
	etag, modified string // of the known version; "" asks unconditionally
	any            bool   // any media type will do
	start          bool   // of a crawl: it may be a list of pages
	limit          int64  // of the body; 0 means the Fetcher's
}

// An answer is the server's response to a request: 200, 304 or a redirect.
type answer struct {
	Response
	header   http.Header
	location string // of a redirect, as sent
}

// A busyError ends a crawl: the host asks for a pause longer than maxPause.
type busyError struct{ cause *Error }

func (e busyError) Error() string { return e.cause.Error() }
func (e busyError) Unwrap() error { return e.cause }

// get sends a request when the gate lets it through. The error is an [*Error] if
// the status is not 200, 304 or a redirect, and ctx.Err() if ctx is canceled.
func (c *hostClient) get(ctx context.Context, r request) (answer, error) {
	if err := c.gate.slots.Acquire(ctx, c.weight); err != nil {
		return answer{}, err
	}
	defer c.gate.slots.Release(c.weight)
	if err := c.gate.wait(ctx); err != nil {
		return answer{}, err
	}
	req, err := c.request(ctx, r)
	if err != nil {
		return answer{}, &Error{URL: redact(r.url), Reason: "no request can be made for the address", err: err}
	}
	var got answer
	resp, err := c.f.send(ctx, c.client, r.url, req, func(resp *http.Response) error {
		got, err = c.read(resp, r)
		return err
	})
	switch {
	case err != nil:
		return answer{}, err
	case got.Status == 0:
		return answer{}, c.refusal(r.url, resp)
	}
	c.gate.speedUp()
	return got, nil
}

func (c *hostClient) request(ctx context.Context, r request) (*retryablehttp.Request, error) {
	req, err := retryablehttp.NewRequestWithContext(ctx, http.MethodGet, r.url.String(), nil)
	if err != nil {
		return nil, err
	}
	if r.url.Host == c.start.Host && (r.url.Scheme == "https" || c.start.Scheme == "http") {
		for name, value := range c.f.headers {
			req.Header.Set(name, value)
		}
	}
	if req.Header.Get("User-Agent") == "" {
		req.Header.Set("User-Agent", c.f.userAgent)
	}
	if !r.any {
		req.Header.Set("Accept", accept)
	}
	if r.etag != "" {
		req.Header.Set("If-None-Match", r.etag)
	}
	if r.modified != "" {
		req.Header.Set("If-Modified-Since", r.modified)
	}
	return req, nil
}

// read reads an answer of 200, 304 or a redirect; of others it returns nothing.
func (c *hostClient) read(resp *http.Response, r request) (answer, error) {
	a := answer{header: resp.Header, location: resp.Header.Get("Location")}
	switch resp.StatusCode {
	case http.StatusOK:
		var err error
		a.Response, err = c.f.read(resp, r.limit, r.any, r.start)
		return a, err
	case http.StatusNotModified:
		if r.etag == "" && r.modified == "" {
			return answer{}, nil
		}
		a.Response = Response{URL: r.url.String(), Status: resp.StatusCode, ETag: resp.Header.Get("ETag"),
			LastModified: resp.Header.Get("Last-Modified"), FetchedAt: time.Now().UTC()}
		if a.ETag == "" {
			a.ETag = r.etag
		}
		if a.LastModified == "" {
			a.LastModified = r.modified
		}
		return a, nil
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		if a.location != "" {
			a.Response = Response{URL: r.url.String(), Status: resp.StatusCode, FetchedAt: time.Now().UTC()}
			discardBody(resp)
			return a, nil
		}
	}
	discardBody(resp)
	return answer{}, nil
}

// discardBody reads the rest of a short body, so that its connection can be reused.
func discardBody(resp *http.Response) { _, _ = io.CopyN(io.Discard, resp.Body, 64<<10) }

// refusal returns the error of an answer that is not a success, and slows the gate
// down if the host asks for that.
func (c *hostClient) refusal(u *url.URL, resp *http.Response) error {
	e := &Error{URL: redact(u), Status: resp.StatusCode, Reason: statusReason(resp)}
	if !asksToSlow(resp) {
		return e
	}
	wait := retryablehttp.DefaultBackoff(c.client.RetryWaitMin, c.client.RetryWaitMax, 0, resp)
	if wait > maxPause {
		e.Reason = fmt.Sprintf("the server answers %d and asks for a pause of %v: try again after that; what was fetched is kept",
			resp.StatusCode, wait.Round(time.Second))
		return busyError{e}
	}
	c.gate.pause(wait)
	return e
}

// isTemporary reports whether a request may succeed the next time, so that its error
// does not mean that the document is gone.
func isTemporary(err error) bool {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return true
	}
	switch {
	case e.Status == http.StatusOK, errors.Is(err, errUser), errors.Is(err, errRedirectLeave), errors.Is(err, errOtherHost):
		return false
	}
	return e.Status < 400 || e.Status >= 500 || e.Status == http.StatusTooManyRequests || e.Status == http.StatusRequestTimeout ||
		e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden
}

// sameSite reports whether two hosts differ at most in a leading www.
func sameSite(a, b string) bool {
	return strings.TrimPrefix(a, "www.") == strings.TrimPrefix(b, "www.")
}
