package extract_test

import (
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"github.com/citewell/citewell/ingest/extract"
)

const (
	japaneseText = "やかんは蒸気が小さな穴を通るときに歌う。お湯が沸くまで待つ時間も、お茶の楽しみの一つである。"
	frenchText   = "L’été, la théière chante à côté du garçon – « déjà prête » – pour 3 €."
	russianText  = "Чайник поёт, когда пар выходит через маленькое отверстие. Вода закипает при ста градусах на уровне моря."
	chineseText  = "水壶在蒸汽穿过小孔时会歌唱。等待水开的时间也是喝茶的乐趣之一。"
)

func TestCharsets(t *testing.T) {
	sjis, latin := japanese.ShiftJIS, charmap.Windows1252
	for _, tt := range []struct {
		name   string
		text   string
		enc    encoding.Encoding // nil is UTF-8
		header string
		meta   string // in front of the text
	}{
		{"UTF-8 undeclared", japaneseText, nil, "text/html", ""},
		{"UTF-8, header says Latin", japaneseText, nil, "text/html; charset=iso-8859-1", ""},
		{"UTF-8, page says Shift-JIS", japaneseText, nil, "text/html", `<meta charset="shift_jis">`},
		{"UTF-8 with mark", frenchText, unicode.UTF8BOM, "text/html; charset=windows-1252", ""},
		{"UTF-16 with mark", japaneseText, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), "text/html", ""},
		{"Shift-JIS in the header", japaneseText, sjis, "text/html; charset=Shift_JIS", ""},
		{"Shift-JIS in the page", japaneseText, sjis, "text/html", `<meta http-equiv="Content-Type" content="text/html; charset=x-sjis">`},
		{"Shift-JIS, header says UTF-8", japaneseText, sjis, "text/html; charset=utf-8", `<meta charset="Shift_JIS">`},
		{"Shift-JIS, header says Latin", japaneseText, sjis, "text/html; charset=ISO-8859-1", `<meta charset="Shift_JIS">`},
		{"Shift-JIS undeclared", japaneseText, sjis, "text/html", ""},
		{"Shift-JIS, header says UTF-8 and page nothing", japaneseText, sjis, "text/html; charset=utf-8", ""},
		{"EUC-JP undeclared", japaneseText, japanese.EUCJP, "", ""},
		{"ISO-2022-JP", japaneseText, japanese.ISO2022JP, "text/html; charset=iso-2022-jp", ""},
		{"GB18030 in the page", chineseText, simplifiedchinese.GB18030, "text/html", `<meta charset=gb2312>`},
		{"windows-1252 in the header", frenchText, latin, "text/html; charset=windows-1252", ""},
		{"windows-1252 called Latin 1", frenchText, latin, "text/html; charset=iso-8859-1", ""},
		{"windows-1252 undeclared", frenchText, latin, "text/html", ""},
		{"windows-1252, header says UTF-8", frenchText, latin, "text/html; charset=utf-8", `<meta charset="windows-1252">`},
		{"windows-1251 in the page", russianText, charmap.Windows1251, "text/html", `<meta charset="windows-1251">`},
		{"KOI8-R, header says Latin", russianText, charmap.KOI8R, "text/html; charset=latin1", `<meta charset="koi8-r">`},
		{"unknown name", frenchText, latin, "text/html; charset=klingon", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			body := "<html><head>" + tt.meta + "<title>t</title></head><body><main><p>" + tt.text + "</p></main></body></html>"
			if tt.enc != nil {
				var err error
				if body, err = tt.enc.NewEncoder().String(body); err != nil {
					t.Fatal(err)
				}
			}
			p := mustExtract(t, []byte(body), tt.header, "https://e.com/", extract.Options{})
			if p.Text != tt.text {
				t.Errorf("text = %q, want %q", p.Text, tt.text)
			}
		})
	}
}

func TestBrokenUTF8StaysUTF8(t *testing.T) {
	p := mustExtract(t, []byte("<main><p>caf\xc3\xa9 \xff no</p></main>"), "text/html; charset=utf-8", "https://e.com/", extract.Options{})
	if want := "café \ufffd no"; p.Text != want {
		t.Errorf("text = %q, want %q", p.Text, want)
	}
	if strings.ContainsRune(mustExtract(t, []byte("a\x00b\x07c"), "text/plain", "a.txt", extract.Options{}).Text, 0) {
		t.Error("a control character is left in the text")
	}
}
