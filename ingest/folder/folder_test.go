package folder_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/citewell/citewell/ingest/folder"
)

// writeFolder writes empty files and returns the folder.
func writeFolder(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// urls returns the addresses of files, without the folder dir.
func urls(files []folder.File, dir string) []string {
	var out []string
	for _, f := range files {
		out = append(out, strings.TrimPrefix(f.URL, filepath.ToSlash(dir)+"/"))
	}
	return out
}

func TestList(t *testing.T) {
	dir := writeFolder(t, "index.html", "a b/index.html", "a b/page.HTM", "guide.md", "notes.txt", "app.js",
		".hidden.html", ".git/x.html", "sub/index.html/deep.markdown", "x.org", "node_modules/a/readme.md")
	for _, tt := range []struct {
		name, target string
		options      folder.Options
		want         []string
	}{
		{"folder with base", dir, folder.Options{Base: "https://docs.example.com/v1/?q#f"}, []string{
			"https://docs.example.com/v1/a%20b/",
			"https://docs.example.com/v1/a%20b/page.HTM",
			"https://docs.example.com/v1/guide.md",
			"https://docs.example.com/v1/",
			"https://docs.example.com/v1/notes.txt",
			"https://docs.example.com/v1/sub/index.html/deep.markdown",
		}},
		{"folder", dir, folder.Options{}, []string{
			"a b/index.html", "a b/page.HTM", "guide.md", "index.html", "notes.txt", "sub/index.html/deep.markdown",
		}},
		{"file with base", dir + "/guide.md", folder.Options{Base: "https://docs.example.com"}, []string{"https://docs.example.com/guide.md"}},
		{"file of any name", dir + "/app.js", folder.Options{}, []string{"app.js"}},
		{"include", dir, folder.Options{Include: []string{"/sub/**", "guide*"}}, []string{"guide.md", "sub/index.html/deep.markdown"}},
		{"include by address", dir, folder.Options{Base: "https://e.org/v1/", Include: []string{"/v1/a*/**"}, Exclude: []string{"*.HTM"}}, []string{"https://e.org/v1/a%20b/"}},
		{"exclude", dir, folder.Options{Exclude: []string{"**/*.{html,HTM}", "*.txt"}}, []string{"guide.md", "sub/index.html/deep.markdown"}},
		{"limit", dir, folder.Options{MaxFiles: 1}, []string{"a b/index.html"}},
		{"style", dir, folder.Options{Base: "https://e.org/", Style: folder.StyleDirectory, Include: []string{"*.{md,txt}"}},
			[]string{"https://e.org/guide/", "https://e.org/notes.txt"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := folder.List(tt.target, tt.options)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, urls(got.Files, dir)); diff != "" {
				t.Errorf("List(%q, %+v) (-want +got):\n%s", tt.target, tt.options, diff)
			}
			if got.Cut != (tt.options.MaxFiles > 0) {
				t.Errorf("Cut = %v", got.Cut)
			}
		})
	}
	got, err := folder.List(dir, folder.Options{Exclude: []string{"*.txt"}})
	want := []folder.LeftOut{
		{".js", 1, filepath.ToSlash(dir) + "/app.js", folder.NoDocuments},
		{".org", 1, filepath.ToSlash(dir) + "/x.org", "Org files are not read: ingest the built site"},
		{"excluded", 1, filepath.ToSlash(dir) + "/notes.txt", "by --include or --exclude"},
		{"node_modules", 1, filepath.ToSlash(dir) + "/node_modules", "packages of the generator"},
	}
	if diff := cmp.Diff(want, got.LeftOut); err != nil || diff != "" {
		t.Errorf("LeftOut (-want +got), %v:\n%s", err, diff)
	}
}

