package llm

import (
	"regexp"
	"strings"
	"unicode"
)

// A thinkMark is a pair of marks that self-hosted models put around the reasoning at the
// beginning of their text.
type thinkMark struct{ begin, end string }

// thinkMarks are the marks of known models (model cards, November 2026). A mark is
// recognised in any case.
var thinkMarks = []thinkMark{
	{"<think>", "</think>"}, // DeepSeek R1, QwQ, Qwen3, GLM
	{"<thinking>", "</thinking>"},
	{"<thought>", "</thought>"}, // Gemini
	{"<reasoning>", "</reasoning>"},
	{"<seed:think>", "</seed:think>"},                                        // Seed-OSS
	{"[think]", "[/think]"},                                                  // Magistral
	{"◁think▷", "◁/think▷"},                                                  // Kimi
	{"<|begin_of_thought|>", "<|end_of_thought|>"},                           // OpenThinker
	{"<|start_thinking|>", "<|end_thinking|>"},                               // Command A
	{"<|channel|>analysis<|message|>", "<|channel|>final<|message|>"},        // gpt-oss
	{"<|start|>assistant<|channel|>analysis", "<|channel|>final<|message|>"}, // the same
}

const (
	// maxHeldBytes is how much text is held back that may turn out to be reasoning. No
	// answer is that long, so what exceeds it is reasoning.
	maxHeldBytes = 64 << 10
	// longestMark is at least the length of each mark, in bytes.
	longestMark = 48
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
	ends          []string // the marks that close the reasoning
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
	begin := strings.TrimLeftFunc(s.pending[s.searched:], unicode.IsSpace)
	s.searched = len(s.pending) - len(begin)
	for _, m := range thinkMarks {
		if hasPrefixFold(begin, m.begin) {
			s.state, s.ends, s.pending, s.searched = inReasoning, []string{m.end}, begin[len(m.begin):], 0
			return true
		}
	}
	for _, m := range thinkMarks {
		if hasPrefixFold(m.begin, begin) { // also if nothing has arrived yet
			return false
		}
	}
	s.state = inText
	if s.maybeUnopened {
		s.state, s.ends, s.searched = undecided, nil, 0
		for _, m := range thinkMarks {
			s.ends = append(s.ends, m.end)
		}
	}
	return true
}

// reason looks for the mark that closes the reasoning. It returns the reasoning that is
// certain; closed reports whether the mark was found. What follows may begin with more
// reasoning.
func (s *splitter) reason() (thought string, closed bool) {
	lower := strings.ToLower(s.pending[s.searched:])
	at, length := -1, 0
	for _, end := range s.ends {
		if i := strings.Index(lower, end); i >= 0 && (at < 0 || i < at) {
			at, length = i, len(end)
		}
	}
	if at >= 0 && len(lower) == len(s.pending)-s.searched { // lower case may have another length
		at += s.searched
		thought, s.pending = s.pending[:at], s.pending[at+length:]
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

// hasPrefixFold reports whether s begins with prefix in any case of ASCII letters.
func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// holdsThinkEnd reports whether text has a line that begins with a closing mark, so that
// what stands before it was reasoning.
func holdsThinkEnd(text string) bool {
	lower := strings.ToLower(text)
	for _, m := range thinkMarks {
		if strings.Contains("\n"+lower, "\n"+m.end) {
			return true
		}
	}
	return false
}

// Visible returns a model's text without the reasoning before it.
func Visible(text string) string {
	s := splitter{maybeUnopened: true}
	_, before := s.push(text)
	_, after := s.end(false)
	return strings.TrimSpace(before + after)
}
