package language

import (
	"slices"
	"strings"
	"testing"
)

// sentences are a sentence of a documentation and a question, by language.
var sentences = map[string][2]string{
	"en": {"Set the port in the configuration file, then start the server again.", "How do I change the port?"},
	"de": {"Der Dienst liest die Datei beim Start und prüft, ob der Schlüssel noch gültig ist.", "Wie ändere ich den Anschluss?"},
	"es": {"El servidor lee el archivo al arrancar y comprueba que la clave es válida.", "¿Cómo se cambia el puerto?"},
	"fr": {"Le serveur lit le fichier au démarrage et vérifie que la clé est valide.", "Comment changer le port ?"},
	"it": {"Il server legge il file all'avvio e controlla che la chiave sia valida.", "Come si cambia la porta del server?"},
	"pt": {"O servidor lê o arquivo ao iniciar e verifica se a chave não expirou.", "Como eu mudo a porta do servidor?"},
	"nl": {"De server leest het bestand bij het starten en controleert of de sleutel geldig is.", "Hoe verander ik de poort?"},
	"pl": {"Serwer czyta plik przy starcie i sprawdza, czy klucz jest ważny.", "Jak zmienić port serwera?"},
	"tr": {"Sunucu açılışta bu dosyayı okur ve anahtarın geçerli olup olmadığını denetler.", "Bağlantı noktası nasıl değiştirilir?"},
	"vi": {"Máy chủ đọc tệp này khi khởi động và kiểm tra khóa.", "Làm thế nào để đổi cổng?"},
	"id": {"Server membaca berkas itu saat mulai dan memeriksa apakah kunci masih berlaku.", "Bagaimana cara mengubah port untuk server ini?"},
	"cs": {"Server čte soubor při startu a ověří, že klíč je platný.", "Jak se mění port serveru?"},
	"ro": {"Serverul citește fișierul la pornire și verifică dacă cheia este validă.", "Cum se schimbă portul?"},
	"hu": {"A szerver induláskor olvassa a fájlt, és ellenőrzi, hogy a kulcs érvényes.", "Hogyan lehet a portot módosítani?"},
	"sv": {"Servern läser filen vid start och kontrollerar att nyckeln är giltig.", "Hur ändrar jag porten för servern?"},
	"da": {"Serveren læser filen ved opstart og kontrollerer, om nøglen er gyldig af hensyn til jer.", "Hvad er porten, og hvordan ændrer jeg den?"},
	"no": {"Serveren leser filen når den starter og sjekker at nøkkelen er gyldig, fordi noe kan ha endret seg.", "Hva gjør jeg når porten ikke er ledig etter oppstart?"},
	"fi": {"Palvelin lukee tiedoston käynnistyessään ja tarkistaa, että avain on voimassa.", "Miten portti vaihdetaan ja missä se on?"},
	"sk": {"Server číta súbor pri štarte a overí, že kľúč je platný, keď je to potrebné.", "Ako sa mení port a kedy?"},
	"et": {"Server loeb faili käivitamisel ja kontrollib, kas võti on veel kehtiv.", "Kuidas ma porti muudan ja kus see on?"},
	"ru": {"Сервер читает файл при запуске и проверяет, что ключ ещё действителен.", "Как изменить порт сервера?"},
	"uk": {"Сервер читає файл під час запуску і перевіряє, що ключ ще дійсний.", "Як змінити порт сервера?"},
	"bg": {"Сървърът чете файла при стартиране и проверява дали ключът е валиден.", "Как се сменя портът?"},
	"sr": {"Сервер чита датотеку када се покрене и проверава да ли је кључ још важећи.", "Како се мења порт и где је кључ?"},
	"el": {"Ο διακομιστής διαβάζει το αρχείο κατά την εκκίνηση.", "Πώς αλλάζω τη θύρα;"},
	"he": {"השרת קורא את הקובץ בעת ההפעלה.", "איך משנים את הפורט?"},
	"ar": {"يقرأ الخادم الملف عند بدء التشغيل ويتحقق من صلاحية المفتاح.", "كيف أغير المنفذ؟"},
	"fa": {"سرور هنگام شروع این فایل را می\u200cخواند و کلید را بررسی می\u200cکند.", "چگونه پورت را تغییر دهم؟"},
	"ur": {"سرور شروع ہوتے وقت یہ فائل پڑھتا ہے اور کلید کی جانچ کرتا ہے۔", "پورٹ کیسے تبدیل کریں؟"},
	"hi": {"सर्वर शुरू होने पर यह फ़ाइल पढ़ता है और कुंजी की जाँच करता है।", "पोर्ट कैसे बदलें?"},
	"mr": {"सर्व्हर सुरू होताना ही फाइल वाचतो आणि ती वैध आहे का ते पाहतो.", "पोर्ट कसे बदलायचे आहे?"},
	"zh": {"服务器启动时读取该文件，并检查密钥是否有效。", "如何更改端口？"},
	"ja": {"サーバーは起動時にこのファイルを読み込みます。", "ポートを変更する方法は？"},
	"ko": {"서버는 시작할 때 이 파일을 읽습니다.", "포트를 어떻게 바꾸나요?"},
	"th": {"เซิร์ฟเวอร์อ่านไฟล์นี้เมื่อเริ่มทำงาน", "เปลี่ยนพอร์ตอย่างไร"},
	"km": {"ម៉ាស៊ីនមេអានឯកសារនេះពេលចាប់ផ្តើម។", "តើខ្ញុំប្តូរច្រកយ៉ាងដូចម្តេច?"},
	"ta": {"சேவையகம் தொடங்கும்போது இந்தக் கோப்பைப் படிக்கிறது.", "துறையை எப்படி மாற்றுவது?"},
	"ka": {"სერვერი გაშვებისას კითხულობს ამ ფაილს.", "როგორ შევცვალო პორტი?"},
}

