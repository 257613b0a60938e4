package llmstxt_test

import (
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/ingest/crawl/llmstxt"
)

func TestRead(t *testing.T) {
	e := func(address string, pages ...string) llmstxt.Entry {
		all := llmstxt.Entry{URL: "https://e.org" + address}
		for _, p := range pages {
			all.Pages = append(all.Pages, "https://e.org"+p)
		}
		return all
	}
	for _, tt := range []struct {
		name, at, text string
		want           []llmstxt.Entry
		incomplete     bool
	}{
		{"links", "/docs/llms.txt", "# X\n> [all](llms-full.txt)\n\n- [A](a.md): of A\n- [A](a.md#part)\n- [B](/b/index.md)\n- [C](https://e.org/c.html.md)\n- [D](/d)\n- [Logo](/logo.png)\n",
			[]llmstxt.Entry{e("/docs/a.md", "/docs/a", "/docs/a/", "/docs/a.html"), e("/b/index.md", "/b/", "/b"), e("/c.html.md", "/c.html"), e("/d")}, false},
		{"source lines", "/llms-full.txt", "# A\nSource: https://e.org/a\n\nSee [x](/x).\n\n# B\nSource: https://e.org/b.md\n\n```\nSource: https://e.org/code\n```\n", []llmstxt.Entry{e("/a"), e("/b.md", "/b", "/b/", "/b.html")}, false},
		{"front matter", "/llms-full.txt", "---\nurl: /guide/a.md\n---\n\n# A\n\n---\nurl: '/guide/b.md'\n---\n", []llmstxt.Entry{e("/guide/a.md", "/guide/a", "/guide/a/", "/guide/a.html"), e("/guide/b.md", "/guide/b", "/guide/b/", "/guide/b.html")}, false},
		{"titles", "/llms-full.txt", "# A (/docs/a)\n\nText.\n\n# B (/docs/b)\n", []llmstxt.Entry{e("/docs/a"), e("/docs/b")}, false},
		{"tags", "/llms-full.txt", "<doc title=\"A\" url=\"/a\">\ntext\n</doc>\n", []llmstxt.Entry{e("/a")}, false},
		{"no marks", "/llms-full.txt", "# A\n\nSee [x](/x).\n", []llmstxt.Entry{e("/x")}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			at, err := url.Parse("https://e.org" + tt.at)
			if err != nil {
				t.Fatal(err)
			}
			got, incomplete := llmstxt.Read([]byte(tt.text), at)
			if diff := cmp.Diff(tt.want, got); diff != "" || incomplete != tt.incomplete {
				t.Errorf("Read: incomplete = %v, want %v (-want +got):\n%s", incomplete, tt.incomplete, diff)
			}
		})
	}
}
