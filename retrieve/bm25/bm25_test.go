package bm25

import (
	"math"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestTerms(t *testing.T) {
	for _, tt := range []struct {
		name, text, lang string
		want             string // terms, joined by spaces
	}{
		{"empty", "", "en", ""},
		{"no words", " — … !? ", "en", ""},
		{"stop words", "What is the answer?", "en", "answer"},
		{"stems", "Agents improving iteratively", "", "agent improv iter"},
		{"region", "Agents", "en-US", "agent"},
		{"possessive", "Claude’s models", "en", "claud model"},
		{"snake case", "max_completion_tokens=5", "en", "max_completion_tokens max complet token 5"},
		{"camel case", "RecursiveCharacterTextSplitter", "en", "recursivecharactertextsplitter recurs charact text splitter"},
		{"acronym", "HTTPServer", "en", "httpserver http server"},
		{"plural acronym", "APIs", "en", "api"},
		{"dotted", "asyncio.run", "en", "asyncio.run asyncio run"},
		{"dunder", "__init__", "en", "init"},
		{"abbreviation", "e.g. this", "en", "e.g"},
		{"model name", "o1-mini", "en", "o1 mini"},
		{"number", "3.14 and 2,000", "en", "3.14 2,000"},
		{"soft hyphen", "docu\u00admentation", "en", "document"},
		{"ligature", "ﬁle", "en", "file"},
		{"decomposed", "cafe\u0301", "vi", "caf\u00e9"},
		{"english keeps accents", "cafés", "en", "café"},
		{"french", "les continuations", "fr", "continu"},
		{"french elision", "l’installation d'un", "fr", "install"},
		{"italian elision", "nell'installazione", "it", "install"},
		{"russian", "какие агенты", "ru", "агент"},
		{"russian yo", "ещё еще ёлка", "ru", "ещ ещ елк"},
		{"german", "Wie die Häuser Größe", "de", "haus gross"},
		{"german without marks", "Hauser", "de", "haus"},
		{"german capitals", "GROSS GROẞ groß", "de", "gross gross gross"},
		{"norwegian", "hvordan bøkene", "nb", "bøk"},
		{"unknown language", "the Häuser", "cy", "the häuser"},
		{"spanish accents", "cómo árbol arbol como", "es", "arbol arbol"},
		{"portuguese", "as configurações", "pt", "configur"},
		{"romanian cedilla", "opţiuni opțiuni", "ro", "optiun optiun"},
		{"polish", "konfiguracja konfiguracji jak", "pl", "konfig konfig"},
		{"turkish", "İstanbul'da ISPARTA'nın yazılım nasıl", "tr", "istanb ispart nin yazili"},
		{"turkish without marks", "yazilim nasil", "tr", "yazili"},
		{"greek", "Ποιοι Άνθρωποι ανθρώπους λόγος", "el", "ανθρωπ ανθρωπ λογοσ"},
		{"arabic", "الْمُدُن مدينة إلى كيف", "ar", "مدن مدین"},
		{"arabic alef", "أحمد احمد", "ar", "احمد احمد"},
		{"persian keyboards", "كتاب کتاب", "fa", "کتاب کتاب"},
		{"hindi nukta", "फ़ाइल फाइल क्या", "hi", "फाइल फाइल"},
		{"vietnamese", "là hàm ham", "vi", "hàm ham"},
		{"half width", "ｱｸｾｽ ＡＰＩ", "ja", "アク クセ セス api"},
		{"thai", "ภาษาไทย", "th", "ภาษ าษา ษาไ าไท ไทย"},
		{"two scripts", "ไทย日本", "th", "ไทย 日本"},
		{"one lao character", "ກ", "lo", "ກ"},
		{"khmer", "ភាសា", "km", "ភាស ាសា"},
		{"japanese", "東京都は", "ja", "東京 京都 都は"},
		{"one character", "猫!", "zh", "猫"},
		{"two runs", "猫 犬", "zh", "猫 犬"},
		{"mixed scripts", "使用Milvus搜索", "zh", "使用 milvus 搜索"},
		{"korean", "안녕하세요", "ko", "안녕 녕하 하세 세요"},
		{"korean particles", "Kubernetes를 FastAPI에서", "ko", "kubernetes 를 fastapi fast api 에서"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := strings.Join(Terms(tt.text, tt.lang), " "); got != tt.want {
				t.Errorf("Terms(%q, %q) = %q, want %q", tt.text, tt.lang, got, tt.want)
			}
		})
	}
}

func TestDocument(t *testing.T) {
	got := Document("vectors and a vector in Milvus", "en")
	// Three terms: vector twice, milvus once.
	weight := func(tf float64) float32 { return float32(tf * 2.2 / (tf + 1.2*(0.25+0.75*3/120))) }
	want := Sparse{Dims: []uint32{dimension("vector"), dimension("milvus")}, Weights: []float32{weight(2), weight(1)}}
	if want.Dims[0] > want.Dims[1] {
		slices.Reverse(want.Dims)
		slices.Reverse(want.Weights)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Document differs (-want +got):\n%s", diff)
	}
	if got := Document("of the", "en"); len(got.Dims) != 0 || len(got.Weights) != 0 {
		t.Errorf("Document of stop words = %v, want none", got)
	}
}

// Stored vectors rely on these values.
func TestDimensionIsStable(t *testing.T) {
	for _, tt := range []struct {
		term string
		want uint32
	}{
		{"", 2166136261},
		{"a", 3826002220},
		{"foobar", 3214735720},
	} {
		if got := dimension(tt.term); got != tt.want {
			t.Errorf("Dimension(%q) = %d, want %d", tt.term, got, tt.want)
		}
	}
}

func FuzzDocument(f *testing.F) {
	for _, s := range []string{"What is self-reflection?", "max_completion_tokens HTTPServer", "東京 is Tokyo", "it's", "\xff\u0301", "'s ''' __"} {
		for _, lang := range []string{"en", "fr", "hu", "nb", "ru", "es", "sv", "ja", "de", "tr", "ar", "hi", "th", "it", "el"} {
			f.Add(s, lang)
		}
	}
	f.Fuzz(func(t *testing.T, text, lang string) {
		for _, term := range Terms(text, lang) {
			if term == "" || strings.ContainsFunc(term, unicode.IsSpace) {
				t.Errorf("Terms(%q, %q) holds %q", text, lang, term)
			}
		}
		s := Document(text, lang)
		if len(s.Dims) != len(s.Weights) {
			t.Fatalf("%d dims, %d weights", len(s.Dims), len(s.Weights))
		}
		for i, d := range s.Dims {
			if i > 0 && d <= s.Dims[i-1] || d == math.MaxUint32 {
				t.Errorf("dims %v are not increasing below 2^32-1", s.Dims)
			}
			if w := s.Weights[i]; !(w > 0 && w <= k1+1) {
				t.Errorf("weight %v is not within (0, %v]", w, k1+1)
			}
		}
		if utf8.ValidString(text) && !slices.Equal(Terms(text, lang), Terms(text+" ", lang)) {
			t.Errorf("Terms(%q) changes with a space at the end", text)
		}
	})
}

func BenchmarkDocument(b *testing.B) {
	text := strings.Repeat("The agent keeps a memory of past actions and improves iteratively by reflecting on max_completion_tokens. ", 20)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		Document(text, "en")
	}
}
