package openai_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	sdk "github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/responses"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/answer/answertest"
	"github.com/citewell/citewell/answer/history"
	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/answer/llm/llmtest"
	"github.com/citewell/citewell/internal/problem"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/index"
	"github.com/citewell/citewell/server"
)

var hits = answertest.Retriever{
	{Chunk: index.Chunk{URL: "https://e.org/keys", Title: "Keys", Section: "Keys > Rotation", Text: "Rotate a key every ninety days. A key opens the door.", Lang: "en"}},
	{Chunk: index.Chunk{URL: "https://e.org/doors(1)", Title: "Doors [new]", Text: "A door has two hinges.", Lang: "en"}},
}

const says = "Müsst ihr alle neunzig Tage: rotate a key [1]. `x[2]` has *two* hinges [2].\nQUOTES:\n[1] \"Rotate a key every ninety days.\"\n[2] \"A door has two hinges.\""

// A watched answerer notes the questions.
type watched struct {
	*answer.Answerer
	asked []answer.Question
	err   error // instead of an answer, after half of it
}

func (w *watched) Answer(ctx context.Context, q answer.Question) (*answer.Answer, error) {
	return w.Stream(ctx, q, nil)
}

func (w *watched) Stream(ctx context.Context, q answer.Question, on func(answer.Event) error) (*answer.Answer, error) {
	w.asked = append(w.asked, q)
	if w.err != nil {
		if on != nil {
			if err := errors.Join(on(answer.Event{Sources: []answer.Source{}}), on(answer.Event{Delta: "half"})); err != nil {
				return nil, err
			}
		}
		return nil, w.err
	}
	return w.Answerer.Stream(ctx, q, on)
}

// serve returns the address of a server whose model says a text; nil is no model. Every
// reply is checked against the description of OpenAI's API.
func serve(t *testing.T, m answer.Model, r retrieve.Finder) (string, *watched) {
	t.Helper()
	h, w := handler(t, m, r)
	srv := httptest.NewServer(llmtest.CheckedReplies(t, h))
	t.Cleanup(srv.Close)
	return srv.URL, w
}

func serveUnchecked(t *testing.T, m answer.Model, r retrieve.Finder) (string, *watched) {
	t.Helper()
	h, w := handler(t, m, r)
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv.URL, w
}

func handler(t *testing.T, m answer.Model, r retrieve.Finder) (http.Handler, *watched) {
	t.Helper()
	a, err := answer.New(answer.Config{Retriever: r, Model: m})
	if err != nil {
		t.Fatal(err)
	}
	w := &watched{Answerer: a}
	h, err := server.Handler(server.Config{Answerer: w, Retriever: r, Ready: func(context.Context) error { return nil }, Index: "guide", Agentic: true, Images: true})
	if err != nil {
		t.Fatal(err)
	}
	return h, w
}

func client(base string) sdk.Client {
	return sdk.NewClient(option.WithBaseURL(base+"/v1/"), option.WithAPIKey("any"), option.WithMaxRetries(0))
}

const wantText = "Müsst ihr alle neunzig Tage: rotate a key [1]. `x[2]` has *two* hinges [2]." +
	"\n\n---\n**Sources**\n\n1. [Keys › Rotation](<https://e.org/keys#:~:text=Rotate%20a%20key%20every%20ninety%20days.>): “Rotate a key every ninety days.”" +
	"\n2. [Doors \\[new\\]](<https://e.org/doors(1)#:~:text=A%20door%20has%20two%20hinges.>): “A door has two hinges.”"

