package llm

import (
	"strings"
	"unicode"
)

// The marks that a self-hosted model puts around the reasoning at the beginning of
// its text.
const (
	thinkMark = "<think>"
	thinkEnd  = "</think>"
)

// A splitter separates reasoning from visible text in pieces of content, wherever
// the pieces are cut. With maybeUnopened the opening mark may be missing, since some
// servers put it into the prompt: then the splitter keeps everything back until it
// has seen the closing mark or the end.
type splitter struct {
	maybeUnopened bool
	state         int
	pending       string
}

const (
	atStart = iota
	inReasoning
	undecided
	inText
)

// push adds a piece and returns what can be told apart so far.
func (s *splitter) push(piece string) (thought, text string) {
	s.pending += piece
	if s.state == atStart {
		s.start()
	}
	switch s.state {
	case inReasoning, undecided:
		before, after, found := strings.Cut(s.pending, thinkEnd)
		switch {
		case found:
			s.state, s.pending = inText, ""
			return before, after
		case s.state == inReasoning:
			keep := overlap(s.pending, thinkEnd)
			thought, s.pending = s.pending[:len(s.pending)-keep], s.pending[len(s.pending)-keep:]
			return thought, ""
		}
	case inText:
		text, s.pending = s.pending, ""
	}
	return "", text
}

// start sets the state as soon as the beginning of the content decides it.
func (s *splitter) start() {
	begin := strings.TrimLeftFunc(s.pending, unicode.IsSpace)
	switch rest, ok := strings.CutPrefix(begin, thinkMark); {
	case ok:
		s.state, s.pending = inReasoning, rest
	case strings.HasPrefix(thinkMark, begin): // also if nothing has arrived yet
	case s.maybeUnopened:
		s.state = undecided
	default:
		s.state = inText
	}
}

// noInlineReasoning is called when reasoning arrives in a field of its own, so that
// the content is text. It returns the text that was kept back.
func (s *splitter) noInlineReasoning() (text string) {
	s.maybeUnopened = false
	if s.state != undecided {
		return ""
	}
	s.state, text, s.pending = inText, s.pending, ""
	return text
}

// end returns the rest. If the content was cut while undecided, it is reasoning.
func (s *splitter) end(cut bool) (thought, text string) {
	held := s.pending
	s.pending = ""
	if s.state == undecided && !cut || s.state == inText {
		return "", held
	}
	return held, ""
}

// overlap returns how many bytes at the end of s are a beginning of mark.
func overlap(s, mark string) int {
	for n := min(len(s), len(mark)-1); n > 0; n-- {
		if strings.HasSuffix(s, mark[:n]) {
			return n
		}
	}
	return 0
}

// Visible returns a model's text without the reasoning before it.
func Visible(text string) string {
	s := splitter{maybeUnopened: true}
	_, before := s.push(text)
	_, after := s.end(false)
	return strings.TrimSpace(before + after)
}
