package general

import (
	"golang.org/x/net/html/atom"

	"github.com/citewell/citewell/ingest/extract/dom"
)

// ignored are elements whose text is not part of the page's text.
var ignored = dom.SetOf(atom.Script, atom.Style, atom.Template, atom.Noscript, atom.Head, atom.Svg, atom.Iframe, atom.Object,
	atom.Textarea, atom.Select, atom.Option, atom.Button, atom.Audio, atom.Video, atom.Canvas, atom.Rt, atom.Rp)

// skipped are the ignored elements that extractors do not get.
var skipped = dom.SetOf(atom.Script, atom.Style, atom.Template, atom.Noscript, atom.Svg, atom.Object, atom.Textarea, atom.Select,
	atom.Option, atom.Audio, atom.Video, atom.Canvas)

// blockTags are elements that begin a new line.
var blockTags = dom.SetOf(atom.Html, atom.Body, atom.Address, atom.Article, atom.Aside, atom.Blockquote, atom.Br, atom.Caption, atom.Center, atom.Dd, atom.Details,
	atom.Div, atom.Dl, atom.Dt, atom.Fieldset, atom.Figcaption, atom.Figure, atom.Footer, atom.Form, atom.H1, atom.H2, atom.H3,
	atom.H4, atom.H5, atom.H6, atom.Header, atom.Hr, atom.Label, atom.Legend, atom.Li, atom.Main, atom.Nav, atom.Ol, atom.P, atom.Pre, atom.Section,
	atom.Summary, atom.Table, atom.Tbody, atom.Td, atom.Tfoot, atom.Th, atom.Thead, atom.Tr, atom.Ul)

// telling are the attributes that extractors use.
var telling = dom.SetOf("class", "id", "role", "href", "src", "srcset", "data-src", "style", "rel", "name", "alt", "title", "property", "itemprop", "itemtype", "itemscope",
	"data-component")