// TestChatSDK asks by OpenAI's own client for Go.
func TestChatSDK(t *testing.T) {
	t.Parallel()
	base, w := serve(t, answertest.Says(says), hits)
	c := client(base)
	params := sdk.ChatCompletionNewParams{
		Model: "citewell/guide",
		Messages: []sdk.ChatCompletionMessageParamUnion{
			sdk.SystemMessage("You are a pirate."), sdk.UserMessage("What is a key?"), sdk.AssistantMessage("It opens the door. [1]\n\n---\n**Sources**\n\n1. x"),
			sdk.UserMessage("How often is it rotated?"),
		},
		Temperature: sdk.Float(0.3),
	}
	var raw *http.Response
	got, err := c.Chat.Completions.New(t.Context(), params, option.WithResponseInto(&raw))
	if err != nil {
		t.Fatal(err)
	}
	m := got.Choices[0].Message
	if m.Content != wantText || got.Choices[0].FinishReason != "stop" || got.Model != "citewell/guide" || got.Usage.TotalTokens == 0 {
		t.Errorf("completion = %s", got.RawJSON())
	}
	if ignored := raw.Header.Get("X-Citewell-Ignored"); ignored != "system, temperature" {
		t.Errorf("ignored: %q", ignored)
	}
	q := w.asked[0]
	want := []history.Turn{{Role: "user", Content: "What is a key?"}, {Role: "assistant", Content: "It opens the door. [1]"}}
	if diff := cmp.Diff(want, q.History); diff != "" || q.Text != "How often is it rotated?" {
		t.Errorf("question %q with the history (-want +got):\n%s", q.Text, diff)
	}
	for i, a := range m.Annotations {
		c := a.URLCitation
		if marker := string([]rune(m.Content)[c.StartIndex:c.EndIndex]); marker != []string{"[1]", "[2]"}[i] || !strings.HasPrefix(c.URL, "https://e.org/") || c.Title == "" {
			t.Errorf("annotation %d covers %q: %s", i, marker, a.RawJSON())
		}
	}
	if len(m.Annotations) != 2 {
		t.Errorf("%d annotations, want 2", len(m.Annotations))
	}

	params.StreamOptions.IncludeUsage = sdk.Bool(true)
	stream := c.Chat.Completions.NewStreaming(t.Context(), params)
	acc := sdk.ChatCompletionAccumulator{}
	annotated := false
	for stream.Next() {
		chunk := stream.Current()
		acc.AddChunk(chunk)
		annotated = annotated || strings.Contains(chunk.RawJSON(), `"annotations":[{"type":"url_citation"`)
	}
	if stream.Err() != nil || acc.Choices[0].Message.Content != wantText || acc.Choices[0].FinishReason != "stop" || acc.Usage.TotalTokens != got.Usage.TotalTokens || !annotated {
		t.Errorf("stream = %q, %v, %+v", acc.Choices[0].Message.Content, stream.Err(), acc.Usage)
	}
}

// TestResponsesSDK asks by the Responses API.
func TestResponsesSDK(t *testing.T) {
	t.Parallel()
	base, w := serve(t, answertest.Says(says), hits)
	c := client(base)
	params := responses.ResponseNewParams{Model: "citewell", Instructions: sdk.String("Be a pirate."), Input: responses.ResponseNewParamsInputUnion{OfString: sdk.String("How often?")}}
	got, err := c.Responses.New(t.Context(), params)
	if err != nil {
		t.Fatal(err)
	}
	if got.OutputText() != wantText || got.Status != "completed" || len(got.Output[0].Content[0].Annotations) != 2 || w.asked[0].Text != "How often?" {
		t.Errorf("response = %s", got.RawJSON())
	}
	params.Input = responses.ResponseNewParamsInputUnion{OfInputItemList: responses.ResponseInputParam{
		responses.ResponseInputItemParamOfMessage("What is a key?", responses.EasyInputMessageRoleUser),
		responses.ResponseInputItemParamOfMessage("It opens doors.", responses.EasyInputMessageRoleAssistant),
		responses.ResponseInputItemParamOfMessage("How often?", responses.EasyInputMessageRoleUser),
	}}
	stream := c.Responses.NewStreaming(t.Context(), params)
	text, last, number := "", "", int64(0)
	for stream.Next() {
		e := stream.Current()
		if e.Type == "response.output_text.delta" {
			text += e.Delta
		}
		if e.SequenceNumber != number {
			t.Errorf("event %d has number %d", number, e.SequenceNumber)
		}
		number++
		if last = e.Type; last == "response.completed" && e.Response.OutputText() != wantText {
			t.Errorf("completed = %s", e.RawJSON())
		}
	}
	if stream.Err() != nil || text != wantText || last != "response.completed" || len(w.asked[1].History) != 2 {
		t.Errorf("stream = %q, ends with %s, %v", text, last, stream.Err())
	}
}

func TestModels(t *testing.T) {
	t.Parallel()
	base, w := serve(t, answertest.Says(says), hits)
	c := client(base)
	page, err := c.Models.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range page.Data {
		names = append(names, m.ID)
		one, err := c.Models.Get(t.Context(), m.ID)
		if err != nil || one.ID != m.ID {
			t.Errorf("model %s: %v", m.ID, err)
		}
	}
	if diff := cmp.Diff([]string{"citewell/guide", "citewell/guide:extractive", "citewell/guide:agentic"}, names); diff != "" {
		t.Errorf("models (-want +got):\n%s", diff)
	}
	var e *sdk.Error
	if _, err := c.Models.Get(t.Context(), "gpt-4o"); !errors.As(err, &e) || e.StatusCode != 404 || e.Code != "model_not_found" {
		t.Errorf("another model: %v", err)
	}
	got, err := c.Chat.Completions.New(t.Context(), sdk.ChatCompletionNewParams{Model: "citewell:extractive", Messages: []sdk.ChatCompletionMessageParamUnion{sdk.UserMessage("How often do I rotate a key?")}})
	if err != nil || w.asked[0].Mode != answer.Extractive || got.Usage.TotalTokens != 0 || strings.Contains(got.Choices[0].Message.Content, "“") {
		t.Errorf("an extractive answer = %s, %v", got.RawJSON(), err)
	}
}

