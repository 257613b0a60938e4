package llm

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"
)

// Names lead to their row, whatever stands around them.
func TestChoose(t *testing.T) {
	for _, tt := range []struct {
		model, asked string
		deployment   bool
		want, why    string
	}{
		{"o1", "", false, "o1", "name"},
		{"o1-2024-12-17", "", false, "o1", "name"},
		{"OpenAI/O1", "", false, "o1", "name"},
		{"openai/o1-preview-2024-09-12", "", false, "o1-preview", "name"},
		{"o1-mini", "", false, "o1-mini", "name"},
		{"o3-mini-2025-01-31", "", false, "o3-mini", "name"},
		{"o4-mini", "", false, "o3", "name"},
		{"gpt-4o-2024-08-06", "", false, "gpt-4o", "name"},
		{"gpt-4o-mini", "", false, "gpt-4o", "name"},
		{"gpt-4.1-nano-2025-04-14", "", false, "gpt-4.1", "name"},
		{"gpt-5-mini-2025-08-07", "", false, "gpt-5", "name"},
		{"deepseek/deepseek-r1:free", "", false, "deepseek-r1", "name"},
		{"deepseek-ai/DeepSeek-R1-0528", "", false, "deepseek-r1", "name"},
		{"deepseek-r1:14b", "", false, "deepseek-r1", "name"},
		{"deepseek-reasoner", "", false, "deepseek-r1", "name"},
		{"claude-3-5-sonnet-20241022", "", false, "claude-3.5-sonnet", "name"},
		{"claude-3-5-sonnet-latest", "", false, "claude-3.5-sonnet", "name"},
		{"anthropic/claude-3.5-sonnet", "", false, "claude-3.5-sonnet", "name"},
		{"us.anthropic.claude-3-5-sonnet-20241022-v2:0", "", false, "claude-3.5-sonnet", "name"},
		{"claude-3-5-sonnet@20241022", "", false, "claude-3.5-sonnet", "name"},
		{"claude-haiku-4-5-20251001", "", false, "claude-sonnet-4.5", "name"},
		{"claude-opus-5-5", "", false, "claude-sonnet-5.5", "name"},
		{"o1x", "", false, "compatible", "no family"},
		{"my-o1-mini", "", false, "compatible", "no family"},
		{"gemini-3-pro", "", false, "compatible", "no family"},
		{"gpt-image-2", "", false, "compatible", "no family"},
		{"gpt-6.1-terra", "", false, "gpt-6.1", "name"},
		{"gpt-6.2-sol", "", false, "gpt-6.1", "family"},
		{"gpt-7", "", false, "gpt-6.1", "family"},
		{"openai/gpt-6.2-sol-2027-03-01", "", false, "gpt-6.1", "family"},
		{"gpt-6-nova", "", false, "gpt-6", "family"},
		{"gpt-5.9-mini", "", false, "gpt-5.6", "family"},
		{"gpt-5.3-codex", "", false, "gpt-5.2", "family"},
		{"gpt-5.3-chat-latest", "", false, "gpt-5-chat", "name"},
		{"gpt-6-chat-latest", "", false, "gpt-5-chat", "family"},
		{"chatgpt-4o-latest", "", false, "gpt-4o", "family"},
		{"gpt-4-turbo-2024-04-09", "", false, "gpt-4o", "family"},
		{"gpt-3.5-turbo", "", false, "gpt-4o", "family"},
		{"gpt-35-turbo", "", true, "gpt-4o", "family"},
		{"openai.gpt-oss-120b-1:0", "", false, "gpt-oss", "name"},
		{"o5-mini", "", false, "o3", "family"},
		{"o1-pro", "", false, "o1", "family"},
		{"o3-deep-research", "", false, "o3", "family"},
		{"claude-opus-6", "", false, "claude-sonnet-5.5", "family"},
		{"claude-opus-6-1-20270203", "", false, "claude-sonnet-5.5", "family"},
		{"eu.anthropic.claude-opus-6-20270101-v1:0", "", false, "claude-sonnet-5.5", "family"},
		{"claude-3-7-sonnet-20250219", "", false, "claude-3.5-sonnet", "family"},
		{"claude-3-opus@20240229", "", false, "claude-3.5-sonnet", "family"},
		{"claude-sonnet-4-20250514", "", false, "claude-3.5-sonnet", "family"},
		{"claude-latest", "", false, "claude-sonnet-5.5", "family"},
		{"deepseek-v4-reasoner", "", false, "deepseek-v4", "family"},
		{"deepseek-v3.2", "", false, "deepseek-v3", "family"},
		{"deepseek-ai/DeepSeek-R1-Distill-Qwen-32B", "", false, "deepseek-r1", "family"},
		{"us.deepseek.r1-v1:0", "", false, "deepseek-r1", "name"},
		{"deepseek-r2:70b", "", false, "deepseek-r1", "family"},
		{"accounts/fireworks/models/deepseek-v5", "", false, "deepseek-v4", "family"},
		{"Qwen3-235B-A22B-Thinking", "", false, "qwen3-thinking", "family"},
		{"Qwen/QwQ-32B", "", false, "qwen3-thinking", "name"},
		{"qwen3:8b", "", false, "qwen3-thinking", "family"},
		{"Qwen/Qwen2.5-72B-Instruct", "", false, "qwen", "family"},
		{"qwen2.5-vl:7b", "", false, "qwen", "family"},
		{"prod-gpt-6.2", "", true, "gpt-6.1", "family"},
		{"team_o5-mini", "", true, "o3", "family"},
		{"my-o1-mini-prod", "", true, "o1-mini", "guessed"},
		{"team_gpt-4o_eu", "", true, "gpt-4o", "guessed"},
		{"prod-chat", "", true, "compatible", "--model-profile"},
		{"gpt-5.9", "", true, "gpt-5.6", "family"},
		{"prod-chat", "gpt-6.2-sol", true, "gpt-6.1", "set by"},
		{"prod-chat", "o1-mini", true, "o1-mini", "set by"},
		{"prod-chat", "openai/o1-2024-12-17", true, "o1", "set by"},
		{"o1", "compatible", false, "compatible", "set by"},
	} {
		p, why, err := chooseProfile(tt.model, tt.asked, tt.deployment)
		if err != nil || p.name != tt.want || !strings.Contains(why, tt.why) {
			t.Errorf("choose(%s, %s, %v) = %s, %q, %v, want %s, %s", tt.model, tt.asked, tt.deployment, p.name, why, err, tt.want, tt.why)
		}
	}
	if _, _, err := chooseProfile("o1", "n9", false); !errors.Is(err, ErrConfig) || !strings.Contains(err.Error(), "--model-profile") {
		t.Errorf("choose with an unknown profile = %v, want ErrConfig naming the flag", err)
	}
}

