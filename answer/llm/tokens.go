package llm

import "unicode/utf8"

// pieceBytes is how much text is counted at once, since the time for one long word
// grows with its square. Each cut may add a token.
const pieceBytes = 4096

// tokens counts the tokens of text as OpenAI's models do, plus at most one for each
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
	// frameTokens is an upper bound of the tokens around a message or a tool.
	frameTokens = 16
	// imageTokens is the most that providers count for one image, after scaling
	// (OpenAI 1445, Anthropic about 1600; late 2024).
	imageTokens = 1_600
)

// sumTokens adds up count for each text of the request and the tokens around them.
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

// maxTokenCount returns an upper bound of the tokens of r: a token has at least one
// byte.
func (r Request) maxTokenCount() int { return r.sumTokens(func(s string) int { return len(s) }) }

// countTokens counts the tokens of r. With another vocabulary than o200k it adds a
// tenth.
func (p profile) countTokens(r Request) int {
	n := r.sumTokens(tokens)
	if !p.o200k {
		n += n / 10
	}
	return n
}
