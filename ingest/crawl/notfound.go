package crawl

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode"

	"github.com/citewell/citewell/ingest/crawl/pagelinks"
	"github.com/citewell/citewell/ingest/crawl/urlnorm"
)

const (
	// noSuchPage names a page that no site has.
	noSuchPage = "citewell-zqxjkv"
	// maxNoticeBytes is the size of the largest page that is compared with others.
	maxNoticeBytes = 4 << 20
	// fewestNoticeWords is the least number of words of such a page; one whose text a
	// script writes has fewer.
	fewestNoticeWords = 2
)

// A notice is the page that a server sends with status 200 for addresses that do not
// exist.
type notice struct {
	asked   bool
	start   answer   // of the start, until the server was asked
	words   []string // none if the server answers as it should
	names   []string // the words of the address that was asked for
	found   int      // pages that are this one
	example string
}

var errNoSuchPage = errors.New("the server answers 200, but with the page that it sends for addresses that do not exist: check the address")

// learnNotice asks the server once, beside the first page that is not the start, for a
// page that can't be there. The page at the start is none of these.
func (w *walk) learnNotice(ctx context.Context, beside string, a answer) error {
	if w.notice.asked || a.Status != http.StatusOK {
		return nil
	}
	start := w.notice.start
	w.notice.asked, w.notice.start = true, answer{}
	at, err := url.Parse(beside)
	if err != nil {
		return err // Unreachable: a normal form is an address.
	}
	u := &url.URL{Scheme: at.Scheme, Host: at.Host, Path: path.Join(path.Dir(at.Path+"x"), noSuchPage+path.Ext(at.Path))}
	if ok, _ := w.permitted(u.String()); !ok {
		return nil
	}
	got, err := w.fetchPageOfSite(ctx, urlnorm.Normalize(u))
	if e, ok := errors.AsType[busyError](err); ok {
		return e.cause
	}
	if err != nil {
		return ctx.Err() // The server says that there is no such page, or fails.
	}
	names := namesOf(u)
	words := without(pagelinks.Words(got.Body, got.ContentType, u), names)
	if len(words) < fewestNoticeWords {
		return nil
	}
	first, err := url.Parse(start.URL)
	if err != nil {
		return err // Unreachable: it was fetched.
	}
	if start.Status != http.StatusOK { // It has not changed.
		if start, err = w.fetchPageOfSite(ctx, first); err != nil {
			return ctx.Err()
		}
	}
	if w.notice.words, w.notice.names = words, names; w.isNotice(start.URL, start) {
		w.notice.words = nil
	}
	return nil
}

// fetchPageOfSite fetches a page and follows its redirects on the site.
func (w *walk) fetchPageOfSite(ctx context.Context, u *url.URL) (answer, error) {
	for range maxRedirects {
		a, err := w.send(ctx, request{url: u, limit: maxNoticeBytes})
		if err != nil || a.Status == http.StatusOK {
			return a, err
		}
		to, err := redirectTarget(u, a.location)
		if err != nil || !sameSite(u.Host, to.Host) {
			return answer{}, &Error{URL: redact(u), Status: a.Status, Reason: errOtherHost.Error(), err: errOtherHost}
		}
		u = to
	}
	return answer{}, redirectError(&node{url: u.String()}, errRedirects)
}

// isNotice reports whether an answer to the address of a page is the server's notice
// that there is no such page.
func (w *walk) isNotice(address string, a answer) bool {
	if len(w.notice.words) == 0 || a.Status != http.StatusOK || len(a.Body) > maxNoticeBytes {
		return false
	}
	u, err := url.Parse(address)
	if err != nil {
		return false // Unreachable: a normal form is an address.
	}
	names := append(namesOf(u), w.notice.names...)
	return slices.Equal(without(pagelinks.Words(a.Body, a.ContentType, u), names), without(w.notice.words, names))
}

// namesOf returns the words of an address, which a notice may repeat.
func namesOf(u *url.URL) []string {
	return strings.FieldsFunc(strings.ToLower(u.Host+" "+u.Path+" "+u.RawQuery), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// without returns the words of a text without numbers and those of an address.
func without(words, names []string) []string {
	return slices.DeleteFunc(slices.Clone(words), func(word string) bool {
		return strings.ContainsAny(word, "0123456789") || slices.Contains(names, word)
	})
}

// noteNotice counts an address at which there is no page, and returns the error of its
// visit. Its status is the one that the server should answer with.
func (w *walk) noteNotice(address string) error {
	w.notice.found++
	if w.notice.example == "" {
		w.notice.example = address
	}
	return &Error{URL: address, Status: http.StatusNotFound, Reason: errNoSuchPage.Error(), err: errNoSuchPage}
}

// warnNotice adds a warning of the addresses at which there is no page.
func (w *walk) warnNotice() {
	if n := &w.notice; n.found > 0 {
		w.warning("%d addresses such as %s are not indexed: the server sends the page that it sends for addresses that do not exist, with status 200; it should send 404",
			n.found, n.example)
	}
}
