package rst_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/ingest/extract/rst"
)

func TestRead(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"headings", ":orphan:\n\n===\nTop\n===\n\nSub title: ``x``\n================\n\nDeeper\n------\n\nSub title: ``x``\n================\n",
			"# Top {#top}\n\n## Sub title: `x` {#sub-title-x}\n\n### Deeper {#deeper}\n\n## Sub title: `x` {#id1}"},
		{"inline", "*a* **b** ``c  d`` `e <https://e.org>`_ `f`_ g_ [1]_ |h| :func:`~i.j` :ref:`k <l>` :ref:`m` :kbd:`C` x\\ y 2\\*3 snake_case_ `n`\n\n.. _f: https://f.org\n.. _g: https://g.org\n.. |h| replace:: *H*\n.. [1] Note.\n",
			"*a* **b** `c d` [e](https://e.org) [f](https://f.org) [g](https://g.org) [1] *H* `j()` k m `C` xy 2*3 snake_case n\n\n[1] Note."},
		{"lists", "- a\n  b\n\n  - c\n- d\n\n1. e\n2. f\n\n#. g\n\nterm : kind\n   Text.\n\n:Name: value\n\n-v, --verbose  Say more.\n",
			"- a\n  b\n\n  - c\n\n- d\n\n1. e\n\n2. f\n\n#. g\n\n**term : kind**\n\nText.\n\n- **Name**: value\n\n- `-v, --verbose`: Say more."},
		{"literal", "So::\n\n   x = `1`\n\n     y\n\nAlone\n\n::\n\n   z\n\n>>> 1\n1\n\n| a\n| b\n", "So:\n\n```\nx = `1`\n\n  y\n```\n\nAlone\n\n```\nz\n```\n\n```pycon\n>>> 1\n1\n```\n\na\nb"},
		{"directives", ".. note:: Mind.\n\n   More.\n\n.. code-block:: go\n   :linenos:\n\n   x\n\n.. versionadded:: 1.2\n   New.\n\n.. unknown:: Arg\n\n   Body.\n\n.. A comment\n   of two lines\n\n.. toctree::\n   :maxdepth: 1\n\n   a\n   Title <b>\n\n.. image:: a.png\n   :alt: A\n",
			"**Note**\n\nMind.\n\nMore.\n\n```go\nx\n```\n\n*Added in version 1.2*: New.\n\nArg\n\nBody.\n\n- Title\n\n![A](a.png)"},
		{"description", "Mod\n===\n\n.. py:currentmodule:: m\n\n.. py:function:: f(a, b=1)\n                 f(c)\n\n   Does.\n\n   :param a: First.\n   :returns: Nothing.\n\n.. option:: -x\n\n   Y.\n",
			"# Mod {#mod}\n\n## `f(a, b=1)` {#m.f}\n\n## `f(c)` {#m.f}\n\nDoes.\n\n- **a**: First.\n\n- **Returns**: Nothing.\n\n**`-x`**\n\nY."},
		{"description by a program", ".. autoclass:: A\n   :members:\n\n   By hand.\n\n.. confval:: x\n   :type: :code:`str`\n   :default: ``'a'``\n\n   Sets.\n",
			"# `A` {#A}\n\nBy hand.\n\n**`x`**\n\n- **Type**: `str`\n\n- **Default**: `'a'`\n\nSets."},
		{"simple table", "===== =====\nA     B\n===== =====\na     ``b``\nc     d\n      e\n\nf     g\n===== =====\n\nx\n", "| A | B |\n| --- | --- |\n| a | `b` |\n| c | d e |\n| f | g |\n\nx"},
		{"grid table", "+---+-----+\n| A | B   |\n+===+=====+\n| a | b   |\n|   | - c |\n+---+-----+\n| wide    |\n+---+-----+\n", "| A | B |\n| --- | --- |\n| a | b - c |\n| wide |  |"},
		{"list table", ".. list-table:: T\n   :header-rows: 1\n\n   * - A\n     - B\n   * - a\n     - b\n\n       c\n", "**T**\n\n| A | B |\n| --- | --- |\n| a | b c |"},
		{"card", ".. grid-item-card:: T\n\n   Head\n   ^^^\n   Press :guilabel:`&OK`.\n   +++\n   Foot\n", "**T**\n\nHead\nPress OK.\nFoot"},
		{"CSV", ".. csv-table::\n   :header: A, B\n\n   a, \"b, c\"\n", "| A | B |\n| --- | --- |\n| a | b, c |"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, strings.TrimSpace(rst.Read(tt.in))); diff != "" {
				t.Errorf("Read (-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	f.Add("A\n=\n\n.. note:: x\n   :y: z\n\n   * a\n\n====  ====\na  b\n====  ====\n\n+--+\n|a |\n+--+\n|x| :a:`b` `c`_ |x|\n\n.. |x| replace:: |x|\n")
	f.Fuzz(func(t *testing.T, s string) {
		if got := rst.Read(s); len(got) > 300*len(s)+1000 {
			t.Errorf("Read makes %d bytes of %d", len(got), len(s))
		}
	})
}
