// Package extract turns a fetched document into text, title and headings.
//
// Call [Extract]. Of an HTML page it keeps what the given selectors match, or else
// the content element of the documentation generator that made the page. Of a page
// that is plainly an article it keeps the main content that package general finds,
// and of any other one, which may be documentation, everything but navigation and the
// like. Hidden text is left out, and counted. Of a Markdown or text file it keeps everything but the front matter.
//
// Reading a page takes memory of at most about 20 times its size, or 2 MB if that is
// more. A page whose tree would be larger is read tag by tag: all its text is kept,
// its links are not.
//
// Text is UTF-8, whatever the charset of the page. Heading.StartRune is the offset
// of the heading in Text, in runes, so that every place in the text has a section
// and an anchor.
package extract

import (
	"errors"
	"fmt"
	"path"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/andybalholm/cascadia"

	"github.com/citewell/citewell/ingest/media"
)

// Errors of [Extract].
var (
	// ErrNoText means that there is no text: the file is empty, or a script fills
	// the page in the browser.
	ErrNoText = errors.New("the page has no text; perhaps it needs JavaScript, or the selector matches nothing")
	// ErrType means that the document is not HTML, Markdown or text.
	ErrType = errors.New("not HTML, Markdown, plain text or PDF")
)

// A Format is the format that [Extract] writes.
type Format int

const (
	// Markdown keeps headings, lists, links, tables and code blocks.
	Markdown Format = iota
	// Plain keeps only the text. With selectors it equals the result of
	// BeautifulSoup's get_text for the selected elements.
	Plain
)

// String returns "markdown" or "plain".
func (f Format) String() string {
	if f == Plain {
		return "plain"
	}
	return "markdown"
}

// ParseFormat returns the format of that name.
func ParseFormat(name string) (Format, error) {
	switch name {
	case "markdown":
		return Markdown, nil
	case "plain":
		return Plain, nil
	}
	return 0, fmt.Errorf("extract: unknown text format %q: use markdown or plain", name)
}

// Options say what to keep and how to write it. The zero Options give the main
// content as Markdown.
type Options struct {
	Selectors []string // CSS; what any of them matches is kept; none means the main content
	Format    Format
}

// Validate returns an error that names the first selector that is not CSS.
func (o Options) Validate() error {
	for _, s := range o.Selectors {
		if _, err := cascadia.ParseGroup(s); err != nil {
			return fmt.Errorf("extract: selector %q is not CSS: %w", s, err)
		}
	}
	return nil
}

// A Page is the text of a document, and what the document says of itself.
type Page struct {
	URL       string    // as given
	Title     string    // the only first-level heading, else the title element; may be empty
	Lang      string    // language tag that the document gives, such as "en"; may be empty
	Text      string    // never empty
	Headings  []Heading // in order of StartRune
	Breaks    []Break   // where the pages of a PDF begin; else nil
	Published time.Time // as the page gives it; zero if it does not
	Modified  time.Time // as the page gives it, else Published
	Canonical string    // absolute address of the canonical link; may be empty
	Twin      string    // absolute address that stands for all translations of the page; may be empty
	TwinLang  string    // language of Twin
	Version   string    // that the page names for search engines; may be empty

	Generator  string // the documentation generator that made the page, such as "sphinx"; empty if unknown
	Content    string // why this part of the page was chosen as its content, for users; empty if the page is not HTML
	Hidden     int    // runes of hidden text that were left out
	HiddenText string // the beginning of the hidden text, for [github.com/citewell/citewell/ingest/lint]
}

// A Heading is a heading of a page.
type Heading struct {
	Level     int    // 1–6
	Text      string // on one line
	Anchor    string // fragment, without '#'; may be empty
	StartRune int    // where its line begins in Page.Text, in runes
}

// A Break is where a page begins of a document that has pages.
type Break struct {
	Anchor    string // fragment that opens the page
	StartRune int    // in Page.Text
}

// Extract returns the text of a document. The content type may be empty; then the
// file name's extension and the content decide. The page's address makes
// links absolute and may be a file path.
//
// A document without text gives [ErrNoText], one of another type [ErrType].
// Extract panics if o is not valid.
func Extract(body []byte, contentType, pageURL string, o Options) (Page, error) {
	if err := o.Validate(); err != nil {
		panic("extract: misuse: " + err.Error())
	}
	kind := media.Type(contentType, pageURL, body)
	var page Page
	var err error
	switch kind {
	case "text/html":
		page, err = extractHTML(body, contentType, pageURL, o)
	case media.Markdown, media.MDX:
		page, err = extractMarkdown(media.Decode(body, contentType), kind == media.MDX)
	case media.RST:
		page = extractRST(media.Decode(body, contentType))
	case media.PDF:
		page, err = extractPDF(body)
	case media.ASCIIDoc:
		page = extractASCIIDoc(media.Decode(body, contentType))
	case media.Notebook:
		page, err = extractNotebook(body)
	case "text/plain":
		page.Text = strings.TrimSpace(normalise(media.Decode(body, contentType)))
	default:
		err = fmt.Errorf("%w: %s", ErrType, kind)
	}
	if err != nil {
		return Page{}, err
	}
	if strings.TrimSpace(page.Text) == "" {
		return Page{}, ErrNoText
	}
	page.URL = pageURL
	if page.Title == "" {
		page.Title = nameOf(pageURL)
	}
	return page, nil
}

// nameOf returns a title for a document that gives none: the last part of its
// path, without extension.
func nameOf(pageURL string) string {
	base := path.Base(media.Path(pageURL))
	if base == "." || base == "/" {
		return ""
	}
	return strings.TrimSuffix(base, path.Ext(base))
}

// normalise returns a text as valid UTF-8, with LF at the ends of lines and without
// invisible control characters.
func normalise(text string) string {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return '\n'
		case r == '\ufeff', r < ' ' && r != '\n' && r != '\t' && r != '\f':
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, string(utf8.RuneError)))
}
