package markdown

import (
	"regexp"
	"strings"
)

// maxTagBytes is the length of the longest tag that is read as one.
const maxTagBytes = 8000

// A markup is one tag of HTML or of a component.
type markup struct {
	name        string
	attributes  map[string]string // those that are text
	isEnd, self bool
	size        int // bytes
}

// isComponent reports whether a name is that of a component: <Tabs>, <Tabs.Item>.
func isComponent(name string) bool { return name != "" && name[0] >= 'A' && name[0] <= 'Z' }

func isNameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.' || c == ':'
}

// readTag reads the tag at the beginning of a text; false if there is none.
func readTag(s string) (markup, bool) {
	m := markup{}
	if len(s) < 3 || s[0] != '<' {
		return m, false
	}
	s = s[:min(len(s), maxTagBytes)]
	i := 1
	if s[i] == '/' {
		m.isEnd = true
		i++
	}
	from := i
	for i < len(s) && isNameByte(s[i]) {
		i++
	}
	m.name = s[from:i]
	if m.name == "" || strings.ContainsAny(m.name[:1], "0123456789-.:") {
		return m, false
	}
	for i < len(s) {
		switch c := s[i]; {
		case c == '>':
			m.self = s[i-1] == '/'
			m.size = i + 1
			return m, true
		case c == ' ' || c == '\t' || c == '\n' || c == '/':
			i++
		case c == '{':
			n := braced(s[i:])
			if n == 0 {
				return m, false
			}
			i += n
		default:
			n := m.readAttribute(s[i:])
			if n == 0 {
				return m, false
			}
			i += n
		}
	}
	return m, false
}

// readAttribute reads one attribute and returns its length; 0 if it is none.
func (m *markup) readAttribute(s string) int {
	i := 0
	for i < len(s) && (isNameByte(s[i]) || s[i] == '@' || s[i] == '#') {
		i++
	}
	if i == 0 {
		return 0
	}
	key := s[:i]
	for i < len(s) && (s[i] == ' ' || s[i] == '\n') {
		i++
	}
	if i == len(s) || s[i] != '=' {
		if flags[key] {
			m.set(key, "true")
		}
		return len(key)
	}
	i++
	for i < len(s) && (s[i] == ' ' || s[i] == '\n') {
		i++
	}
	value, n := "", 0
	switch {
	case i == len(s):
		return 0
	case s[i] == '"' || s[i] == '\'':
		end := strings.IndexByte(s[i+1:], s[i])
		if end < 0 {
			return 0
		}
		value, n = s[i+1:i+1+end], end+2
	case s[i] == '{':
		if n = braced(s[i:]); n == 0 {
			return 0
		}
		inner := strings.TrimSpace(s[i+1 : i+n-1])
		if l := literal.FindStringSubmatch(s[i : i+n]); l != nil {
			value = l[1] + l[2] + l[3]
		} else if plainValue.MatchString(inner) || key == "items" {
			value = inner
		}
	default:
		for i+n < len(s) && !strings.ContainsRune(" \t\n>", rune(s[i+n])) {
			n++
		}
		value = s[i : i+n]
	}
	m.set(key, value)
	return i + n
}

// set keeps an attribute.
func (m *markup) set(key, value string) {
	if m.attributes == nil {
		m.attributes = map[string]string{}
	}
	m.attributes[key] = strings.Join(strings.Fields(value), " ")
}

// flags are attributes without a value that say something of a parameter.
var flags = map[string]bool{"required": true, "deprecated": true}

// plainValue matches a number or a truth value in an expression.
var plainValue = regexp.MustCompile(`^(?:-?\d[\d.]*|true)$`)

// braced returns the length of the expression in braces at the beginning of s; 0 if
// they are not closed.
func braced(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i + 1
			}
		case '"', '\'', '`':
			if end := strings.IndexByte(s[i+1:], s[i]); end >= 0 && !strings.Contains(s[i+1:i+1+end], "\n") {
				i += end + 1
			}
		}
	}
	return 0
}

// joinTags writes tags of components that stand on several lines on one.
func joinTags(lines []line) []line {
	var out []line
	for i := 0; i < len(lines); i++ {
		l := lines[i]
		t := strings.TrimLeft(l.text, " \t")
		if l.code || len(t) < 2 || t[0] != '<' || !isNameByte(t[1]) || strings.Contains(t, ">") {
			out = append(out, l)
			continue
		}
		joined, end := l.text, i
		for end+1 < len(lines) && len(joined) < maxTagBytes && !lines[end+1].isBlank() && !lines[end+1].code {
			end++
			joined += "\n" + strings.TrimSpace(lines[end].text)
			if m, ok := readTag(strings.TrimLeft(joined, " \t")); ok && m.size > 0 {
				l.text, i = strings.ReplaceAll(joined, "\n", " "), end
				break
			}
		}
		out = append(out, l)
	}
	return out
}

var componentTag = regexp.MustCompile(`</?([A-Z][\w.]*)`)

// closedComponents returns the names of the components that a text closes.
// Any other one is no component: Vec<T>.
func closedComponents(lines []line) map[string]bool {
	closed := map[string]bool{}
	for _, l := range lines {
		if l.code {
			continue
		}
		for _, m := range componentTag.FindAllStringSubmatch(l.text, -1) {
			if strings.HasPrefix(m[0], "</") {
				closed[m[1]] = true
			}
		}
	}
	return closed
}

// blockTags are the elements of HTML whose content, if it stands on lines of its own,
// is often indented, and is no code.
var blockTags = map[string]bool{
	"details": true, "div": true, "section": true, "article": true, "figure": true, "blockquote": true, "center": true, "aside": true, "template": true,
}

// elementEnds returns, for each line with the start tag of an element, the line of its end tag, if
// both tags are alone on their lines and text can stand between them.
func elementEnds(lines []line, closed map[string]bool) map[int]int {
	ends := map[int]int{}
	type start struct {
		name string
		at   int
	}
	var open []start
	for i, l := range lines {
		name := aloneOn(l)
		if end, ok := strings.CutPrefix(name, "/"); ok {
			for k := len(open) - 1; k >= 0; k-- {
				if open[k].name == end {
					ends[open[k].at] = i
					open = open[:k]
					break
				}
			}
		} else if blockTags[name] || isComponent(name) && closed[name] {
			if len(open) < 1000 {
				open = append(open, start{name, i})
			}
		}
	}
	return ends
}

// aloneOn returns the name of the tag that is alone on a line, "/" before that of an end tag; "" if
// there is none. Indentation makes no code of it.
func aloneOn(l line) string {
	t := strings.TrimSpace(l.text)
	m, ok := readTag(t)
	if !ok || m.size != len(t) || m.self {
		return ""
	}
	if m.isEnd {
		return "/" + m.name
	}
	return m.name
}
