package extract_test

import (
	"testing"

	"github.com/citewell/citewell/ingest/extract"
)

// TestVersion reads versions where generators of documentation write them.
func TestVersion(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, head, before, want string }{
		{"Docusaurus", `<meta name="docusaurus_version" content="3.2.0"><meta name="docsearch:version" content="3.2.0">`, "", "3.2.0"},
		{"VuePress", `<meta name="docsearch:version" content="2.x,current">`, "", "2.x"},
		{"meta", `<meta name="version" content="4.1.0">`, "", "4.1.0"},
		{"meta of a build", `<meta name="version" content="20260102">`, "", ""},
		{"Sphinx, its title", `<title>Sessions &#8212; Kettle 2.4.1 documentation</title>`, "", "2.4.1"},
		{"Sphinx in German", `<title>Sitzungen — Kettle 2.4rc1 Dokumentation</title>`, "", "2.4rc1"},
		{"a title with another number", `<title>What's new in 2.3 — Kettle 2.4 documentation</title>`, "", "2.4"},
		{"a title about a version", `<title>Upgrading to 2.0</title>`, "", ""},
		{"Javadoc, its title", `<title>Lid (Kettle 1.9.2 API)</title>`, "", "1.9.2"},
		{"Read the Docs theme", "", `<nav><div class="wy-side-nav-search"><a href="index.html">Kettle</a><div class="version">2.4</div></div></nav>`, "2.4"},
		{"Read the Docs flyout", "", `<div class="rst-versions"><span class="rst-current-version">Read the Docs <span class="fa">v: 2.4.1</span></span><dl><dt>Versions</dt><dd><a href="/en/stable/">stable</a></dd><dd><a href="/en/2.3/">2.3</a></dd></dl></div>`, "2.4.1"},
		{"Doxygen", "", `<div id="titlearea"><div id="projectname">Kettle<span id="projectnumber">&#160;1.9.8</span></div></div>`, "1.9.8"},
		{"Antora", "", `<div class="nav-panel-explore"><div class="context"><span class="title">Kettle</span><span class="version">3.1</span></div><ul class="components"><li class="component is-current"><ul class="versions"><li class="version"><a href="../3.2/index.html">3.2</a></li><li class="version is-current"><a href="../3.1/index.html">3.1</a></li></ul></li></ul></div>`, "3.1"},
		{"ExDoc", "", `<nav class="sidebar"><div class="sidebar-projectVersion">v1.15.0</div></nav>`, "v1.15.0"},
		{"rustdoc", "", `<nav class="sidebar"><h2><a href="../kettle/index.html">kettle</a><span class="version">0.9.3</span></h2></nav>`, "0.9.3"},
		{"scaladoc", "", `<div id="header"><span id="doc-title">Kettle<span id="doc-version">2.13.1</span></span></div>`, "2.13.1"},
		{"Dokka", "", `<nav class="navigation"><a class="library-name--link" href="index.html">kettle</a><div class="library-version" id="library-version">1.9.20</div></nav>`, "1.9.20"},
		{"a list with the page's version", "", `<ul id="doc-versions"><li class="current"><span>Documentation version: <strong>5.0</strong></span></li><li class="other"><a href="/en/4.2/">4.2</a></li></ul>`, "5.0"},
		{"a dropdown", "", `<div class="dropdown"><a href="/docs/next/intro">Next</a><a class="dropdown__link--active" href="/docs/intro">3.2.0</a><a href="/docs/3.1.0/intro">3.1.0</a></div>`, "3.2.0"},
		{"a select", "", `<select><option value="/docs/12.x">12.x</option><option selected value="/docs/11.x">11.x</option></select>`, "11.x"},
		{"links to other versions alone", "", `<ul class="versions"><li><a class="version" href="/2.0/">2.0</a></li><li><a class="version" href="/1.0/">1.0</a></li></ul>`, ""},
		{"several", "", `<div class="version">1.0</div><div class="version">2.0</div>`, ""},
		{"of the generator", "", `<footer>Made by X <span class="version">1.0</span></footer>`, ""},
		{"a page of a list", "", `<ul class="pagination"><li class="active"><a href="?p=1">1</a></li><li><a href="?p=2">2</a></li></ul>`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			page := `<!doctype html><html lang="en"><head>` + tt.head + `</head><body>` + tt.before +
				`<main><h1>Sessions</h1><p><span class="versionadded">0.1</span> A session ends with the tab that it was opened in.</p></main></body></html>`
			got, err := extract.Extract([]byte(page), "text/html", "https://example.com/docs/sessions.html", extract.Options{})
			if err != nil || got.Version != tt.want {
				t.Errorf("version %q, %v, want %q", got.Version, err, tt.want)
			}
		})
	}
}
