package markdown_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/ingest/extract/markdown"
)

func TestRead(t *testing.T) {
	for _, tt := range []struct {
		name, in, want string
		mdx            bool
	}{
		{name: "YAML to dots", in: "---\ntitle: T\n...\nText.", want: "Text."},
		{name: "JSON", in: "{\n \"title\": \"T\"\n}\n\nText.", want: "Text."},
		{name: "broken YAML", in: "---\ntitle: A: b\nweight: 3\n---\nText.", want: "Text."},
		{name: "a text in braces", in: "{x} is a set.", want: "{x} is a set."},
		{name: "comments", in: "A<!-- x `y -->B\n\n[//]: # (note)\n\n<!--\n\nz\n-->\nC `<!-- d -->`\n\n```html\n<!-- e -->\n```",
			want: "AB\n\n\n\nC `<!-- d -->`\n\n```html\n<!-- e -->\n```"},
		{name: "attribute lists", in: "# A {: #a .b }\n\n## B {.c data-x=\"1\"}\n\n[l](u){: target=_blank } ![i](s){ width=\"3\" } {x: 1}\n{: .note }\n",
			want: "# A {#a}\n\n## B \n\n[l](u) ![i](s) {x: 1}"},
		{name: "anchors", in: "<a name=\"x\"></a>\n## A\n\n## <a id='y'></a>B\n\n## C {/* #z */}", mdx: true, want: "## A {#x}\n\n## B {#y}\n\n## C {#z}"},
		{name: "images in the text", in: "a ![alt](data:image/png;base64,AAAA) b ![][i] c ![d][i]\n\n[i]: <data:image/png;base64,BBBB>\n", want: "a alt b  c ![d]"},
		{name: "admonitions of MkDocs", in: "!!! note\n    One.\n\n    ```go\n    x\n    ```\n\n??? warning \"Mind\"\n    Two.\n\n!!! tip \"\"\n    Three.\n\nFour.",
			want: "**Note**\n\nOne.\n\n```go\nx\n```\n\n**Mind**\n\nTwo.\n\n\nThree.\n\n\nFour."},
		{name: "tabs of MkDocs", in: "=== \"Mac\"\n\n    brew\n\n=== \"Linux\"\n\n    apt", want: "**Mac**\n\n\nbrew\n\n\n**Linux**\n\n\napt"},
		{name: "slashes", in: "/// tip | Mind the *gap*\n\nA\n\n///\n\n/// warning\n    open: True\n\nB\n\n//// tab | One\n/// note\nC\n///\n////\n\n{* ../src/a.py hl[2] *}\n\n/// not a block",
			want: "**Mind the *gap***\n\nA\n\n**Warning**\n\nB\n\n**One**\n\n**Note**\n\nC\n\n/// not a block"},
		{name: "tags of Jekyll", in: "Write {% raw %}{{ x }}{% endraw %}, see [l]({% link _docs/b.md %}).", want: "Write {{ x }}, see [l](_docs/b.md)."},
		{name: "values of the front matter", in: "---\ntitle: Lids\n---\n# {{ $frontmatter.title }}\n\n{{ other }}", want: "# Lids\n\n{{ other }}"},
		{name: "home page", in: "---\nlayout: home\nhero:\n  name: Kettle\n  text: Sings\n  tagline: When hot\n  image: {src: /a.png}\nfeatures:\n  - title: Fast\n    details: In a minute.\n---\nMore.", want: "# Kettle\n\nSings\n\nWhen hot\n\n**Fast**\n\nIn a minute.\n\nMore."},
		{name: "links that the generator defines", in: "- [fqcn][]\n\nSee [the rule][rules.fqcn] and [`x`][y]; [a][b] and [B][] stay, m[i][j], ![c][d], [e][^1], [0][1].\n\n[b]: u\n",
			want: "- fqcn\n\nSee the rule and `x`; [a][b] and [B][] stay, m[i][j], ![c][d], [e][^1], [0][1].\n\n[b]: u"},
		{name: "icons", in: "[Next :octicons-arrow-right-24:](b.md) :material-account:{ .lg } at 10:30", want: "[Next ](b.md)  at 10:30"},
		{name: "code of files that are not here", in: "A\n\n```python\n{!../src/a.py!}\n```\n\n```\n--8<-- \"b.py\"\n\n```\n\n```\nx\n{!c!}\n```\n\n```\n```", want: "A\n\n```\nx\n{!c!}\n```\n\n```\n```"},
		{name: "two colons, and notes of docsify", in: "::alert{type=\"info\" title=\"Own\"}\nA\n::\n\n::std::swap(a)\n\n?> B\n\n!> C\n\n!x", want: "**Own**\n\nA\n\n\n\n::std::swap(a)\n\nB\n\nC\n\n!x"},
		{name: "colons", in: ":::tip Mind the *gap*\nA\n:::\n::: warning\nB\n:::\n:::note[Own]\nC\n:::\n::: code-group\n:::", want: "**Mind the *gap***\n\nA\n\n\n**Warning**\n\nB\n\n\n**Own**\n\nC"},
		{name: "alerts", in: "> [!IMPORTANT]\n> Read.", want: "> **Important**\n> Read."},
		{name: "MyST", in: "```{note} Title\n:class: x\n# A\n```\n\n```{code-block} go\nx\n```\n\n```{toctree}\na\n```", want: "**Title**\n\n# A\n\n\n```go\nx\n```"},
		{name: "template tags", in: "{% tabs %}\n{% tab title=\"Mac\" %}\nbrew\n{% endtab %}\n{% endtabs %}\n{{< note >}}\nA {{< ref \"x.md\" >}}\n{{< /note >}}\n{% highlight go %}\nx {{ y }}\n{% endhighlight %}\nB `{% if %}`",
			want: "**Mac**\n\nbrew\n\n\n\nA x.md\n\n```go\nx {{ y }}\n```\nB `{% if %}`"},
		{name: "labels of tabs beside them", mdx: true, in: "<Tabs items={['npm', \"yarn\"]}>\n  <Tabs.Tab>\n\n  N\n\n  </Tabs.Tab>\n  <Tabs.Tab>\n\n  Y\n\n  </Tabs.Tab>\n</Tabs>\n\n<Tab>Z</Tab>", want: "**npm**\n\nN\n\n**yarn**\n\nY\n\nZ"},
		{name: "fields", mdx: true, in: "<ParamField path=\"limit\" type=\"integer\" default={10} required>\n  How many.\n</ParamField>\n\n<ResponseField name=\"id\" type=\"string\">\n  The id.\n</ResponseField>", want: "**limit** (integer, required, default: 10)\n\nHow many.\n\n**id** (string)\n\nThe id."},
		{name: "components", mdx: true, in: "import Tabs from 'x';\nimport {\n  A,\n} from 'y';\n\nexport const z = {\n  a: 1,\n};\n\n# T\n\n<Tabs>\n  <TabItem value=\"mac\" label=\"Mac\">\n\n    Run:\n\n    ```sh\n    brew\n    ```\n\n  </TabItem>\n  <TabItem value=\"linux\">apt</TabItem>\n</Tabs>\n\n<Card\n  title=\"Go on\"\n  href=\"/next\"\n>\n  With more.\n</Card>\n\n{/* no */}Say {\"yes\"} to {name}. <Badge text=\"New\" />\n\n`<Tabs>`",
			want: "# T\n\n**Mac**\n\nRun:\n\n```sh\nbrew\n```\n\n**linux**\n\napt\n\n**[Go on](/next)**\n\nWith more.\n\nSay yes to {name}. New\n\n`<Tabs>`"},
		{name: "no components", in: "A `Map<K>` and Vec<T>, <host>:<port>, a < b &lt; c\n\n    <Code>\n", want: "A `Map<K>` and Vec<T>, <host>:<port>, a < b < c\n\n    <Code>"},
		{name: "HTML", in: "<details>\n<summary>More</summary>\n\nA <b>b</b> <a href=\"u\">c</a><br>d\n\n</details>\n\n| a<br>b |\n<script setup>\nx < y\n</script>", want: "**More**\n\nA **b** [c](u)\nd\n\n| a b |"},
		{name: "elements", in: "<h1>A</h1>\n\ntext <table><tr><td>x</td></tr></table>", want: "[<h1>A</h1>]\n\ntext \n\n[<table><tr><td>x</td></tr></table>]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := markdown.Read(tt.in, markdown.Options{MDX: tt.mdx, HTML: func(s string) (string, bool) { return "[" + s + "]", true }})
			if diff := cmp.Diff(squeeze(tt.want), squeeze(got.Text)); diff != "" {
				t.Errorf("Read (-want +got):\n%s", diff)
			}
		})
	}
}

