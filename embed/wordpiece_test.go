package embed_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/embed/minilm"
)

// languages says about the same in several of them.
var languages = map[string]string{
	"de": "Die Dokumentation beschreibt, wie die Anwendung installiert und konfiguriert wird. Zunächst muss die Datenbankverbindung eingerichtet werden, anschließend lassen sich die Benutzerberechtigungen verwalten. Eine Zusammenfassung der wichtigsten Konfigurationsmöglichkeiten finden Sie am Ende dieses Abschnitts. ",
	"es": "La documentación explica cómo instalar y configurar la aplicación. Primero hay que establecer la conexión con la base de datos y después administrar los permisos de los usuarios. Al final de esta sección se encuentra un resumen. ",
	"fr": "La documentation explique comment installer et configurer l'application. Il faut d'abord établir la connexion à la base de données, puis gérer les autorisations des utilisateurs. ",
	"fi": "Dokumentaatiossa kerrotaan, miten sovellus asennetaan ja määritetään. Ensin on muodostettava tietokantayhteys ja sen jälkeen hallittava käyttäjien käyttöoikeuksia. ",
	"vi": "Tài liệu này mô tả cách cài đặt và cấu hình ứng dụng. Trước tiên cần thiết lập kết nối cơ sở dữ liệu, sau đó quản lý quyền người dùng. ",
	"ru": "Документация описывает, как установить и настроить приложение. Сначала необходимо установить соединение с базой данных, затем настроить права пользователей. ",
	"zh": "本文档介绍如何安装和配置应用程序。首先需要建立数据库连接,然后管理用户权限。",
	"ja": "このドキュメントでは、アプリケーションのインストールと設定の方法について説明します。まずデータベース接続を確立し、次にユーザー権限を管理します。",
	"ko": "이 문서는 애플리케이션을 설치하고 구성하는 방법을 설명합니다. 먼저 데이터베이스 연결을 설정한 다음 사용자 권한을 관리합니다. ",
	"ar": "توضح هذه الوثيقة كيفية تثبيت التطبيق وتكوينه. أولا يجب إنشاء اتصال بقاعدة البيانات ثم إدارة أذونات المستخدمين. ",
	"hi": "यह दस्तावेज़ बताता है कि एप्लिकेशन को कैसे स्थापित और कॉन्फ़िगर किया जाए। पहले डेटाबेस कनेक्शन स्थापित करना आवश्यक है। ",
	"el": "Η τεκμηρίωση περιγράφει πώς εγκαθίσταται και ρυθμίζεται η εφαρμογή. Πρώτα πρέπει να δημιουργηθεί η σύνδεση με τη βάση δεδομένων. ",
}

// Windows that are cut without the vocabulary fit by the vocabulary, and are
// not many more than are needed.
func TestWordPieceWindows(t *testing.T) {
	m, err := minilm.Open(t.Context(), minilm.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = m.Close() }()
	texts := map[string]string{}
	for name, text := range languages {
		for len(texts[name]) < 5000 {
			texts[name] += text
		}
	}
	for _, pattern := range []string{"../docs/*.md", "*.go", "../*.md", "../go.*", "../chunker/s*.go", "provider/testdata/*.golden"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(files), err)
		}
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			texts[f] = string(b)
		}
	}
	limit := m.MaxTokens() - 2 // without the two around a text
	cut, need := 0, 0
	for name, text := range texts {
		for _, w := range embed.Divide("Guide > Installation", text, limit, embed.CountWordPieces) {
			cut++
			if len(m.Windows("", w)) > 1 {
				t.Errorf("%s: a window has more than %d word pieces: %q", name, limit, w)
			}
		}
		need += len(m.Windows("Guide > Installation", text))
	}
	if cut > need*3/2 {
		t.Errorf("%d windows where %d are enough", cut, need)
	}
	t.Logf("%d windows where %d are enough", cut, need)
}
