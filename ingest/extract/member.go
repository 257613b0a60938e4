package extract

import (
	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/citewell/citewell/ingest/extract/dom"
)

// listMembers turns a table of Doxygen, whose rows are a type, a name and a line
// about it, into a list of declarations with their descriptions.
func listMembers(table *goquery.Selection) {
	out := dom.Element(atom.Div)
	var list, item *html.Node
	var template []*html.Node
	find(table, "tr").Each(func(_ int, row *goquery.Selection) {
		left, right, about := find(row, "td.memItemLeft, td.memTemplItemLeft").First(), find(row, "td.memItemRight, td.memTemplItemRight").First(), find(row, "td.mdescRight").First()
		switch {
		case right.Length() > 0:
			if list == nil {
				list = dom.Element(atom.Ul)
				out.AppendChild(list)
			}
			item = dom.Element(atom.Li)
			list.AppendChild(item)
			dom.Append(item, template)
			dom.Append(item, left.Contents().Nodes)
			item.AppendChild(space())
			dom.Append(item, right.Contents().Nodes)
			template = nil
		case about.Length() > 0 && item != nil:
			find(about, "a").Each(func(_ int, a *goquery.Selection) {
				if line(a.Text()) == "More..." {
					a.Remove()
				}
			})
			item.AppendChild(dom.Element(atom.Br))
			dom.Append(item, about.Contents().Nodes)
		case find(row, "td.memTemplParams").Length() > 0:
			template = append(find(row, "td.memTemplParams").Contents().Nodes, space())
		case line(row.Text()) != "": // a heading, or what is said of a group
			div := dom.Element(atom.Div)
			dom.Append(div, row.Children().First().Contents().Nodes)
			out.AppendChild(div)
			list, item = nil, nil
		}
	})
	table.ReplaceWithNodes(out)
}
