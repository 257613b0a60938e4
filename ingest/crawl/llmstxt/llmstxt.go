// Package llmstxt reads llms.txt, the list of pages that a site makes for language
// models. Call [Read].
package llmstxt

import (
	"net/url"
	"path"
	"regexp"
	"strings"

	"github.com/citewell/citewell/ingest/crawl/pagelinks"
	"github.com/citewell/citewell/ingest/crawl/urlnorm"
	"github.com/citewell/citewell/ingest/media"
)

// An Entry is a page of a list.
type Entry struct {
	URL string // as listed, absolute, in normal form
	// Pages are the addresses that the page in HTML may have if URL is that of its
	// Markdown, the most likely one first.
	Pages []string
}

// fullName matches the names of files that hold the text of all pages.
var fullName = regexp.MustCompile(`^llms-(full|ctx|ctx-full|small|medium)\.(txt|md)$`)

// Is reports whether a file of this name, without its folder, is such a list.
func Is(name string) bool {
	name = strings.ToLower(name)
	return name == "llms.txt" || name == "llms.md" || fullName.MatchString(name)
}

// marks match what generators write above the text of each page in llms-full.txt: the
// address in a line of its own, after the title, or in a tag. The last group is the address.
var marks = []*regexp.Regexp{
	regexp.MustCompile(`(?mi)^(?:\*\*)?(?:source|url|link|page|canonical)(?: url)?:(?:\*\*)?[ \t]*["'<]?((?:https?://|/)[^\s"'<>]+)["'>]?[ \t]*$`),
	regexp.MustCompile(`(?m)^#{1,3}[ \t].*\((https?://[^\s()]+|/[^\s()]*)\)[ \t]*$`),
	regexp.MustCompile(`(?m)^<(?:page|doc|document)\b[^>\n]*?\b(?:url|href|source|path)="([^"\n]+)"`),
}

// Read returns the pages that a list at an address names, each once, in order: those that it
// links to. In a file that holds the text of all pages they are those that stand above
// a text; if none does, incomplete is true and the pages are those that the texts link to.
func Read(body []byte, at *url.URL) (entries []Entry, incomplete bool) {
	text := media.Decode(body, "text/markdown")
	seen := map[string]bool{urlnorm.Normalize(at).String(): true}
	add := func(address string) {
		u, err := url.Parse(address)
		if err != nil || seen[address] || Is(path.Base(u.Path)) {
			return
		}
		seen[address] = true
		entries = append(entries, Entry{URL: address, Pages: pagesOf(u)})
	}
	if fullName.MatchString(strings.ToLower(path.Base(at.Path))) {
		for _, mark := range marks {
			for _, m := range mark.FindAllStringSubmatch(withoutCode(text), -1) {
				if u, ok := urlnorm.Resolve(at, m[1]); ok {
					add(u.String())
				}
			}
			if len(entries) > 0 {
				return entries, false
			}
		}
		incomplete = true
	}
	for _, address := range pagelinks.Find(body, media.Markdown, at, nil).URLs {
		add(address)
	}
	return entries, incomplete
}

// fences match blocks of code, which may show such marks.
var fences = regexp.MustCompile("(?ms)^```.*?^```[ \t]*$")

func withoutCode(text string) string { return fences.ReplaceAllString(text, "") }

// pagesOf returns the addresses that the HTML of a page may have whose Markdown is at u.
func pagesOf(u *url.URL) []string {
	ext := path.Ext(u.Path)
	if ext != ".md" && ext != ".mdx" && ext != ".markdown" {
		return nil
	}
	var out []string
	add := func(p string) {
		page := *u
		page.Path, page.RawPath = p, ""
		out = append(out, urlnorm.Normalize(&page).String())
	}
	stem := strings.TrimSuffix(u.Path, ext)
	dir, name := path.Split(stem)
	switch {
	case name == "index" || name == "index.html":
		add(dir)
		if dir != "/" {
			add(strings.TrimSuffix(dir, "/"))
		}
	case strings.HasSuffix(name, ".html") || strings.HasSuffix(name, ".htm"):
		add(stem)
	default:
		add(stem)
		add(stem + "/")
		add(stem + ".html")
	}
	return out
}
