// Package folder finds and reads documents in the file system.
//
// Call [Files] for a path, and [Read] for each of them.
package folder

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// defaultMaxBytes is the size of the largest file that is read without another
// limit.
const defaultMaxBytes = 20 << 20

// A File is a document in the file system.
type File struct {
	Path string // to read it from
	URL  string // to cite it by
}

// extensions are those of the files that [Files] takes from a folder.
var extensions = map[string]bool{".html": true, ".htm": true, ".md": true, ".markdown": true, ".txt": true}

// Files returns the document at a path, or the HTML, Markdown and text files
// under it in the order of their paths, hidden files and folders left out.
//
// Their URLs are the base address with the path inside the folder, as a web
// server would serve them: without index.html at the end. If base is empty, they are the paths.
func Files(target, base string) ([]File, error) {
	root, err := parseBase(base)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(target)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("folder: read %s: there is no such file or folder; an address begins with http:// or https://", target)
	}
	if err != nil {
		return nil, fmt.Errorf("folder: read %s: %w", target, err)
	}
	if !info.IsDir() {
		return []File{{Path: target, URL: fileURL(root, target, filepath.Base(target))}}, nil
	}
	var files []File
	err = filepath.WalkDir(target, func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case p != target && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir() || !d.Type().IsRegular() || !extensions[strings.ToLower(filepath.Ext(p))]:
			return nil
		}
		rel, err := filepath.Rel(target, p)
		if err != nil {
			return err
		}
		files = append(files, File{Path: p, URL: fileURL(root, p, rel)})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("folder: read folder: %w", err)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("folder: read %s: the folder holds no .html, .md or .txt file", target)
	}
	return files, nil
}

// Read returns the content of a file of at most limit bytes; 0 means
// 20 MiB.
func Read(name string, limit int64) ([]byte, error) {
	if limit == 0 {
		limit = defaultMaxBytes
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("folder: read file: %w", err)
	}
	defer f.Close()
	body, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, fmt.Errorf("folder: read file: %w", err)
	}
	if int64(len(body)) > limit {
		return nil, fmt.Errorf("folder: read %s: the file is larger than the limit of %d bytes: leave it out", name, limit)
	}
	return body, nil
}

// parseBase returns the base address; nil if it is empty.
func parseBase(base string) (*url.URL, error) {
	if base == "" {
		return nil, nil
	}
	u, err := url.Parse(base)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return nil, errors.New("folder: the base URL is not an http or https address")
	}
	u.RawQuery, u.Fragment, u.RawFragment = "", "", ""
	return u, nil
}

// fileURL returns what a file is cited by.
func fileURL(root *url.URL, name, rel string) string {
	if root == nil {
		return filepath.ToSlash(filepath.Clean(name))
	}
	rel = filepath.ToSlash(rel)
	dir, file := path.Split(rel)
	if file == "index.html" || file == "index.htm" {
		file = ""
	}
	u := *root
	u.Path = strings.TrimSuffix(u.Path, "/") + "/" + dir + file
	u.RawPath = ""
	return u.String()
}
