package extract

import (
	"slices"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/citewell/citewell/ingest/extract/dom"
)

// rewriteWidgets replaces the tabs, admonitions and foldable text that generators
// build of divs by elements with the same meaning. It returns the names of the
// elements that were there.
func rewriteWidgets(root *html.Node) names {
	s := goquery.NewDocumentFromNode(root).Selection
	names := namesIn(root)
	labelTabs(s, names)
	if names.any(admonitionClasses...) {
		quoteAdmonitions(s, names)
	}
	find(s, "summary").Each(func(_ int, e *goquery.Selection) {
		if find(e, "h1, h2, h3, h4, h5, h6, p, div, pre").Length() == 0 {
			emphasise(e.Get(0))
		}
	})
	return names
}

// names are the classes and roles of a page's elements: what has none of them is
// not searched for.
type names struct{ words map[string]bool }

// namesIn returns the names below root.
func namesIn(root *html.Node) names {
	found := names{words: map[string]bool{}}
	seen := map[string]bool{}
	for n := range root.Descendants() {
		for _, a := range n.Attr {
			if a.Key != "class" && a.Key != "role" || seen[a.Val] {
				continue
			}
			seen[a.Val] = true
			for word := range strings.FieldsSeq(a.Val) {
				found.words[word] = true
			}
		}
	}
	return found
}

// any reports whether one of some words is among the names.
func (n names) any(words ...string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return n.words[w] })
}

// tabSets are the ways in which generators build tabs: the element around them,
// the labels, and the panels in the same order.
var tabSets = []struct{ set, labels, panels string }{
	{".tabbed-set", ".tabbed-labels > label, :scope > label", ".tabbed-content > .tabbed-block, :scope > .tabbed-content"}, // Material
	{".vp-code-group, .code-group", ".tabs label, .code-group__nav-tab", ".blocks > div, .code-group-item"},                // VitePress, VuePress
	{".vp-tabs", ".vp-tab-nav", ".vp-tab"},
	{".sd-tab-set", "label.sd-tab-label", ".sd-tab-content"}, // sphinx-design
	{".sphinx-tabs", `[role="tab"]`, `[role="tabpanel"]`},
	{".tab-set", "label.tab-label", ".tab-content"}, // sphinx-inline-tabs
	{".book-tabs", "label", ".book-tabs-content"},
	{".gdoc-tabs", "label", ".gdoc-tabs__content"},
}

// labelTabs writes the label of each tab before its panel.
func labelTabs(s *goquery.Selection, names names) {
	for _, t := range tabSets {
		for class := range strings.SplitSeq(t.set, ", ") {
			if names.any(class[1:]) {
				find(s, class).Each(func(_ int, set *goquery.Selection) {
					pair(within(set, t.labels), within(set, t.panels))
				})
			}
		}
	}
	if !names.any("tablist", "nav-tabs") {
		return
	}
	find(s, `[role="tablist"], .nav-tabs`).Each(func(_ int, list *goquery.Selection) {
		labels := find(list, `[role="tab"], .nav-link`)
		if labels.Length() == 0 {
			return
		}
		for around := list.Parent(); around.Length() > 0 && around.Get(0).DataAtom != atom.Body; around = around.Parent() {
			panels := find(around, `[role="tabpanel"], .tab-pane`)
			if panels.Length() == 0 {
				continue
			}
			if panels.Length() == labels.Length() {
				pair(labels.Nodes, panels.Nodes)
			}
			return
		}
	})
}

// within returns the elements of set that a list of selectors matches, but not
// those of a set inside it. ":scope >" stands for the children of set.
func within(set *goquery.Selection, selector string) []*html.Node {
	var nodes []*html.Node
	for part := range strings.SplitSeq(selector, ", ") {
		if child, ok := strings.CutPrefix(part, ":scope > "); ok {
			nodes = append(nodes, set.ChildrenFiltered(child).Nodes...)
		} else {
			nodes = append(nodes, dom.Outermost(set.Find(part).Nodes)...)
		}
		if len(nodes) > 0 {
			return nodes
		}
	}
	return nil
}

