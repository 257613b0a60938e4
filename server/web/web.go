// Package web holds the page for asking in a browser, the widget for pages of other
// sites, and the page for operators.
//
// Call [New], and serve [Site.File] under each of [Names], [Site.Index] as the page, and
// [Site.Admin] as that for operators, in a folder beside the files.
// The page loads nothing from elsewhere and runs under a content security policy of
// default-src 'self': no inline script, no inline style. Text from the API is inserted
// as text; the HTML of package render is copied element by element.
//
// The sources in app are modules of JavaScript. app.js, widget.js and admin.js are one module
// each and all that it imports in one file, so that a browser sends one request.
package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html/template"
	"mime"
	"path"
	"regexp"
	"strings"
)

//go:embed index.html admin.html style.css admin.css icon.svg app lang
var files embed.FS

// Names are the names of the files that the pages and the widget load.
var Names = []string{"app.js", "widget.js", "admin.js", "style.css", "admin.css", "icon.svg", logoName}

const logoName = "logo"

// A File is one file as it is sent.
type File struct {
	Type string // of media
	Body []byte
	Gzip []byte // Body, compressed
	ETag string
}

// A Site is the pages and the widget with the settings of one site.
type Site struct {
	settings Settings
	files    map[string]File
	pages    *template.Template
}

// New returns the pages and the widget for settings.
func New(s Settings) (*Site, error) {
	if err := s.validate(); err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	site := &Site{settings: s, files: map[string]File{}, pages: template.Must(template.ParseFS(files, "index.html", "admin.html"))}
	style := read("style.css") + s.theme()
	site.files["style.css"] = newFile("style.css", []byte(style))
	site.files["icon.svg"] = newFile("icon.svg", []byte(read("icon.svg")))
	site.files["app.js"] = newFile("app.js", []byte(bundle("page.js", "")))
	site.files["widget.js"] = newFile("widget.js", []byte(bundle("widget.js", forWidget(style))))
	site.files["admin.css"] = newFile("admin.css", []byte(read("admin.css")))
	site.files["admin.js"] = newFile("admin.js", []byte(bundle("admin.js", "")))
	if s.Logo != "" {
		logo, err := s.readLogo()
		if err != nil {
			return nil, fmt.Errorf("web: %w", err)
		}
		site.files[logoName] = newFile(s.Logo, logo)
	}
	return site, nil
}

// File returns a file of [Names], and whether there is one: a site may have no logo.
func (s *Site) File(name string) (File, bool) {
	f, ok := s.files[name]
	return f, ok
}

// Index returns the page in the language of p.
func (s *Site) Index(p Page) (File, error) { return s.execute("index.html", p) }

// Admin returns the page for operators, in the language that [Site.Page] chooses.
func (s *Site) Admin(wanted ...string) (File, error) {
	p := s.Page(wanted...)
	p.Text = json.RawMessage(read("lang/" + p.Lang + ".json"))
	return s.execute("admin.html", p)
}

func (s *Site) execute(name string, p Page) (File, error) {
	var b bytes.Buffer
	if err := s.pages.ExecuteTemplate(&b, name, p); err != nil {
		return File{}, fmt.Errorf("web: %w", err)
	}
	return newFile(name, b.Bytes()), nil
}

// newFile returns the file of a name.
func newFile(name string, body []byte) File {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
	_, _ = w.Write(body) // a buffer takes everything
	_ = w.Close()
	sum := sha256.Sum256(body)
	return File{Type: mime.TypeByExtension(path.Ext(name)), Body: body, Gzip: b.Bytes(), ETag: `"` + hex.EncodeToString(sum[:8]) + `"`}
}

// read returns an embedded file.
func read(name string) string {
	b, err := files.ReadFile(name)
	if err != nil {
		// Unreachable: the names are those of embedded files.
		panic(err)
	}
	return string(b)
}

// forWidget returns a module with what the widget needs before it asks the server: the
// style, and a few texts in every language.
func forWidget(style string) string {
	words := map[string]map[string]string{}
	for _, tag := range languages {
		var all map[string]any
		if err := json.Unmarshal([]byte(read("lang/"+tag.String()+".json")), &all); err != nil {
			// Unreachable: a test reads every file.
			panic(err)
		}
		some := map[string]string{}
		for _, name := range []string{"askTheDocs", "close", "loading", "unreachable", "tryAgain"} {
			some[name], _ = all[name].(string)
		}
		words[tag.String()] = some
	}
	quoted, _ := json.Marshal(style) // strings can be encoded
	texts, _ := json.Marshal(words)
	return "export const style = " + string(quoted) + ";\nexport const ownTexts = " + string(texts) + ";\n"
}

var (
	importLine = regexp.MustCompile(`(?m)^import (?:\{[^}]*\} from )?"\./([\w.]+)";\n`)
	exportWord = regexp.MustCompile(`(?m)^export `)
)

// bundle returns a module and those that it imports as one script. All share one scope,
// so that no two may declare the same name. made is the content of made.js.
func bundle(entry, made string) string {
	var b strings.Builder
	seen := map[string]bool{}
	var add func(name string)
	add = func(name string) {
		if seen[name] {
			return
		}
		seen[name] = true
		source := made
		if name != "made.js" {
			source = read("app/" + name)
		}
		for _, m := range importLine.FindAllStringSubmatch(source, -1) {
			add(m[1])
		}
		b.WriteString(exportWord.ReplaceAllString(importLine.ReplaceAllString(source, ""), ""))
	}
	add(entry)
	return "(() => {\n\"use strict\";\n" + b.String() + "})();\n"
}
