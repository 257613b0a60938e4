package pdf_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/chunker"
	"github.com/citewell/citewell/ingest/crawl"
	"github.com/citewell/citewell/ingest/document"
	"github.com/citewell/citewell/ingest/pdf"
)

// A word is a text on a page, in a font at a place.
type word struct {
	font string // R, B or C: Helvetica, its bold, Courier; Q: one whose name says nothing, and whose characters have one width
	size float64
	x, y float64
	text string
}

// makePDF returns a PDF file of pages, with an outline of titles by page.
func makePDF(outline map[string]int, pages ...[]word) []byte {
	var objects []string
	add := func(format string, args ...any) int {
		objects = append(objects, fmt.Sprintf(format, args...))
		return len(objects)
	}
	const catalog, tree, top, fonts = 1, 2, 3, 4
	objects = make([]string, fonts)
	objects[fonts-1] = "<</R<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>/B<</Type/Font/Subtype/Type1/BaseFont/Helvetica-Bold>>/C<</Type/Font/Subtype/Type1/BaseFont/Courier>>/Q<</Type/Font/Subtype/Type1/BaseFont/Quill/FirstChar 32/LastChar 126/Widths[" + strings.Repeat("600 ", 95) + "]>>>>"
	var kids []string
	for _, words := range pages {
		var b strings.Builder
		for _, w := range words {
			fmt.Fprintf(&b, "BT /%s %g Tf %g %g Td (%s) Tj ET\n", w.font, w.size, w.x, w.y, strings.NewReplacer("(", `\(`, ")", `\)`).Replace(w.text))
		}
		content := add("<</Length %d>>stream\n%sendstream", b.Len(), b.String())
		kids = append(kids, fmt.Sprintf("%d 0 R", add("<</Type/Page/Parent %d 0 R/MediaBox[0 0 600 800]/Resources<</Font %d 0 R>>/Contents %d 0 R>>", tree, fonts, content)))
	}
	first := len(objects) + 1
	n := 0
	for title, page := range outline {
		next := ""
		if n++; n < len(outline) {
			next = fmt.Sprintf("/Next %d 0 R", first+n)
		}
		add("<</Title(%s)/Parent %d 0 R/Dest[%s/Fit]%s>>", title, top, kids[page-1], next)
	}
	objects[catalog-1] = fmt.Sprintf("<</Type/Catalog/Pages %d 0 R/Outlines %d 0 R>>", tree, top)
	objects[tree-1] = fmt.Sprintf("<</Type/Pages/Count %d/Kids[%s]>>", len(kids), strings.Join(kids, " "))
	objects[top-1] = fmt.Sprintf("<</Type/Outlines/First %d 0 R/Last %d 0 R/Count %d>>", first, len(objects), n)
	info := add("<</Title(Kettles and lids)/ModDate(D:20260102030405Z)>>")
	var b strings.Builder
	b.WriteString("%PDF-1.7\n")
	var at []int
	for i, o := range objects {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj%s endobj\n", i+1, o)
	}
	xref := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, offset := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&b, "trailer<</Size %d/Root %d 0 R/Info %d 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, catalog, info, xref)
	return []byte(b.String())
}

// manual is a file of four pages with running titles and numbers.
func manual() []byte {
	var pages [][]word
	for n := 1; n <= 4; n++ {
		pages = append(pages, []word{{"R", 8, 60, 780, "The Kettle Manual"}, {"R", 8, 300, 20, fmt.Sprint(n)}})
	}
	text := func(page int, words ...word) { pages[page-1] = append(pages[page-1], words...) }
	text(1, word{"B", 24, 60, 700, "Kettles and lids"}, word{"R", 10, 60, 660, "All about kettles, which boil water."})
	text(2, word{"B", 14, 60, 740, "1 Boiling"},
		word{"R", 10, 60, 712, "Water boils when it is hot. A thermo-"}, word{"R", 10, 60, 700, "meter tells how hot it is, and a well-"}, word{"R", 10, 60, 688, "known rule is that it must be well-known."},
		word{"R", 10, 60, 664, "Another paragraph begins here, and its last sentence goes on to"})
	text(3, word{"R", 10, 60, 740, "the following page."},
		word{"R", 10, 60, 716, "1. Fill it."}, word{"R", 10, 60, 704, "2. Heat it until"}, word{"R", 10, 72, 692, "it sings."},
		word{"C", 10, 60, 660, "if hot {"}, word{"C", 10, 72, 648, "sing()"}, word{"C", 10, 60, 636, "}"})
	text(4, word{"B", 14, 60, 740, "2 Lids"}, word{"B", 10, 60, 712, "Closing a lid"}, word{"R", 10, 60, 692, "Press it down. A thermometer does not help."})
	return makePDF(map[string]int{"Boiling": 2, "Lids": 4}, pages...)
}

