package evalset

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// A SiteFile is the file of one page.
type SiteFile struct {
	Path string // below the folder of the site, with slashes
	Data []byte
}

// pageExtensions are those of the files of a site that are pages.
var pageExtensions = []string{".html", ".htm", ".md", ".markdown", ".mdx", ".rst", ".adoc", ".txt"}

// Files returns the pages of the site that are to be indexed, in the order of their
// paths. The pages are below the first of the roots that has them.
//
// A corpus.jsonl is read as Markdown files: its _id is the address of a page, and
// pages whose address does not begin with BaseURL are left out.
func (s *Site) Files(roots []string) ([]SiteFile, error) {
	for _, root := range roots {
		dir := filepath.Join(root, filepath.FromSlash(s.Pages))
		info, err := os.Stat(dir)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		var files []SiteFile
		switch {
		case err == nil && info.IsDir():
			files, err = s.readTree(dir)
		case err == nil:
			files, err = s.readCorpus(dir)
		}
		if err == nil && len(files) == 0 {
			err = errors.New("there are no pages")
		}
		if err != nil {
			return nil, fmt.Errorf("evalset: read pages of %s in %s: %w", s.Name, dir, err)
		}
		return files, nil
	}
	return nil, fmt.Errorf("evalset: the pages of %s are missing: there is no %s in %s; they are from %s", s.Name, s.Pages, strings.Join(roots, " or "), s.Source)
}

func (s *Site) readTree(dir string) ([]SiteFile, error) {
	var out []SiteFile
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !slices.Contains(pageExtensions, strings.ToLower(filepath.Ext(p))) {
			return err
		}
		rel, err := filepath.Rel(dir, p)
		if err != nil || !s.indexed(filepath.ToSlash(rel)) {
			return err
		}
		b, err := os.ReadFile(p)
		out = append(out, SiteFile{filepath.ToSlash(rel), b})
		return err
	})
	return out, err
}

func (s *Site) readCorpus(file string) ([]SiteFile, error) {
	var out []SiteFile
	base := strings.TrimSuffix(s.BaseURL, "/") + "/"
	err := eachLine(file, func(line []byte) error {
		var d Document
		if err := json.Unmarshal(line, &d); err != nil {
			return err
		}
		rel, ok := strings.CutPrefix(d.ID, base)
		if !ok {
			return nil
		}
		if rel == "" || strings.HasSuffix(rel, "/") {
			rel += "index"
		}
		rel = path.Clean(rel + ".md")
		if !filepath.IsLocal(rel) {
			return fmt.Errorf("the _id %q is not an address below %s", d.ID, base)
		}
		if !s.indexed(rel) {
			return nil
		}
		text := d.Text
		if !strings.HasPrefix(strings.TrimSpace(text), "# ") {
			text = "# " + d.Title + "\n\n" + text
		}
		out = append(out, SiteFile{rel, []byte(text)})
		return nil
	})
	slices.SortFunc(out, func(a, b SiteFile) int { return strings.Compare(a.Path, b.Path) })
	return out, err
}

// indexed reports whether the page at a path is to be indexed.
func (s *Site) indexed(p string) bool {
	matches := func(pattern string) bool {
		return doublestar.MatchUnvalidated(pattern, p) || pageKey(pattern) == pageKey(p)
	}
	return (len(s.Include) == 0 || slices.ContainsFunc(s.Include, matches)) && !slices.ContainsFunc(s.Removed, matches)
}