// A name is in one row only, and each row leads to itself.
func TestProfiles(t *testing.T) {
	seen := map[string]string{}
	for _, p := range profiles {
		for _, name := range append([]string{p.name}, p.aliases...) {
			if seen[name] != "" {
				t.Errorf("%s is in the rows %s and %s", name, seen[name], p.name)
			}
			seen[name] = p.name
			if got := KnownProfile(name); got != p.name {
				t.Errorf("KnownProfile(%s) = %q, want %q", name, got, p.name)
			}
		}
	}
	if got := KnownProfile("mystery"); got != "" {
		t.Errorf("KnownProfile(mystery) = %q", got)
	}
}

func TestTokens(t *testing.T) {
	sum := sha256.Sum256([]byte("citewell"))
	for _, tt := range []struct {
		name, text string
	}{
		{"empty", ""},
		{"english", "Self-reflection allows autonomous agents to improve iteratively by refining past action decisions."},
		{"chinese", "向量数据库用于存储和检索文档的嵌入表示。"},
		{"emoji", "👩‍👩‍👧‍👦🏳️‍🌈🧑🏽‍🚀"},
		{"code", "func (c *Client) Complete(ctx context.Context, r Request) (Response, error) {\n\tif x != nil {\n\t\treturn\n\t}\n}\n"},
		{"base64", base64.StdEncoding.EncodeToString([]byte(strings.Repeat(string(sum[:]), 4)))},
		{"hex", hex.EncodeToString(sum[:])},
		{"special", "<|endoftext|> is text"},
		{"broken", "\xff\xfe broken \x00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text := strings.Repeat(tt.text+" ", 100)
			want := len(vocabulary().EncodeOrdinary(text))
			if got := tokens(text); got < want || got > want+2*(len(text)/pieceBytes+1) {
				t.Errorf("tokens = %d, want %d or a little more", got, want)
			}
			if got := tokens(text); got > len(text) {
				t.Errorf("tokens = %d, more than the %d bytes", got, len(text))
			}
		})
	}
	if got := tokens("hello world"); got != 2 {
		t.Errorf("tokens(hello world) = %d, want 2", got)
	}
}