// post sends a body and returns the reply.
func post(t *testing.T, url, body string) (int, string) {
	t.Helper()
	resp, err := http.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

func TestRefused(t *testing.T) {
	t.Parallel()
	base, w := serve(t, nil, hits)
	const hi = `"messages":[{"role":"user","content":"hi"}]`
	for _, tt := range []struct {
		path, body string
		status     int
		param      string
		code       string
	}{
		{"chat/completions", `{`, 400, "", "bad_json"},
		{"chat/completions", `{` + hi + `}`, 400, "model", "invalid_value"},
		{"chat/completions", `{"model":7,` + hi + `}`, 400, "model", "invalid_value"},
		{"chat/completions", `{"model":"gpt-4o",` + hi + `}`, 404, "model", "model_not_found"},
		{"chat/completions", `{"model":"citewell"}`, 400, "messages", "invalid_value"},
		{"chat/completions", `{"model":"citewell","messages":[{"role":"assistant","content":"hi"}]}`, 400, "messages", "invalid_value"},
		{"chat/completions", `{"model":"citewell","messages":[{"role":"user","content":" "}]}`, 400, "messages", "invalid_value"},
		{"chat/completions", `{"model":"citewell","messages":[{"role":"user","content":[{"type":"input_audio"}]}]}`, 400, "messages", "unsupported_parameter"},
		{"chat/completions", `{"model":"citewell","messages":[{"role":"user","content":[{"type":"text"}]}]}`, 400, "messages", "invalid_value"},
		{"chat/completions", `{"model":"citewell","n":2,` + hi + `}`, 400, "n", "unsupported_parameter"},
		{"chat/completions", `{"model":"citewell","n":1.5,` + hi + `}`, 400, "n", "invalid_value"},
		{"chat/completions", `{"model":"citewell","x_citewell":{"k":3,"filters":{}},` + hi + `}`, 400, "x_citewell", "invalid_value"},
		{"chat/completions", `{"model":"citewell","x_citewell":[],` + hi + `}`, 400, "x_citewell", "invalid_value"},
		{"chat/completions", `{"model":"citewell","messages":[{"content":"a"},{"role":"user","content":"Hi?"}]}`, 400, "messages", "invalid_value"},
		{"chat/completions", `{"model":"citewell","tools":[{"type":"function","function":{"name":"f"}}],` + hi + `}`, 400, "tools", "unsupported_parameter"},
		{"chat/completions", `{"model":"citewell","response_format":{"type":"json_object"},` + hi + `}`, 400, "response_format", "unsupported_parameter"},
		{"responses", `{"model":"citewell","input":[{"type":"function_call_output","output":"x"}]}`, 400, "input", "unsupported_parameter"},
		{"responses", `{"model":"citewell","input":"hi","previous_response_id":"resp_1"}`, 400, "previous_response_id", "unsupported_parameter"},
		{"responses", `{"model":"citewell","input":"hi","text":{"format":{"type":"json_schema"}}}`, 400, "text.format", "unsupported_parameter"},
	} {
		status, body := post(t, base+"/v1/"+tt.path, tt.body)
		var got struct {
			Error struct{ Message, Type, Param, Code string }
		}
		if err := json.Unmarshal([]byte(body), &got); err != nil || status != tt.status || got.Error.Param != tt.param || got.Error.Code != tt.code || got.Error.Type != "invalid_request_error" || got.Error.Message == "" {
			t.Errorf("%s %.80s = %d %s, want %d %s of %q", tt.path, tt.body, status, body, tt.status, tt.code, tt.param)
		}
	}
	w.asked = nil
	if status, body := post(t, base+"/v1/chat/completions", `{"model":"citewell","tools":[],"n":1.0,"response_format":{"type":"text"},"user":"u","store":true,`+hi+`}`); status != 200 {
		t.Errorf("what asks for nothing is refused: %d %s", status, body)
	}
}

// TestOwnForm sends the answer itself to a client that asks for it.
func TestOwnForm(t *testing.T) {
	t.Parallel()
	base, w := serve(t, answertest.Says(says), hits)
	const body = `{"model":"citewell","x_citewell":{"k":1,"filter":{"lang":"en"}},"messages":[{"role":"user","content":"hi there keys"}]`
	_, whole := post(t, base+"/v1/chat/completions", body+`}`)
	_, stream := post(t, base+"/v1/chat/completions", body+`,"stream":true}`)
	for _, got := range []string{whole, stream} {
		if strings.Contains(got, "Sources") || !strings.Contains(got, `"x_citewell":{"answer":`) || !strings.Contains(got, `"verified":1`) {
			t.Errorf("reply = %s", got)
		}
	}
	if q := w.asked[0]; q.K != 1 || q.Filter.Lang != "en" {
		t.Errorf("asked %+v", q)
	}
}

// TestStreamFails checks what clients see of an error before and after the beginning.
func TestStreamFails(t *testing.T) {
	t.Parallel()
	for _, api := range []struct{ path, body string }{
		{"chat/completions", `{"model":"citewell","stream":true,"messages":[{"role":"user","content":"a key"}]}`},
		{"responses", `{"model":"citewell","stream":true,"input":"a key"}`},
	} {
		base, w := serveUnchecked(t, nil, hits) // an error is no chunk
		w.err = problem.StoreUnavailable
		status, body := post(t, base+"/v1/"+api.path, api.body)
		if status != 200 || !strings.Contains(body, `half`) || !strings.Contains(body, `"code":"store_unavailable"`) || strings.Contains(body, "[DONE]") || strings.Contains(body, "completed") {
			t.Errorf("%s = %d %s", api.path, status, body)
		}
	}
}

func TestUnanswered(t *testing.T) {
	t.Parallel()
	base, _ := serve(t, answertest.Says("NOT IN SOURCES: The sources say nothing of tides."), hits)
	c := client(base)
	got, err := c.Chat.Completions.New(t.Context(), sdk.ChatCompletionNewParams{Model: "citewell", Messages: []sdk.ChatCompletionMessageParamUnion{sdk.UserMessage("What causes tides?")}})
	if err != nil {
		t.Fatal(err)
	}
	if text := got.Choices[0].Message.Content; !strings.HasPrefix(text, "The sources say nothing of tides.\n\nNearest pages:\n") || !strings.Contains(text, "\n- [Keys](<https://e.org/keys>)") {
		t.Errorf("content = %q", text)
	}
}

// TestSidePrompts sends what chat clients send beside questions, as their sources have
// it, and questions that look alike.
func TestSidePrompts(t *testing.T) {
	t.Parallel()
	const talk = "### Chat History:\n<chat_history>\nUSER: How often do I rotate a key of the archive in the second building?\nASSISTANT: Every ninety days.\n</chat_history>"
	for _, tt := range []struct{ name, prompt, want string }{
		{"title of Open WebUI", "### Task:\nGenerate a concise, 3-5 word title with an emoji summarizing the chat history.\n### Output:\nJSON format: { \"title\": \"your concise title here\" }\n" + talk, `{"title":"How often do I rotate a key of the archive in the second"}`},
		{"tags", "### Task:\nGenerate 1-3 broad tags categorizing the main themes of the chat history\n### Output:\nJSON format: { \"tags\": [\"tag1\"] }\n" + talk, `{"tags":["General"]}`},
		{"further questions", "### Task:\nSuggest 3-5 relevant follow-up questions\n### Output:\nJSON format: { \"follow_ups\": [\"Question 1?\"] }\n" + talk, `{"follow_ups":[]}`},
		{"searches", "### Task:\nAnalyze the chat history to determine the necessity of generating search queries\n{ \"queries\": [\"query1\"] }\n" + talk, `{"queries":[]}`},
		{"completion", "### Task:\nYou are an autocompletion system.\n### Output\n{ \"text\": \"<completion>\" }\n<text>How do</text>", `{"text":""}`},
		{"title of LibreChat", "Provide a concise, 5-word-or-less title for the conversation, using title case conventions. Only return the title itself.\n\nConversation:\nHow often do I rotate a key?\nEvery ninety days.", "How often do I rotate a key"},
		{"title and language", "Analyze this conversation and provide:\n1. The detected language of the conversation\n2. A concise title in the detected language (5 words or less, no punctuation or quotation)\n\nUser: Wie oft?\nAI: Oft.", "Wie oft"},
		{"emoji", "Your task is to reflect the speaker's likely facial expression through a fitting emoji. Interpret emotions from the message.\n\nMessage: ```How often?```", "🙂"},
		{"prompt for an image", "### Task:\nGenerate a detailed prompt for an image generation task.\n### Output:\nJSON format: {\n    \"prompt\": \"Your detailed prompt here.\"\n}\n" + talk, `{"prompt":""}`},
		{"name of Chatbox", "Based on the chat history, give this conversation a name.\nKeep it short.\n\nHere's the conversation:\n\n```\nHow often?\n```\n", "How often"},
		{"title of NextChat", "Please generate a four to five word title summarizing our conversation without any lead-in.", "How often is it rotated"},
		{"results before a question of a user", "### Task:\nRespond to the user query using the provided context.\n<context>\n<source id=\"1\">{ \"title\": \"x\" }</source>\n</context>\n\nHow often?", ""},
		{"answers of several models", "You have been provided with a set of responses from various models to the latest user query: \"How often?\"\n\nYour task is to synthesize these responses.", ""},
		{"a question on titles", "Write a summary: how do I set the title of a conversation?", ""},
		{"a question on this chat", "How do I give this conversation a title?", ""},
		{"a question on its title", "Please explain how I change the title of this chat.", ""},
		{"a question on its summary", "Give me the steps to share the summary of our conversation.", ""},
		{"a template", "### Task:\nRespond to the user query using the provided context.\n<context>x</context>\n<user_query>How often?</user_query>", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			base, w := serve(t, answertest.Says(says), hits)
			messages := []any{map[string]string{"role": "user", "content": tt.prompt}}
			if strings.Contains(tt.prompt, "our conversation") || strings.HasPrefix(tt.name, "a question on") {
				messages = slices.Insert(messages, 0, any(map[string]string{"role": "user", "content": "How often is it rotated?"}), any(map[string]string{"role": "assistant", "content": "Often."}))
			}
			b, err := json.Marshal(map[string]any{"model": "citewell", "messages": messages})
			if err != nil {
				t.Fatal(err)
			}
			_, body := post(t, base+"/v1/chat/completions", string(b))
			var got sdk.ChatCompletion
			if err := json.Unmarshal([]byte(body), &got); err != nil {
				t.Fatal(err)
			}
			switch text := got.Choices[0].Message.Content; {
			case tt.want == "" && len(w.asked) != 1:
				t.Errorf("a question is not asked: %q", text)
			case tt.want != "" && (text != tt.want || len(w.asked) != 0):
				t.Errorf("reply %q after %d questions, want %q", text, len(w.asked), tt.want)
			case strings.Contains(tt.prompt, "user") && tt.want == "" && w.asked[0].Text != "How often?":
				t.Errorf("asked %q", w.asked[0].Text)
			}
		})
	}
}

