package extract_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/ingest/extract"
)

// References of generators without a test of their own in [TestGenerators], in their
// markup: a signature is a heading with its real anchor.
func TestReferences(t *testing.T) {
	for _, tt := range []struct {
		page     string
		headings []string // level, text and anchor
		text     []string
	}{
		{"documenter", []string{"1 Reference #Reference", "2 Functions #Functions", "3 Kettle.boil — Function #Kettle.boil", "3 Kettle.Pot — Type #Kettle.Pot"}, []string{"- `until`: degrees"}},
		{"dokka", []string{"1 Pot ", "4 Parameters #", "2 Functions #", "3 fun boil(until: Int = 100): Steam #-101%2FFunctions%2F-9", "3 fun pour() #-102%2FFunctions%2F-9"},
			[]string{"class Pot(litres: Int)", "- **litres**: how much it holds", "Empties the pot."}},
		{"redoc", []string{"1 Kettle API (1.2) #", "2 pots #tag/pots", "2 Boil a pot #tag/pots/operation/boilPot", "5 path Parameters #", "3 Responses #", "3 Response samples #"},
			[]string{"| id required | string Number of the pot |", "**409**", "The pot is dry", "post /pots/{id}/boil"}},
		{"docfx", []string{"1 Class Pot #Kettle_Pot", "5 Inheritance #", "6 Namespace: Kettle #", "6 Assembly: Kettle.dll #", "5 Syntax #Kettle_Pot_syntax", "3 Methods #methods",
			"4 Boil(Int32) #Kettle_Pot_Boil_System_Int32_", "5 Declaration #", "5 Parameters #", "3 Implements #implements"}, []string{"| minutes | how long to heat |"}},
		{"exdoc", []string{"1 Kettle.Pot behaviour (kettle v1.2.0) #top-content", "2 Options #module-options", "2 Summary #summary", "3 Functions #functions", "2 Functions #functions",
			"3 boil(pot, opts \\\\ []) #boil/2", "4 Options #boil/2-options"}, []string{"@spec boil(t(), keyword()) :: :ok", "- `:until` - degrees"}},
		{"haddock", []string{"1 Heating #g:1", "2 boil #v:boil", "2 data Pot #t:Pot"}, []string{"Pots that boil.", "[boil](https://docs.example.com/x/page.html#v:boil) :: ", "| what to heat |", "| Steel | heavy |"}},
	} {
		t.Run(tt.page, func(t *testing.T) {
			p := mustExtract(t, read(t, "references/"+tt.page+".html"), "text/html", "https://docs.example.com/x/page.html", extract.Options{})
			var got []string
			for _, h := range p.Headings {
				got = append(got, fmt.Sprintf("%d %s #%s", h.Level, h.Text, h.Anchor))
			}
			for i := range got {
				if i < len(tt.headings) && strings.HasSuffix(tt.headings[i], " ") { // Whatever the anchor is.
					got[i], _, _ = strings.Cut(got[i], "#")
				}
			}
			if diff := cmp.Diff(tt.headings, got); diff != "" {
				t.Errorf("headings (-want +got):\n%s", diff)
			}
			for _, s := range tt.text {
				if !strings.Contains(p.Text, s) {
					t.Errorf("no %q", s)
				}
			}
			for _, s := range append(navigation, "clipboard", "Improve", "View Source", "Powered", "Theme", "switch theme", "Hex Package", "data:", "Search", "Produced by") {
				if strings.Contains(p.Text+"\n", s) {
					t.Errorf("the text has %q", s)
				}
			}
			golden := filepath.Join("testdata", "references", tt.page+".md")
			if *update {
				if err := os.WriteFile(golden, []byte(p.Text+"\n"), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(read(t, "references/"+tt.page+".md")), p.Text+"\n"); diff != "" {
				t.Errorf("text (-golden +Extract):\n%s", diff)
			}
		})
	}
}
