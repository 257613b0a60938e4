package llm

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// Services that count more tokens than they accept name their numbers in words only.
// Each pattern below is from an error of a service, read in 2025 or 2026; commas within
// numbers are removed first.
var (
	// largestOutput matches the most output that a model, or the rest of an account's
	// credit, allows.
	largestOutput = []*regexp.Regexp{
		regexp.MustCompile(`(?i)supports at most (\d+) completion tokens`),                      // OpenAI
		regexp.MustCompile(`(?i)max_(?:completion_)?tokens: \d+ > (\d+), which is the maximum`), // Anthropic
		regexp.MustCompile(`(?i)valid range of max_tokens is \[\d+ ?, ?(\d+)\]`),                // DeepSeek
		regexp.MustCompile(`(?i)range of max_tokens should be \[\d+ ?, ?(\d+)\]`),               // Qwen
		regexp.MustCompile(`(?i)maximum tokens you requested exceeds the model limit of (\d+)`), // Bedrock
		regexp.MustCompile(`(?i)can only afford (\d+)`),                                         // OpenRouter
		regexp.MustCompile(`(?i)tokens\S* must be (?:less than or equal to|at most|<=) \W?(\d+)`),
		regexp.MustCompile(`(?i)tokens\S* (?:value )?(?:must be|should be|is) (?:in the range|in range|within|between)\D{0,6}\d+\D{1,5}(\d+)`),
		regexp.MustCompile(`(?i)max(?:imum)?(?: number of)?(?: allowed)?(?: output| completion| new)? tokens\D{0,30}(?:limit|allowed|maximum)\D{0,12}(\d+)`),
	}
	// belowOutput matches the least output that is not allowed any more.
	belowOutput = []*regexp.Regexp{
		regexp.MustCompile(`(?i)tokens\S* .{0,60}range \[\d+, ?(\d+)\)`),                         // Gemini
		regexp.MustCompile(`(?i)supported range is from \d+ \(inclusive\) to (\d+) \(exclusive`), // Vertex AI
	}
	// contextSize matches the size of the context.
	contextSize = []*regexp.Regexp{
		regexp.MustCompile(`(?i)maximum context (?:length|size)(?: of this model)?\D{0,12}(\d+)`), // OpenAI, vLLM, DeepSeek, OpenRouter
		regexp.MustCompile(`(?i)exceed context limit: \d+ \+ \d+ > (\d+)`),                        // Anthropic
		regexp.MustCompile(`(?i)prompt is too long: \d+ tokens > (\d+)`),                          // Anthropic
		regexp.MustCompile("(?i)`inputs` tokens \\+ `max_new_tokens` must be <= (\\d+)"),          // Text Generation Inference
		regexp.MustCompile(`(?i)context (?:size|window|length)\D{0,30}(\d+) tokens`),              // llama.cpp, LM Studio
		regexp.MustCompile(`"n_ctx": ?(\d+)`),
	}
	// promptSize matches the service's count of the prompt.
	promptSize = []*regexp.Regexp{
		regexp.MustCompile(`(?i)(\d+) (?:tokens )?(?:in|from) the (?:messages|prompt|input)`), // OpenAI, vLLM, DeepSeek
		regexp.MustCompile("(?i)(\\d+) (?:of text input|`inputs` tokens|(?:input|prompt) tokens)"),
		regexp.MustCompile(`(?i)exceed context limit: (\d+) \+`),
		regexp.MustCompile(`(?i)prompt is too long: (\d+) tokens`),
		regexp.MustCompile(`(?i)request \((\d+) tokens\) exceeds`),
	}
	// totalSize matches the service's count of prompt and limit together.
	totalSize = []*regexp.Regexp{
		regexp.MustCompile(`(?i)you requested (?:about )?(\d+) tokens`),
		regexp.MustCompile(`(?i)for a total of (?:at least )?(\d+) tokens`),
	}
	// perMinute matches a request that alone exceeds an account's tokens per minute.
	perMinute = regexp.MustCompile(`(?i)limit:? (\d+), requested:? (\d+)`) // OpenAI, Groq

	thousands    = regexp.MustCompile(`(\d)[,_](\d{3})\b`)
	tooManyWords = regexp.MustCompile(`(?i)\b(max_tokens|max_completion_tokens|max_output_tokens|max_new_tokens)\b.{0,80}\b(too (large|big|high)|exceed|greater than|larger than|at most|less than|lower|reduce|range)|reduce (max_tokens|the max|your max)`)
	lengthWords  = regexp.MustCompile(`(?i)prompt is too long|input (is|length) too long|maximum context length|exceeds? (the )?(available |maximum )?context|context (length|window|size) (is )?exceed|exceed context limit|too many (input |prompt )?tokens|reduce the length of the (messages|prompt|input)|longer than the (maximum )?model('s)? (maximum )?(context )?length|maximum prompt length|exceeds? (the )?(context length|max(imum)? (length|number of tokens)|model token limit|configured limit)|exceeded model token limit|range of input length|must have less than \d+ tokens|context length of only|ContextWindowExceeded|context_length_exceeded|` +
		"`inputs` tokens \\+ `max_new_tokens`")
)

