package document

import (
	"strings"
	"testing"

	"github.com/citewell/citewell/ingest/extract"
)

func TestLanguageOf(t *testing.T) {
	german := strings.Repeat("Der Dienst liest die Datei beim Start und prüft, ob der Schlüssel noch gültig ist. ", 3)
	english := strings.Repeat("The service reads the file when it starts, and checks that the key is valid. ", 3)
	for _, tt := range []struct{ name, lang, text, want string }{
		{"none", "", german, "de"},
		{"none, English", "", english, "en"},
		{"none, and the text does not tell", "", "HTTP 404\n\n```\nGET /index.html\n```\n", ""},
		{"as the text", "de-AT", german, "de-AT"},
		{"another, which its author knows better", "nds", german, "nds"},
		{"English of a template", "en", german, "de"},
		{"English of a template, with its region", "en-US", german, "de"},
		{"English of a template over a short text", "en", "Der Dienst", "en"},
		{"English", "en-GB", english, "en-GB"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := languageOf(extract.Page{Lang: tt.lang, Text: tt.text}); got != tt.want {
				t.Errorf("languageOf(%q, %q) = %q, want %q", tt.lang, tt.text, got, tt.want)
			}
		})
	}
}
