package llm

import (
	"sync"
	"unicode/utf8"

	"github.com/pkoukk/tiktoken-go"
	loader "github.com/pkoukk/tiktoken-go-loader"
)

// vocabulary returns o200k, that of OpenAI's models since gpt-4o. It is part of
// the program and read on first use, which takes a good second; most prompts are
// too short to need it.
var vocabulary = sync.OnceValue(func() *tiktoken.Tiktoken {
	tiktoken.SetBpeLoader(loader.NewOfflineLoader())
	t, err := tiktoken.GetEncoding(tiktoken.MODEL_O200K_BASE)
	if err != nil {
		panic("llm: the vocabulary is not in the program: " + err.Error()) // Unreachable: it is embedded.
	}
	return t
})

// pieceBytes is how much text is counted at once: the time for one word without
// end grows with its square. A cut may add a token.
const pieceBytes = 4096

// tokens counts the tokens of text, as OpenAI's models do or one more for each
// piece.
func tokens(text string) int {
	n := 0
	for len(text) > 0 {
		end := min(pieceBytes, len(text))
		for end < len(text) && end > pieceBytes-utf8.UTFMax && !utf8.RuneStart(text[end]) {
			end--
		}
		n += len(vocabulary().EncodeOrdinary(text[:end]))
		text = text[end:]
	}
	return n
}

const (
	// frameTokens is what stands around a message and a tool, generously.
	frameTokens = 16
	// imageTokens is the most that providers count for one image of the size that
	// they scale it to (OpenAI 1445, Anthropic about 1600; late 2024).
	imageTokens = 1_600
)

// sumTokens calls count with each text of the request and adds what stands around.
func (r Request) sumTokens(count func(string) int) int {
	n := frameTokens + count(r.Instructions)
	for _, m := range r.Messages {
		n += frameTokens + count(m.Text) + imageTokens*len(m.Images)
		for _, c := range m.Calls {
			n += frameTokens + count(c.Name) + count(string(c.Arguments))
		}
	}
	for _, t := range r.Tools {
		n += frameTokens + count(t.Name) + count(t.Description) + count(string(t.Parameters))
	}
	if r.Schema != nil {
		n += frameTokens + count(string(r.Schema.JSON))
	}
	return n
}

// maxTokenCount returns a number of tokens that r does not exceed: a token covers at
// least a byte.
func (r Request) maxTokenCount() int { return r.sumTokens(func(s string) int { return len(s) }) }

// countTokens counts the tokens of r. A vendor whose vocabulary is not ours may count a
// tenth more.
func (p profile) countTokens(r Request) int {
	n := r.sumTokens(tokens)
	if !p.o200k {
		n += n / 10
	}
	return n
}
