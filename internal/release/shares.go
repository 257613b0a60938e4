package main

import (
	"bufio"
	"cmp"
	"debug/buildinfo"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
)

// minShareBytes is the smallest share that has a line of its own.
const minShareBytes = 100_000

// writeShares writes how many bytes of code and data each module has in a program with
// symbols, the largest first, and how many the same program without symbols has beside
// them: all lines together are its size.
func writeShares(w io.Writer, path, strippedPath string) error {
	stripped, err := os.Stat(strippedPath)
	if err != nil {
		return err
	}
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		return err
	}
	modules := []string{info.Main.Path}
	for _, d := range info.Deps {
		modules = append(modules, d.Path)
	}
	nm := exec.Command("go", "tool", "nm", "-size", path)
	out, err := nm.Output()
	if err != nil {
		return fmt.Errorf("list the symbols of %s: %w", path, err)
	}
	shares, err := sumShares(strings.NewReader(string(out)), modules)
	if err != nil {
		return err
	}
	rest, beside := 0, int(stripped.Size())
	for _, m := range slices.SortedFunc(maps.Keys(shares), func(a, b string) int {
		return cmp.Or(cmp.Compare(shares[b], shares[a]), cmp.Compare(a, b))
	}) {
		beside -= shares[m]
		if shares[m] < minShareBytes {
			rest += shares[m]
			continue
		}
		if _, err := fmt.Fprintf(w, "%9.1f kB  %s\n", float64(shares[m])/1000, m); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(w, "%9.1f kB  modules with less than %d kB each\n%9.1f kB  tables of functions and lines, texts and embedded files of all modules\n",
		float64(rest)/1000, minShareBytes/1000, float64(beside)/1000)
	return err
}

// sumShares adds up the lines of go tool nm -size by module. Symbols without bytes in
// the file are left out.
func sumShares(nm io.Reader, modules []string) (map[string]int, error) {
	slices.SortFunc(modules, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	shares := map[string]int{}
	lines := bufio.NewScanner(nm)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		f := strings.Fields(lines.Text())
		if len(f) < 4 || strings.EqualFold(f[2], "b") || f[2] == "U" || strings.HasSuffix(f[3], "drbg.memory") {
			continue
		}
		size, err := strconv.Atoi(f[1])
		if err != nil {
			continue // a symbol without a size
		}
		shares[ownerOf(strings.Join(f[3:], " "), modules)] += size
	}
	return shares, lines.Err()
}

// ownerOf returns the module that a symbol belongs to, given the longest paths
// first. For a generic function, it is the module that defines it.
func ownerOf(symbol string, modules []string) string {
	name := strings.TrimLeft(symbol, "*[]()")
	for _, kind := range []string{"type:.eq.", "type:", "go:itab."} {
		name = strings.TrimLeft(strings.TrimPrefix(name, kind), "*[]()")
	}
	for _, m := range modules {
		if rest, ok := strings.CutPrefix(name, m); ok && (rest == "" || rest[0] == '/' || rest[0] == '.') {
			return m
		}
	}
	if strings.HasPrefix(name, "go:") || strings.HasPrefix(name, "runtime.") {
		return "Go: runtime and its tables"
	}
	return "Go: standard library, and types without a name"
}
