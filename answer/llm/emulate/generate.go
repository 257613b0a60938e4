package emulate

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/citewell/citewell/answer/llm/emulate/reader"
)

// A generated is the model's output for a turn.
type generated struct {
	reasoning       string // if the model shows it
	reasoningTokens int    // tokens of the reasoning, shown or not
	text            string
	parts           []reader.Part // of the text, if the model cites documents
	refusal         string
	calls           []call
	finish          string // as OpenAI names it
	outputTokens    int    // all tokens of the output, reasoning included
}

// generate returns the model's output: it reasons, then writes, and stops when the
// budget is used up.
func (x *exchange) generate(t *turn) generated {
	s := generated{finish: "stop"}
	p := reader.Read(t.texts())
	s.reasoningTokens, s.reasoning = x.reason(t, p)
	switch {
	case x.fault.Refusal != "":
		s.refusal = x.fault.Refusal
	case x.fault.FilterAnswer:
		s.finish = "content_filter"
	case t.citing && x.Answer == nil && (!x.Obedient || len(p.Injections) == 0):
		s.parts = p.Parts()
		for _, part := range s.parts {
			s.text += part.Text
		}
	default:
		s.text, s.calls = x.respond(t, p)
	}
	if len(s.calls) > 0 {
		s.finish = "tool_calls"
	}
	return x.applyLimit(t, s)
}

// texts returns the messages as the reader sees them.
func (t *turn) texts() []reader.Message {
	out := make([]reader.Message, len(t.messages))
	for i, m := range t.messages {
		out[i] = reader.Message{Role: m.role, Text: m.text}
		for _, d := range m.documents {
			out[i].Documents = append(out[i].Documents, d.Source.Data)
		}
	}
	return out
}

// respond returns the text, or the tools to call.
func (x *exchange) respond(t *turn, p reader.Prompt) (string, []call) {
	switch {
	case t.wantsTool(p):
		name := t.choice
		if t.tool(name) == nil {
			name = t.tools[0].name
		}
		arguments := mustJSON(p.Fill(t.tool(name).parameters))
		return "", []call{{id: fmt.Sprintf("call_%08x", x.hash(p.Question)), name: name, arguments: arguments}}
	case x.Answer != nil:
		return x.Answer(t.messages[len(t.messages)-1].text), nil
	case t.schema != nil:
		return string(mustJSON(p.Fill(t.schema))), nil
	case t.jsonOnly:
		return string(mustJSON(map[string]string{"answer": p.AnswerText()})), nil
	case x.Obedient && len(p.Injections) > 0:
		return strings.Join(p.Injections, "\n"), nil
	}
	return p.Answer(), nil
}

// wantsTool reports whether the model calls a tool: if it must, or once if the
// question asks to search or there are no sources.
func (t *turn) wantsTool(p reader.Prompt) bool {
	switch {
	case len(t.tools) == 0 || t.choice == "none":
		return false
	case t.choice != "auto" && !p.Searched:
		return true
	}
	return !p.Searched && (p.Sources() == 0 || p.AsksToSearch())
}

// reason returns the tokens of the reasoning and, if the model shows it, its text. A
// longer question, more sources and a higher effort mean more tokens.
func (x *exchange) reason(t *turn, p reader.Prompt) (int, string) {
	if x.fault.Reasoning < 0 || t.reasoningIn == noReasoning && x.fault.Reasoning == 0 {
		return 0, ""
	}
	n := x.fault.Reasoning
	if n == 0 {
		words := len(strings.Fields(p.Question))
		n = t.reasoningTokens + 32*words + 64*p.Sources() + 64*int(x.hash(p.Question)%5)
		if hard.MatchString(p.Question) {
			n *= hardness
		}
		n = n * efforts[cmp.Or(t.effort, t.defaultEffort, "medium")] / 100
		n = (n + 63) / 64 * 64 // the services count reasoning in such steps
	}
	if t.reasoningIn != inField && t.reasoningIn != inText {
		return n, ""
	}
	n = min(n, t.limit)
	var b strings.Builder
	b.WriteString("Okay, the question is: " + p.Question + "\n")
	for i, size := 0, 0; size < n; i++ {
		step := reasoningSteps[(i+int(x.Seed%7))%len(reasoningSteps)]
		size += x.Count(step)
		b.WriteString(step)
	}
	return n, head(b.String(), n, x.Count)
}

// hard matches questions that take hardness times the reasoning of others: more
// than the 25 000 tokens that OpenAI advised to reserve in 2024-09, less than
// o1-mini can write.
var hard = regexp.MustCompile(`(?i)\b(prove|proof|derive)\b`)

const hardness = 30

// efforts gives the effect of reasoning_effort on the reasoning, in percent.
var efforts = map[string]int{"none": 0, "minimal": 10, "low": 40, "medium": 100, "high": 250, "xhigh": 400}

// reasoningSteps are the parts of visible reasoning. They contain marks and citations
// of answers, so that a client that passes reasoning on as answer is noticed.
var reasoningSteps = []string{
	"Let me look at the sources again. ",
	"Source 1 says something about this, so perhaps [1] is the one to cite. ",
	"Wait, is that really what is asked? ",
	"The rules want a line SOURCE_QUOTES at the end, then [1] \"and the words\".\n",
	"If nothing fits I would write NOT_IN_SOURCES, but something does. ",
	"I should not cite [99], there is no such source.\n",
}

// hash returns a hash of the seed and a text.
func (x *exchange) hash(text string) uint32 {
	h := fnv.New32a()
	fmt.Fprintf(h, "%d\x00%s", x.Seed, text) // never fails
	return h.Sum32()
}

// applyLimit cuts the output to its limit.
func (x *exchange) applyLimit(t *turn, s generated) generated {
	if s.reasoningTokens >= t.limit {
		s.reasoningTokens, s.text, s.refusal, s.calls, s.finish = t.limit, "", "", nil, "length"
		s.outputTokens = t.limit
		return s
	}
	written := s.text + s.refusal
	for _, c := range s.calls {
		written += c.name + string(c.arguments)
	}
	left, size := t.limit-s.reasoningTokens, x.Count(written)
	if size > left {
		s.finish, size = "length", left
		s.text, s.refusal = head(s.text, left, x.Count), head(s.refusal, left, x.Count)
		s.calls = nil
	}
	s.outputTokens = s.reasoningTokens + size
	return s
}

// head returns the longest beginning of a text with at most n tokens, cut at a space.
func head(text string, n int, count func(string) int) string {
	low, high := 0, len(text)
	if count(text) <= n {
		return text
	}
	for low < high {
		mid := (low + high + 1) / 2
		if count(text[:mid]) <= n {
			low = mid
		} else {
			high = mid - 1
		}
	}
	if low < len(text) && text[low] != ' ' {
		low = strings.LastIndexByte(text[:low], ' ')
	}
	return strings.TrimRight(text[:max(low, 0)], " ")
}

// estimate estimates the tokens of a text: a token is four letters of Latin script,
// or one of any other script.
func estimate(text string) int {
	latin, other := 0, 0
	for _, r := range text {
		if utf8.RuneLen(r) <= 2 {
			latin++
		} else {
			other++
		}
	}
	return (latin+3)/4 + other
}
