package emulate_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/anthropics/anthropic-sdk-go"
	anthropicoption "github.com/anthropics/anthropic-sdk-go/option"
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"

	"github.com/citewell/citewell/answer/llm/emulate"
	"github.com/citewell/citewell/answer/llm/llmtest"
)

// grounded is a prompt as Citewell writes it.
const grounded = `<source-0f0f n="1">
title: Keys
text:
Doors open with a badge.
</source-0f0f>

<source-0f0f n="2">
title: Rotation
text:
## Rotation

Rotate a key every ninety days. Keys are long.
</source-0f0f>

<question-0f0f>
How often do I rotate a key?
</question-0f0f>

Answer the question from the sources alone.
`

const (
	groundedBody = "Rotate a key every ninety days [2]."
	groundedText = groundedBody + "\n\nSOURCE_QUOTES\n[2] \"Rotate a key every ninety days.\""
)

func sdk(s *llmtest.Server) openai.Client {
	return openai.NewClient(option.WithBaseURL(s.URL), option.WithAPIKey(llmtest.Key), option.WithMaxRetries(0), option.WithHTTPClient(&http.Client{}))
}

// The official client gets a cited answer with its usage from every model, whole
// and, where the model streams, in pieces that add up to it.
func TestOpenAISDK(t *testing.T) {
	s := llmtest.Emulate(t, emulate.Config{})
	client := sdk(s)
	for _, model := range emulate.Names() {
		if emulate.Anthropic(model) {
			continue
		}
		t.Run(model, func(t *testing.T) {
			p := openai.ChatCompletionNewParams{Model: model, Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage(grounded)}}
			got, err := client.Chat.Completions.New(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			content, reasons := got.Choices[0].Message.Content, strings.Contains(previews+older+gpt56+deepseek, " "+model+" ")
			if _, text, _ := strings.Cut("</think>\n\n"+content, "</think>\n\n"); model != "deepseek-r1" && text != groundedText {
				t.Errorf("content = %q, want %q", content, groundedText)
			}
			if thoughts, ok := strings.CutSuffix(content, "\n</think>\n\n"+groundedText); model == "deepseek-r1" && (!ok || !strings.HasPrefix(thoughts, "<think>\n")) {
				t.Errorf("content = %q, want thoughts, then %q", content, groundedText)
			}
			if u := got.Usage; u.PromptTokens < 50 || u.CompletionTokens < 10 || (u.CompletionTokensDetails.ReasoningTokens > 0) != reasons || u.CompletionTokensDetails.ReasoningTokens >= u.CompletionTokens {
				t.Errorf("usage = %s", u.RawJSON())
			}
			p.StreamOptions = openai.ChatCompletionStreamOptionsParam{IncludeUsage: openai.Bool(true)}
			stream := client.Chat.Completions.NewStreaming(t.Context(), p)
			var acc openai.ChatCompletionAccumulator
			pieces, thoughts := 0, ""
			for stream.Next() {
				chunk := stream.Current()
				if !acc.AddChunk(chunk) {
					t.Fatalf("no chunk of this stream: %s", chunk.RawJSON())
				}
				for _, c := range chunk.Choices {
					thoughts += c.Delta.JSON.ExtraFields["reasoning_content"].Raw()
				}
				pieces++
			}
			if strings.Contains(previews+" o1 ", " "+model+" ") {
				if e, ok := errors.AsType[*openai.Error](stream.Err()); !ok || e.Param != "stream" || e.Code != "unsupported_value" {
					t.Errorf("stream = %v, want it refused", stream.Err())
				}
				return
			}
			if err := stream.Err(); err != nil {
				t.Fatal(err)
			}
			if acc.Choices[0].Message.Content != content || acc.Choices[0].FinishReason != "stop" || pieces < 10 {
				t.Errorf("streamed %d pieces: %+v, want %q", pieces, acc.Choices[0], content)
			}
			if acc.Usage.CompletionTokens != got.Usage.CompletionTokens {
				t.Errorf("streamed usage = %+v, want as whole", acc.Usage)
			}
			if (thoughts != "") != (model == "deepseek-reasoner") {
				t.Errorf("reasoning_content = %q", thoughts)
			}
		})
	}
}

// A hard question takes longer, as does a higher effort; another seed another time.
func TestReasoning(t *testing.T) {
	s, other := llmtest.Emulate(t, emulate.Config{}), llmtest.Emulate(t, emulate.Config{Seed: 1})
	thought := func(s *llmtest.Server, model, question, effort string) int64 {
		got, err := openaiThought(t.Context(), s, model, question, effort)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	base := thought(s, "o1", "hello", "")
	if again := thought(s, "o1", "hello", ""); again != base {
		t.Errorf("reasoning = %d, then %d, want the same", base, again)
	}
	if base%64 != 0 || base != thought(s, "o1", "hello", "medium") {
		t.Errorf("reasoning = %d, want a multiple of 64, as with medium effort", base)
	}
	low, high := thought(s, "o1", "hello", "low"), thought(s, "o1", "hello", "high")
	if low >= base || high <= base || thought(s, "o1-preview", "hello", "") <= base || thought(other, "o1", "hello", "") == base {
		t.Errorf("reasoning = %d, low %d, high %d", base, low, high)
	}
	if hard := thought(s, "o1-mini", "Prove it", ""); hard < 25_000 || hard > 65_000 {
		t.Errorf("a hard question takes %d, want more than 25 000 and less than o1-mini can write", hard)
	}
}

func openaiThought(ctx context.Context, s *llmtest.Server, model, question, effort string) (int64, error) {
	client := sdk(s)
	got, err := client.Chat.Completions.New(ctx, openai.ChatCompletionNewParams{Model: model, ReasoningEffort: openai.ReasoningEffort(effort),
		Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage(question)}})
	if err != nil {
		return 0, err
	}
	return got.Usage.CompletionTokensDetails.ReasoningTokens, nil
}

