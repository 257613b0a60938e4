package ingest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/citewell/citewell/ingest/crawl"
	"github.com/citewell/citewell/ingest/folder"
	"github.com/citewell/citewell/ingest/media"
	"github.com/citewell/citewell/ingest/openapi"
)

// A reference is a page that shows an OpenAPI description.
type reference struct {
	url      string // as cited
	renderer openapi.Renderer
}

// whyNoText returns why a page has no text, for users.
func (v *visitedPage) whyNoText() string {
	if v.visit.Renders {
		return "it shows an OpenAPI description, whose operations are pages of their own"
	}
	return v.err.Error()
}

// split returns the pages that a response holds if it is an OpenAPI description, else nil.
// They are cited by fragments of the page that shows it, if that is known, or of the
// description. open may be nil; see [openapi.Options].
func split(resp crawl.Response, ref reference, open func(*url.URL) ([]byte, error)) ([]crawl.Response, error) {
	if !openapi.Is(resp.Body, resp.ContentType, resp.URL) {
		return nil, nil
	}
	pages, err := openapi.Read(resp.Body, openapi.Options{Renderer: ref.renderer, Open: open})
	if err != nil {
		return nil, err
	}
	base := resp.URL
	if ref.url != "" {
		base, _, _ = strings.Cut(ref.url, "#")
		pages[0].Fragment = "overview"
	}
	var out []crawl.Response
	seen := map[string]bool{}
	for _, p := range pages {
		part := resp
		part.URL, part.Body, part.ContentType, part.ETag, part.LastModified = base, []byte(p.Text), media.Markdown, "", ""
		if p.Fragment != "" {
			part.URL += "#" + (&url.URL{Fragment: p.Fragment}).EscapedFragment()
		}
		for n := 2; seen[part.URL]; n++ { // Identifiers of operations should differ, and do not always.
			part.URL = fmt.Sprintf("%s-%d", strings.TrimSuffix(part.URL, fmt.Sprintf("-%d", n-1)), n)
		}
		seen[part.URL] = true
		out = append(out, part)
	}
	return out, nil
}

// splitFile returns the pages of a file, which are several if it is an OpenAPI description.
func (c *Config) splitFile(t target) ([]crawl.Response, error) {
	resp, err := c.readFile(t)
	if err != nil {
		return nil, err
	}
	parts, err := split(resp, reference{}, func(ref *url.URL) ([]byte, error) { return readBeside(t.file, ref) })
	if parts == nil && err == nil {
		parts = []crawl.Response{resp}
	}
	return parts, err
}

// readBeside reads a file that a description refers to, in the folder of that.
func readBeside(f folder.File, ref *url.URL) ([]byte, error) {
	root, err := os.OpenRoot(f.Root)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	dir, err := filepath.Rel(f.Root, filepath.Dir(f.Path))
	if err != nil {
		return nil, err
	}
	body, err := root.ReadFile(filepath.Join(dir, filepath.FromSlash(ref.Path)))
	if err != nil {
		return nil, errors.New("it refers to " + ref.Path + ", which can't be read in its folder")
	}
	return body, nil
}

// visitParts sends the pages of a description that a crawl has come to, after the row of the
// description itself.
func (c *crawler) visitParts(ctx context.Context, vp *visitedPage, parts []crawl.Response) error {
	vp.visit.Response.ETag, vp.visit.Response.LastModified = "", "" // Its pages are read again by the next crawl.
	if parts[0].URL == vp.visit.Response.URL {
		vp.visit.Response.Body, vp.visit.Response.ContentType = parts[0].Body, parts[0].ContentType
		parts = parts[1:]
	} else {
		vp.visit.NoIndex = "it is an OpenAPI description: its operations are pages of their own"
	}
	if err := c.forward(ctx, vp); err != nil {
		return err
	}
	for _, p := range parts {
		part := &visitedPage{group: vp.group, crawl: vp.crawl, file: vp.file, url: p.URL, from: vp.url}
		part.visit.URL, part.visit.Response = p.URL, p
		if c.visited.has(p.URL) {
			continue
		}
		c.tally.found(1)
		c.tally.fetched()
		c.visited.set(p.URL, true)
		if sc := vp.crawl; sc != nil && sc.site.Owns(part.url, part.from) {
			sc.owned++
		}
		if err := c.forward(ctx, part); err != nil {
			return err
		}
	}
	return nil
}
