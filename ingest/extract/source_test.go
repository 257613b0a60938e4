package extract_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/ingest/extract"
)

func TestMarkdownFiles(t *testing.T) {
	for _, tt := range []struct {
		name, body string
		want       extract.Page
	}{
		{
			"YAML", "\ufeff---\r\ntitle: \"A: title\"\r\nlang: fr\r\ndate: 2026-05-04\r\n---\r\n\r\nText.\r\n",
			extract.Page{Title: "A: title", Lang: "fr", Text: "Text.", Modified: time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC)},
		},
		{
			"TOML", "+++\ntitle = 'Toml'\nlastmod = 2026-05-04T10:00:00Z\n+++\nText.",
			extract.Page{Title: "Toml", Text: "Text.", Modified: time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC)},
		},
		{"heading before front matter's title", "---\ntitle: T\n---\n# H\n\nText.", extract.Page{
			Title: "H", Text: "# H\n\nText.", Headings: []extract.Heading{{1, "H", "h", 0}},
		}},
		{"no front matter", "---\n\nA rule above.\n\n---\n\nAnd below.", extract.Page{Title: "readme", Text: "---\n\nA rule above.\n\n---\n\nAnd below."}},
		{"not YAML", "---\n{ broken\n---\nText.", extract.Page{
			Title: "{ broken", Text: "---\n{ broken\n---\nText.", Headings: []extract.Heading{{2, "{ broken", "-broken", 4}},
		}},
		{
			"headings", "# Größe & `code`\n\n## A\n\n```\n# not one\n```\n\n## A\n\nSetext *one*\n---\n\n### Own {#own-id}\n\n####\n\n日本\n==\n",
			extract.Page{
				Title: "readme",
				Text:  "# Größe & `code`\n\n## A\n\n```\n# not one\n```\n\n## A\n\nSetext *one*\n---\n\n### Own\n\n####\n\n日本\n==",
				Headings: []extract.Heading{
					{1, "Größe & code", "größe--code", 0}, {2, "A", "a", 18}, {2, "A", "a-1", 43},
					{2, "Setext one", "setext-one", 49}, {3, "Own", "own-id", 67}, {1, "日本", "日本", 82},
				},
			},
		},
		{"HTML heading", "<h1 align=\"center\">\n  <img src=\"a.png\" alt=\"Logo\">\n  <br>Kettle\n</h1>\n\n## Install\n", extract.Page{
			Title: "Kettle", Text: "# ![Logo](a.png) Kettle\n\n## Install",
			Headings: []extract.Heading{{1, "Kettle", "kettle", 0}, {2, "Install", "install", 25}},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := mustExtract(t, []byte(tt.body), "", "readme.md", extract.Options{})
			if tt.name == "headings" {
				tt.want.Title = "Größe & code"
			}
			tt.want.URL = "readme.md"
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("page (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTextFiles(t *testing.T) {
	got := mustExtract(t, []byte("\ufeff# no heading\r\n\r\n text \r\n"), "text/plain", "https://e.com/notes", extract.Options{})
	want := extract.Page{URL: "https://e.com/notes", Title: "notes", Text: "# no heading\n\n text"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("page (-want +got):\n%s", diff)
	}
}

func TestOtherSources(t *testing.T) {
	for _, tt := range []struct{ name, file, body, title, text string }{
		{"MDX", "a.mdx", "---\ntitle: T\n---\nimport A from 'b';\n\n<Card title=\"C\">\n\ntext\n\n</Card>\n", "T", "**C**\n\ntext"},
		{"notebook", "a.ipynb", `{"metadata": {"language_info": {"name": "python"}}, "cells": [
			{"cell_type": "markdown", "source": ["# T\n", "text"]},
			{"cell_type": "code", "source": "print(1)", "outputs": [{"text": ["1\n"]}, {"data": {"image/png": "AAAA", "text/plain": "2"}}, {"data": {"image/png": "AAAA", "text/plain": "<Figure size 640x480>"}}]}]}`,
			"T", "# T\ntext\n\n```python\nprint(1)\n```\n\n```text\n1\n```\n\n```text\n2\n```"},
	} {
		got := mustExtract(t, []byte(tt.body), "", tt.file, extract.Options{})
		if got.Title != tt.title || squeezeBlank(got.Text) != tt.text {
			t.Errorf("%s: title %q, text %q", tt.name, got.Title, got.Text)
		}
	}
}

func squeezeBlank(s string) string {
	for strings.Contains(s, "\n\n\n") {
		s = strings.ReplaceAll(s, "\n\n\n", "\n\n")
	}
	return s
}
