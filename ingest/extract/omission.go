package extract

import (
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/citewell/citewell/ingest/extract/dom"
)

// An omission is an element that a [skimmer] leaves out.
type omission struct {
	name       string // "" if no element is
	same       int    // open elements of that name
	containers int    // open elements in it that are containers
	hidden     bool   // it is left out because it is hidden
}

// containers are elements that contain others and that a tag ends.
var containers = dom.SetOf(atom.Body, atom.Div, atom.Section, atom.Article, atom.Main, atom.Ul, atom.Ol, atom.Dl, atom.Table, atom.Blockquote, atom.Details, atom.Ruby)

// endless are elements that need no end tag.
var endless = dom.SetOf(atom.P, atom.Li, atom.Dt, atom.Dd, atom.Tr, atom.Td, atom.Th, atom.Rt, atom.Rp, atom.Option)

// void are elements that contain nothing.
var void = dom.SetOf(atom.Br, atom.Hr, atom.Img, atom.Input, atom.Embed, atom.Col, atom.Wbr, atom.Link, atom.Meta, atom.Area, atom.Base, atom.Source, atom.Track)

// omit leaves out an element from its start.
func omit(n *html.Node, hidden bool) omission {
	o := omission{name: n.Data, same: 1, hidden: hidden}
	if containers[n.DataAtom] {
		o.containers = 1
	}
	return o
}

// start is called at the start of an element inside of the omission. It reports
// whether that goes on.
func (o *omission) start(n *html.Node) bool {
	if o.name == n.Data {
		if endless[n.DataAtom] {
			*o = omission{}
			return false
		}
		o.same++
	}
	if containers[n.DataAtom] {
		o.containers++
	}
	return true
}

// end is called at the end of an element. It reports whether the element belongs
// to the omission.
func (o *omission) end(n *html.Node) bool {
	if containers[n.DataAtom] {
		o.containers--
	}
	if o.name == n.Data {
		o.same--
	}
	switch {
	case o.same == 0:
		*o = omission{}
	case o.containers < 0:
		*o = omission{}
		return false
	}
	return true
}
