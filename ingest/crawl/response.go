package crawl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// Faults that end a fetch at once.
var (
	errRedirectLoop  = errors.New("the redirects go round in a circle")
	errRedirects     = fmt.Errorf("more than %d redirects", maxRedirects)
	errRedirectLeave = errors.New("a redirect leads to an address that is neither http nor https")
)

// accepted are the media types that hold text to extract. Servers send what
// they don't know without type or as application/octet-stream.
var accepted = map[string]bool{
	"text/html": true, "application/xhtml+xml": true, "text/markdown": true, "text/x-markdown": true,
	"text/plain": true, "application/octet-stream": true, "": true,
}

// read reads an answer within the body limit. Only a success has a body worth
// reading.
func (f *Fetcher) read(resp *http.Response) (Response, error) {
	if resp.StatusCode != http.StatusOK {
		return Response{}, nil
	}
	contentType := resp.Header.Get("Content-Type")
	kind, _, err := mime.ParseMediaType(contentType)
	if err == nil && !accepted[kind] {
		return Response{}, &Error{Status: resp.StatusCode, Reason: fmt.Sprintf("it is %s, not HTML, Markdown or plain text", kind)}
	}
	tooLarge := &Error{Status: resp.StatusCode, Reason: fmt.Sprintf(
		"the page is larger than the limit of %d bytes: raise the limit or leave the page out", f.maxBody)}
	if resp.ContentLength > f.maxBody {
		return Response{}, tooLarge
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, f.maxBody+1))
	if err != nil {
		return Response{}, err
	}
	if int64(len(body)) > f.maxBody {
		return Response{}, tooLarge
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

// checkRedirect ends redirects that go on for ever or lead away from the web,
// and keeps the configured headers from other hosts.
func (f *Fetcher) checkRedirect(req *http.Request, via []*http.Request) error {
	if req.URL.Scheme != "http" && req.URL.Scheme != "https" {
		return errRedirectLeave
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

// checkRetry says whether another attempt may help: after a broken connection,
// after 429 and after 5xx, but not if the server asks for a longer wait than
// [maxRetryWait], and not if the fault is in the address.
func checkRetry(ctx context.Context, resp *http.Response, err error) (bool, error) {
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
		return retryablehttp.DefaultBackoff(0, maxRetryWait, 0, resp) <= maxRetryWait, nil
	}
	return false, nil
}

// quiet logs what the retrying client says of retries; the rest is noise.
type quiet struct{ log *slog.Logger }

func (q quiet) Error(string, ...any) {}
func (q quiet) Info(string, ...any)  {}
func (q quiet) Warn(string, ...any)  {}
func (q quiet) Debug(msg string, keysAndValues ...any) {
	if msg == "retrying request" {
		q.log.Debug("fetch again", keysAndValues...) //nolint:sloglint // the pairs come from the client
	}
}
