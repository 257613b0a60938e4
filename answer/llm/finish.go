package llm

import (
	"cmp"
	"regexp"
	"strings"
)

// finishReasons maps the finish reasons of other APIs and of gateways to OpenAI's. Their
// names are compared by their letters alone.
var finishReasons = map[string]string{
	"stop": finishStop, "endturn": finishStop, "stopsequence": finishStop, "stoptoken": finishStop, "stopstr": finishStop, "stopcriteria": finishStop,
	"eos": finishStop, "eostoken": finishStop, "end": finishStop, "complete": finishStop, "completed": finishStop, "finished": finishStop, "done": finishStop,
	"length": finishLength, "maxtokens": finishLength, "maxoutputtokens": finishLength, "maxnewtokens": finishLength, "maxcompletiontokens": finishLength,
	"maxoutput": finishLength, "maxlength": finishLength, "modellength": finishLength, "lengthlimit": finishLength, "lengthcapped": finishLength,
	"tokenlimit": finishLength, "outputtokenlimit": finishLength, "modelcontextwindowexceeded": finishLength, "contextlengthexceeded": finishLength,
	"toolcalls": finishCalls, "tooluse": finishCalls, "toolcall": finishCalls, "functioncall": finishCalls,
	"contentfilter": finishFilter, "contentfiltered": finishFilter, "safety": finishFilter, "recitation": finishFilter, "blocklist": finishFilter,
	"prohibitedcontent": finishFilter, "spii": finishFilter, "sensitive": finishFilter, "guardrailintervened": finishFilter,
	"error": finishCut, "networkerror": finishCut, "timeout": finishCut, "abort": finishCut, "aborted": finishCut, "cancelled": finishCut, "canceled": finishCut,
	"insufficientsystemresource": finishCut,
}

var (
	finishPrefix = regexp.MustCompile(`^finish_?reason[_.]`) // of an enumeration
	notLetters   = regexp.MustCompile(`[^a-z]+`)
)

// finishReason returns OpenAI's name of a finish reason.
func finishReason(s string) string {
	s = finishPrefix.ReplaceAllString(strings.ToLower(s), "")
	return cmp.Or(finishReasons[notLetters.ReplaceAllString(s, "")], s)
}
