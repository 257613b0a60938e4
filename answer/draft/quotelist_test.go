package draft

import (
	"strings"
	"testing"
)

// The list of quotes begins in whatever words and form, and nothing of it is shown.
func TestQuotesStart(t *testing.T) {
	const quote = `[1] "A failed job is retried five times."`
	for _, list := range []string{
		"SOURCE_QUOTES\n" + quote,
		"SOURCE_QUOTES:\n" + quote,
		"**SOURCE\\_QUOTES**\n" + quote,
		"`SOURCE_QUOTES`\n" + quote,
		"SOURCE_QUOTES " + quote,
		"```\nSOURCE_QUOTES\n" + quote + "\n```",
		"QUOTES:\n" + quote,
		"QUOTE:\n" + quote,
		"Quote:\n" + quote,
		"Quotes\n" + quote,
		"ZITATE:\n" + quote,
		"ZITATE\n" + quote,
		"Zitate: " + quote,
		"**Zitate:**\n\n" + quote,
		"**Belege aus den Quellen**\n" + quote,
		"## Zitate\n\n" + quote,
		"> ZITATE:\n> " + quote,
		"---\n\nZITATE:\n" + quote,
		"```\nZITATE:\n" + quote + "\n```",
		"CITAS:\n" + quote,
		"CITATIONS :\n" + quote,
		"Citations\u00a0:\n" + quote,
		"Citazioni dalle fonti:\n" + quote,
		"引用：\n[1]「A failed job is retried five times.」",
		"引用:\n" + quote,
		"引用\n" + quote,
		"Цитаты:\n[1] «A failed job is retried five times.»",
		"ЦИТАТЫ\n" + quote,
		"ZITATE:\n[1] „A failed job is retried five times.“ — Seite Retries\n[2] „Another one here.“",
		"ZITATE:\n- [1]: »A failed job is retried five times.«",
		"ZITATE:\n1. \"A failed job is retried five times.\"",
		"ZITATE:\n- \"A failed job is retried five times.\"",
		"ZITATE:\n[Quelle 1] \"A failed job\nis retried five times.\"",
		"引用：\n1. 「失敗したジョブは五回再試行されます。」",
		quote, // without a heading, after an empty line
	} {
		const text = "Fünfmal [1]."
		for _, d := range everySplit(t, text+"\n\n"+list) {
			if d.Text() != text || len(d.Quotes()[1])+len(d.Quotes()[0]) == 0 {
				t.Errorf("with the list\n%s\nthe text is %q, quotes %v", list, d.Text(), d.Quotes())
				break
			}
		}
		shown := ""
		d := New([]string{"a"}, func(s string) error { shown += s; return nil })
		for r := range strings.SplitSeq(text+"\n\n"+list, "") {
			if _ = d.Write(r); !strings.HasPrefix(text, shown) {
				t.Errorf("of the list %q is shown:\n%s", shown[len(text):], list)
				break
			}
		}
		// A model that is cut off leaves nothing of the list either.
		for _, n := range []int{len(list) - 1, len(list) - 5} {
			d := New([]string{"a"}, nil)
			_ = d.Write(text + "\n\n" + list[:n])
			if _ = d.Close(true); d.Text() != text {
				t.Errorf("cut off after %q the text is %q", list[:n], d.Text())
			}
		}
	}
}

// What only resembles a list of quotes is text.
func TestNoQuotesStart(t *testing.T) {
	for _, s := range []string{
		"It is so [1].\n\nZitate:\n[1] \"It is so here.\"\n\nAnd more.",
		"It is so [1].\n\nThe values are:\n- \"on\"\n- \"off\"",
		"It is so [1].\n\nMessages:\n- \"Connection refused by the host\" [1]\n- \"Timed out while it waited\" [2]",
		"It is so [1].\n\nThe server writes one of these lines:\n- \"Connection refused by the host\"",
		"It is so [1].\n\nNote: [1] says that it is so.",
		"It is so [1].\n\nHinweis: \"So\" ist es.",
		"It is so [1].\n\n[1] \"Fail fast\" is the default.",
		"It is so [1].\n\n[2] \"That is another matter.\"",
		"It is so [1].\n\nSources:\n[1] The page on retries\n[2] Another page",
		"The docs say:\n[1] \"A failed job is retried five times.\"",
		"[1] \"A failed job is retried five times.\"",
		"It is so [1].\n\nZITATE:",
		"It is so [1].\n\nSOURCES are two.",
		"It is so [1].\n\nSo:\n```\n\"a b c d e f\"\n```",
		"It is so [1].\n\nFive times",
		"It is so [1].\n\nExample:\n\n1. \"Start\" opens the door.\n2. \"Stop\" closes it.",
	} {
		for _, d := range everySplit(t, s) {
			if d.Text() != s || d.quotes.Len() > 0 {
				t.Errorf("%q makes %q, quotes %q", s, d.Text(), &d.quotes)
				break
			}
		}
	}
}
