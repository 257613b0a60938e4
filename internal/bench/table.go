package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"text/tabwriter"
	"time"
)

// A table is the figures of one run of the command.
type table struct {
	Machine string   `json:"machine"`
	Runs    int      `json:"runs"`
	Lines   []result `json:"lines"`
}

// page is the page of the documentation that shows the figures.
const page = "docs/performance.md"

// machine describes the machine, the program and the day.
func machine() string {
	model := runtime.GOARCH
	if b, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if _, rest, ok := strings.Cut(string(b), "model name"); ok {
			line, _, _ := strings.Cut(rest, "\n")
			model = strings.Trim(line, "\t :")
		}
	}
	commit := "unknown commit"
	if out, err := exec.Command("git", "rev-parse", "--short", "HEAD").Output(); err == nil {
		commit = "commit " + strings.TrimSpace(string(out))
	}
	return fmt.Sprintf("%d × %s, %s, %s, %s", runtime.NumCPU(), model, runtime.Version(), commit, time.Now().UTC().Format(time.DateOnly))
}

var headings = []string{"Task", "Unit", "Citewell: best", "median", "Peer", "best", "median", "Wanted", "Met"}

// cells returns the cells of a line's row.
func (r result) cells() []string {
	if r.Error != "" {
		return []string{r.Name, r.Unit, "—", "—", r.Versus, "—", "—", r.Wanted, "not measured"}
	}
	row := []string{r.Name, r.Unit, figure(r.Ours.Best), figure(r.Ours.Median), r.Versus, "", "", r.Wanted, ""}
	if r.Peer != nil {
		row[5], row[6] = figure(r.Peer.Best), figure(r.Peer.Median)
	}
	if r.Met != nil {
		row[8] = "no"
		if *r.Met {
			row[8] = "yes"
		}
	}
	return row
}

// figure formats a figure with three digits.
func figure(v float64) string {
	switch {
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

// text returns the table for a terminal.
func (t table) text() string {
	var b bytes.Buffer
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, strings.Join(headings, "\t"))
	for _, r := range t.Lines {
		fmt.Fprintln(w, strings.Join(r.cells(), "\t"))
	}
	w.Flush()
	fmt.Fprintf(&b, "\n%s; %d runs\n", t.Machine, t.Runs)
	for _, r := range t.Lines {
		if r.Error != "" {
			reason := strings.Split(strings.TrimSpace(r.Error), "\n")
			fmt.Fprintf(&b, "not measured: %s: %s\n", r.Name, reason[len(reason)-1])
		}
	}
	return b.String()
}

// markdown returns the table for the page.
func (t table) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n%s; %d runs.\n\n", t.Machine, t.Runs)
	fmt.Fprintf(&b, "| %s |\n|%s\n", strings.Join(headings, " | "), strings.Repeat("---|", len(headings)))
	for _, r := range t.Lines {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(r.cells(), " | "))
	}
	b.WriteString("\n")
	return b.String()
}

// update replaces the table in the page. It wants all lines.
func (t table) update(root string) error {
	if len(t.Lines) != len(lines()) {
		return fmt.Errorf("the page shows one run of all lines: use -update without -run")
	}
	return replaceBlock(filepath.Join(root, page), "table", t.markdown())
}

// replaceBlock replaces what is between <!-- NAME: begin --> and <!-- NAME: end --> in
// a file.
func replaceBlock(file, name, text string) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	head, _, tail, err := cutBlock(string(b), name)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return os.WriteFile(file, []byte(head+text+tail), 0o644)
}

// cutBlock cuts a text around the block of a name. The marks stay with head and tail.
func cutBlock(text, name string) (head, block, tail string, err error) {
	begin, end := "<!-- "+name+": begin -->\n", "<!-- "+name+": end -->\n"
	i, j := strings.Index(text, begin), strings.Index(text, end)
	if i < 0 || j < i {
		return "", "", "", fmt.Errorf("no %q … %q", strings.TrimSpace(begin), strings.TrimSpace(end))
	}
	i += len(begin)
	return text[:i], text[i:j], text[j:], nil
}

func writeJSON(file string, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(b, '\n'), 0o644)
}
