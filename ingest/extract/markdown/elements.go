package markdown

import "strings"

// set returns the words of a text as a set.
func set(words string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
}

var (
	// known are the elements of HTML; any other name in angle brackets is text.
	known = set(`a abbr address article aside audio b bdi bdo blockquote body br button caption center cite code col colgroup data dd del details
		dfn dialog div dl dt em figcaption figure font footer form h1 h2 h3 h4 h5 h6 head header hr html i iframe img input ins kbd label legend
		li link main mark meta nav noscript object ol option p picture pre q s samp script section select small source span strike strong
		style sub summary sup svg table tbody td template tfoot th thead time tr track tt u ul var video wbr path nobr`)
	// wholeElements are read as HTML, from the start tag to the end tag.
	wholeElements  = set(`table dl ul ol h1 h2 h3 h4 h5 h6 pre`)
	unseenElements = set(`script style svg head`)
	lineElements   = set(`p div li tr dd dt blockquote section article center hr figure figcaption details`)
	marks          = map[string]string{"b": "**", "strong": "**", "i": "*", "em": "*", "code": "`", "samp": "`", "tt": "`"}
)

// element returns what a tag of HTML becomes. In the row of a table it makes no line.
func (s *scanner) element(m markup, inRow bool) string {
	name := strings.ToLower(m.name)
	newline := "\n"
	if inRow {
		newline = " "
	}
	switch {
	case name == "a" && m.isEnd:
		if len(s.links) == 0 {
			return ""
		}
		target := s.links[len(s.links)-1]
		s.links = s.links[:len(s.links)-1]
		if target == "" {
			return ""
		}
		return "](" + target + ")"
	case name == "a":
		target := m.attributes["href"]
		if target == "" || m.self {
			id := m.attributes["id"] + m.attributes["name"]
			if m.attributes["id"] != "" {
				id = m.attributes["id"]
			}
			if !m.self {
				s.links = append(s.links, "")
			}
			if id != "" {
				return "\x00" + id + "\x00"
			}
			return ""
		}
		s.links = append(s.links, target)
		return "["
	case name == "img" && !m.isEnd:
		if src := m.attributes["src"]; !strings.HasPrefix(src, "data:") && src != "" {
			return "![" + m.attributes["alt"] + "](" + src + ")"
		}
		return m.attributes["alt"]
	case name == "br":
		return newline
	case name == "summary" && m.isEnd:
		return "**" + newline
	case name == "summary":
		return newline + "**"
	case name == "sup" && !m.isEnd:
		return "^"
	case marks[name] != "" && !m.self:
		return marks[name]
	case lineElements[name] && m.isEnd:
		return newline
	}
	return ""
}

// shownAttributes are those of components that readers see, in this order.
var shownAttributes = []string{"title", "label", "header", "heading", "summary", "question", "name", "text", "description", "caption"}

// componentText returns what a tag of a component shows: its title, as a line in bold if the tag
// begins a line, and its description.
func componentText(m markup, atLineStart bool) string {
	if m.isEnd {
		return ""
	}
	var shown []string
	for _, key := range shownAttributes {
		if v := m.attributes[key]; v != "" {
			shown = append(shown, v)
		}
	}
	if field := fieldText(m); field != "" {
		return "\n" + field + "\n\n" + m.attributes["description"] + "\n"
	}
	if len(shown) == 0 && strings.Contains(m.name, "Tab") && m.attributes["value"] != "" {
		shown = []string{m.attributes["value"]}
	}
	if len(shown) == 0 {
		if kind := kindTitle(m.name); kind != "" && atLineStart {
			return "\n**" + kind + "**\n\n"
		}
		return ""
	}
	if href := m.attributes["href"] + m.attributes["to"]; href != "" {
		shown[0] = "[" + shown[0] + "](" + href + ")"
	}
	if !atLineStart {
		return strings.Join(shown, " ")
	}
	return "\n**" + shown[0] + "**\n\n" + strings.Join(append(shown[1:], ""), "\n\n")
}

// fieldText returns what a component that documents a parameter or a property shows: its name,
// its type and whether it must be there; "" for any other component.
func fieldText(m markup) string {
	kind := m.attributes["type"]
	if kind == "" && m.attributes["required"] == "" {
		return ""
	}
	name := ""
	for _, key := range []string{"name", "path", "query", "body", "header", "prop", "property", "param"} {
		if name == "" {
			name = m.attributes[key]
		}
	}
	if name == "" {
		return ""
	}
	var more []string
	if kind != "" {
		more = append(more, kind)
	}
	for _, flag := range []string{"required", "deprecated"} {
		if m.attributes[flag] == "true" {
			more = append(more, flag)
		}
	}
	if d := m.attributes["default"]; d != "" {
		more = append(more, "default: "+d)
	}
	return "**" + name + "** (" + strings.Join(more, ", ") + ")"
}

// labelTabs gives a tab the label that the component around it has for it, and remembers the
// labels of a component with tabs: <Tabs items={['npm', 'yarn']}>.
func (s *scanner) labelTabs(m *markup) {
	items := m.attributes["items"]
	last := len(s.tabs) - 1
	switch {
	case items != "" && !m.self:
		var labels []string
		for _, q := range quoted.FindAllStringSubmatch(items, -1) {
			labels = append(labels, q[1]+q[2])
		}
		s.tabs = append(s.tabs, tabs{m.name, labels})
	case last >= 0 && m.isEnd && m.name == s.tabs[last].name:
		s.tabs = s.tabs[:last]
	case last >= 0 && !m.isEnd && strings.HasSuffix(m.name, "Tab") && len(s.tabs[last].labels) > 0:
		if label := s.tabs[last].labels[0]; m.attributes["label"]+m.attributes["title"] == "" {
			m.set("label", label)
		}
		s.tabs[last].labels = s.tabs[last].labels[1:]
	}
}

// tabs are the labels of the tabs in a component that are still to come.
type tabs struct {
	name   string
	labels []string
}
