package llm

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/pkoukk/tiktoken-go"
	loader "github.com/pkoukk/tiktoken-go-loader"
)

// The estimate is not below the count of the real vocabulary.
func TestTokens(t *testing.T) {
	tiktoken.SetBpeLoader(loader.NewOfflineLoader())
	codec, err := tiktoken.GetEncoding(tiktoken.MODEL_O200K_BASE)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte("citewell"))
	for _, tt := range []struct{ name, text string }{
		{"empty", ""},
		{"english", "Self-reflection allows autonomous agents to improve iteratively by refining past action decisions."},
		{"german", "Donaudampfschifffahrtsgesellschaftskapitän fährt über die Brücke."},
		{"russian", "Векторная база данных хранит вложения документов."},
		{"chinese", "向量数据库用于存储和检索文档的嵌入表示。"},
		{"japanese", "ドキュメントの埋め込みをベクトルデータベースに保存します。"},
		{"korean", "벡터 데이터베이스는 문서 임베딩을 저장합니다."},
		{"arabic", "تخزن قاعدة البيانات المتجهات الخاصة بالوثائق."},
		{"thai", "ฐานข้อมูลเวกเตอร์เก็บเอกสาร"},
		{"amharic", "የቬክተር ዳታቤዝ ሰነዶችን ያከማቻል"},
		{"emoji", "👩‍👩‍👧‍👦🏳️‍🌈🧑🏽‍🚀"},
		{"code", "func (c *Client) Complete(ctx context.Context, r Request) (Response, error) {\n\tif x != nil {\n\t\treturn\n\t}\n}\n"},
		{"table", "| a | b |\n|---|---|\n| 1 | 2 |\n"},
		{"hex", hex.EncodeToString(sum[:])},
		{"base64", base64.StdEncoding.EncodeToString([]byte(strings.Repeat(string(sum[:]), 4)))},
		{"spaces", "a" + strings.Repeat(" ", 300) + "b" + strings.Repeat("\n", 50)},
		{"broken", "\xff\xfe broken \x00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text := strings.Repeat(tt.text+" ", 20) // so that the frame's 16 decide nothing
			real := len(codec.Encode(text, nil, nil))
			if got := tokens(text) - 16; got < real-1 {
				t.Errorf("tokens = %d, below the real %d", got, real)
			}
		})
	}
}

func TestBudget(t *testing.T) {
	for _, tt := range []struct {
		name            string
		model           string
		prompt, asked   int
		want            int
		leavesRoomToUse bool
	}{
		{"all of it", "o1-mini", 5_000, 0, 65_536, true},
		{"what is left", "o1-mini", 90_000, 0, 38_000, true},
		{"just the reserve", "o1-mini", 103_000, 0, 25_000, true},
		{"below the reserve", "o1-mini", 103_001, 0, 0, false},
		{"asked for less", "o1-mini", 120_000, 8_000, 8_000, true},
		{"asked for less, no room", "o1-mini", 120_001, 8_000, 0, false},
		{"small reserve", "deepseek-r1", 55_808, 0, 8_192, true},
		{"no reasoning", "gpt-4o", 123_904, 0, 4_096, true},
		{"no reasoning, no room", "gpt-4o", 123_905, 0, 0, false},
		{"unknown context", "mystery", 9_999_999, 0, 4_096, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := profileOf(tt.model).budget(tt.prompt, tt.asked)
			if got != tt.want || (err == nil) != tt.leavesRoomToUse {
				t.Errorf("budget = %d, %v, want %d, room %v", got, err, tt.want, tt.leavesRoomToUse)
			}
		})
	}
}
