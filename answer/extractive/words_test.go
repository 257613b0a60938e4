package extractive

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// What a question asks for is told by the words of its language.
func TestFormsOf(t *testing.T) {
	for _, tt := range []struct {
		lang, question string // of the pages
		want           []form
		left           string // the words that remain
	}{
		{"en", "How do I rotate a key?", []form{howTo}, "How do I rotate a key?"},
		{"en", "¿Qué es una clave?", []form{what}, "una clave?"},
		{"de", "Was sind Schlüssel?", []form{list, what}, "Schlüssel?"},
		{"de", "Was sind die Schlüssel?", []form{list}, "Was sind die Schlüssel?"},
		{"en", "What are keys?", []form{list, what}, "keys?"},
		{"en", "What are the keys?", []form{list}, "What are the keys?"},
		{"en", "What is a key?", []form{what}, "a key?"},
		{"en", "Where is a key?", []form{value}, "Where is a key?"},
		{"en", "Signed keys: Can you give an example?", []form{howTo}, "Signed keys: Can you give an example?"},
		{"en", "Are keys signed?", []form{whether}, "Are keys signed?"},
		{"en", "Are there limits of keys?", []form{whether}, "Are there limits of keys?"},
		{"en", "In what order are keys signed?", []form{list}, "In what order are keys signed?"},
		{"en", "rotate the key every month", []form{request}, "rotate the key every month"},
		{"de", "Ist der Schlüssel geheim?", []form{whether}, "Ist der Schlüssel geheim?"},
		{"fr", "changer la clé chaque mois", nil, "changer la clé chaque mois"},
		{"de", "Wie kann ich den Schlüssel wechseln?", []form{howTo}, "Wie kann ich den Schlüssel wechseln?"},
		{"de", "Wie lasse ich den Schlüssel wechseln?", nil, "Wie ich den Schlüssel wechseln?"},
		{"de", "Wie lade ich Dateien hoch?", nil, "Wie lade ich Dateien hoch hochlade"},
		{"es", "¿Qué es una clave?", []form{what}, "una clave?"},
		{"es", "¿Cuántas claves hay?", []form{value}, "¿Cuántas claves hay?"},
		{"fr", "Pourquoi la clé change-t-elle ?", []form{reason}, "Pourquoi la clé change-t-elle ?"},
		{"it", "Qual è la differenza tra chiave e token?", []form{compare}, "Qual è la tra chiave e token?"},
		{"pt", "Quais chaves existem?", []form{list}, "Quais chaves existem?"},
		{"nl", "Wat is een sleutel?", []form{what}, "een sleutel?"},
		{"ru", "Что такое ключ?", []form{what}, "ключ?"},
		{"pl", "Czym jest klucz?", []form{what}, "klucz?"},
		{"tr", "Anahtar nedir?", []form{what}, "Anahtar"},
		{"ar", "كيف أغير المفتاح؟", []form{howTo}, "كيف أغير المفتاح؟"},
		{"zh", "v-if 和 v-show 有什么区别？", []form{compare}, "v-if 和 v-show ？"},
		{"zh", "如何限制缓存的最大实例数？", []form{howTo, value}, "限制缓存的最大实例数？"},
		{"zh", "密钥是什么？", []form{what}, "密钥 ？"},
		{"ja", "鍵とは何ですか？", []form{what}, "鍵 ？"},
		{"ko", "키를 어떻게 바꾸나요?", []form{howTo}, "키를 바꾸나요?"},
	} {
		q := newQuery(tt.question, map[string]bool{tt.lang: true})
		if got := slices.Sorted(maps.Keys(q.forms)); !slices.Equal(got, tt.want) {
			t.Errorf("%q asks for %v, want %v", tt.question, got, tt.want)
		}
		left := strings.Fields(tt.left)
		for i, w := range left {
			left[i] = strings.Trim(w, trimmed)
		}
		if !slices.Equal(q.words, left) {
			t.Errorf("%q without its form is %q, want %q", tt.question, q.words, left)
		}
	}
}

func TestDefined(t *testing.T) {
	for _, tt := range []struct{ lang, sentence, want string }{
		{"en", "A key is what signs.", "key"},
		{"", "Keys are rotated.", "Keys"},
		{"en", "The war ended.", ""},
		{"de", "Der Schlüssel ist geheim.", "Schlüssel"},
		{"es", "La clave es secreta.", "clave"},
		{"ru", "Ключ — это тайна.", "Ключ"},
		{"zh", "计算属性是一种 ref。", "计算属性"},
		{"ja", "鍵は秘密です。", "鍵"},
		{"xx", "A key is what signs.", ""},
	} {
		if got := defined(tt.sentence, tt.lang); got != tt.want {
			t.Errorf("defined(%q, %q) = %q, want %q", tt.sentence, tt.lang, got, tt.want)
		}
	}
	for _, tt := range []struct {
		lang, sentence string
		want           bool
	}{{"en", "It is new.", true}, {"en", "Keys are new.", false}, {"fr", "Cela change.", true}, {"zh", "这意味着什么", true}, {"zh", "密钥", false}, {"de", "It is new.", false}} {
		if got := refersBack(tt.sentence, tt.lang); got != tt.want {
			t.Errorf("refersBack(%q, %q) = %v, want %v", tt.sentence, tt.lang, got, tt.want)
		}
	}
}
