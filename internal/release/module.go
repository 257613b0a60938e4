package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/google/licensecheck"
)

// A module is one whose packages are in the program.
type module struct {
	Path, Version string
	Dir           string // of its source
	Main          bool
}

// modulesOf returns the modules of the packages that a package needs, for GOOS and
// GOARCH, in order of their paths, and the standard library.
func modulesOf(pkg string, env ...string) ([]module, error) {
	list := exec.Command("go", "list", "-deps", "-json=Module", pkg)
	list.Env = append(append(os.Environ(), "GOFLAGS="), env...) // -race, for one, needs cgo
	list.Stderr = os.Stderr
	out, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("list the packages of %s: %w", pkg, err)
	}
	goRoot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return nil, fmt.Errorf("find the source of Go: %w", err)
	}
	modules := []module{{Path: "std", Version: runtime.Version(), Dir: strings.TrimSpace(string(goRoot))}}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct{ Module *module }
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		if p.Module != nil && !slices.Contains(modules, *p.Module) {
			modules = append(modules, *p.Module)
		}
	}
	slices.SortFunc(modules, func(a, b module) int { return cmp.Compare(a.Path, b.Path) })
	return modules, nil
}

// licenceFile matches the names of files with licences and notices.
var licenceFile = regexp.MustCompile(`(?i)^(licen[cs]es?|copying|notice|patents|copyright)([-.].*)?$|\.licen[cs]es?$`)

// licenceFiles returns the paths of the files with licences in the folder of a
// module, and in those below it that have licences of their own.
func licenceFiles(m module) ([]string, error) {
	if m.Path == "std" {
		return []string{filepath.Join(m.Dir, "LICENSE"), filepath.Join(m.Dir, "PATENTS")}, nil
	}
	var files []string
	err := filepath.WalkDir(m.Dir, func(path string, e os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := e.Name()
		switch {
		case e.IsDir() && (name == "testdata" || name == "node_modules" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "test-")):
			return filepath.SkipDir
		case e.IsDir() || filepath.Ext(name) == ".go" || !licenceFile.MatchString(name):
			return nil
		}
		files = append(files, path)
		return nil
	})
	return files, err
}

// unstated are the licences of modules that are parts of a repository, and have no file
// with the licence of it.
var unstated = map[string]string{
	"github.com/milvus-io/milvus-proto/go-api/v2": "Apache-2.0",
}

// minPercent is how much of a file must be the text of known licences.
const minPercent = 75

// licencesOf returns the identifiers in SPDX's list of the licences of a module, in
// order, without repeats.
func licencesOf(m module) ([]string, error) {
	files, err := licenceFiles(m)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, f := range files {
		if filepath.Dir(f) != m.Dir {
			continue // of a part that the program may not have
		}
		text, err := os.ReadFile(f)
		if err != nil {
			return nil, err
		}
		found := licensecheck.Scan(text)
		if found.Percent < minPercent {
			continue // a notice
		}
		for _, match := range found.Match {
			// Google's grant of patents is no licence of its own.
			if !slices.Contains(ids, match.ID) && !strings.HasPrefix(match.ID, "GooglePatent") {
				ids = append(ids, match.ID)
			}
		}
	}
	if id, ok := unstated[m.Path]; ok && len(ids) == 0 {
		ids = []string{id}
	}
	slices.Sort(ids)
	return ids, nil
}

// writeLicences writes the texts of all licences and notices.
func writeLicences(w io.Writer, modules []module) error {
	for _, m := range modules {
		files, err := licenceFiles(m)
		if err != nil {
			return err
		}
		if m.Main {
			files = slices.DeleteFunc(files, func(f string) bool { return filepath.Dir(f) == m.Dir })
		}
		if id, ok := unstated[m.Path]; ok {
			if _, err := fmt.Fprintf(w, "================ %s %s: %s\n\n", m.Path, m.Version, id); err != nil {
				return err
			}
		}
		for _, f := range files {
			text, err := os.ReadFile(f)
			if err != nil {
				return err
			}
			name, _ := filepath.Rel(m.Dir, f)
			if _, err := fmt.Fprintf(w, "================ %s %s: %s\n\n%s\n", m.Path, m.Version, filepath.ToSlash(name), text); err != nil {
				return err
			}
		}
	}
	return nil
}
