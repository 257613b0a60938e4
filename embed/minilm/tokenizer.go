package minilm

import (
	"errors"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Special pieces, by their index in the vocabulary.
const (
	pieceUnknown = 100 // [UNK]
	pieceStart   = 101 // [CLS]
	pieceEnd     = 102 // [SEP]
	vocabSize    = 30522
)

// maxWordRunes is the longest word that is divided into pieces; a longer word is
// [UNK], as in the model's training.
const maxWordRunes = 100

// specials are found anywhere in the original text, as Hugging Face's tokenizer does,
// so that vectors agree with the reference even for a text about tokenizers.
var specials = map[string]int32{"[PAD]": 0, "[UNK]": pieceUnknown, "[CLS]": pieceStart, "[SEP]": pieceEnd, "[MASK]": 103}

// A tokenizer cuts text into the word pieces of BERT's uncased English
// vocabulary:
//
//   - control, format and private characters and U+FFFD are dropped;
//   - Chinese characters and punctuation are words of their own, the rest is
//     separated by white space;
//   - accents are stripped (NFD, then nonspacing marks dropped), letters lowered;
//   - a word is cut greedily into the longest pieces of the vocabulary, or is
//     [UNK] if that does not come out even.
//
// It agrees with Hugging Face tokenizers 0.23 for every single code point, that
// library's older Unicode tables included.
type tokenizer struct {
	vocab map[string]int32 // a piece inside a word begins with ##
}

func newTokenizer(file string) (*tokenizer, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	t := &tokenizer{vocab: make(map[string]int32, vocabSize)}
	for line := range strings.Lines(string(b)) {
		t.vocab[strings.TrimRight(line, "\r\n")] = int32(len(t.vocab))
	}
	for s, id := range specials {
		if got, ok := t.vocab[s]; !ok || got != id || len(t.vocab) != vocabSize {
			return nil, errors.New("not the vocabulary of all-MiniLM-L6-v2")
		}
	}
	return t, nil
}

// encode returns the pieces of text between [CLS] and [SEP], cut to maxPieces
// altogether.
func (t *tokenizer) encode(text string) []int32 {
	ids := make([]int32, 1, 64)
	ids[0] = pieceStart
	ids = t.appendText(ids, text, maxPieces)
	return append(ids[:min(len(ids), maxPieces-1)], pieceEnd)
}

// count returns the number of pieces of text, without [CLS] and [SEP].
func (t *tokenizer) count(text string) int {
	return len(t.appendText(nil, text, maxInt))
}

const maxInt = int(^uint(0) >> 1)

// appendText appends the pieces of text to ids, at least until there are limit.
func (t *tokenizer) appendText(ids []int32, text string, limit int) []int32 {
	for len(ids) < limit {
		i, special := nextSpecial(text)
		if i < 0 {
			return t.appendWords(ids, text, limit)
		}
		ids = t.appendWords(ids, text[:i], limit)
		ids = append(ids, specials[special])
		text = text[i+len(special):]
	}
	return ids
}

// nextSpecial returns the first of the specials in text and where it is, or -1.
func nextSpecial(text string) (int, string) {
	for i := 0; ; i++ {
		j := strings.IndexByte(text[i:], '[')
		if j < 0 {
			return -1, ""
		}
		i += j
		for s := range specials {
			if strings.HasPrefix(text[i:], s) {
				return i, s
			}
		}
	}
}

// appendWords appends the pieces of text, which holds none of the specials.
func (t *tokenizer) appendWords(ids []int32, text string, limit int) []int32 {
	var buf [128]byte
	word, runes := buf[:0], 0
	flush := func() {
		if runes > 0 {
			ids = t.appendWord(ids, word, runes)
			word, runes = word[:0], 0
		}
	}
	for _, r := range decompose(text) {
		if len(ids) >= limit {
			return ids
		}
		switch classOf(r) {
		case dropped, accent:
		case space:
			flush()
		case punctuation, chinese:
			flush()
			word, runes = utf8.AppendRune(word, r), 1
			flush()
		case letter:
			word, runes = utf8.AppendRune(word, lower(r)), runes+1
		}
	}
	flush()
	return ids
}

// appendWord appends the pieces of one word.
func (t *tokenizer) appendWord(ids []int32, word []byte, runes int) []int32 {
	if runes > maxWordRunes {
		return append(ids, pieceUnknown)
	}
	var buf [2 + utf8.UTFMax*maxWordRunes]byte
	key := append(buf[:0], "##"...)
	before := len(ids)
	for start := 0; start < len(word); {
		rest := word[start:]
		if start > 0 {
			rest = append(key, rest...)
		}
		id, n := t.longest(rest, len(rest)-len(word)+start)
		if n == 0 {
			return append(ids[:before], pieceUnknown)
		}
		ids = append(ids, id)
		start += n
	}
	return ids
}

// longest returns the longest piece at the beginning of s, and its length without
// the first prefix bytes, or 0 if there is none.
func (t *tokenizer) longest(s []byte, prefix int) (int32, int) {
	for end := min(len(s), maxPieceBytes); end > prefix; end-- {
		if end < len(s) && !utf8.RuneStart(s[end]) {
			continue
		}
		if id, ok := t.vocab[string(s[:end])]; ok {
			return id, end - prefix
		}
	}
	return 0, 0
}

// maxPieceBytes is the length of the longest piece of the vocabulary.
const maxPieceBytes = 18

// decompose returns text in normal form D, without dropped runes and with spaces
// around Chinese characters, since some decompositions are not Chinese characters.
func decompose(text string) string {
	ascii := true
	for i := 0; i < len(text) && ascii; i++ {
		ascii = text[i] < utf8.RuneSelf
	}
	if ascii {
		return text
	}
	var b strings.Builder
	b.Grow(len(text))
	for _, r := range text {
		switch classOf(r) {
		case dropped:
		case space:
			b.WriteByte(' ')
		case chinese:
			b.WriteByte(' ')
			b.WriteRune(r)
			b.WriteByte(' ')
		default:
			b.WriteRune(r)
		}
	}
	return norm.NFD.String(b.String())
}

func lower(r rune) rune {
	if r < utf8.RuneSelf {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}
	return unicode.ToLower(r)
}
