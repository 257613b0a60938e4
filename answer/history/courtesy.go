package history

import (
	"strings"
	"unicode"
)

// courtesies are messages that ask nothing, by language, in lower case without
// punctuation. Add a language by adding a row.
var courtesies = map[string][]string{
	"en": {"thanks", "thank you", "thx", "ty", "thanks a lot", "thanks so much", "many thanks", "thank you very much", "thank you so much", "cheers", "great", "great thanks",
		"ok", "okay", "ok thanks", "okay thanks", "ok thank you", "perfect", "perfect thanks", "cool", "nice", "got it", "got it thanks", "hello", "hi", "hey", "bye", "goodbye", "good morning"},
	"de": {"danke", "danke schön", "dankeschön", "danke dir", "danke ihnen", "vielen dank", "super", "super danke", "ok danke", "okay danke", "alles klar", "alles klar danke", "prima", "hallo", "tschüss", "guten tag", "guten morgen"},
	"fr": {"merci", "merci beaucoup", "merci bien", "bonjour", "salut", "au revoir", "d'accord", "parfait", "parfait merci"},
	"es": {"gracias", "muchas gracias", "hola", "adiós", "vale", "vale gracias", "perfecto", "perfecto gracias"},
	"it": {"grazie", "grazie mille", "ciao", "buongiorno", "perfetto"},
	"pt": {"obrigado", "obrigada", "muito obrigado", "muito obrigada", "olá", "tchau"},
	"nl": {"dank je", "dank je wel", "dankjewel", "bedankt", "hoi"},
	"ru": {"спасибо", "спасибо большое", "большое спасибо", "привет", "здравствуйте", "пока"},
	"zh": {"谢谢", "谢谢你", "多谢", "感谢", "你好", "您好", "再见", "好的", "好的谢谢"},
	"ja": {"ありがとう", "ありがとうございます", "どうも", "こんにちは"},
	"ko": {"감사합니다", "고마워요", "고맙습니다", "안녕하세요"},
	"ar": {"شكرا", "شكرا لك", "مرحبا"},
	"hi": {"धन्यवाद", "शुक्रिया", "नमस्ते"},
	"th": {"ขอบคุณ", "ขอบคุณครับ", "ขอบคุณค่ะ", "สวัสดี"},
}

var isCourtesy = func() map[string]bool {
	all := map[string]bool{}
	for _, list := range courtesies {
		for _, s := range list {
			all[s] = true
		}
	}
	return all
}()

// IsCourtesy reports whether a message asks nothing: it thanks, greets or agrees.
func IsCourtesy(message string) bool {
	words := strings.FieldsFunc(strings.ToLower(message), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsMark(r) && r != '\'' && r != '’'
	})
	return isCourtesy[strings.ReplaceAll(strings.Join(words, " "), "’", "'")]
}