// A long word does not take long.
func TestTokensOfLongWords(t *testing.T) {
	vocabulary()
	start := time.Now()
	tokens(strings.Repeat("a", 200_000))
	if took := time.Since(start); took > time.Minute {
		t.Errorf("took %v", took)
	}
}

func TestBudget(t *testing.T) {
	for _, tt := range []struct {
		name               string
		model              string
		prompt, asked      int // tokens
		want, most         int
		leavesRoomToAnswer bool
	}{
		{"the reserve, and all of it", "o1-mini", 5_000, 0, 25_000, 65_536, true},
		{"what is left", "o1-mini", 90_000, 0, 25_000, 38_000, true},
		{"just the reserve", "o1-mini", 103_000, 0, 25_000, 25_000, true},
		{"below the reserve", "o1-mini", 103_001, 0, 0, 0, false},
		{"asked for less", "o1-mini", 120_000, 8_000, 8_000, 8_000, true},
		{"asked for less, with room", "o1-mini", 10_000, 8_000, 8_000, 65_536, true},
		{"asked for less, no room", "o1-mini", 120_001, 8_000, 0, 0, false},
		{"large context", "o1", 100_000, 0, 25_000, 100_000, true},
		{"small reserve", "deepseek-r1", 55_808, 0, 8_192, 8_192, true},
		{"below it", "deepseek-r1", 55_809, 0, 0, 0, false},
		{"no reasoning", "gpt-4o", 123_904, 0, 4_096, 4_096, true},
		{"no reasoning, no room", "gpt-4o", 123_905, 0, 0, 0, false},
		{"room to grow", "gpt-4o", 1_000, 0, 4_096, 16_384, true},
		{"limit of the prompt", "gpt-5", 272_000, 0, 25_000, 128_000, true},
		{"above the limit of the prompt", "gpt-5", 272_001, 0, 0, 0, false},
		{"unknown context", "compatible", 500_000, 0, 4_096, 16_384, true},
		{"unknown context, asked", "compatible", 1_000, 50_000, 50_000, 200_000, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, _ := profileByName(tt.model)
			limit, most, err := p.budget(4*tt.prompt, func() int { return tt.prompt }, tt.asked)
			if limit != tt.want || most != tt.most || (err == nil) != tt.leavesRoomToAnswer {
				t.Errorf("budget = %d, %d, %v, want %d, %d, room %v", limit, most, err, tt.want, tt.most, tt.leavesRoomToAnswer)
			}
			if err != nil && !errors.Is(err, ErrTooLong) {
				t.Errorf("budget = %v, want ErrTooLong", err)
			}
		})
	}
}

// A request has no more tokens than its bound, and of a vendor with another
// vocabulary a tenth more.
func TestSize(t *testing.T) {
	r := Request{
		Instructions: "be kind",
		Messages:     []Message{{Role: RoleUser, Text: strings.Repeat(" a", 1000), Images: []string{"data:image/png;base64,aGk="}}, {Role: RoleAssistant, Calls: []Call{{Name: "look", Arguments: []byte(`{"x":1}`)}}}},
		Tools:        []Tool{{Name: "look", Description: "looks", Parameters: []byte(`{}`)}},
		Schema:       &Schema{Name: "form", JSON: []byte(`{}`)},
	}
	o200k, _ := profileByName("o1")
	other, _ := profileByName("deepseek-r1")
	n := o200k.countTokens(r)
	if least := 1000 + imageTokens + 6*frameTokens; n < least || n > least+20 {
		t.Errorf("size = %d, want %d and a little", n, least)
	}
	if n > r.maxTokenCount() {
		t.Errorf("size = %d, more than the bound %d", n, r.maxTokenCount())
	}
	if got := other.countTokens(r); got != n+n/10 {
		t.Errorf("size with another vocabulary = %d, want %d", got, n+n/10)
	}
}
