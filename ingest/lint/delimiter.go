package lint

import (
	"regexp"
	"sync"
)

// delimiters are those of chat templates and prompts, in places where a page has
// no markup. The words of each are quick to find, and one of them must be there.
var delimiters = sync.OnceValue(func() []order {
	return []order{
		{[][]string{{"<|"}}, regexp.MustCompile(`(?i)<\|(im_start|im_end|endoftext|begin_of_text|end_of_text|start_header_id|end_header_id|eot_id|system|user|assistant|endofprompt)\|>`)},
		{[][]string{{"INST]", "SYS"}}, regexp.MustCompile(`\[/?(INST|SYS)\]|<</?SYS>>`)},
		{[][]string{{"</"}}, regexp.MustCompile(`(?i)</(sources?|instructions?|system|user_query|retrieved|prompt)>`)},
		{[][]string{{"question>", "assistant>", "context>", "document>", "documents>"}}, regexp.MustCompile(`(?im)^[ \t]*</?(question|assistant|context|documents?)>[ \t]*$`)},
		{[][]string{{"ystem:", "ystem prompt:", "ssistant:", "uman:", "YSTEM:"}}, regexp.MustCompile(`(?im)^\W{0,4}(system|assistant|human)\s*(prompt|message)?\s*:\s*\S.*\n+\W{0,4}(system|assistant|human|user)\s*:`)},
		{[][]string{{"#"}}, regexp.MustCompile(`(?im)^#{1,4}\s*(system prompt|new instructions?|end of (context|sources?|documents?)|instructions? for (the )?(ai|model|assistant))\b`)},
		{[][]string{{"---"}}, regexp.MustCompile(`(?i)-{3,}\s*(begin|end)( of)?( the)? (system|prompt|instructions?|context|documents?|user (input|query))\b.{0,20}-{3,}`)},
	}
})

// hasDelimiter reports whether a text has something like a delimiter of a prompt.
func hasDelimiter(text string) bool {
	for _, d := range delimiters() {
		if d.mayBeIn(text) && d.sentence.MatchString(text) {
			return true
		}
	}
	return false
}