func TestGenerators(t *testing.T) {
	for _, tt := range []struct {
		name, files, target, base string
		want                      []string
	}{
		{"mkdocs", "-- mkdocs.yml --\nsite_name: X\nsite_url: https://e.org/x/\n-- docs/index.md --\n-- docs/guide/intro.md --\n-- docs/guide/README.md --\n-- src/x.md --\n", ".", "",
			[]string{"https://e.org/x/guide/", "https://e.org/x/guide/intro/", "https://e.org/x/"}},
		{"mkdocs folder", "-- mkdocs.yml --\nsite_url: https://e.org/x/\nuse_directory_urls: false\n-- docs/index.md --\n-- docs/README.md --\n-- docs/guide/intro.md --\n", "docs/guide", "https://e.org/y/",
			[]string{"https://e.org/y/intro.html"}},
		{"docusaurus", "-- website/docusaurus.config.ts --\nexport default {\n  url: 'https://e.org',\n  baseUrl: '/x/',\n}\n-- website/docs/01-guide/02-intro.mdx --\n-- website/docs/01-guide/index.md --\n-- website/docs/a.md --\n---\nslug: /\n---\n-- website/docs/b/c.md --\n---\nslug: see\n---\n-- website/docs/_part.mdx --\n", ".", "",
			[]string{"https://e.org/x/docs/guide/intro", "https://e.org/x/docs/guide/", "https://e.org/x/docs/", "https://e.org/x/docs/b/see"}},
		{"starlight", "-- astro.config.mjs --\nimport starlight from '@astrojs/starlight';\nexport default defineConfig({ site: 'https://e.org', base: '/x' })\n-- src/content/docs/index.mdx --\n-- src/content/docs/Get Started/First.md --\n-- src/content/docs/z.md --\n---\nslug: own/path\n---\n", "src/content/docs", "",
			[]string{"https://e.org/x/get-started/first/", "https://e.org/x/", "https://e.org/x/own/path/"}},
		{"vitepress", "-- docs/.vitepress/config.mts --\nexport default { cleanUrls: true, sitemap: { hostname: 'https://e.org' } }\n-- docs/index.md --\n-- docs/a/b.md --\n", "docs", "",
			[]string{"https://e.org/a/b", "https://e.org/"}},
		{"hugo", "-- hugo.toml --\nbaseURL = 'https://e.org/'\n-- content/Docs/_index.md --\n-- content/Docs/One.md --\n-- content/two.md --\n+++\nslug = 'zwei'\n+++\n", ".", "",
			[]string{"https://e.org/docs/one/", "https://e.org/docs/", "https://e.org/zwei/"}},
		{"jekyll", "-- _config.yml --\nurl: https://e.org\nbaseurl: /x\n-- index.md --\n-- a.md --\n-- b.md --\n---\npermalink: /see/b/\n---\n-- _drafts/c.md --\n", ".", "",
			[]string{"https://e.org/x/a.html", "https://e.org/x/see/b/", "https://e.org/x/"}},
		{"mdbook", "-- book.toml --\n[book]\n-- src/SUMMARY.md --\n-- src/a/README.md --\n", ".", "https://e.org/b/", []string{"https://e.org/b/SUMMARY.html", "https://e.org/b/a/"}},
		{"sphinx", "-- docs/conf.py --\nextensions = []\nsource_suffix = '.txt'\nhtml_baseurl = 'https://e.org/'\n-- docs/a/b.txt --\n-- docs/index.rst --\n-- docs/_static/x.html --\n", ".", "",
			[]string{"https://e.org/a/b.html", "https://e.org/"}},
		{"antora", "-- antora-playbook.yml --\nsite: {url: https://e.org/x}\nurls: {html_extension_style: indexify}\n-- docs/antora.yml --\nname: kettle\nversion: '2.1'\n-- docs/modules/ROOT/pages/index.adoc --\n-- docs/modules/ROOT/pages/a/b.adoc --\n-- docs/modules/lid/pages/c.adoc --\n-- docs/modules/ROOT/partials/d.adoc --\n-- docs/modules/ROOT/nav.adoc --\n", ".", "",
			[]string{"https://e.org/x/kettle/2.1/a/b/", "https://e.org/x/kettle/2.1/", "https://e.org/x/kettle/2.1/lid/c/"}},
		{"antora without playbook", "-- antora.yml --\nname: ROOT\nversion: ~\n-- modules/ROOT/pages/index.adoc --\n-- modules/ROOT/pages/b.adoc --\n", ".", "https://e.org/",
			[]string{"https://e.org/b.html", "https://e.org/"}},
		{"no base", "-- mkdocs.yml --\nsite_name: X\n-- docs/index.md --\n", ".", "", []string{"docs/index.md"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for _, f := range txtar.Parse([]byte(tt.files)).Files {
				write(t, filepath.Join(dir, f.Name), f.Data)
			}
			got, err := folder.List(filepath.Join(dir, tt.target), folder.Options{Base: tt.base})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, urls(got.Files, dir)); diff != "" {
				t.Errorf("addresses (-want +got):\n%s", diff)
			}
		})
	}
}

