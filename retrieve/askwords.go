package retrieve

import (
	"strings"

	"github.com/citewell/citewell/internal/language"
)

// askWords holds the English words that ask and name nothing: whether a page holds them
// tells nothing. Stop words of [bm25.Terms] need not be here.
var askWords = wordSet(`ask asked explain describe tell show know mean means meaning understand learn find look see help
		use uses used using usage work works worked working make makes made making get gets got getting give gives given
		want wants wanted need needs needed like try tries trying happen happens happened happening
		support supports supported supporting allow allows allowed let lets provide provides provided offer offers
		possible able way ways best good better recommended correct proper right properly easily easy simple
		example examples sample latest newest current currently new available
		exactly actually really still already ever anyway else instead another other others
		different difference differences differ between compare compared comparison
		thing things stuff something anything someone anyone somebody anybody everything nothing
		much many more most less least few some any all each every both either several lot lots
		up out off down again once now always never often sometimes
		one two first second yes ok okay thanks thank hello hi dear question questions answer answers
		long large big small full certain specific particular various main important
		part parts kind kinds sort sorts type types list lists reason reasons case cases
		since because while during after before until per via
		there's who's where's anyhow we're they're it'll won't wouldn't would've`)

func wordSet(list string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		m[w] = true
	}
	return m
}

// asks reports whether a word, in lower case, only asks in the language or in English.
func asks(word, lang string) bool { return askWords[word] || language.Asks(word, lang) }