// BenchmarkFirstToken compares the time to the first token of a stream with that of
// POST /v1/ask.
func BenchmarkFirstToken(b *testing.B) {
	model := answertest.Model(func(string) (llm.Response, error) { return llm.Response{Text: says, FinishReason: "stop"}, nil })
	a, err := answer.New(answer.Config{Retriever: hits, Model: model})
	if err != nil {
		b.Fatal(err)
	}
	h, err := server.Handler(server.Config{Answerer: a, Retriever: hits, Ready: func(context.Context) error { return nil }})
	if err != nil {
		b.Fatal(err)
	}
	srv := httptest.NewServer(h)
	defer srv.Close()
	first := func(path, body, token string) time.Duration {
		req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, srv.URL+path, strings.NewReader(body))
		if err != nil {
			b.Fatal(err)
		}
		req.Header.Set("Accept", "text/event-stream")
		start := time.Now()
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			b.Fatal(err)
		}
		defer resp.Body.Close()
		var seen bytes.Buffer
		for buf := make([]byte, 4096); ; {
			n, err := resp.Body.Read(buf)
			if seen.Write(buf[:n]); bytes.Contains(seen.Bytes(), []byte(token)) || err != nil {
				break
			}
		}
		d := time.Since(start)
		_, _ = io.Copy(io.Discard, resp.Body)
		return d
	}
	var ask, chat time.Duration
	for b.Loop() {
		ask += first("/v1/ask", `{"question":"How often is a key rotated?"}`, "event: delta")
		chat += first("/v1/chat/completions", `{"model":"citewell","stream":true,"messages":[{"role":"user","content":"How often is a key rotated?"}]}`, `"content":"M`)
	}
	b.ReportMetric(float64(ask.Microseconds())/float64(b.N), "µs/ask")
	b.ReportMetric(float64(chat.Microseconds())/float64(b.N), "µs/chat")
}