// code is what a page in any language may hold besides its sentences.
const code = "\n```python\nfor item in the_list:  # this is what we do with all of them\n    if item is not None and item in (1, 2): return item\n```\n" +
	"Uvicorn, FastAPI, `if it is not in the list`, https://example.org/in/the/end, max_completion_tokens, os.path.is_in(a,the)\n"

func TestGuess(t *testing.T) {
	for want, texts := range sentences {
		for _, text := range texts {
			for _, text := range []string{text, text + code, code + text + code + code} {
				tag, confidence := Guess(text)
				if tag != want || confidence < 0.5 || confidence > 1 {
					t.Errorf("Guess(%q) = %q, %.2f, want %s", text, tag, confidence, want)
				}
			}
		}
	}
}

func TestGuessSpecialTexts(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"empty", "", ""},
		{"no letters", "1 + 2 = 3 …", ""},
		{"names", "Amsterdam Berlin Copenhagen", ""},
		{"names with hyphens", "Rules\n\n- no-free-form\n- no-handler\n- no-tabs\n- var-naming\n- meta-no-tags\n- no-log-password\n", ""},
		{"code alone", code, ""},
		{"code outside of fences", "func count(s string, n int) int {\n\tfor c := range s {\n\t\tif c == n { n += v(c, k, z) }\n\t}\n\treturn n * s * d\n}\n", "en"},
		{"an unknown script", "ᚠᚢᚦᚨᚱᚲ", ""},
		{"not UTF-8", "\xff\xfe", ""},
		{"a fence that never ends", "Das ist eine Frage, die nicht beantwortet wird.\n~~~\nfor the of and to in\n", "de"},
		{"decomposed letters", "Pha\u0300t trie\u0302\u0309n của một với những", "vi"},
		{"capital I with a dot", "İLE ne için, İçin de var mı", "tr"},
		{"an English page that quotes Chinese", "The word for a server is 服务器, and you will find it in the menu of the page.", "en"},
		{"a Chinese page that quotes English", "这个服务器的名字叫做 the best of all servers，它在启动的时候会读取配置文件并且检查密钥。", "zh"},
		{"a Russian page full of names", "Uvicorn Gunicorn Hypercorn Starlette — это серверы, которые запускают FastAPI", "ru"},
		{"two characters", "東京", "zh"},
		{"Chinese with a Japanese product", "这个软件的名字是の，它是一个非常好用的数据库管理软件，可以在各种操作系统上面运行。", "zh"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tag, confidence := Guess(tt.text); tag != tt.want || (tag == "") != (confidence == 0) || confidence > 1 {
				t.Errorf("Guess(%q) = %q, %v, want %q", tt.text, tag, confidence, tt.want)
			}
		})
	}
}