// squeeze returns a text with at most one blank line between two others.
func squeeze(s string) string {
	for strings.Contains(s, "\n\n\n") {
		s = strings.ReplaceAll(s, "\n\n\n", "\n\n")
	}
	return s
}

func TestFrontMatter(t *testing.T) {
	for _, in := range []string{
		"---\ntitle: T\n---\nx", "---  \ntitle: T\n---  \nx", "\n---\ntitle: T\n...\nx", "+++\ntitle = 'T'\n+++\nx",
		"{\"title\": \"T\"}\nx", ";;;\n{\"title\": \"T\"}\n;;;\nx", "---\ntitle: T\nbroken: a: b\n---\nx", "---\ntitle: T\n---",
	} {
		if front, _ := markdown.CutFrontMatter(in); front["title"] != "T" {
			t.Errorf("CutFrontMatter(%q) = %v", in, front)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("---\na: b\n---\n<Tabs>\n !!! note\n    x {/* */} {% a %}\n```{note}\n```\n</Tabs>")
	f.Add("<a name=x>`` ` ```\n:::tip[\n[i]: data:x\n{{< a")
	f.Fuzz(func(t *testing.T, s string) {
		for _, mdx := range []bool{false, true} {
			if got := markdown.Read(s, markdown.Options{MDX: mdx}); len(got.Text) > 10*len(s)+100 {
				t.Errorf("Read makes %d bytes of %d", len(got.Text), len(s))
			}
		}
	})
}
