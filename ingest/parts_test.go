package ingest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/ingest"
)

// lids returns a description with an operation for each path.
func lids(paths ...string) string {
	b := "openapi: 3.0.3\ninfo: {title: Lids, version: '1'}\npaths:\n"
	for _, p := range paths {
		b += "  " + p + ":\n    get: {tags: [lid], operationId: get" + strings.Trim(p, "/") + ", summary: Get " + strings.Trim(p, "/") + ", responses: {'200': {description: ok}}}\n"
	}
	return b
}

func TestDescriptions(t *testing.T) {
	const swagger = `<html><head><title>Reference</title><link href="swagger-ui.css"></head><body><div id="swagger-ui"></div><script src="swagger-initializer.js"></script></body></html>`
	for _, tt := range []struct {
		name, start, page string
		want, fewer       []string
	}{
		{"by itself", "/api/lids.yaml", "",
			[]string{"/api/lids.yaml indexed", "/api/lids.yaml#/paths/~1a/get indexed", "/api/lids.yaml#/paths/~1b/get indexed"},
			[]string{"/api/lids.yaml indexed", "/api/lids.yaml#/paths/~1a/get indexed"}},
		{"Redoc", "/docs/", `<html><head><title>Reference</title></head><body><redoc spec-url="../api/lids.yaml"></redoc><script src="redoc.js"></script></body></html>`,
			[]string{"/api/lids.yaml noindex it is an OpenAPI description: its operations are pages of their own",
				"/docs/ no text", "/docs/#overview indexed", "/docs/#tag/lid/operation/geta indexed", "/docs/#tag/lid/operation/getb indexed"},
			[]string{"/api/lids.yaml noindex it is an OpenAPI description: its operations are pages of their own",
				"/docs/ no text", "/docs/#overview indexed", "/docs/#tag/lid/operation/geta indexed"}},
		{"Swagger UI", "/docs/", swagger,
			[]string{"/api/lids.yaml noindex it is an OpenAPI description: its operations are pages of their own",
				"/docs/ no text", "/docs/#/lid/geta indexed", "/docs/#/lid/getb indexed", "/docs/#overview indexed"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWeb(t)
			w.set("/docs/index.html", tt.page)
			w.set("/docs/swagger-initializer.js", `window.ui = SwaggerUIBundle({ url: "/api/lids.yaml" })`)
			w.set("/api/lids.yaml", lids("/a", "/b"))
			store := &watchedStore{}
			in := newCrawler(t, ingest.Config{Opener: store, Embedder: newEmbedder(), PruneLimitPercent: 60})
			for range 2 {
				report := mustIngest(t, in, w.url+tt.start)
				if diff := cmp.Diff(tt.want, rows(t, w, store)); diff != "" || report.Pruned+report.Failed > 0 {
					t.Errorf("report %+v, manifest (-want +got):\n%s", report, diff)
				}
				if tt.page != "" && !strings.Contains(report.NotIndexed[0].Note+report.NotIndexed[1].Note, "it shows an OpenAPI description") {
					t.Errorf("notes %+v do not say what the page shows", report.NotIndexed)
				}
			}
			if tt.fewer == nil {
				return
			}
			w.set("/api/lids.yaml", lids("/a"))
			report := mustIngest(t, in, w.url+tt.start)
			if diff := cmp.Diff(tt.fewer, rows(t, w, store)); diff != "" || report.Pruned != 1 {
				t.Errorf("with fewer operations: report %+v, manifest (-want +got):\n%s", report, diff)
			}
		})
	}
}

func TestDescriptionAnchors(t *testing.T) {
	w := newWeb(t)
	w.set("/api/lids.yaml", lids("/a"))
	store := &watchedStore{}
	mustIngest(t, newCrawler(t, ingest.Config{Opener: store, Embedder: newEmbedder()}), w.url+"/api/lids.yaml")
	chunks, err := store.ChunksOf(t.Context(), w.url+"/api/lids.yaml#/paths/~1a/get")
	if err != nil || len(chunks) != 1 || chunks[0].Anchor != "/paths/~1a/get" || chunks[0].Title != "Get a (GET /a)" {
		t.Errorf("chunks = %+v, %v", chunks, err)
	}
}

func TestDescriptionsInFolders(t *testing.T) {
	dir := t.TempDir()
	for name, body := range map[string]string{
		"a.md": "# A\n\nThe text of A.\n", "lids.yaml": lids("/a"), "bad.yaml": "openapi: 3.0.0\npaths: 7\n", "config.yaml": "a: b\n", "package.json": "{}",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(body), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	w := &web{url: dir}
	store := &watchedStore{}
	report := mustIngest(t, newCrawler(t, ingest.Config{Opener: store, Embedder: newEmbedder()}), dir)
	want := []string{"/a.md indexed", "/lids.yaml indexed", "/lids.yaml#/paths/~1a/get indexed"}
	if diff := cmp.Diff(want, rows(t, w, store)); diff != "" || report.Failed != 1 || !strings.Contains(report.Errors[0].Error, "the OpenAPI description is invalid") {
		t.Errorf("report %+v, manifest (-want +got):\n%s", report, diff)
	}
	if len(report.LeftOut) != 2 {
		t.Errorf("left out: %+v, want .json and .yaml", report.LeftOut)
	}
	n := 0
	in, err := ingest.New(ingest.Config{})
	if err != nil {
		t.Fatal(err)
	}
	for d, err := range in.Preview(t.Context(), []string{filepath.Join(dir, "lids.yaml")}) {
		if n++; err != nil || d.Page.URL == "" {
			t.Errorf("preview = %+v, %v", d, err)
		}
	}
	if n != 2 {
		t.Errorf("the preview shows %d pages, want 2", n)
	}
}
