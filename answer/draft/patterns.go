package draft

import (
	"regexp"
	"strings"

	"github.com/citewell/citewell/answer/prompt"
)

// white is white space within a line, for use in brackets.
const white = `\t\v\f\r\x{85}\p{Z}`

// Kinds of lines, and prefixes that more input may complete to one.
var (
	bareLine        = regexp.MustCompile(`^[` + white + `>#*_-]*$`)
	quotesLine      = regexp.MustCompile(`^[` + white + `>#*_-]*` + strings.TrimSuffix(prompt.Quotes, ":") + `[*_ \t]*[:：]`)
	quotesHeading   = regexp.MustCompile(`(?i)^[` + white + `>#*_-]*quotes[*_ \t]*[:：]?[*_` + white + `]*$`)
	quotesPrefix    = regexp.MustCompile(`(?i)^[` + white + `>#*_-]*(?:q|qu|quo|quot|quote)$`)
	quotesInCode    = regexp.MustCompile(`^[` + white + `>*_]*` + prompt.Quotes + `[*_` + white + `]*$`)
	fenceLine       = regexp.MustCompile("^[" + white + ">]*(?:(?:[-*+]|\\d{1,9}[.)])[ \t]+)?(?:(```+)[^`]*|(~~~+).*)$")
	fencePrefix     = regexp.MustCompile("^[" + white + ">]*(?:[-*+]|\\d{1,9}[.)]?)?[ \t]*(?:`{0,2}|~{0,2})$")
	reference       = regexp.MustCompile(`(?i)^[` + white + `]*\[\^?\d{1,3}\]:[ \t]*<?[a-z]+://\S`)
	referencePrefix = regexp.MustCompile(`^[` + white + `]*\[(?:\^?\d{0,3}|\^?\d{1,3}\](?::.*)?)$`)
)

// citation matches the forms in which models cite: [1], [1, 2], [1-3], [^1],
// [Source 1], [Source 1, Source 2], [1 and 2], 【1】, ［1］, 【1†source】. A number
// in parentheses is not one: it may belong to a list, or be a year.
var citation = regexp.MustCompile(`^([ \t]*)[\[【［][ \t]*(?:[Ss]ources?[ \t:#]*)?\^?(\d{1,3}(?:[ \t]*(?:[,;，、–-]|and|&)[ \t]*(?:[Ss]ources?[ \t:#]*)?\^?\d{1,3})*)[ \t]*(?:†[^\]】］\n]*)?[\]】］]`)

var (
	citationPrefix = regexp.MustCompile(`^[ \t]*[\[【［][ \t]*[Ssourceand&:#， 、 \t\d,;–^-]*(?:†[^\]】］\n]*)?$`)
	openBracket    = regexp.MustCompile(`[\[【［][ \t]*(?:[Ss]ources?)?[Ssourceand&:#，、 \t\d,;–^-]*$`)
	target         = regexp.MustCompile(`^\([^()\s]*\)`) // of a citation written as a link
	targetPrefix   = regexp.MustCompile(`^(?:\([^()\s]*)?$`)
)
