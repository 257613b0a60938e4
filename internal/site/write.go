package site

import (
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Write writes the website as files into a folder, for any web server. base is the
// address that they will have, such as "https://example.com/docs/"; it must end with
// a slash. The pages have no widget.
func Write(dir, base string) error {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" {
		return fmt.Errorf("site: %q is not an address such as https://example.com/docs/", base)
	}
	s, err := newWebsite(u.Path, false)
	if err != nil {
		return fmt.Errorf("site: %w", err)
	}
	paths := append(slices.Sorted(maps.Keys(s.files)), s.prefix+"sitemap.xml", s.prefix+"llms.txt")
	for _, path := range paths {
		f, _ := s.file(path, u.Scheme+"://"+u.Host)
		name := strings.TrimPrefix(path, s.prefix)
		if name == "" || strings.HasSuffix(name, "/") {
			name += "index.html"
		}
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return fmt.Errorf("site: %w", err)
		}
		if err := os.WriteFile(name, f.body, 0o644); err != nil {
			return fmt.Errorf("site: %w", err)
		}
	}
	return nil
}
