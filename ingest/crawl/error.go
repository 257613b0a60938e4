package crawl

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"

	"github.com/citewell/citewell/ingest/crawl/guard"
)

// An Error is why a document was not fetched. Its text is one line that says what
// to do.
type Error struct {
	URL    string // without query and password
	Status int    // of the answer; 0 if there was none
	Reason string // such as "the server answers 404: there is no such page"
	err    error
}

// Error returns "crawl: fetch URL: reason".
func (e *Error) Error() string { return "crawl: fetch " + e.URL + ": " + e.Reason }

// Unwrap returns the cause, if another error is the cause.
func (e *Error) Unwrap() error { return e.err }

// explain returns the [*Error] of a failed attempt.
func (f *Fetcher) explain(u *url.URL, err error) error {
	if e, ok := errors.AsType[*Error](err); ok {
		e.URL = redact(u)
		return e
	}
	return &Error{URL: redact(u), Reason: f.reason(u, err), err: err}
}

func (f *Fetcher) reason(u *url.URL, err error) string {
	if dns, ok := errors.AsType[*net.DNSError](err); ok && dns.IsNotFound {
		return fmt.Sprintf("there is no host %s: check the address", dns.Name)
	}
	for _, fault := range []error{errRedirectLoop, errRedirects, errRedirectLeave, errUser} {
		if errors.Is(err, fault) {
			return fault.Error() + ": check the address in a browser"
		}
	}
	if errors.Is(err, guard.ErrPrivate) {
		return guard.ErrPrivate.Error() + ": it, or where it redirects to, is in a private network"
	}
	timeout, isNet := errors.AsType[net.Error](err)
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Sprintf("nothing listens on %s: check the port and that the server runs", u.Host)
	case isNet && timeout.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return fmt.Sprintf("no answer within %v: try again later or raise the timeout", f.timeout)
	case isCertificate(err):
		return "the server's certificate is not trusted: " + cause(err)
	case strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return "the server does not speak https: use http"
	}
	return cause(err)
}

// cause returns the text of an error without the address: its query may be
// private.
func cause(err error) string {
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err
	}
	return err.Error()
}

func isCertificate(err error) bool {
	_, unknown := errors.AsType[x509.UnknownAuthorityError](err)
	_, host := errors.AsType[x509.HostnameError](err)
	_, invalid := errors.AsType[x509.CertificateInvalidError](err)
	_, failed := errors.AsType[*tls.CertificateVerificationError](err)
	return unknown || host || invalid || failed
}

// isTransient reports whether an attempt may be repeated: the connection broke while
// it was in use. After a refused connection, an unknown host or a timeout it is
// not: the user should be told at once.
func isTransient(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// statusReason returns the Reason of an answer other than 200.
func statusReason(resp *http.Response) string {
	reason := fmt.Sprintf("the server answers %d", resp.StatusCode)
	switch resp.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden:
		return reason + ": the page is not public; give what it needs as a header"
	case http.StatusNotFound, http.StatusGone:
		return reason + ": there is no such page; check the address"
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		if wait := resp.Header.Get("Retry-After"); wait != "" && len(wait) < 40 {
			return fmt.Sprintf("%s and asks to wait (Retry-After: %q): try again later", reason, wait)
		}
		return reason + ": try again later"
	}
	if resp.StatusCode >= 500 {
		return reason + ": the server has a fault; try again later"
	}
	return reason + " instead of a page"
}

// redact returns an address for messages: without query, user and fragment.
func redact(u *url.URL) string {
	c := *u
	c.User, c.RawQuery, c.Fragment, c.RawFragment = nil, "", "", ""
	return c.String()
}
