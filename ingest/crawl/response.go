package crawl

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/citewell/citewell/ingest/media"
)

// Errors that end a fetch without a retry.
var (
	errRedirectLoop  = errors.New("the redirects form a loop")
	errRedirects     = fmt.Errorf("more than %d redirects", maxRedirects)
	errRedirectLeave = errors.New("a redirect leads to an address that is neither http nor https")
	errUser          = errors.New("the address holds a user name: give what the server asks for as a header")
)

// accept is the Accept header: the forms of a page that can be read, best first.
const accept = "text/html,application/xhtml+xml,text/markdown,text/plain;q=0.9,*/*;q=0.1"

// ErrType means that a document is of a type that holds no text to extract.
var ErrType = errors.New("not HTML, Markdown, plain text or PDF")

// accepted are the media types that hold text to extract. Servers send what
// they don't know without type or as application/octet-stream.
var accepted = map[string]bool{
	"text/html": true, "application/xhtml+xml": true, "text/markdown": true, "text/x-markdown": true, "text/asciidoc": true,
	"text/plain": true, "application/octet-stream": true, "": true, "application/pdf": true,
	// OpenAPI descriptions; what else is JSON or YAML is refused when it is read.
	"application/json": true, "application/yaml": true, "application/x-yaml": true, "text/yaml": true, "text/x-yaml": true, "text/vnd.yaml": true,
	"application/openapi+json": true, "application/openapi+yaml": true, "application/vnd.oai.openapi": true, "application/vnd.oai.openapi+json": true,
}

// listTypes are the media types of sitemaps and feeds, of which only the start of a crawl
// may be one.
var listTypes = map[string]bool{
	"application/xml": true, "text/xml": true, "application/rss+xml": true, "application/atom+xml": true, "application/gzip": true, "application/x-gzip": true,
}

// codings are the content codings that servers use. Any other name, such as "none" or
// "utf-8", means that there is none: so browsers take it.
var codings = map[string]bool{"gzip": true, "x-gzip": true, "deflate": true, "compress": true, "x-compress": true, "br": true, "zstd": true, "dcb": true, "dcz": true}

// read reads the body of a success; of others it returns nothing. limit is in bytes,
// 0 means the Fetcher's. A body of another type than text, or a longer one, is an
// [*Error]; with anyType, every type is read, and a longer body is cut. isStart means that
// a list of pages is wanted, too.
func (f *Fetcher) read(resp *http.Response, limit int64, anyType, isStart bool) (Response, error) {
	if resp.StatusCode != http.StatusOK {
		return Response{}, nil
	}
	contentType := strings.Join(resp.Header.Values("Content-Type"), ", ")
	if kind, _ := media.Parse(contentType); !accepted[kind] && !anyType && !(isStart && listTypes[kind]) {
		return Response{}, &Error{Status: resp.StatusCode, Reason: fmt.Sprintf("it is %s, %v", kind, ErrType), err: ErrType}
	}
	if coding := resp.Header.Get("Content-Encoding"); codings[strings.ToLower(coding)] {
		return Response{}, &Error{Status: resp.StatusCode, Reason: fmt.Sprintf("the server sends it encoded as %.20q, which was not asked for", coding)}
	}
	if limit == 0 {
		limit = f.maxBody
	}
	tooLarge := &Error{Status: resp.StatusCode, Reason: fmt.Sprintf(
		"the page is larger than the limit of %d bytes: raise the limit or leave the page out", limit)}
	if resp.ContentLength > limit && !anyType {
		return Response{}, tooLarge
	}
	var buf bytes.Buffer
	buf.Grow(int(min(max(resp.ContentLength, 0), limit)) + bytes.MinRead)
	if _, err := buf.ReadFrom(io.LimitReader(resp.Body, limit+1)); err != nil {
		return Response{}, err
	}
	body := buf.Bytes()
	if int64(len(body)) > limit {
		if !anyType {
			return Response{}, tooLarge
		}
		body = body[:limit]
	}
	final := *resp.Request.URL
	final.Fragment, final.RawFragment = "", ""
	return Response{
		URL:          final.String(),
		Status:       resp.StatusCode,
		ContentType:  contentType,
		Body:         body,
		ETag:         resp.Header.Get("ETag"),
		LastModified: resp.Header.Get("Last-Modified"),
		FetchedAt:    time.Now().UTC(),
	}, nil
}

// checkRedirect refuses loops, too many redirects and targets that are not http or
// https, and removes the configured headers for other hosts.
func (f *Fetcher) checkRedirect(req *http.Request, via []*http.Request) error {
	if req.URL.Scheme != "http" && req.URL.Scheme != "https" {
		return errRedirectLeave
	}
	if req.URL.User != nil {
		return errUser
	}
	for _, seen := range via {
		if seen.URL.String() == req.URL.String() {
			return errRedirectLoop
		}
	}
	if len(via) > maxRedirects {
		return errRedirects
	}
	if req.URL.Host != via[0].URL.Host || (req.URL.Scheme == "http" && via[0].URL.Scheme == "https") {
		for name := range f.headers {
			req.Header.Del(name)
		}
		req.Header.Set("User-Agent", f.userAgent)
	}
	return nil
}

// retryUpTo returns a check that allows another attempt after a broken connection,
// 429 and 5xx, unless the server asks for a longer wait than longest.
func retryUpTo(longest time.Duration) retryablehttp.CheckRetry {
	return func(ctx context.Context, resp *http.Response, err error) (bool, error) {
		return mayPass(ctx, resp, err, longest)
	}
}

func mayPass(ctx context.Context, resp *http.Response, err error, longest time.Duration) (bool, error) {
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if err != nil {
		return isTransient(err), nil
	}
	switch {
	case resp.StatusCode == http.StatusNotImplemented:
		return false, nil
	case resp.StatusCode == http.StatusTooManyRequests, resp.StatusCode >= 500:
		return retryablehttp.DefaultBackoff(0, longest, 0, resp) <= longest, nil
	}
	return false, nil
}

// retryLog logs the retries of the client, and nothing else.
type retryLog struct{ log *slog.Logger }

func (q retryLog) Error(string, ...any) {}
func (q retryLog) Info(string, ...any)  {}
func (q retryLog) Warn(string, ...any)  {}
func (q retryLog) Debug(msg string, keysAndValues ...any) {
	if msg == "retrying request" {
		q.log.Debug("fetch again", keysAndValues...) //nolint:sloglint // the pairs come from the client
	}
}