// write writes a file and the folders above it.
func write(t *testing.T, name string, body []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, body, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestListRefuses(t *testing.T) {
	dir := writeFolder(t, "app.js", "large.html")
	for _, tt := range []struct {
		name, target string
		options      folder.Options
		want         string
	}{
		{"missing", dir + "/nowhere", folder.Options{}, "no such file or folder"},
		{"base", dir, folder.Options{Base: "docs.example.com"}, "not an http or https address"},
		{"glob", dir, folder.Options{Include: []string{"["}}, "not a valid pattern"},
		{"nothing", writeFolder(t, "app.js", "b.js"), folder.Options{}, "holds no file that can be read (.html, .md, .mdx, .rst, .adoc, .txt, .ipynb, .pdf, OpenAPI), but 2 .js"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := folder.List(tt.target, tt.options); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("List(%q, %+v) = %v, want %q", tt.target, tt.options, err, tt.want)
			}
		})
	}
}

func TestRead(t *testing.T) {
	name := filepath.Join(t.TempDir(), "page.html")
	write(t, name, []byte("12345"))
	if got, err := folder.Read(folder.File{Path: name}, 5); err != nil || string(got) != "12345" {
		t.Errorf("Read(limit 5) = %q, %v", got, err)
	}
	if _, err := folder.Read(folder.File{Path: name}, 4); err == nil || !strings.Contains(err.Error(), "larger than the limit of 4 bytes") {
		t.Errorf("Read(limit 4) = %v, want an error", err)
	}
	if _, err := folder.Read(folder.File{Path: name + "x"}, 0); err == nil {
		t.Error("Read of no file succeeds")
	}
}

func TestIncludes(t *testing.T) {
	dir := t.TempDir()
	for name, body := range map[string]string{
		"docs/a.md":         "import Part from './_part.mdx';\n\n--8<-- \"part.txt\"\n<Part />\n\n<<< @/code.go\n\n--8<-- \"../../secret.md\"\n\n  <!--@include: ./b.md-->\n",
		"docs/part.txt":     "Of a part.\n",
		"docs/_part.mdx":    "---\nx: y\n---\nOf a component.\n",
		"docs/code.go":      "package a\n",
		"docs/b.md":         "Of b.\n<!--@include: ./b.md-->",
		"../secret.md":      "Secret.",
		"docs/loop/loop.md": "{! loop.md !}",
	} {
		write(t, filepath.Join(dir, "top", name), []byte(body))
	}
	got, err := folder.Read(folder.File{Path: filepath.Join(dir, "top/docs/a.md"), Type: "text/markdown", Root: filepath.Join(dir, "top/docs")}, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"\nOf a part.\n", "\nOf a component.\n", "```go\npackage a\n```", "\n  Of b."} {
		if !strings.Contains(string(got), want) {
			t.Errorf("no %q in:\n%s", want, got)
		}
	}
	if strings.Contains(string(got), "Secret") {
		t.Error("a file outside of the folder was included")
	}
}

