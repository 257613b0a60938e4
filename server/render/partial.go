package render

import (
	"regexp"
	"strings"
)

var (
	// markers match a line that may still become a list, a fence, a rule or a table.
	markers = regexp.MustCompile("^[-*+#>|=~`$:\\d.) \t]{1,12}$")
	// openEnd matches the begin of a mark at the end of a text.
	openEnd = regexp.MustCompile("(?:[*_`~!\\\\$\\[]+|\\[[^\\]\n]*(?:[^\\]\\d\n]\\])?|\\[[^\\]\n]*\\]\\([^)\n]*)$")
	// emphasis matches the begin of text between single marks.
	emphasis = regexp.MustCompile(`(?:^|[\s("'])([*_])[^*_\s][^*_\n]*$`)
	fence    = regexp.MustCompile("(?m)^[ >\t]*(?:(?:[-*+]|\\d+[.)])[ \t]+)*(?:```|~~~)")
)

// closed returns the begin of a text as it will probably look when the rest has
// arrived: what may still become something else is left out, and marks that are open
// are closed. Without that, the reader would see marks come and go.
func closed(markdown string) string {
	if len(fence.FindAllStringIndex(markdown, -1))%2 == 1 {
		return withoutMarkers(markdown)
	}
	markdown = withoutMarkers(markdown)
	at := strings.LastIndex(markdown, "\n\n") + 1
	last := markdown[at:]
	if strings.HasPrefix(strings.TrimLeft(last, " \n"), "|") && strings.Count(strings.Trim(last, " \n")+"\n", "\n") < 2 {
		return markdown[:at] // the line below tells whether it is a table
	}
	if fence.MatchString(last) || markers.MatchString(strings.TrimSpace(last)) {
		return markdown // code, or a rule
	}
	last = openEnd.ReplaceAllString(last, "")
	if strings.Count(last, "`")%2 == 1 {
		return markdown[:at] + last + "`"
	}
	for _, mark := range []string{"**", "~~"} {
		if strings.Count(last, mark)%2 == 1 {
			last = strings.TrimRight(last, " ") + mark
		}
	}
	if m := emphasis.FindStringSubmatch(last); m != nil {
		last = strings.TrimRight(last, " ") + m[1]
	}
	return markdown[:at] + last
}

// withoutMarkers cuts a last line that has only marks so far.
func withoutMarkers(markdown string) string {
	at := strings.LastIndexByte(markdown, '\n') + 1
	if markers.MatchString(markdown[at:]) {
		return markdown[:at]
	}
	return markdown
}
