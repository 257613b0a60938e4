// Package web holds the page for asking in a browser.
//
// Serve each of [Names] from [Files]. The page loads nothing from elsewhere and
// runs under a content security policy of default-src 'self': no inline script,
// no inline style. Text from the API is inserted as text, never as HTML.
package web

import (
	"embed"
	"io/fs"
)

// Files holds the page and the files that it loads.
//
//go:embed index.html app.js style.css icon.svg
var Files embed.FS

// Names returns the names of the files, index.html among them.
func Names() []string {
	names, err := fs.Glob(Files, "*")
	if err != nil {
		// Unreachable: the pattern is well-formed.
		panic(err)
	}
	return names
}
