package edition_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/internal/edition"
)

func TestOf(t *testing.T) {
	for _, tt := range []struct{ name, address, lang, version, key string }{
		{"none", "https://example.com/guide/", "en", "", "example.com/guide/"},
		{"number", "https://example.com/docs/2.0/guide/", "en", "2.0", "example.com/docs/guide/"},
		{"v", "https://example.com/v1/guide", "", "v1", "example.com/guide"},
		{"name after the language", "https://www.example.com/en/stable/guide", "en-US", "stable", "example.com/guide"},
		{"language after the version", "https://example.com/latest/pt_BR/guide", "pt-BR", "latest", "example.com/guide"},
		{"region", "https://example.com/zh-hans/guide", "zh-CN", "", "example.com/guide"},
		{"folder that only looks like a language", "https://example.com/sdk/go/guide", "en", "", "example.com/sdk/go/guide"},
		{"another language's folder", "https://example.com/de/guide", "en", "", "example.com/de/guide"},
		{"first one", "https://example.com/3.1/changes/2.0/", "en", "3.1", "example.com/changes/2.0/"},
		{"name of a page", "https://example.com/docs/latest", "en", "", "example.com/docs/latest"},
		{"number of a page", "https://example.com/blog/2/list", "en", "", "example.com/blog/2/list"},
		{"number alone", "https://example.com/docs/16/list", "en", "16", "example.com/docs/list"},
		{"number below a language", "https://example.com/de/17/list", "de", "17", "example.com/list"},
		{"year", "https://example.com/2024/05/news", "en", "", "example.com/2024/05/news"},
		{"host", "https://de.example.com/guide", "de", "", "example.com/guide"},
		{"file", "https://example.com/guide.de.html", "de", "", "example.com/guide.html"},
		{"query", "https://example.com/guide?hl=de&p=1", "de", "", "example.com/guide?p=1"},
		{"local file", "docs/v2/guide.md", "en", "v2", "docs/guide.md"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(edition.Edition{Version: tt.version, Key: tt.key}, edition.Of(tt.address, tt.lang)); diff != "" {
				t.Errorf("Of(%q, %q) (-want +got):\n%s", tt.address, tt.lang, diff)
			}
		})
	}
}

func TestCompare(t *testing.T) {
	want := []string{"next", "3.1-beta", "4.0.0-rc1", "v1", "1.9", "1.10", "2.x", "v2.0.1", "latest", "stable"}
	got := slices.Clone(want)
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(got), func(i, j int) { got[i], got[j] = got[j], got[i] })
	slices.SortFunc(got, edition.Compare)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("sorted (-want +got):\n%s", diff)
	}
	if edition.Compare("", "stable") != 0 {
		t.Error("an address without version and one with stable differ")
	}
}

func TestNamed(t *testing.T) {
	for _, tt := range []struct {
		question string
		want     []string
	}{
		{"How do I install it?", nil},
		{"How do I install 1.0?", []string{"1.0"}},
		{"How do I install v2?", []string{"2"}},
		{"Wie installiere ich Version 3", []string{"3"}},
		{"What does the latest version change?", nil},
		{"in version next, what changes", []string{"next"}},
		{"Wait 5 seconds, or 2 times?", nil},
		{"from 1.0 to 2.1", []string{"1.0", "2.1"}},
	} {
		if diff := cmp.Diff(tt.want, edition.Named(tt.question)); diff != "" {
			t.Errorf("Named(%q) (-want +got):\n%s", tt.question, diff)
		}
	}
	for _, tt := range []struct {
		version, named string
		want           bool
	}{{"v2", "2", true}, {"2.1.3", "2.1", true}, {"2.10", "2.1", false}, {"2.0", "2", true}, {"v2", "2.0", false}, {"", "", false}, {"next", "next", true}} {
		if got := edition.Is(tt.version, tt.named); got != tt.want {
			t.Errorf("Is(%q, %q) = %v, want %v", tt.version, tt.named, got, tt.want)
		}
	}
}

func TestResolve(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, address, told, version string
		others                       []string
		rank                         string
	}{
		{"number in the address", "https://e.org/2.0/a/", "3.1", "2.0", nil, "2.0"},
		{"name in the address", "https://e.org/en/stable/a/", "3.1", "3.1", []string{"stable"}, "stable"},
		{"development", "https://e.org/latest/a/", "3.2.dev0", "3.2.dev0", []string{"latest"}, "latest"},
		{"no version in the address", "https://e.org/a/", "v3.1", "v3.1", nil, "v3.1"},
		{"two names", "https://e.org/next/a/", "current", "next", nil, "next"},
		{"nothing told", "https://e.org/stable/a/", "", "stable", nil, "stable"},
		{"nothing", "https://e.org/a/", "", "", nil, ""},
	} {
		version, others := edition.Resolve(tt.address, tt.told)
		if version != tt.version || !slices.Equal(others, tt.others) {
			t.Errorf("%s: Resolve(%q, %q) = %q, %q, want %q, %q", tt.name, tt.address, tt.told, version, others, tt.version, tt.others)
		}
		if rank := edition.Rank(tt.address, version); rank != tt.rank {
			t.Errorf("%s: Rank(%q, %q) = %q, want %q", tt.name, tt.address, version, rank, tt.rank)
		}
	}
}
