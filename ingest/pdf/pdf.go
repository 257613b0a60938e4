// Package pdf reads the text of PDF files, with its headings and pages, by PDFium.
//
// Call [Read]. PDFium runs as WebAssembly, so that a file can harm nothing. It is
// compiled when the first file is read, which takes some seconds and is kept in the
// user's cache folder.
package pdf

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf16"
)

// Errors of [Read].
var (
	errPassword = errors.New("the PDF needs a password: save it without one")
	errFormat   = errors.New("the PDF is damaged, or of a form that PDFium does not read")
	errScanned  = errors.New("the PDF holds pictures of pages, without text: recognise its text (OCR) first")
)

// Limits of one file.
const (
	maxPages = 20_000
	maxTime  = 5 * time.Minute
)

// A Document is the text of a PDF file.
type Document struct {
	Title    string
	Text     string // Markdown
	Headings []Heading
	Pages    []Page
	Modified time.Time // zero if the file does not tell
}

// A Heading is a heading of a Document.
type Heading struct {
	Level     int
	Text      string
	Page      int // from 1
	StartRune int // of its line, in Document.Text
}

// A Page is a page of the file that has text.
type Page struct {
	Number    int // from 1, as viewers count
	StartRune int // in Document.Text
}

// IsNoText reports whether err means that a file has no text.
func IsNoText(err error) bool { return errors.Is(err, errScanned) }

// Read returns the text of a PDF file.
func Read(ctx context.Context, body []byte) (Document, error) {
	d, err := read(ctx, body)
	if err != nil {
		return Document{}, fmt.Errorf("pdf: %w", err)
	}
	return d, nil
}

func read(ctx context.Context, body []byte) (Document, error) {
	e, err := shared()
	if err != nil {
		return Document{}, err
	}
	l, err := e.open(ctx)
	if err != nil {
		return Document{}, err
	}
	defer l.close()
	doc := l.call("FPDF_LoadMemDocument64", l.put(body), uint64(len(body)), 0)
	if doc == 0 && l.err == nil {
		if l.call("FPDF_GetLastError") == 4 {
			return Document{}, errPassword
		}
		return Document{}, errFormat
	}
	f := file{library: l, doc: doc, fonts: map[uint64]font{}}
	s := source{title: f.meta("Title"), bookmarks: f.bookmarks()}
	count := min(f.call("FPDF_GetPageCount", doc), maxPages)
	began := time.Now()
	for i := range int(count) {
		if ctx.Err() != nil {
			return Document{}, ctx.Err()
		}
		if time.Since(began) > maxTime {
			return Document{}, fmt.Errorf("%d of %d pages take more than %v: split the PDF", i, count, maxTime)
		}
		s.pages = append(s.pages, f.page(i))
	}
	d := Document{Modified: pdfDate(f.meta("ModDate"), f.meta("CreationDate"))}
	if l.err != nil {
		return Document{}, l.err
	}
	s.layOut(&d)
	if strings.TrimSpace(d.Text) == "" {
		return Document{}, errScanned
	}
	return d, nil
}

// utf16Text returns a text of UTF-16 that ends at its first zero.
func utf16Text(b []byte) string {
	u := make([]uint16, 0, len(b)/2)
	for i := 0; i+1 < len(b); i += 2 {
		c := uint16(b[i]) | uint16(b[i+1])<<8
		if c == 0 {
			break
		}
		u = append(u, c)
	}
	return string(utf16.Decode(u))
}

// meta returns an entry of the file's information.
func (f *file) meta(key string) string {
	at := f.put(append([]byte(key), 0))
	defer f.call("free", at)
	return strings.TrimSpace(f.text("FPDF_GetMetaText", f.doc, at))
}

var dateForm = regexp.MustCompile(`^(?:D:)?(\d{14}|\d{8})`)

// pdfDate returns the first of several dates of a PDF file that can be read.
func pdfDate(dates ...string) time.Time {
	for _, s := range dates {
		if m := dateForm.FindStringSubmatch(s); m != nil {
			if t, err := time.Parse("20060102150405"[:len(m[1])], m[1]); err == nil && t.Year() > 1990 {
				return t.UTC()
			}
		}
	}
	return time.Time{}
}