// firstNumber returns the number of the first pattern that matches; ok reports whether
// one does.
func firstNumber(patterns []*regexp.Regexp, s string) (n int, ok bool) {
	for _, p := range patterns {
		if m := p.FindStringSubmatch(s); m != nil {
			n, err := strconv.Atoi(m[1])
			return n, err == nil
		}
	}
	return 0, false
}

// words returns the message without separators within numbers.
func (f *apiError) words() string {
	s := f.message
	for thousands.MatchString(s) {
		s = thousands.ReplaceAllString(s, "$1$2")
	}
	return s
}

// isRefusal reports whether the status is one that refuses a request as it is.
func (f *apiError) isRefusal() bool {
	switch f.status {
	case http.StatusBadRequest, http.StatusPaymentRequired, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity, http.StatusTooManyRequests:
		return true
	}
	return false
}

// asksForLess reports whether the request itself, and not the number of requests,
// exceeds what the account may use: then waiting does not help.
func (f *apiError) asksForLess() bool {
	s := f.words()
	switch f.status {
	case http.StatusTooManyRequests, http.StatusRequestEntityTooLarge:
		m := perMinute.FindStringSubmatch(s)
		if m == nil {
			return false
		}
		limit, _ := strconv.Atoi(m[1])
		requested, _ := strconv.Atoi(m[2])
		return requested > limit
	case http.StatusPaymentRequired:
		_, ok := firstNumber(largestOutput, s)
		return ok
	}
	return false
}

// isTooLong reports whether the service counts more tokens than its context has.
func (f *apiError) isTooLong() bool {
	return f.code == "context_length_exceeded" || f.status == http.StatusRequestEntityTooLarge ||
		(f.isRefusal() || f.status == http.StatusInternalServerError) && f.status != http.StatusTooManyRequests && lengthWords.MatchString(f.message)
}

// An allowance is what a service says about the tokens of a request.
type allowance struct {
	output  int  // the largest limit of the output for this request; 0 if unknown
	context int  // prompt and output together; 0 if unknown
	lasting bool // output is a property of the model, not of this request
}

// allowed returns the allowance in f for a request with the given limit. ok is false if
// f is not about tokens.
func (f *apiError) allowed(sent int) (a allowance, ok bool) {
	if !f.isRefusal() {
		return a, false
	}
	s := f.words()
	if n, ok := firstNumber(largestOutput, s); ok && n < sent {
		return allowance{output: n, lasting: f.status == http.StatusBadRequest || f.status == http.StatusUnprocessableEntity}, true
	}
	if n, ok := firstNumber(belowOutput, s); ok && n <= sent {
		return allowance{output: n - 1, lasting: true}, true
	}
	if m := perMinute.FindStringSubmatch(s); m != nil && f.asksForLess() {
		limit, _ := strconv.Atoi(m[1])
		requested, _ := strconv.Atoi(m[2])
		return allowance{output: sent - (requested - limit)}, true
	}
	size, ok := firstNumber(contextSize, s)
	if !ok {
		return allowance{output: sent / limitShrink}, tooManyWords.MatchString(s) || strings.Contains(f.param, "tokens") && f.code != "unsupported_parameter" && tooManyWords.MatchString(f.param+" "+s)
	}
	a = allowance{context: size, output: sent / limitShrink}
	n, counted := firstNumber(promptSize, s)
	total, summed := firstNumber(totalSize, s)
	switch {
	case counted && size-n < sent:
		a.output = size - n
	case summed && total > size:
		a.output = sent - (total - size)
	}
	return a, true
}

const (
	// limitShrink divides a limit that is too large where the service does not say how
	// much it allows.
	limitShrink = 4
	// leastOutput is the smallest limit that is worth a request: an answer of some
	// sentences with its quotes. A model that reasons needs more, but how much is known
	// only when it has reasoned.
	leastOutput = 256
)