// TestTable checks that each word of the table can be met in a text.
func TestTable(t *testing.T) {
	all := profilesOf()
	if len(all) < 6 {
		t.Fatalf("profiles of %d scripts", len(all))
	}
	for script, p := range all {
		for i, tag := range p.tags {
			if slices.Index(p.tags, tag) != i {
				t.Errorf("%s has two lines for %s", script, tag)
			}
		}
		for w, langs := range p.words {
			if got := fields(prose(w)); !slices.Equal(got, []string{w}) {
				t.Errorf("the word %q of %s is read as %q", w, p.tags[langs[0].lang], got)
			}
			has := p.wordLetters(w)
			for i, l := range langs {
				if has != nil && !has[l.lang] {
					t.Errorf("%s lacks a letter of its word %q", p.tags[l.lang], w)
				}
				if slices.IndexFunc(langs, func(o listed) bool { return o.lang == l.lang }) != i {
					t.Errorf("%s has the word %q twice", p.tags[l.lang], w)
				}
			}
		}
	}
}

func BenchmarkGuess(b *testing.B) {
	text := strings.Repeat(sentences["de"][0]+"\n"+code, 50)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		Guess(text)
	}
}

func TestAsking(t *testing.T) {
	for _, tag := range []string{"ar", "de", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "sv", "th", "tr", "zh"} {
		if n := len(askingWords()[tag]); n < 15 {
			t.Errorf("%s has %d words that ask", tag, n)
		}
	}
	for i, w := range askingWords()["zh"][1:] {
		if strings.Contains(w, askingWords()["zh"][i]) {
			t.Errorf("%s stands behind %s, which is part of it", w, askingWords()["zh"][i])
		}
	}
	if !Asks("funktioniert", "de") || Asks("funktioniert", "en") || Asks("schlüssel", "de") {
		t.Error("funktioniert asks in German, Schlüssel does not")
	}
	for in, want := range map[string]string{"zh 为什么密钥轮换吗": " 密钥轮换 ", "ja 鍵はどのように使いますか": "鍵は 使い ", "de wie was": "wie was"} {
		tag, text, _ := strings.Cut(in, " ")
		if got := WithoutAsking(text, tag); got != want {
			t.Errorf("WithoutAsking(%q, %q) = %q, want %q", text, tag, got, want)
		}
	}
}

func TestSeparable(t *testing.T) {
	for question, want := range map[string]string{
		"Wie lade ich eine Datei hoch?":                                   "lade hochlade",
		"Wie schaltet FastAPI die Prüfung ab?":                            "schaltet abschaltet",
		"Warum gibt es Unterstriche, und wie schalte ich sie für alle ab": "schalte abschalte",
		"Wie richtet man Metriken ein?":                                   "richtet einrichtet",
		"Wie installiere ich FastAPI?":                                    "",
		"Was ist eine Datei":                                              "",
		"Welche Datei lädt man hoch?":                                     "lädt hochlädt",
		"hoch":                                                            "",
		"":                                                                "",
	} {
		verb, joined, ok := Separable(question)
		if got := strings.TrimSpace(verb + " " + joined); got != want || ok != (want != "") {
			t.Errorf("Separable(%q) = %q, %v, want %q", question, got, ok, want)
		}
	}
}
