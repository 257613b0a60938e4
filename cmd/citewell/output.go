package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/citewell/citewell/internal/problem"
)

// previewRunes is the length of a chunk's preview in a list.
const previewRunes = 160

// preview returns the beginning of a text on one line.
func preview(text string) string {
	r := []rune(oneLine(text))
	if len(r) <= previewRunes {
		return string(r)
	}
	return string(r[:previewRunes]) + "…"
}

// notice prints how a search differed from the one that was asked for, if it did.
func (a *app) notice(text string) {
	if text != "" {
		a.say("notice: %s", text)
	}
}

// heading joins a page's title and a heading path. It does not repeat the title if
// the path begins with it.
func heading(title, section string) string {
	path := strings.Split(section, " > ")
	if title != "" && path[0] != title {
		path = append([]string{title}, path...)
	}
	return strings.Trim(strings.Join(path, " › "), " ›")
}

// errWriter prints until the first error and keeps it.
type errWriter struct {
	w   io.Writer
	err error
}

func (e *errWriter) printf(format string, args ...any) {
	if e.err == nil {
		_, e.err = fmt.Fprintf(e.w, format, args...)
	}
}

// printJSON prints v as one line.
func (a *app) printJSON(v any) error {
	enc := json.NewEncoder(a.out)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// tableFlags registers the output formats of a list.
func tableFlags(f *pflag.FlagSet, c *config) {
	f.BoolVar(&c.csv, "csv", false, "print CSV with a header")
	jsonFlag(f, c)
}

// eachJSON prints n values as JSON, one per line.
func (a *app) eachJSON(n int, row func(i int) any) error {
	for i := range n {
		if err := a.printJSON(row(i)); err != nil {
			return err
		}
	}
	return nil
}

func jsonFlag(f *pflag.FlagSet, c *config) {
	f.BoolVar(&c.json, "json", false, "print JSON")
}

// oneLine replaces every run of white space by one space.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// escapeMarkdown returns a reader's text on one line, with Markdown escaped.
func escapeMarkdown(s string) string {
	var b strings.Builder
	for _, r := range oneLine(s) {
		if slices.Contains([]rune("\\`*_[]<>#|~"), r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// message returns an error for the user, on one line and with its fix.
func message(err error) string {
	if errors.Is(err, context.Canceled) {
		return "interrupted: stored pages are kept, and the same command continues from there"
	}
	var joined interface{ Unwrap() []error }
	msg := strings.ReplaceAll(problem.Text(err.Error()), "\n", "; ")
	if errors.As(err, &joined) && strings.Contains(err.Error(), "\n") {
		return msg
	}
	if p := problem.Of(err); p.Code != problem.Internal.Code && !strings.Contains(msg, p.Fix) {
		msg += ": " + p.Fix
	}
	return msg
}
