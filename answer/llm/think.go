package llm

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// maxHeldBytes is how much text is held back that may turn out to be reasoning. No
	// answer is that long, so what exceeds it is reasoning.
	maxHeldBytes = 64 << 10
)

// inlineModels matches names of models that reason in their text, and whose servers may
// put the opening mark into the prompt. Models of services that never do so are left
// out, since their text would be held back for nothing.
var inlineModels = regexp.MustCompile(`(^|[^a-z])(r1|qwq|think(ing|er)?|magistral|openthinker|deephermes|glm-z1|marco-o1|skywork-o1|smollm3|exaone-deep|minimax-m\d|phi-4[a-z-]*-reasoning)([^a-z]|$)`)

// reasonsInline reports whether a model is known to reason in its text.
func reasonsInline(model string) bool { return inlineModels.MatchString(strings.ToLower(model)) }

// A splitter separates reasoning from visible text in pieces of content, wherever
// the pieces are cut. With maybeUnopened the opening mark may be missing, since some
// servers put it into the prompt: then the splitter keeps everything back until it
// has seen a closing mark or the end. Text that is cut before is reasoning if the
// model is known to reason in its text.
type splitter struct {
	maybeUnopened bool
	reasons       bool // the model is known to reason in its text
	state         int
	ends          *regexp.Regexp // matches what closes the reasoning
	pending       string
	searched      int // bytes of pending in which no mark begins
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
	for {
		switch s.state {
		case atStart:
			if !s.start() {
				return thought, text
			}
		case inReasoning, undecided:
			more, closed := s.reason()
			thought += more
			if !closed {
				return thought, text
			}
		case inText:
			text, s.pending = s.pending, ""
			return thought, text
		}
	}
}

// start sets the state as soon as the beginning of the content decides it, and reports
// whether it does.
func (s *splitter) start() bool {
	// White space in front is not shown, and a model may write nothing else.
	begin := strings.TrimLeftFunc(s.pending, unicode.IsSpace)
	s.pending, s.searched = begin, 0
	m := channel.FindStringSubmatch(begin)
	switch open, stray := openMark.FindString(begin), strayMark.FindString(begin); {
	case m != nil && strings.EqualFold(m[1], "final"):
		s.state, s.pending = inText, begin[len(m[0]):]
	case m != nil:
		s.state, s.ends, s.pending = inReasoning, finalHeader, begin[len(m[0]):]
	case open != "":
		s.state, s.ends, s.pending = inReasoning, closeMark, begin[len(open):]
	case stray != "":
		s.pending = begin[len(stray):]
	case bareAnalysis.MatchString(begin):
		s.state, s.ends = undecided, bareFinal
	case begin == "", !utf8.FullRuneInString(begin), mayBecomeMark(begin):
		return false
	case s.maybeUnopened:
		s.state, s.ends = undecided, sureClose
	default:
		s.state = inText
	}
	return true
}

// mayBecomeMark reports whether more text may complete a beginning to a mark.
func mayBecomeMark(begin string) bool {
	return maybeMark.MatchString(begin) || maybeChannel.MatchString(begin) || strings.HasPrefix("◁", begin) || strings.HasPrefix("analysis", begin) || strings.HasPrefix("assistantanalysis", begin)
}

// reason looks for the mark that closes the reasoning. It returns the reasoning that is
// certain; closed reports whether the mark was found. What follows may begin with more
// reasoning.
func (s *splitter) reason() (thought string, closed bool) {
	if at := s.ends.FindStringIndex(s.pending[s.searched:]); at != nil {
		thought, s.pending = s.pending[:s.searched+at[0]], s.pending[s.searched+at[1]:]
		s.state, s.maybeUnopened, s.searched = atStart, false, 0
		return thought, true
	}
	s.searched = max(0, len(s.pending)-longestMark)
	if s.state == undecided && len(s.pending) > maxHeldBytes {
		s.state = inReasoning
	}
	if s.state == inReasoning {
		thought, s.pending, s.searched = s.pending[:s.searched], s.pending[s.searched:], 0
	}
	return thought, false
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

// end returns the rest.
func (s *splitter) end(cut bool) (thought, text string) {
	held := s.pending
	s.pending = ""
	if s.state == undecided && !(cut && s.reasons) || s.state == inText {
		return "", held
	}
	return held, ""
}

// holdsText reports whether text is kept back that is visible if the content ends here.
func (s *splitter) holdsText() bool { return s.state == undecided && !s.reasons && s.pending != "" }

// holdsThinkEnd reports whether text has a line that begins with a closing mark, so that
// what stands before it was reasoning.
func holdsThinkEnd(text string) bool { return sureCloseLine.MatchString(text) }

// Visible returns a model's text without the reasoning before it.
func Visible(text string) string {
	s := splitter{maybeUnopened: true}
	_, before := s.push(text)
	_, after := s.end(false)
	return strings.TrimSpace(before + after)
}
