package provider

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strconv"
	"syscall"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

const (
	maxRetries    = 5
	minWait       = 500 * time.Millisecond
	maxWait       = 20 * time.Second
	maxRetryAfter = time.Minute     // after a longer Retry-After there is no retry
	minLoggedWait = 5 * time.Second // a longer wait is logged
	retryAfterMS  = "Retry-After-Ms"
)

// retrying returns a client that repeats a request that may succeed later: after 408,
// 429, 5xx and broken connections. It waits as long as the service asks for, else
// longer each time.
func retrying(hc *http.Client, log *slog.Logger) *http.Client {
	if hc == nil {
		hc = &http.Client{}
	}
	once := *hc
	// The outer client follows redirects, so that its own checks apply to them.
	once.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	rc := &retryablehttp.Client{
		HTTPClient: &once, RetryMax: maxRetries, RetryWaitMin: minWait, RetryWaitMax: maxWait,
		CheckRetry: shouldRetry, ErrorHandler: retryablehttp.PassthroughErrorHandler,
		Backoff: func(least, most time.Duration, attempt int, res *http.Response) time.Duration {
			wait, ok := retryAfter(res)
			if !ok {
				wait = retryablehttp.LinearJitterBackoff(least, least*3/2, attempt*attempt, res)
				wait = min(wait, most)
			}
			if wait >= minLoggedWait {
				log.Warn("wait for the embedding service", "seconds", wait.Seconds(), "attempt", attempt+1)
			}
			return wait
		},
	}
	return &http.Client{Transport: &retryablehttp.RoundTripper{Client: rc}, CheckRedirect: hc.CheckRedirect, Jar: hc.Jar}
}

// shouldRetry reports whether a request may succeed if it is repeated.
func shouldRetry(ctx context.Context, res *http.Response, err error) (bool, error) {
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if err != nil {
		return !isPermanent(err), nil
	}
	switch code := res.StatusCode; {
	case code == http.StatusNotImplemented:
		return false, nil
	case code != http.StatusRequestTimeout && code != http.StatusTooManyRequests && code < http.StatusInternalServerError:
		return false, nil
	}
	if wait, ok := retryAfter(res); ok && wait > maxRetryAfter {
		return false, nil
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, maxErrorBytes))
	_ = res.Body.Close()
	res.Body = io.NopCloser(bytes.NewReader(body))
	// A used-up quota and a text that is too long are permanent.
	why := parseError(res.StatusCode, body)
	e, _ := errors.AsType[*apiError](why)
	return err == nil && !errors.Is(why, errTooLong) && e.code != codeQuota, nil
}

// isPermanent reports whether a retry would fail with err again: nothing listens, the
// host name or the certificate is wrong, or the deadline has passed.
func isPermanent(err error) bool {
	dns, isDNS := errors.AsType[*net.DNSError](err)
	_, unknown := errors.AsType[x509.UnknownAuthorityError](err)
	_, wrongHost := errors.AsType[x509.HostnameError](err)
	_, invalid := errors.AsType[x509.CertificateInvalidError](err)
	return errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) ||
		isDNS && dns.IsNotFound || unknown || wrongHost || invalid
}

// retryAfter returns how long the service asks to wait, if it does.
func retryAfter(res *http.Response) (time.Duration, bool) {
	if res == nil {
		return 0, false
	}
	if ms, err := strconv.ParseFloat(res.Header.Get(retryAfterMS), 64); err == nil && ms >= 0 {
		return time.Duration(ms * float64(time.Millisecond)), true
	}
	after := res.Header.Get("Retry-After")
	if s, err := strconv.Atoi(after); err == nil && s >= 0 {
		return time.Duration(s) * time.Second, true
	}
	if at, err := http.ParseTime(after); err == nil {
		return max(0, time.Until(at)), true
	}
	return 0, false
}
