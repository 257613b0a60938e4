package media_test

import (
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"

	"github.com/citewell/citewell/ingest/media"
)

func TestType(t *testing.T) {
	for _, tt := range []struct{ contentType, url, body, want string }{
		{"text/html; charset=x", "https://e.com/a.md", "", "text/html"},
		{"application/xhtml+xml", "https://e.com/", "", "text/html"},
		{"text/x-markdown", "https://e.com/", "", "text/markdown"},
		{"text/plain", "https://e.com/README.MD?raw", "", "text/markdown"},
		{"text/plain", "https://e.com/notes", "", "text/plain"},
		{"", "docs/a.markdown", "", "text/markdown"},
		{"", "docs/a.htm", "", "text/html"},
		{"", "docs/a.txt", "<p>", "text/plain"},
		{"", "https://e.com/", "<!DOCTYPE html>", "text/html"},
		{"application/octet-stream", "https://e.com/a.pdf", "%PDF-1.7", "application/pdf"},
		{"image/png", "https://e.com/a.html", "", "image/png"},
		{"text/html, text/html; charset=utf-8", "https://e.com/", "", "text/html"},
		{"text/plain, text/html", "https://e.com/", "", "text/html"},
		{"TEXT/HTML;charset", "https://e.com/", "", "text/html"},
		{"html", "https://e.com/", "<!DOCTYPE html>", "text/html"},
	} {
		if got := media.Type(tt.contentType, tt.url, []byte(tt.body)); got != tt.want {
			t.Errorf("Type(%q, %q, %q) = %q, want %q", tt.contentType, tt.url, tt.body, got, tt.want)
		}
	}
}

// A charset counts wherever browsers find it.
func TestDecode(t *testing.T) {
	const text = "Çaydanlığın ağzından çıkan buhar"
	for _, tt := range []struct{ name, contentType, head string }{
		{"late in the page", "text/html", "<style>" + strings.Repeat(".a{color:red}\n", 800) + `</style><meta charset="windows-1254">`},
		{"second header", "text/html, text/html; charset=windows-1254", ""},
		{"broken parameters", "text/html; charset=windows-1254; charset=utf-8; x", ""},
	} {
		body, err := charmap.Windows1254.NewEncoder().String(tt.head + text)
		if err != nil {
			t.Fatal(err)
		}
		if got := media.Decode([]byte(body), tt.contentType); got != tt.head+text {
			t.Errorf("%s: Decode = %q", tt.name, got[len(got)-len(text):])
		}
	}
}
