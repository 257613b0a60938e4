package retrieve

import (
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/citewell/citewell/retrieve/bm25"
	"github.com/citewell/citewell/retrieve/index"
)

// Pages that list what other pages explain repeat the words of all of them: lists of
// uses, of all classes, of changes, of terms. They rank lower in a hybrid search.
const (
	// listingWeight multiplies the scores of the chunks of such a page. With 0.9 to 0.7,
	// the first page is a right one for 91 to 92 % of the questions, with 1 for 90 %; of
	// an API reference for 76 to 82 %, with 1 for 68 % (5 sites, 2026-11-28).
	listingWeight = 0.85
	// linkPenalty is the share by which a chunk that consists of links scores less. With
	// 0.1 and 0.2 the same pages came first.
	linkPenalty = 0.1
)

// listingNames are the names of such pages, as documentation generators and authors give
// them, without extension and in lower case.
var listingNames = []string{
	"package-use", "package-tree", "overview-tree", "index-all", "allclasses", "allclasses-index", "allclasses-frame", "allpackages-index",
	"deprecated-list", "constant-values", "serialized-form", "genindex", "py-modindex", "modindex", "search", "annotated", "hierarchy", "globals",
	"changelog", "changes", "history", "news", "whatsnew", "releases", "release-notes",
}

// listingFolders are the names of folders of such pages.
var listingFolders = []string{"class-use"}

// plainness returns what the score of a chunk is multiplied with: less than 1 if its page
// lists what other pages explain, unless the question asks for it by its name.
func (s *search) plainness(c index.Chunk) float64 {
	weight := 1 - linkPenalty*linkShare(c.Text)
	if name := listingName(c.URL); name != "" && !s.asksFor(name, c.Lang) {
		weight *= listingWeight
	}
	return weight
}

// listingName returns the name of a page that lists what others explain; "" for another
// page.
func listingName(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	dir, file := path.Split(strings.TrimSuffix(strings.ToLower(u.Path), "/"))
	name := strings.TrimSuffix(file, path.Ext(file))
	if name == "index" {
		dir, name = path.Split(strings.TrimSuffix(dir, "/"))
	}
	if folder := path.Base(dir); slices.Contains(listingFolders, folder) {
		return folder
	}
	if slices.Contains(listingNames, name) {
		return name
	}
	return ""
}

// asksFor reports whether the question has a word of a page's name.
func (s *search) asksFor(name, lang string) bool {
	asked := bm25.TermSet(s.query.Text, lang)
	for t := range bm25.TermSet(strings.ReplaceAll(name, "-", " "), lang) {
		if asked[t] {
			return true
		}
	}
	return false
}

// link matches a link in Markdown.
var link = regexp.MustCompile(`\[([^\[\]]*)\]\([^()\s]*\)`)

// linkShare returns the share of the letters and digits of a text that are links.
func linkShare(text string) float64 {
	shown, links := 0, 0
	end := 0
	for _, m := range link.FindAllStringSubmatchIndex(text, -1) {
		n := letters(text[m[2]:m[3]])
		shown, links = shown+letters(text[end:m[0]])+n, links+n
		end = m[1]
	}
	if links == 0 {
		return 0
	}
	return float64(links) / float64(shown+letters(text[end:]))
}

func letters(s string) int {
	n := 0
	for _, r := range s {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			n++
		}
	}
	return n
}
