package ingest

import (
	"context"
	"fmt"
	"iter"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/citewell/citewell/ingest/boilerplate"
	"github.com/citewell/citewell/ingest/crawl"
	"github.com/citewell/citewell/ingest/crawl/guard"
	"github.com/citewell/citewell/ingest/extract"
	"github.com/citewell/citewell/ingest/folder"
	"github.com/citewell/citewell/retrieve/index"
)

// Bounds of what a page may say of itself. Real ones are far below.
const (
	maxTitleRunes  = 300
	maxURLBytes    = 4096
	maxHeaderBytes = 1024
)

// A Document is a page and what is stored of it.
type Document struct {
	Page   index.Page // its row in the manifest
	Title  string
	Text   string
	Chunks []index.Chunk
	// Headings holds for each chunk what is embedded in front of its text: the
	// last heading of its section, or the title if there is none. The whole path
	// would outweigh the text: it made a chunk that only mentions a subject
	// nearer to the question than the one that defines it.
	Headings []string
	// Bodies holds for each chunk what is embedded of its text: all but the
	// targets of its links, which say nothing and fill the embedder's input.
	Bodies []string

	// Repeated are lines that were left out, since most pages of the site have them.
	Repeated []boilerplate.Taken

	site *site // nil for a file
	seq  int   // in the order of the walk
}

// Embedded returns the text that chunk i is embedded and keyed by.
func (d Document) Embedded(i int) string {
	if d.Headings[i] == "" {
		return d.Bodies[i]
	}
	return d.Headings[i] + "\n\n" + d.Bodies[i]
}

// body returns a chunk's text without the targets of its links.
func body(text string) string {
	if !strings.Contains(text, "](") {
		return text
	}
	return link.ReplaceAllString(text, "$1")
}

// link matches a Markdown link or image; its first group is the text shown.
var link = regexp.MustCompile(`!?\[([^\[\]]*)\]\((?:https?://|/|#|mailto:)(?:[^()\s]|\([^()\s]*\))*(?:\s+"[^"]*")?\)`)

// A target is one document to read: a file if path is set, else an address.
type target struct {
	url    string
	path   string
	source string
}

// files returns the files that a target names.
func (in *Ingester) files(name string) ([]target, error) {
	files, err := folder.Files(name, in.config.BaseURL)
	if err != nil {
		return nil, err
	}
	source := in.fileSource(name, len(files) == 1 && files[0].Path == name)
	out := make([]target, len(files))
	for i, f := range files {
		out[i] = target{url: f.URL, path: f.Path, source: source}
	}
	return out, nil
}

// expand returns the documents that the targets name by themselves, each once.
func (in *Ingester) expand(targets []string) ([]target, error) {
	var out []target
	seen := map[string]bool{}
	for _, name := range targets {
		address, _, _ := strings.Cut(name, "#")
		some := []target{{url: address}}
		if !isAddress(name) {
			var err error
			if some, err = in.files(name); err != nil {
				return nil, err
			}
		}
		for _, t := range some {
			if !seen[t.url] {
				seen[t.url] = true
				out = append(out, t)
			}
		}
	}
	return out, nil
}

func isAddress(name string) bool {
	scheme, _, ok := strings.Cut(name, "://")
	return ok && scheme != "" && !strings.ContainsAny(scheme, `/\.`)
}

// fileSource returns the source of files: the host of the base address, or the
// folder's name without what a filter can't hold.
func (in *Ingester) fileSource(name string, isFile bool) string {
	if in.config.BaseURL != "" {
		return hostOf(in.config.BaseURL)
	}
	abs, err := filepath.Abs(name)
	if err != nil {
		abs = name
	}
	if isFile {
		abs = filepath.Dir(abs)
	}
	return strings.Map(func(r rune) rune {
		if r == '"' || r == '\\' || !unicode.IsGraphic(r) {
			return '-'
		}
		return r
	}, strings.ToValidUTF8(filepath.Base(abs), "-"))
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Host)
}