// pair moves the text of each label before the panel of the same number.
func pair(labels, panels []*html.Node) {
	if len(labels) != len(panels) {
		return
	}
	for i, label := range labels {
		text, panel := line(dom.Text(label)), panels[i]
		if label.Parent == nil || panel.Parent == nil {
			continue
		}
		label.Parent.RemoveChild(label)
		if text != "" {
			panel.Parent.InsertBefore(strongLine(text), panel)
		}
		dom.RemoveAttr(panel, "hidden")
	}
}

// strongLine returns a paragraph of strong text.
func strongLine(text string) *html.Node {
	p := dom.Element(atom.P)
	p.AppendChild(dom.Element(atom.Strong))
	p.FirstChild.AppendChild(&html.Node{Type: html.TextNode, Data: text})
	return p
}

// emphasise turns n into a paragraph of strong text.
func emphasise(n *html.Node) {
	strong := dom.Element(atom.Strong)
	for c := n.FirstChild; c != nil; c = n.FirstChild {
		n.RemoveChild(c)
		strong.AppendChild(c)
	}
	n.Data, n.DataAtom, n.Attr = "p", atom.P, nil
	n.AppendChild(strong)
}

// admonitionClasses are the classes of admonitions.
var admonitionClasses = strings.Fields(`admonition theme-admonition admonitionblock custom-block custom-container hint-container starlight-aside markdown-alert
	nextra-callout hint callout book-hint gdoc-hint alert topic note warning tip info example question danger quote abstract important caution`)

const (
	// admonitions match the admonitions of generators.
	admonitions = `div.admonition, aside.admonition, details.admonition, .theme-admonition, .custom-block, .custom-container, .hint-container, ` +
		`aside.starlight-aside, .markdown-alert, .nextra-callout, div.hint, .callout, blockquote.book-hint, .gdoc-hint, div.alert, .topic, ` +
		`details.note, details.warning, details.tip, details.info, details.example, details.question, details.danger, details.quote, details.abstract`
	// admonitionTitles match the titles in them.
	admonitionTitles = `.admonition-title, .admonition-heading, [class*="admonitionHeading"], .custom-block-title, .custom-container-title, .hint-container-title, ` +
		`.starlight-aside__title, .markdown-alert-title, .alert-heading, .gdoc-hint__title, .callout-title, .topic-title, .title`
)

// quoteAdmonitions turns each admonition into a quotation that begins with its
// title.
func quoteAdmonitions(s *goquery.Selection, names names) {
	if names.any("admonitionblock") {
		find(s, ".admonitionblock").Each(func(_ int, a *goquery.Selection) { quoteAdmonitionTable(a) })
	}
	above(find(s, "h3.title"), ".note, .warning, .tip, .important, .caution").AddClass("admonition") // DocBook
	find(s, admonitions).Each(func(_ int, a *goquery.Selection) {
		n := a.Get(0)
		if class, _ := dom.Attr(n, "class"); strings.Contains(class, "alert") && above(a, "pre, code").Length() > 0 {
			return
		}
		heading := find(a, admonitionTitles).First()
		if heading.Length() == 0 {
			heading = children(a, "summary").First()
		}
		if heading.Length() > 0 && line(heading.Text()) != "" && find(heading, "p, div, pre, ul").Length() == 0 {
			emphasise(heading.Get(0))
		}
		n.Data, n.DataAtom = "blockquote", atom.Blockquote
	})
}

// quoteAdmonitionTable turns the table that AsciiDoc makes of an admonition into a
// quotation that begins with its kind and its title.
func quoteAdmonitionTable(a *goquery.Selection) {
	icon, content := find(a, "td.icon").First(), find(a, "td.content").First()
	if content.Length() == 0 {
		return
	}
	kind := line(icon.Text())
	if kind == "" {
		kind = find(icon, "[title]").AttrOr("title", find(icon, "img").AttrOr("alt", ""))
	}
	quote := dom.Element(atom.Blockquote)
	if kind != "" {
		quote.AppendChild(strongLine(kind))
	}
	if title := children(content, ".title").First(); title.Length() > 0 {
		emphasise(title.Get(0))
	}
	dom.Append(quote, content.Contents().Nodes)
	a.ReplaceWithNodes(quote)
}
