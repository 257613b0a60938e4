package dictionary

import "testing"

func TestDictionary(t *testing.T) {
	for lang := range languages {
		if d := For(lang); d == nil || d.words.Len() < 1000 {
			t.Errorf("the dictionary of %q has %d words", lang, d.words.Len())
		}
	}
	en := For("en")
	for word, want := range map[string]bool{
		"omit": true, "omits": true, "upload": true, "uploading": true, "server's": true, "discarded": true, "retries": true,
		"kubernetes": false, "graphql": false, "hapens": false, "cieling": false, "": false,
	} {
		if got := en.Rank(word); (got > 0) != want {
			t.Errorf("Rank(%q) = %d, want a place: %v", word, got, want)
		}
	}
	de := For("de")
	for word, want := range map[string]bool{
		"apfelkuchen": true, "signierschlüssel": true, "zertifikatserneuerung": true, "flughäfen": true, "bälle": true, "installiert": true,
		"jenkins": false, "kotlin": false, "kubernetes": false, "redis": false, "zugspitze": false, "": false,
	} {
		if got := de.Rank(word); (got > 0) != want {
			t.Errorf("Rank(%q) = %d in German, want a place: %v", word, got, want)
		}
	}
	if For("xx").Rank("omit") > 0 {
		t.Error("a language without a dictionary has a word")
	}
	if the, change := en.Rank("the"), en.Rank("change"); the != 1 || change < 100 || change > 2000 {
		t.Errorf("the ranks of the and change are %d and %d", the, change)
	}
	for word, want := range map[string]string{"contanied": "contained", "capbailites": "", "change": "", "kubernetes": ""} {
		if got := en.Nearest(word); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", word, got, want)
		}
	}
	if got := For("xx").Nearest("contanied"); got != "" {
		t.Errorf("a language without a dictionary has %q", got)
	}
}
