package ingest

import (
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/citewell/citewell/ingest/crawl"
	"github.com/citewell/citewell/ingest/crawl/guard"
	"github.com/citewell/citewell/ingest/folder"
)

// A target is one document to read: a file if path is set, else an address.
type target struct {
	url    string
	path   string
	source string
	file   folder.File
}

// isAddress reports whether a target is an address, not a path.
func isAddress(name string) bool {
	scheme, _, ok := strings.Cut(name, "://")
	return ok && scheme != "" && !strings.ContainsAny(scheme, `/\.`)
}

// list returns the files that a target names, and what is left out.
func (c *Config) list(name string) ([]target, folder.Listing, error) {
	listing, err := folder.List(name, folder.Options{
		Base: c.BaseURL, Style: c.URLStyle, Include: c.Crawl.Include, Exclude: c.Crawl.Exclude, MaxFiles: c.Crawl.MaxPages,
	})
	if err != nil {
		return nil, listing, err
	}
	files := listing.Files
	source := c.fileSource(name, len(files) == 1 && files[0].Path == name)
	if u, err := url.Parse(files[0].URL); c.BaseURL == "" && err == nil && u.Host != "" {
		source = strings.ToLower(u.Host)
	}
	out := make([]target, len(files))
	for i, f := range files {
		out[i] = target{url: f.URL, path: f.Path, source: source, file: f}
	}
	return out, listing, nil
}

// expand returns the documents that the targets name by themselves, each once.
func (c *Config) expand(targets []string) ([]target, error) {
	var out []target
	seen := map[string]bool{}
	for _, name := range targets {
		address, _, _ := strings.Cut(name, "#")
		some := []target{{url: address}}
		if !isAddress(name) {
			var err error
			if some, _, err = c.list(name); err != nil {
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

// fileSource returns the source of files: the host of the base address, or the
// folder's name without the characters that a filter can't hold.
func (c *Config) fileSource(name string, isFile bool) string {
	if u, err := url.Parse(c.BaseURL); c.BaseURL != "" && err == nil {
		return strings.ToLower(u.Host)
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

// readFile returns the content of a file.
func (c *Config) readFile(t target) (crawl.Response, error) {
	body, err := folder.Read(t.file, 0)
	return crawl.Response{URL: t.url, ContentType: t.file.Type, Body: body, FetchedAt: c.Now().UTC()}, err
}

// fetcher returns what to fetch targets with.
func (c *Config) fetcher(targets []string) (*crawl.Fetcher, error) {
	fetch := c.Fetch
	if !c.Untrusted {
		fetch.Allow = slices.Clone(fetch.Allow)
		for _, name := range targets {
			fetch.Allow = append(fetch.Allow, guard.Named(name)...)
		}
	}
	return crawl.New(fetch)
}