// TestIncludedParts includes parts of files, and files of folders that settings name.
func TestIncludedParts(t *testing.T) {
	dir := t.TempDir()
	for name, body := range map[string]string{
		"mkdocs.yml":     "markdown_extensions:\n  - toc\n  - pymdownx.snippets:\n      base_path: [\"notes/all\"]\n  - x:\n      y: !!python/name:a.b\n",
		"notes/all/n.md": "Of a note.\n",
		"docs/code.rs":   "fn x() {}\n// ANCHOR: main\nfn main() {}\n// ANCHOR_END: main\nfn y() {}\n",
		"docs/part.md":   "one\ntwo\nthree\n<!-- --8<-- [start:s] -->\nfour\n<!-- --8<-- [end:s] -->\n",
		"docs/app.js":    "a()\n// #region r\nb()\n// #endregion r\n",
		"_includes/j.md": "Of Jekyll.\n",
	} {
		write(t, filepath.Join(dir, name), []byte(body))
	}
	for _, tt := range []struct{ name, text, want string }{
		{"folder in the settings", `--8<-- "n.md"`, "Of a note.\n"},
		{"lines of MkDocs", `--8<-- "part.md:2:3"`, "two\nthree"},
		{"section of MkDocs", `--8<-- "part.md:s"`, "four"},
		{"several files of MkDocs", "--8<--\npart.md:1\n; no\nn.md\n--8<--", "\none\n\nOf a note.\n\n"},
		{"mdBook", "```rust\n{{#rustdoc_include code.rs:main}}\n```", "```rust\nfn main() {}\n```"},
		{"lines of mdBook", "{{#include code.rs::1}}", "fn x() {}"},
		{"all of a file, without marks", "{{#include code.rs}}", "fn x() {}\nfn main() {}\nfn y() {}\n"},
		{"playground of mdBook", "{{#playground code.rs editable}}", "```rs\nfn x() {}\nfn main() {}\nfn y() {}\n```"},
		{"region of VitePress", "<<< @/app.js#r{2 js}", "```js\nb()\n```"},
		{"lines of VitePress", "<!--@include: ./part.md{1,2}-->", "one\ntwo"},
		{"Hugo", `{{% readfile file="part.md" %}}`, "one\ntwo\nthree\nfour\n"},
		{"Quarto", "{{< include part.md >}}", "one\ntwo\nthree\nfour\n"},
		{"Jekyll", `{% include j.md kind="x" %}`, "Of Jekyll.\n"},
		{"no such section", `--8<-- "part.md:none"`, "one\ntwo\nthree\nfour\n"},
	} {
		page := filepath.Join(dir, "docs/page.md")
		write(t, page, []byte(tt.text))
		got, err := folder.List(page, folder.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if body, err := folder.Read(got.Files[0], 0); err != nil || string(body) != tt.want {
			t.Errorf("%s: %q, %v, want %q", tt.name, body, err, tt.want)
		}
	}
}

// TestNotPublished leaves out what settings say is not published, and finds translations.
func TestNotPublished(t *testing.T) {
	const plugin = "site_url: !ENV [SITE, 'https://e.org/en/']\nplugins:\n  - search\n  - i18n:\n      docs_structure: suffix\n      languages:\n        - locale: en\n          default: true\n        - locale: de\n"
	for _, tt := range []struct {
		name, settings, text string
		files, want          []string
	}{
		{"MkDocs", "mkdocs.yml", plugin + "exclude_docs: |\n  # not yet\n  drafts/\n  *.tmp.md\n  !keep.tmp.md\n", []string{"docs/index.md", "docs/a.de.md", "docs/a.md", "docs/x/drafts/d.md", "docs/t.tmp.md", "docs/keep.tmp.md"},
			[]string{"https://e.org/en/a/", "https://e.org/en/de/a/", "https://e.org/en/", "https://e.org/en/keep.tmp/"}},
		{"Hugo", "hugo.toml", "baseURL = 'https://e.org/'\ntheme = 'x'\n[languages.en]\n", []string{"content/en/docs/a.md", "content/de/docs/a.md"}, []string{"https://e.org/docs/a/", "https://e.org/de/docs/a/"}},
		{"Jekyll", "_config.yml", "url: https://e.org\nexclude: [vendor/]\ncollections:\n  docs:\n    output: true\n  guides:\n    output: true\n    permalink: /g/:path/\n  data: {}\n",
			[]string{"index.md", "_docs/a/b.md", "_guides/c.md", "_data/d.md", "vendor/e.md"}, []string{"https://e.org/", "https://e.org/docs/a/b.html", "https://e.org/g/c/"}},
		{"Hugo by names", "hugo.toml", "baseURL = 'https://e.org/'\ntheme = 'x'\n[languages.en]\n", []string{"content/a/_index.de.md", "content/a/b.en.md", "content/a/c.md"}, []string{"https://e.org/de/a/", "https://e.org/a/b/", "https://e.org/a/c/"}},
		{"Docusaurus", "docusaurus.config.js", "module.exports = { url: 'https://e.org', baseUrl: '/k/' }", []string{"docs/a.md", "versioned_docs/version-2.0/a.md", "versioned_docs/version-1.0/a.md", "i18n/de/docusaurus-plugin-content-docs/current/a.md", "README.md"},
			[]string{"https://e.org/k/docs/1.0/a", "https://e.org/k/docs/a", "https://e.org/k/docs/next/a", "https://e.org/k/de/docs/next/a"}},
		{"Sphinx", "conf.py", "extensions = []\nrelease = '3.1'\nhtml_baseurl = 'https://e.org/'\nexclude_patterns = ['out', \"**/old.rst\"]\n", []string{"index.rst", "out/a.rst", "b/old.rst", "b/new.rst"},
			[]string{"https://e.org/b/new.html", "https://e.org/"}},
		{"VitePress with rewrites", ".vitepress/config.ts", "export default { base: '/k/', sitemap: { hostname: 'https://e.org/k/' }, rewrites: { 'old.md': 'g/new.md', 'packages/:pkg/src/:slug*': ':pkg/:slug*' } }",
			[]string{"old.md", "packages/a/src/b/c.md", "d.md"}, []string{"https://e.org/k/g/new.html", "https://e.org/k/a/b/c.html", "https://e.org/k/d.html"}},
		{"VitePress", ".vitepress/config.ts", "export default { srcExclude: ['**/README.md'], sitemap: { hostname: 'https://e.org' } }", []string{"index.md", "a/README.md", "a/b.md"},
			[]string{"https://e.org/a/b.html", "https://e.org/"}},
	} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, tt.settings), []byte(tt.text))
		for _, name := range tt.files {
			write(t, filepath.Join(dir, name), []byte("A text.\n"))
		}
		if tt.name == "Docusaurus" {
			write(t, filepath.Join(dir, "versions.json"), []byte(`["2.0", "1.0"]`))
		}
		got, err := folder.List(dir, folder.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if outside := slices.ContainsFunc(got.LeftOut, func(l folder.LeftOut) bool { return l.Kind == "outside" && l.Files == 1 }); outside != (tt.name == "Docusaurus") {
			t.Errorf("%s: left out %+v", tt.name, got.LeftOut)
		}
		var urls []string
		for _, f := range got.Files {
			urls = append(urls, f.URL)
			if strings.Contains(f.Path, "version-2.0") != (f.Version == "2.0") || (tt.name == "Sphinx") != (f.Version == "3.1") {
				t.Errorf("%s is of version %q", f.Path, f.Version)
			}
		}
		slices.Sort(urls)
		slices.Sort(tt.want)
		if diff := cmp.Diff(tt.want, urls); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestIncludesOfRST(t *testing.T) {
	dir := t.TempDir()
	for name, body := range map[string]string{
		"conf.py":   "extensions = []\nversion = '3.2'\nrst_epilog = \"\"\"\n.. |prod| replace:: Kettle\nSeen by readers.\n\"\"\"\n",
		"index.rst": "For |prod| |version|.\n\n.. toctree::\n   :maxdepth: 1\n\n   b\n\nSee :doc:`/b`, :ref:`label` and :ref:`own <label>`.\n\n.. include:: part.txt\n   :start-line: 1\n\n.. literalinclude:: code.py\n   :lines: 2-3\n",
		"b.rst":     "Title of *b*\n============\n\n.. _label:\n\nA section\n---------\n",
		"part.txt":  "Of a part.\n",
		"code.py":   "a\nb\nc\nd\n",
	} {
		write(t, filepath.Join(dir, name), []byte(body))
	}
	got, err := folder.List(dir, folder.Options{Include: []string{"index.rst"}})
	if err != nil {
		t.Fatal(err)
	}
	body, err := folder.Read(got.Files[0], 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"\n   Title of *b* <b>\n", ":doc:`Title of *b* </b>`", ":ref:`A section <label>`", "`own <label>`", "\nOf a part.\n", "\n.. |prod| replace:: Kettle\n\n.. |version| replace:: 3.2\n", ".. code-block:: py\n\n   b\n   c\n"} {
		if !strings.Contains(string(body), want) {
			t.Errorf("no %q in:\n%s", want, body)
		}
	}
}

func TestIncludesOfAsciiDoc(t *testing.T) {
	dir := t.TempDir()
	for name, body := range map[string]string{
		"antora.yml":                        "name: kettle\nasciidoc:\n  attributes:\n    volume: 2 l@\n    code: example$code.py\n",
		"modules/ROOT/pages/index.adoc":     "= Title\n\ninclude::partial$part.adoc[leveloffset=+1]\n\ninclude::lid:partial$lid.adoc[]\n\n----\ninclude::{code}[tag=use]\n----\n\n\\include::shown[]\n\ninclude::../../../../secret.adoc[]\n",
		"modules/ROOT/partials/part.adoc":   "= Part\n\ninclude::deeper.adoc[lines=2..3]\n",
		"modules/ROOT/partials/deeper.adoc": "One.\nTwo.\nThree.\nFour.\n",
		"modules/lid/partials/lid.adoc":     "Of the lid.\n",
		"modules/ROOT/examples/code.py":     "a\n# tag::use[]\nb\n# end::use[]\nc\n",
		"../secret.adoc":                    "Secret.",
	} {
		write(t, filepath.Join(dir, "top", name), []byte(body))
	}
	got, err := folder.List(filepath.Join(dir, "top"), folder.Options{})
	if err != nil || len(got.Files) != 1 {
		t.Fatalf("List = %+v, %v", got, err)
	}
	body, err := folder.Read(got.Files[0], 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{":volume: 2 l\n", "\n:leveloffset: +1\n\n= Part\n\nTwo.\nThree.\n\n:leveloffset: 0\n", "\nOf the lid.\n", "----\nb\n----", "\ninclude::shown[]\n"} {
		if !strings.Contains(string(body), want) {
			t.Errorf("no %q in:\n%s", want, body)
		}
	}
	if strings.Contains(string(body), "Secret") {
		t.Error("a file outside of the folder was included")
	}
}

// TestBaseOfPart cites a part of a site below the address that is given for it.
func TestBaseOfPart(t *testing.T) {
	for _, tt := range []struct{ settings, text, file, part, want string }{
		{"hugo.toml", "baseURL = 'https://e.org/'\ntheme = 'x'\n", "content/en/docs/a.md", "content/en/docs", "https://x.org/d/a/"},
		{"hugo.toml", "baseURL = 'https://e.org/'\ntheme = 'x'\n", "content/en/docs/a.md", "content/en", "https://x.org/d/docs/a/"},
		{"_config.yml", "collections: {docs: {output: true}}\n", "_docs/b/a.md", "_docs/b", "https://x.org/d/a.html"},
		{"_config.yml", "collections: {docs: {output: true}}\n", "guide/a.md", "guide", "https://x.org/d/a.html"},
		{"_config.yml", "collections: {docs: {output: true}}\n", "_docs/b/a.md", ".", "https://x.org/d/docs/b/a.html"},
	} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, tt.settings), []byte(tt.text))
		write(t, filepath.Join(dir, tt.file), []byte("A text.\n"))
		got, err := folder.List(filepath.Join(dir, tt.part), folder.Options{Base: "https://x.org/d/"})
		if err != nil || len(got.Files) != 1 || got.Files[0].URL != tt.want {
			t.Errorf("%s of %s: %+v, %v, want %s", tt.part, tt.settings, got.Files, err, tt.want)
		}
	}
}
