package draft

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"
)

// A Form is a draft that the model writes as the object
// {"answer": TEXT, "quotes": [{"n": NUMBER, "quote": TEXT}]}.
//
// The text of "answer" goes to the draft while it is being written; of the rest
// nothing is shown. A text that is no such object goes to the draft as it is: not
// every service keeps to a schema, and some models write an object unasked.
type Form struct {
	draft *Draft
	all   strings.Builder
	kind  formKind

	depth    int    // of objects and lists
	key      string // last key of the object
	isValue  bool   // a value follows the key
	inString bool
	escape   string // the escape that is being read
	high     rune   // first half of a surrogate pair
	text     strings.Builder
	answered bool // the object has an answer
}

type formKind int

const (
	formUnknown formKind = iota
	formObject
	formPlain
)

// NewForm returns a form whose text goes to d.
func NewForm(d *Draft) *Form { return &Form{draft: d} }

var formStart = regexp.MustCompile("^\\s*(?:```[a-zA-Z]*\\s*)?\\{")

// Write adds a piece. It returns the first error of the draft's show.
func (f *Form) Write(piece string) error {
	f.all.WriteString(piece)
	if f.kind == formUnknown {
		all := f.all.String()
		trimmed := strings.TrimSpace(all)
		switch m := formStart.FindString(all); {
		case m != "":
			f.kind, f.depth, piece = formObject, 1, all[len(m):]
		case trimmed == "", strings.HasPrefix("```json", trimmed):
			return nil
		default:
			f.kind, piece = formPlain, all
		}
	}
	if f.kind == formPlain {
		return f.draft.Write(piece)
	}
	if text := f.read(piece); text != "" {
		return f.draft.Write(text)
	}
	return f.draft.Err()
}

// read reads a piece of the object and returns what it adds to the answer.
func (f *Form) read(piece string) string {
	var answer strings.Builder
	for i := range len(piece) {
		if c := piece[i]; f.inString {
			f.readString(c, &answer)
		} else {
			f.readToken(c)
		}
	}
	return answer.String()
}

// readToken reads a character outside of strings.
func (f *Form) readToken(c byte) {
	switch c {
	case '"':
		f.inString = true
		f.answered = f.answered || f.isAnswer()
		f.text.Reset()
	case '{', '[':
		f.depth++
	case '}', ']':
		f.depth--
	case ':':
		f.isValue = f.depth == 1
	case ',':
		f.isValue = f.isValue && f.depth > 1
	}
}

// readString reads a character of a string.
func (f *Form) readString(c byte, answer *strings.Builder) {
	decoded := string([]byte{c})
	switch {
	case f.escape != "":
		if f.escape += decoded; !f.unescape(&decoded) {
			return
		}
	case c == '\\':
		f.escape = decoded
		return
	case c == '"':
		f.inString = false
		if f.depth == 1 && !f.isValue {
			f.key = f.text.String()
		}
		return
	}
	switch {
	case f.isAnswer():
		answer.WriteString(decoded)
	case f.depth == 1 && !f.isValue:
		f.text.WriteString(decoded)
	}
}

// isAnswer reports whether a string is the text of the answer.
func (f *Form) isAnswer() bool { return f.depth == 1 && f.isValue && f.key == "answer" }

var escapes = map[string]string{`\n`: "\n", `\t`: "\t", `\r`: "\r", `\b`: " ", `\f`: " "}

// unescape decodes the escape if it is complete.
func (f *Form) unescape(decoded *string) bool {
	if f.escape[1] != 'u' {
		s, ok := escapes[f.escape]
		if !ok {
			s = f.escape[1:]
		}
		*decoded, f.escape = s, ""
		return true
	}
	if len(f.escape) < 6 {
		return false
	}
	n, err := strconv.ParseUint(f.escape[2:], 16, 32)
	f.escape = ""
	r := rune(n)
	switch {
	case err != nil:
		r = '\uFFFD'
	case f.high == 0 && utf16.IsSurrogate(r):
		f.high = r
		return false
	case f.high != 0:
		r = utf16.DecodeRune(f.high, r)
	}
	*decoded, f.high = string(r), 0
	return true
}

// Close ends the form and its draft; cut means that the model was cut off.
func (f *Form) Close(cut bool) error {
	if f.kind == formUnknown || f.kind == formObject && !f.answered && !cut {
		f.kind = formPlain
		if err := f.draft.Write(f.all.String()); err != nil {
			return err
		}
	}
	if err := f.draft.Close(cut); err != nil {
		return err
	}
	if f.kind == formObject {
		for _, q := range f.quotes() {
			fmt.Fprintf(&f.draft.quotes, "\n%s %s", q.mark(), strings.Join(strings.Fields(q.Quote), " "))
		}
	}
	return nil
}

// A formQuote is a quote of a form. Models write its number as a text, too.
type formQuote struct {
	N     any    `json:"n"`
	Quote string `json:"quote"`
}

var anyNumber = regexp.MustCompile(`\d{1,3}`)

// mark returns what stands before the quote in a list.
func (q formQuote) mark() string {
	if n := anyNumber.FindString(fmt.Sprint(q.N)); n != "" && q.N != nil {
		return "[" + n + "]"
	}
	return "-"
}

// wholeQuote matches a quote in an object that was cut off.
var wholeQuote = regexp.MustCompile(`\{\s*"n"\s*:\s*[^,{}]*,\s*"quote"\s*:\s*"(?:[^"\\]|\\.)*"\s*\}`)

// quotes returns the quotes of the object.
func (f *Form) quotes() []formQuote {
	s := f.all.String()
	var form struct {
		Quotes []formQuote `json:"quotes"`
	}
	if json.NewDecoder(strings.NewReader(s[strings.IndexByte(s, '{'):])).Decode(&form) == nil {
		return form.Quotes
	}
	var out []formQuote
	for _, m := range wholeQuote.FindAllString(s, -1) {
		var q formQuote
		if json.Unmarshal([]byte(m), &q) == nil {
			out = append(out, q)
		}
	}
	return out
}
