package draft

import (
	"regexp"
	"strings"

	"github.com/citewell/citewell/answer/prompt"
)

// white is white space within a line, for use in brackets.
const white = `\t\v\f\r\x{85}\p{Z}`

// quotesMark matches [prompt.Quotes], perhaps escaped or as code.
var quotesMark = "`?" + strings.ReplaceAll(prompt.Quotes, "_", `\\?_`)

// Kinds of lines, and prefixes that more input may complete to one.
var (
	bareLine        = regexp.MustCompile(`^[` + white + `>#*_-]*$`)
	quotesLine      = regexp.MustCompile(`^[` + white + `>#*_-]*(?:` + quotesMark + `|QUOTES[*_ \t]*[:：])`)
	quotesHeading   = regexp.MustCompile(`(?i)^[` + white + `>#*_-]*quotes[*_ \t]*[:：]?[*_` + white + `]*$`)
	quotesInCode    = regexp.MustCompile(`^[` + white + `>*_]*(?:` + quotesMark + `:?|QUOTES:)[*_` + white + `]*$`)
	fenceLine       = regexp.MustCompile("^[" + white + ">]*(?:(?:[-*+]|\\d{1,9}[.)])[ \t]+)?(?:(```+)[^`]*|(~~~+).*)$")
	fencePrefix     = regexp.MustCompile("^[" + white + ">]*(?:[-*+]|\\d{1,9}[.)]?)?[ \t]*(?:`{0,2}|~{0,2})$")
	reference       = regexp.MustCompile(`(?i)^[` + white + `]*\[\^?\d{1,3}\]:[ \t]*<?[a-z]+://\S`)
	footnote        = regexp.MustCompile(`^[` + white + `]*\[\^\d{1,3}\]:`) // its text
	referencePrefix = regexp.MustCompile(`^[` + white + `]*\[(?:\^?\d{0,3}|\^?\d{1,3}\](?::.*)?)$`)
)

// A citation may be written as a link.
var (
	target       = regexp.MustCompile(`^\([^()\s]*\)`)
	targetPrefix = regexp.MustCompile(`^(?:\([^()\s]*)?$`)
)
