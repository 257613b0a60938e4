package llm

import (
	"strings"
	"unicode"
)

// The marks that a self-hosted model puts around its reasoning, at the beginning
// of what it writes.
const (
	thinkMark = "<think>"
	thinkEnd  = "</think>"
)

// A splitter tells reasoning from visible text in pieces of content, wherever the
// pieces are cut. With unsure it expects that the mark in front may be missing,
// as where the server itself put it into the prompt: then it keeps all until it
// knows.
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

// push takes a piece and returns what is sure of it.
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

// start looks at the beginning and sets the state once it shows.
func (s *splitter) start() {
	begin := strings.TrimLeftFunc(s.pending, unicode.IsSpace)
	switch rest, ok := strings.CutPrefix(begin, thinkMark); {
	case ok:
		s.state, s.pending = inReasoning, rest
	case strings.HasPrefix(thinkMark, begin): // also if there is nothing yet
	case s.maybeUnopened:
		s.state = undecided
	default:
		s.state = inText
	}
}

// noInlineReasoning is called when reasoning comes in a field of its own: the content is
// text, then.
func (s *splitter) noInlineReasoning() (text string) {
	s.maybeUnopened = false
	if s.state != undecided {
		return ""
	}
	s.state, text, s.pending = inText, s.pending, ""
	return text
}

// end returns what is left. What was cut off in doubt is reasoning.
func (s *splitter) end(cut bool) (thought, text string) {
	held := s.pending
	s.pending = ""
	if s.state == undecided && !cut || s.state == inText {
		return "", held
	}
	return held, ""
}

// overlap returns how many bytes at the end of s may be the beginning of mark.
func overlap(s, mark string) int {
	for n := min(len(s), len(mark)-1); n > 0; n-- {
		if strings.HasSuffix(s, mark[:n]) {
			return n
		}
	}
	return 0
}

// Visible returns what a model wrote without the reasoning in front of it.
func Visible(text string) string {
	s := splitter{maybeUnopened: true}
	_, before := s.push(text)
	_, after := s.end(false)
	return strings.TrimSpace(before + after)
}
