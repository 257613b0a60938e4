package llm

import "regexp"

// Self-hosted models put marks around the reasoning at the beginning of their text, and
// some servers leave the tokens in the text that structure it (model cards, November
// 2026). Marks are recognised in any case.
var (
	// openMark matches the beginning of reasoning: <think> of DeepSeek R1, QwQ, Qwen3 and
	// GLM, other tags such as <seed:think> and <longcat_think>, [THINK] of Magistral,
	// ◁think▷ of Kimi, tokens of OpenThinker and Command A.
	openMark = regexp.MustCompile(`(?i)^(?:<(?:[a-z]{1,20}[_:-])?` + thinkTag + `(?:\s[^<>]{0,24})?>|\[think(?:ing)?\]|◁think▷|<\|(?:begin_of_thought|start_thinking|thinking)\|>)`)
	// closeMark matches its end.
	closeMark = regexp.MustCompile(`(?i)</(?:[a-z]{1,20}[_:-])?` + thinkTag + `\s?>|` + closeToken)
	// sureClose matches an end that is rare in other text, so that what stands before it
	// is reasoning even if no mark began it.
	sureClose = regexp.MustCompile(`(?i)</(?:seed:)?(?:think(?:ing)?|thought|reasoning)\s?>|` + closeToken + `|` + finalChannel)
	// sureCloseLine matches it at the beginning of a line.
	sureCloseLine = regexp.MustCompile(`(?m)^(?:` + sureClose.String() + `)`)
	// strayMark matches a mark that is left out: an empty tag, the end of reasoning that came
	// in a field of its own, and what some models write around the visible text.
	strayMark = regexp.MustCompile(`(?i)^(?:<think(?:ing)?\s?/>|</think(?:ing)?\s?>|\[/think\]|<(?:final_)?answer>|<response>|<\|(?:begin_of_solution|start_response)\|>)`)
	// channel matches the header of a message of gpt-oss. Only the channel final is for
	// the user.
	channel      = regexp.MustCompile(`(?i)^(?:<\|start\|>assistant)?<\|channel\|> ?([a-z]{1,12})` + channelRest)
	finalHeader  = regexp.MustCompile(`(?i)` + finalChannel)
	bareAnalysis = regexp.MustCompile(`^(?:assistant)?analysis["“'A-Z]`) // a header without its tokens
	bareFinal    = regexp.MustCompile(`assistantfinal`)
	// maybeMark matches the beginning of a text that may become one of the marks.
	maybeMark    = regexp.MustCompile(`(?i)^(?:<[^<>]{0,64}|\[/?[a-z]{0,8}|◁[a-z]{0,5})$`)
	maybeChannel = regexp.MustCompile(`(?i)^(?:<\|start\|>[a-z]{0,9}(?:<[^<>]{0,10})?|(?:<\|start\|>assistant)?<\|channel\|>[^<]{0,40}(?:<\|constrain\|>[^<]{0,40})?(?:<[^<>]{0,12})?)$`)
	// tail matches the end of a text that is not shown: tokens that end it, white space,
	// and what may become such a token.
	tail    = regexp.MustCompile(`(?i)` + endTokens + `(?:<[^<>\s]{0,30})?$`)
	endings = regexp.MustCompile(`(?i)` + endTokens + `$`)
)

const (
	thinkTag     = `(?:ant)?(?:think(?:ing)?|thoughts?|reason(?:ing)?|reflection|scratchpad|analysis|monologue)`
	closeToken   = `\[/think(?:ing)?\]|◁/think▷|<\|(?:end_of_thought|end_thinking|/thinking)\|>`
	channelRest  = `[^<]{0,24}(?:<\|constrain\|>[^<]{0,24})?<\|message\|>`
	finalChannel = `<\|channel\|> ?final` + channelRest
	endTokens    = `(?:\s|</s>|<\|(?:return|end|im_end|eot_id|eom_id|endoftext|end_of_text|end_response|end_of_solution)\|>|<end_of_turn>|<｜end▁of▁sentence｜>|</(?:(?:final_)?answer|response)>)*`

	// longestMark is at least the length of each mark, in bytes.
	longestMark = 128
)