// Preview yields the documents of the targets as Ingest would store them, in
// order; of an address it is that document alone. A document that can't be read
// is yielded as its error; a target that names nothing ends the sequence with
// one.
func (in *Ingester) Preview(ctx context.Context, targets []string) iter.Seq2[Document, error] {
	return func(yield func(Document, error) bool) {
		sources, err := in.expand(targets)
		if err != nil {
			yield(Document{}, err)
			return
		}
		fetcher, err := in.fetcher(targets)
		if err != nil {
			yield(Document{}, err)
			return
		}
		for _, t := range sources {
			if err := ctx.Err(); err != nil {
				yield(Document{}, err)
				return
			}
			if !yield(in.preview(ctx, fetcher, t)) {
				return
			}
		}
	}
}

// preview gets a document and makes its chunks.
func (in *Ingester) preview(ctx context.Context, fetcher *crawl.Fetcher, t target) (Document, error) {
	resp, err := in.readFile(t)
	if t.path == "" {
		resp, err = fetcher.Fetch(ctx, t.url)
	}
	if err != nil {
		return Document{}, err
	}
	return in.document(resp, t.source, nil)
}

// fetcher returns what to fetch targets with.
func (in *Ingester) fetcher(targets []string) (*crawl.Fetcher, error) {
	c := in.config.Fetch
	if !in.config.Untrusted {
		c.Allow = slices.Clone(c.Allow)
		for _, name := range targets {
			c.Allow = append(c.Allow, guard.Named(name)...)
		}
	}
	return crawl.New(c)
}

// readFile returns the content of a file; nothing if the target is an address.
func (in *Ingester) readFile(t target) (resp crawl.Response, err error) {
	if t.path != "" {
		resp.Body, err = folder.Read(t.path, 0)
		resp.URL, resp.FetchedAt = t.url, in.config.Now().UTC()
	}
	return resp, err
}

// document makes the chunks of a fetched document, without what its site repeats.
func (in *Ingester) document(resp crawl.Response, source string, repeated boilerplate.Set) (Document, error) {
	r, err := in.extract(resp, source)
	if err != nil {
		return Document{}, err
	}
	return in.split(r, repeated)
}

// split makes the chunks of an extracted document.
func (in *Ingester) split(r raw, repeated boilerplate.Set) (Document, error) {
	taken := in.strip(&r, repeated)
	page, resp, source := r.page, r.resp, r.source
	page.Title = cut(page.Title, maxTitleRunes)
	if in.config.Crawl.Source != "" {
		source = in.config.Crawl.Source
	} else if source == "" {
		source = hostOf(resp.URL)
	}
	if len(resp.URL) > maxURLBytes {
		return Document{}, fmt.Errorf("ingest: the address has %d bytes, more than %d", len(resp.URL), maxURLBytes)
	}
	hash := index.ContentHash(page.Text)
	d := Document{Title: page.Title, Text: page.Text, Repeated: taken}
	d.split(page, in.chunking(), index.Chunk{
		URL: resp.URL, Title: page.Title, Source: source, Lang: page.Lang, ContentHash: hash, Modified: page.Modified, CrawledAt: resp.FetchedAt,
	})
	if len(d.Chunks) == 0 {
		return Document{}, extract.ErrNoText
	}
	d.Page = index.Page{
		URL: resp.URL, Title: page.Title, Source: source, Status: resp.Status, ETag: header(resp.ETag), LastModified: header(resp.LastModified),
		ContentHash: hash, Chunks: len(d.Chunks), TextRunes: utf8.RuneCountInString(page.Text), Canonical: page.Canonical, Decision: index.DecisionIndexed, CrawledAt: resp.FetchedAt,
	}
	return d, nil
}

// header returns a header's value if it can be stored and sent again.
func header(value string) string {
	if len(value) > maxHeaderBytes || !utf8.ValidString(value) {
		return ""
	}
	return value
}
