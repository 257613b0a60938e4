package dictionary

import "testing"

func TestHas(t *testing.T) {
	for lang := range languages {
		if d := For(lang); d == nil || len(d.ranks) < 1000 {
			t.Errorf("the dictionary of %q has %d words", lang, len(For(lang).ranks))
		}
	}
	en := For("en")
	for word, want := range map[string]bool{
		"omit": true, "omits": true, "upload": true, "uploading": true, "server's": true, "discarded": true,
		"kubernetes": false, "graphql": false, "hapens": false, "cieling": false, "": false,
	} {
		if got := en.Has(word); got != want {
			t.Errorf("Has(%q) = %v, want %v", word, got, want)
		}
	}
	if For("xx").Has("omit") {
		t.Error("a language without a dictionary has a word")
	}
	if a, _ := en.Rank("change"); a == 0 || a > 2000 {
		t.Errorf("Rank(change) = %d, want that of a frequent word", a)
	}
}
