package crawl_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/citewell/citewell/ingest/crawl"
)

// TestVersions crawls one version of sites whose switchers offer others.
func TestVersions(t *testing.T) {
	t.Parallel()
	const list = `[{"version":"3.0","title":"3.0-rc","aliases":[]},{"version":"2.1","title":"2.1","aliases":["latest"]},{"version":"1.0","title":"1.0"}]`
	const material = `<script id="__config" type="application/json">{"base": "..", "version": {"provider": "mike"}}</script>`
	for _, tt := range []struct {
		name, start, page, list string
		want                    string // in the warning; "" means none
	}{
		{"links", "/en/2.0/", `<dl><dt>Versions<dd><a href="/en/stable/">stable</a><dd><a href="/en/2.0/">2.0</a></dl>`, "", "offers version stable at {host}/en/stable/, and only 2.0 was"},
		{"links, newest", "/3.1/", `<a href="/3.1/">3.1</a><a href="/3.0/">v3.0</a><a href="/next/">Next</a>`, "", ""},
		{"links of development", "/docs/next/", `<ul><li><a href="/docs/next/">Next</a><li><a href="/docs/2.x/">2.x</a><li><a href="/docs/1.x/">1.x</a></ul>`, "", "version 2.x at {host}/docs/2.x/, and only next was"},
		{"options", "/v1.45.2/", `<select><option value="../v1.45.2/index.html">v1.45.2</option><option value="../v1.50.0/index.html">v1.50.0</option></select>`, "", "version v1.50.0"},
		{"current one by its label", "/3.0/", `<a href="/3.0/">3.0</a><a href="/2.4/">2.4 (stable)</a>`, "", "version 2.4"},
		{"no version in the address", "/docs/", `<a href="/docs/3.0/">3.0</a><a href="/docs/2.4/">2.4</a>`, "", ""},
		{"links to releases", "/2.0/", `<a href="/releases/tag-2.1">2.1</a><a href="/news/3">3.0</a>`, "", ""},
		{"list of mike", "/docs/1.0/", strings.Replace(material, "..", ".", 1), list, "version 2.1 at {host}/docs/2.1/, and only 1.0 was"},
		{"list of mike, by another name", "/docs/latest/", strings.Replace(material, "..", ".", 1), list, ""},
		{"list of PyData", "/docs/1.0/", `<script>DOCUMENTATION_OPTIONS.theme_switcher_json_url = '/docs/versions.json';</script>`,
			`[{"name":"2.1 (stable)","version":"2.1","url":"https://far.example/2.1/","preferred":true},{"version":"dev","url":"x/"}]`, "version 2.1 at https://far.example/2.1/"},
		{"list that is not there", "/docs/1.0/", material, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWeb(t, map[string]string{tt.start: "<title>Tea</title>" + tt.page})
			if tt.list != "" {
				w.pages["/docs/versions.json"], w.head["/docs/versions.json"] = tt.list, http.Header{"Content-Type": {"text/plain"}}
			}
			said := strings.Join(crawlWeb(t, w, tt.start, crawl.Site{}, nil).summary.Warnings, "\n")
			if want := strings.ReplaceAll(tt.want, "{host}", w.URL); !strings.Contains(said, want) || want == "" && said != "" {
				t.Errorf("Warnings = %q, want %q", said, want)
			}
		})
	}
}
