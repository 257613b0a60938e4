package extract

import (
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/citewell/citewell/ingest/extract/dom"
)

// openShadowRoots puts the declarative shadow trees of a page where browsers show
// them: in place of the content of their hosts, which goes to the slots.
func openShadowRoots(n *html.Node) {
	for c := n.FirstChild; c != nil; {
		next := c.NextSibling
		if c.DataAtom == atom.Template && isShadowRoot(c) {
			openShadowRoot(n, c)
			next = n.FirstChild
		}
		c = next
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		openShadowRoots(c)
	}
}

func isShadowRoot(n *html.Node) bool {
	for _, key := range []string{"shadowrootmode", "shadowroot"} {
		if _, ok := dom.Attr(n, key); ok {
			return true
		}
	}
	return false
}

func openShadowRoot(host, template *html.Node) {
	host.RemoveChild(template)
	light := map[string][]*html.Node{} // by the name of the slot
	for c := host.FirstChild; c != nil; c = host.FirstChild {
		host.RemoveChild(c)
		slot := ""
		if c.Type == html.ElementNode {
			slot, _ = dom.Attr(c, "slot")
		}
		light[slot] = append(light[slot], c)
	}
	for c := template.FirstChild; c != nil; c = template.FirstChild {
		template.RemoveChild(c)
		host.AppendChild(c)
	}
	var slots []*html.Node
	for m := range host.Descendants() {
		if m.Data == "slot" {
			slots = append(slots, m)
		}
	}
	for _, m := range slots {
		name, _ := dom.Attr(m, "name")
		if nodes := light[name]; len(nodes) > 0 {
			for c := m.FirstChild; c != nil; c = m.FirstChild {
				m.RemoveChild(c) // shown if the host gives nothing
			}
			dom.Append(m, nodes)
			delete(light, name)
		}
	}
}
