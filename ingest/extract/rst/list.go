package rst

import (
	"regexp"
	"strings"
)

var (
	bullet     = regexp.MustCompile(`^([-*+•‣])(?: +|$)`)
	enumerator = regexp.MustCompile(`^(?:\(?(?:[0-9]+|[A-Za-z]|#|[ivxlcdmIVXLCDM]+)\)|(?:[0-9]+|[A-Za-z]|#|[ivxlcdmIVXLCDM]+)\.)(?: +|$)`)
	optionItem = regexp.MustCompile(`^((?:-{1,2}|/)[A-Za-z0-9?][\w-]*(?:[ =][<A-Z][\w<>-]*)?(?:, (?:-{1,2}|/)[\w-]+(?:[ =][<A-Z][\w<>-]*)?)*)(?:  +(.*))?$`)
)

// item reads items of lists; anything else is a definition or a paragraph.
func (p *parser) item(lines []string, depth int) (int, string) {
	l := lines[0]
	if m := bullet.FindString(l); m != "" {
		return p.listItem(lines, len(m), "- ", depth)
	}
	if m := enumerator.FindString(l); m != "" && (len(lines) == 1 || lines[1] == "" || indentOf(lines[1]) > 0 || enumerator.MatchString(lines[1])) {
		return p.listItem(lines, len(m), strings.TrimRight(m, " ")+" ", depth)
	}
	if m := field.FindStringSubmatch(l); m != nil {
		n := bodyEnd(lines, 1, 1)
		body := p.blocks(append([]string{m[2]}, dedent(lines[1:n])...), depth+1)
		return n, "- **" + p.inline(fieldName(m[1])) + "**: " + indentRest(strings.TrimSpace(body), "  ")
	}
	if m := optionItem.FindStringSubmatch(l); m != nil && (m[2] != "" || len(lines) > 1 && indentOf(lines[1]) > 0) {
		n := bodyEnd(lines, 1, 1)
		body := p.blocks(append([]string{m[2]}, dedent(lines[1:n])...), depth+1)
		return n, "- `" + m[1] + "`: " + indentRest(strings.TrimSpace(body), "  ")
	}
	if len(lines) > 1 && indentOf(lines[1]) > 0 && !strings.HasSuffix(l, "::") {
		n := bodyEnd(lines, 1, 1)
		return n, "**" + strings.ReplaceAll(p.inline(l), "**", "") + "**\n\n" + p.blocks(dedent(lines[1:n]), depth+1)
	}
	return p.paragraph(lines)
}

// listItem reads an item whose text begins behind a mark.
func (p *parser) listItem(lines []string, width int, mark string, depth int) (int, string) {
	n := bodyEnd(lines, 1, min(width, 2))
	first := lines[0][min(width, len(lines[0])):]
	body := p.blocks(append([]string{first}, dedent(lines[1:n])...), depth+1)
	return n, mark + indentRest(strings.TrimSpace(body), strings.Repeat(" ", len(mark)))
}

// indentRest indents all lines but the first.
func indentRest(text, indent string) string {
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		if i > 0 && l != "" {
			lines[i] = indent + l
		}
	}
	return strings.Join(lines, "\n")
}