const manualText = `# Kettles and lids

All about kettles, which boil water.

## 1 Boiling

Water boils when it is hot. A thermometer tells how hot it is, and a well-known rule is that it must be well-known.

Another paragraph begins here, and its last sentence goes on to the following page.

1. Fill it.

2. Heat it until it sings.

` + "```\nif hot {\n  sing()\n}\n```" + `

## 2 Lids

### Closing a lid

Press it down. A thermometer does not help.
`

func TestRead(t *testing.T) {
	d, err := pdf.Read(t.Context(), manual())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(manualText, d.Text); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
	var got []string
	for _, h := range d.Headings {
		got = append(got, fmt.Sprintf("%d %s, page %d", h.Level, h.Text, h.Page))
		if line := string([]rune(d.Text)[h.StartRune:]); !strings.HasPrefix(line, strings.Repeat("#", h.Level)+" "+h.Text+"\n") {
			t.Errorf("heading %q begins at %.20q", h.Text, line)
		}
	}
	for _, p := range d.Pages {
		got = append(got, fmt.Sprintf("page %d: %.12s", p.Number, string([]rune(d.Text)[p.StartRune:])))
	}
	want := []string{"1 Kettles and lids, page 1", "2 1 Boiling, page 2", "2 2 Lids, page 4", "3 Closing a lid, page 4",
		"page 1: # Kettles an", "page 2: ## 1 Boiling", "page 3:  the followi", "page 4: ## 2 Lids\n\n#"}
	if diff := cmp.Diff(want, got); diff != "" || d.Title != "Kettles and lids" || d.Modified.Year() != 2026 {
		t.Errorf("%q of %v, headings and pages (-want +got):\n%s", d.Title, d.Modified, diff)
	}
	for _, tt := range []struct {
		name, body, want string
		noText           bool
	}{
		{"damaged", "%PDF-1.7\nnothing", "damaged", false},
		{"pictures", string(makePDF(map[string]int{"A": 1}, nil)), "OCR", true},
	} {
		if _, err := pdf.Read(t.Context(), []byte(tt.body)); err == nil || !strings.Contains(err.Error(), tt.want) || pdf.IsNoText(err) != tt.noText {
			t.Errorf("Read(%s) = %v, want %q", tt.name, err, tt.want)
		}
	}
}

// TestPages checks that chunks name the pages that they are on.
func TestPages(t *testing.T) {
	o := document.Options{Chunking: chunker.Options{SizeRunes: 100, OverlapRunes: chunker.NoOverlap}}
	d, err := o.Make(crawl.Response{URL: "https://e.org/a.pdf", ContentType: "application/pdf", Status: 200, Body: manual()}, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range d.Chunks {
		switch {
		case strings.Contains(c.Text, "Press it") && (c.Anchor != "page=4" || c.Section != "Kettles and lids > 2 Lids > Closing a lid"),
			strings.Contains(c.Text, "goes on to") && (c.Anchor != "page=2" || !strings.HasPrefix(c.Anchors, "page=2@") || !strings.Contains(c.Anchors, " page=3@")):
			t.Errorf("chunk %q has anchor %q, anchors %q, section %q", c.Text, c.Anchor, c.Anchors, c.Section)
		}
	}
	if d.Title != "Kettles and lids" || len(d.Chunks) < 4 {
		t.Errorf("title %q, %d chunks", d.Title, len(d.Chunks))
	}
}

// TestFrame checks that a word which begins pages far apart is not taken for their running title.
func TestFrame(t *testing.T) {
	var pages [][]word
	for n, first := range []string{"Types", "Alpha", "Beta", "Types", "Gamma", "Delta", "Types"} {
		pages = append(pages, []word{{"R", 10, 60, 740, first}, {"R", 10, 60, 716, fmt.Sprintf("Text %d.", n)}, {"R", 8, 60, 780, "Running title"}})
	}
	d, err := pdf.Read(t.Context(), makePDF(map[string]int{"None": 1}, pages...))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(d.Text, "Types"); n != 3 || strings.Contains(d.Text, "Running") {
		t.Errorf("the text has %d of 3 words, or the running title:\n%s", n, d.Text)
	}
}

// TestEvenWidths reads code in a font whose name does not say that its characters have one
// width. Items of a list, and digits of other fonts, are no code.
func TestEvenWidths(t *testing.T) {
	t.Parallel()
	file := makePDF(nil, []word{{"R", 10, 60, 740, "A kettle sings 1000000007 times, and it is told so:"},
		{"Q", 10, 60, 712, "for lid in kettle {"}, {"Q", 10, 72, 700, "sing()"}, {"Q", 10, 60, 688, "}"}, {"Q", 10, 60, 676, "1000000007"},
		{"R", 10, 60, 652, "1000000007"}, {"R", 10, 60, 628, "The end."}})
	doc, err := pdf.Read(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	if want := "told so:\n\n```\nfor lid in kettle {\n  sing()\n}\n1000000007\n```\n\n1000000007\n\nThe end."; !strings.Contains(doc.Text, want) {
		t.Errorf("text =\n%s\nwant in it\n%s", doc.Text, want)
	}
}
