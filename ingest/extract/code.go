package extract

import (
	"regexp"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/citewell/citewell/ingest/extract/dom"
)

// languageClass matches the classes by which highlighters name a language:
// "language-go", "lang-go", "highlight-go", "highlight-source-go", "brush: go".
var languageClass = regexp.MustCompile(`(?:^|\s)(?:language-|lang-|highlight-source-|highlight-|sourceCode |brush:\s*)([A-Za-z0-9+#_.-]+)`)

// noLanguage are names that highlighters give to code of no known language.
var noLanguage = map[string]bool{"default": true, "none": true, "text": true, "plaintext": true, "plain": true, "source": true, "highlighter-rouge": true}

// bareLanguages are names that highlighters write as a class of their own.
var bareLanguages = dom.SetOf("bash", "c", "cpp", "csharp", "css", "go", "html", "ini", "java", "javascript", "json", "kotlin", "php", "python", "ruby", "rust",
	"scala", "shell", "sql", "swift", "toml", "typescript", "xml", "yaml")

// lineNumbers matches the elements with line numbers beside or inside code.
const lineNumbers = `td.linenos, td.gutter, .linenodiv, .line-numbers-rows, .lineno, .linenos, .lnt, .ln, .react-syntax-highlighter-line-number`

// cleanCode reduces each code block to one pre element, with the code as a reader
// copies it and the language in its class.
func cleanCode(s *goquery.Selection, names names) {
	cleanCodeTables(s)
	if names.any("linenos", "gutter", "linenodiv", "line-numbers-rows", "lineno", "lnt", "ln", "react-syntax-highlighter-line-number") {
		find(s, lineNumbers).Each(func(_ int, e *goquery.Selection) {
			if closest(e, "pre, table, .highlight").Length() > 0 {
				e.Remove()
			}
		})
	}
	find(s, "pre").Each(func(_ int, p *goquery.Selection) {
		n := p.Get(0)
		lang := languageOf(n)
		find(p, "[class]").RemoveAttr("class")
		p.SetAttr("class", "")
		if lang != "" {
			p.SetAttr("class", "language-"+lang)
		}
		find(p, "pre").Each(func(_ int, inner *goquery.Selection) { dom.Unwrap(inner.Get(0)) })
		endLines(n)
	})
	find(s, "code, pre").Each(func(_ int, c *goquery.Selection) {
		for m := range c.Get(0).Descendants() {
			if m.Type == html.TextNode && strings.Contains(m.Data, "\u00a0") {
				m.Data = strings.ReplaceAll(m.Data, "\u00a0", " ")
			}
		}
	})
}

// endLines writes newlines where a code block has elements for the ends of lines:
// breaks, and a block for each line.
func endLines(pre *html.Node) {
	var lines []*html.Node
	for m := range pre.Descendants() {
		if m.DataAtom == atom.Br || m.DataAtom == atom.Div || m.DataAtom == atom.P || m.DataAtom == atom.Li {
			lines = append(lines, m)
		}
	}
	for _, m := range lines {
		end := &html.Node{Type: html.TextNode, Data: "\n"}
		switch {
		case m.DataAtom == atom.Br:
			m.Parent.InsertBefore(end, m)
			m.Parent.RemoveChild(m)
		case m.NextSibling == nil || strings.HasSuffix(dom.Text(m), "\n") || strings.HasPrefix(m.NextSibling.Data+dom.Text(m.NextSibling), "\n"):
		default:
			m.Parent.InsertBefore(end, m.NextSibling)
		}
	}
	for _, m := range lines {
		if m.DataAtom != atom.Br && m.Parent != nil {
			dom.Unwrap(m)
		}
	}
}

// languageOf returns the language that the classes of a pre element, of the
// code in it, or of the three elements around it name.
func languageOf(pre *html.Node) string {
	around := []*html.Node{pre}
	for m := range pre.Descendants() {
		if m.Data == "code" || m.Data == "pre" {
			around = append(around, m)
		}
	}
	for i, p := 0, pre.Parent; i < 3 && p != nil; i, p = i+1, p.Parent {
		around = append(around, p)
	}
	for i, n := range around {
		class, _ := dom.Attr(n, "class")
		for _, m := range languageClass.FindAllStringSubmatch(class, -1) {
			if name := strings.ToLower(m[1]); !noLanguage[name] {
				return name
			}
		}
		for _, key := range []string{"data-lang", "data-language"} {
			if lang, ok := dom.Attr(n, key); ok && languageClass.MatchString("lang-"+lang) && !noLanguage[strings.ToLower(lang)] {
				return strings.ToLower(lang)
			}
		}
		if i > 2 || n.Data != "pre" && n.Data != "code" {
			continue
		}
		for name := range strings.FieldsSeq(class) {
			if bareLanguages[name] {
				return name
			}
		}
	}
	return ""
}