// Vectors are unit length, in order, near for texts that share words, and the
// same in both encodings.
func TestEmbeddings(t *testing.T) {
	s := llmtest.Emulate(t, emulate.Config{})
	client := sdk(s)
	texts := []string{"rotate a key", "rotate the key", "doors and badges"}
	for model, dim := range map[string]int{"text-embedding-3-small": 1536, "text-embedding-3-large": 3072, "text-embedding-ada-002": 1536} {
		got, err := client.Embeddings.New(t.Context(), openai.EmbeddingNewParams{Model: model, Input: openai.EmbeddingNewParamsInputUnion{OfArrayOfStrings: texts}})
		if err != nil {
			t.Fatal(err)
		}
		var vs [][]float64
		for i, d := range got.Data {
			if d.Index != int64(i) || len(d.Embedding) != dim || dot(d.Embedding, d.Embedding) < 0.999 {
				t.Errorf("%s: vector %d has %d dimensions", model, d.Index, len(d.Embedding))
			}
			vs = append(vs, d.Embedding)
		}
		if near, far := dot(vs[0], vs[1]), dot(vs[0], vs[2]); near < far+0.3 {
			t.Errorf("%s: near %f, far %f", model, near, far)
		}
	}
	for name, tt := range map[string]struct {
		body   string
		status int
		says   string
	}{
		"fewer dimensions": {`{"model":"text-embedding-3-small","input":"x","dimensions":8}`, 200, `"index":0`},
		"base64":           {`{"model":"text-embedding-3-small","input":["x"],"encoding_format":"base64","dimensions":1}`, 200, `"embedding":"`},
		"ada":              {`{"model":"text-embedding-ada-002","input":"x","dimensions":8}`, 400, "does not support specifying dimensions"},
		"more dimensions":  {`{"model":"text-embedding-3-small","input":"x","dimensions":1537}`, 400, "dimensions"},
		"empty":            {`{"model":"text-embedding-3-small","input":["x",""]}`, 400, "empty string"},
		"nothing":          {`{"model":"text-embedding-3-small","input":[]}`, 400, "invalid"},
		"too many":         {`{"model":"text-embedding-3-small","input":["x"` + strings.Repeat(`,"x"`, 2048) + `]}`, 400, "2048"},
		"too long":         {`{"model":"text-embedding-3-small","input":"` + strings.Repeat("word ", 8193) + `"}`, 400, "8192"},
		"too much":         {`{"model":"text-embedding-3-small","input":["x"` + strings.Repeat(`,"`+strings.Repeat("word ", 6000)+`"`, 41) + `]}`, 400, "300000"},
		"other model":      {`{"model":"o1","input":"x"}`, 404, "model_not_found"},
		"other field":      {`{"model":"text-embedding-3-small","input":"x","input_type":"query"}`, 400, "input_type"},
	} {
		if got := post(t, s.URL+"/embeddings", tt.body); got.status != tt.status || !strings.Contains(got.body, tt.says) {
			t.Errorf("%s: %d %.200s, want %d with %s", name, got.status, got.body, tt.status, tt.says)
		}
	}
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

// Anthropic's client gets the same, whole and in pieces.
func TestAnthropicSDK(t *testing.T) {
	s := llmtest.Emulate(t, emulate.Config{})
	client := anthropic.NewClient(anthropicoption.WithBaseURL(s.Root), anthropicoption.WithAPIKey(llmtest.Key), anthropicoption.WithHTTPClient(&http.Client{}))
	for _, model := range emulate.Names() {
		if !emulate.Anthropic(model) {
			continue
		}
		t.Run(model, func(t *testing.T) {
			p := anthropic.MessageNewParams{Model: anthropic.Model(model), MaxTokens: 1000,
				System:   []anthropic.TextBlockParam{{Text: "Be brief."}},
				Messages: []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock(grounded))}}
			got, err := client.Messages.New(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			if got.Content[0].Text != groundedText || got.StopReason != "end_turn" || got.Usage.OutputTokens < 10 {
				t.Errorf("message = %s", got.RawJSON())
			}
			stream := client.Messages.NewStreaming(t.Context(), p)
			var acc anthropic.Message
			for stream.Next() {
				if err := acc.Accumulate(stream.Current()); err != nil {
					t.Fatal(err)
				}
			}
			if err := stream.Err(); err != nil {
				t.Fatal(err)
			}
			if acc.Content[0].Text != groundedText || acc.StopReason != "end_turn" || acc.Usage.OutputTokens != got.Usage.OutputTokens {
				t.Errorf("streamed = %+v", acc)
			}
		})
	}
}
