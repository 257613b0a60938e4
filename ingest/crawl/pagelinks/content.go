package pagelinks

import (
	"bytes"
	"hash/maphash"
	"net/url"
	"path"
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/citewell/citewell/ingest/media"
)

// seed is that of every [Links.Content]: the sums of one process can be compared.
var seed = maphash.MakeSeed()

// A content sums up what a page shows and links to.
type content struct {
	hash maphash.Hash
	own  []byte // name of the page, which its text may repeat
	raw  bool   // the next text is that of a script or a style sheet
}

func newContent(page *url.URL) *content {
	c := &content{own: []byte(ownName(page))}
	c.hash.SetSeed(seed)
	return c
}

// ownName returns the last name in the path of a page, without extension.
func ownName(page *url.URL) string {
	name := path.Base(page.Path)
	return strings.TrimSuffix(name, path.Ext(name))
}

// add adds a text or a reference, unless it tells the page's own address, a time or
// a number, by which answers to two addresses differ that are the same page.
func (c *content) add(b []byte) {
	b = bytes.TrimSpace(b)
	if len(b) == 0 || len(c.own) > 1 && bytes.Contains(b, c.own) || bytes.ContainsAny(b, "0123456789") {
		return
	}
	_, _ = c.hash.Write(b) // It returns no error.
	_ = c.hash.WriteByte(0)
}

// addRef adds a reference as it is written, without query and parameters.
func (c *content) addRef(ref string) {
	if i := strings.IndexAny(ref, "?;#"); i >= 0 {
		ref = ref[:i]
	}
	c.add([]byte(ref))
}

// Words returns the words that a reader of a page sees, in lower case and in order, if
// the page is HTML. A word begins and ends with a letter or a digit.
func Words(body []byte, contentType string, page *url.URL) []string {
	if media.Type(contentType, page.String(), body) != media.HTML {
		return nil
	}
	var words []string
	z := html.NewTokenizer(strings.NewReader(media.Decode(body, contentType)))
	raw := false
	for {
		switch z.Next() {
		case html.ErrorToken:
			return words
		case html.StartTagToken:
			name, _ := z.TagName()
			raw = isRaw(atom.Lookup(name))
		case html.EndTagToken:
			raw = false
		case html.TextToken:
			if raw {
				continue
			}
			for word := range strings.FieldsFuncSeq(string(z.Text()), isBetweenWords) {
				words = append(words, strings.ToLower(word))
			}
		}
	}
}

// isRaw reports whether the text of an element is not for readers.
func isRaw(tag atom.Atom) bool { return tag == atom.Script || tag == atom.Style }

func isBetweenWords(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.M, r)
}
