package folder

import (
	"io/fs"
	"os"
	"path/filepath"
)

// leadsInside reports whether a symbolic link leads to a file of the same project: of the
// folder with the generator's settings, of the working tree of git around it, or else of
// the folder itself. A link that leads elsewhere may be of a project that others wrote, to
// files of this machine that are not to be published.
func (l *lister) leadsInside(link string, d fs.DirEntry) bool {
	if d.Type()&fs.ModeSymlink == 0 {
		return false
	}
	file, err := filepath.Abs(link)
	if err == nil {
		file, err = filepath.EvalSymlinks(file)
	}
	if err != nil {
		return false
	}
	if info, err := os.Stat(file); err != nil || !info.Mode().IsRegular() {
		return false
	}
	if l.project == "" {
		l.project = l.findProject()
	}
	rel, err := filepath.Rel(l.project, file)
	return err == nil && filepath.IsLocal(rel)
}

// findProject returns the folder that links may lead into, without links in its path.
func (l *lister) findProject() string {
	dir := l.top
	if l.site.name != "" {
		dir = l.site.folder
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return dir
	}
	if abs, err = filepath.EvalSymlinks(abs); err != nil {
		return dir
	}
	for at, n := abs, 0; n <= maxAbove && at != filepath.Dir(at); at, n = filepath.Dir(at), n+1 {
		if _, err := os.Stat(filepath.Join(at, ".git")); err == nil {
			return at
		}
	}
	return abs
}
