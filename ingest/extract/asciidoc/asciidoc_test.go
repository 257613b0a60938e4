package asciidoc_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/ingest/extract/asciidoc"
)

func TestRead(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"header", "// A comment\n:early: 1\n= The *Title*\nAnn Author <a@e.org>; Bob Baker\nv1.2, 2026-01-02\n:name: Ann\n:long: one \\\n  two\n\nBy {name}, {early}, {long}, {unknown}, {nbsp}.\n",
			"# The **Title**\n\nBy Ann, 1, one two, {unknown},  ."},
		{"sections", "= T\n\n== A `b` & c\n\n[#own]\n=== Deeper\n\n[[other]]\n=== Deeper\n\n=== Deeper\n\n=== Deeper [[inner]]\n", "# T\n\n## A `b` & c {#_a_b_c}\n\n### Deeper {#own}\n\n### Deeper {#other}\n\n### Deeper {#_deeper}\n\n### Deeper {#inner}"},
		{"anchors as set", ":idprefix:\n:idseparator: -\n\n== One Two.Three\n", "## One Two.Three {#one-two-three}"},
		{"inline", "*a* _b_ `c` ``d``e **f**g __h__i #j# [.role]#k# x^2^ H~2~O `+l*l+` +m_m+ pass:[<b>] \\*n* \"`o`\" it`'s (C) snake_case_name 2 * 3 * 4\n",
			"**a** *b* `c` `d`e **f**g *h*i j k x^2 H_2O `l*l` m_m <b> *n* “o” it’s © snake_case_name 2 * 3 * 4"},
		{"links", "https://e.org[a, b] https://f.org https://g.org[] link:h.html[i^] <<j,k>> <<_sec>> xref:l:m.adoc#n[o] xref:p/q.adoc[] mailto:r@e.org[s] \\https://t.org[u]\n\n== Sec\n",
			"[a, b](https://e.org) https://f.org [https://g.org](https://g.org) [i](h.html) [k](#j) [Sec](#_sec) o q [s](mailto:r@e.org) https://t.org[u]\n\n## Sec {#_sec}"},
		{"macros", "image:a.png[Alt] kbd:[Ctrl+C] btn:[OK] menu:File[Save > As] stem:[x^2] ((shown)) (((hidden))) text.footnote:[A note.]\n\nimage::b.png[Big one, 200]\n\nvideo::c.mp4[]\n",
			"![Alt](a.png) Ctrl+C OK File > Save > As $x^2$ shown  text. [1]\n\n![Big one](b.png)\n\n[1] A note."},
		{"lists", "* a\nmore\n** b\n*** c\n* d\n+\nJoined.\n+\n----\ncode\n----\n\n* [x] e\n\n. one\n.. two\n. three\n\n- dash\n",
			"- a\n  more\n\n  - b\n\n    - c\n\n- d\n\n  Joined.\n\n  ```\n  code\n  ```\n\n- [x] e\n\n  1. one\n\n     1. two\n\n  2. three\n\n     - dash"},
		{"lists apart", "* a\n\n//-\n\n. b\n", "- a\n\n1. b"},
		{"descriptions", "CPU:: The brain.\nRAM::\nThe memory.\n+\nMore.\nDisk::: Nested\n* item\nAlone::\n",
			"- **CPU**\n\n  The brain.\n\n- **RAM**\n\n  The memory.\n\n  More.\n\n  - **Disk**\n\n    Nested\n\n    - item\n\n- Alone"},
		{"code", ".Title\n[source,ruby,linenums]\n----\nputs {x} # <1>\nend <.>\n----\n<1> Says.\n<.> Ends.\n\n[source]\nx = 1\n\n....\nliteral\n....\n\n literal, too\n\n```go\nf()\n```\n",
			"**Title**\n\n```ruby\nputs {x} (1)\nend (2)\n```\n\n- (1) Says.\n\n- (2) Ends.\n\n```\nx = 1\n```\n\n```\nliteral\n```\n\n```\nliteral, too\n```\n\n```go\nf()\n```"},
		{"blocks", "NOTE: Mind.\n\n[WARNING]\n.Danger\n====\nHot.\n\n* very\n====\n\n[quote, Ann, Book]\n____\nSaid.\n____\n\n****\nAside.\n****\n\n--\nOpen.\n--\n\n////\nHidden.\n////\n\n'''\n\nEnd. +\nNew line.\n",
			"**Note**\n\nMind.\n\n**Danger**\n\n**Warning**\n\nHot.\n\n- very\n\n> Said.\n> \n> — Ann, Book\n\nAside.\n\nOpen.\n\nEnd.  \nNew line."},
		{"table", ".T\n[%header,cols=\"1,m,a\"]\n|===\n|A |B |C\n\n|1\n|x\n|* y\n* z\n\n2+|wide |s \\| t\n.2+|tall |p |q\n|r |u\n|===\n",
			"**T**\n\n| A | `B` | C |\n| --- | --- | --- |\n| 1 | `x` | - y - z |\n| wide |  | s \\| t |\n| tall | `p` | q |\n| tall | `r` | u |"},
		{"table without header", "|===\n|a |b\n|c |d\n|===\n\n,===\ne,\"f, g\"\n,===\n", "|  |  |\n| --- | --- |\n| a | b |\n| c | d |\n\n|  |  |\n| --- | --- |\n| e | f, g |"},
		{"conditions", ":x:\n\nifdef::x[]\nIn.\nendif::[]\nifndef::x[]\nOut.\nendif::[]\nifdef::y[Out, too.]\nifdef::y,x[In, too.]\nifeval::[\"{z}\" == \"1\"]\nOut again.\nendif::[]\n\nifdef::backend-html5[HTML.]\n", "In.\nIn, too.\n\nHTML."},
		{"level offset", "= T\n\n:leveloffset: +1\n\n= Part\n\n:leveloffset: 0\n\n== End\n", "# T\n\n## Part {#_part}\n\n## End {#_end}"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, asciidoc.Read(tt.in, nil).Text); diff != "" {
				t.Errorf("Read (-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	f.Add("= T\n:a: {b}\n:b: {a}\n\n* x\n+\n|===\n|a 2+|b\n|===\n\n[a,b=\"c\"]\n----\n{a} `b` <<c>> +d+ *e* _f_ footnote:[g] https://h[i]\n")
	f.Fuzz(func(t *testing.T, s string) {
		if got := asciidoc.Read(s, nil).Text; len(got) > 1000*len(s)+100_000 || strings.Contains(got, "\x00") {
			t.Errorf("Read returns %d bytes for %d", len(got), len(s))
		}
	})
}
