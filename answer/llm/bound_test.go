package llm_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/citewell/citewell/answer/llm"
)

// endless serves first once and then more for ever. %d in more is a number that grows.
func endless(t *testing.T, first, more string) string {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, first)
		for i := 0; r.Context().Err() == nil; i++ {
			text := more
			if strings.Contains(more, "%d") {
				text = fmt.Sprintf(more, i)
			}
			if _, err := io.WriteString(w, text); err != nil {
				return
			}
		}
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

// chatDelta returns an event of chat completions with a delta.
func chatDelta(delta string) string {
	return `data: {"choices":[{"index":0,"delta":{` + delta + `}}]}` + "\n\n"
}

// TestEndless checks that a reply without an end is cut, whatever it consists of, and
// that it takes little memory.
func TestEndless(t *testing.T) {
	const messageStart = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"type\":\"message\",\"role\":\"assistant\",\"content\":[]}}\n\n"
	const blockStart = "data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n"
	// The bounds follow from the limit: a small one shows the same in less time.
	chat, claude := llm.Config{Model: "gpt-4o", API: llm.APIChat, MaxOutputTokens: 1000}, llm.Config{Provider: "anthropic", Model: "claude-sonnet-5-5", MaxOutputTokens: 1000}
	responses := llm.Config{Model: "gpt-4o", API: llm.APIResponses, MaxOutputTokens: 1000}
	for _, tt := range []struct {
		name        string
		config      llm.Config
		first, more string
		want        string // finish reason; "" if there is no text
	}{
		{"words", chat, "", chatDelta(`"content":"word "`), "length"},
		{"one word", chat, "", chatDelta(`"content":"wordword"`), "length"},
		{"spaces after text", chat, chatDelta(`"content":"text"`), chatDelta(`"content":"     "`), "length"},
		{"spaces", chat, "", chatDelta(`"content":"` + strings.Repeat(" ", 50) + `"`), ""},
		{"long pieces", chat, "", chatDelta(`"content":"` + strings.Repeat("word ", 20_000) + `"`), ""},
		{"reasoning", chat, "", chatDelta(`"reasoning_content":"hm hm hm hm "`), ""},
		{"inline reasoning", chat, "", chatDelta(`"content":"<think> hm hm hm hm "`), ""},
		{"refusal", chat, "", chatDelta(`"refusal":"no "`), ""},
		{"calls", chat, "", chatDelta(`"tool_calls":[{"index":%d,"id":"c","function":{"name":"f","arguments":""}}]`), ""},
		{"arguments", chat, "", chatDelta(`"tool_calls":[{"index":0,"function":{"arguments":"{{ "}}]`), ""},
		{"nothing", chat, "", chatDelta(""), ""},
		{"comments", chat, chatDelta(`"content":"text"`), ": " + strings.Repeat("keep-alive ", 100) + "\n\n", "cut"},
		{"one event", chat, "data: ", strings.Repeat("x", 1000), ""},
		{"one object", chat, `{"choices":[{"message":{"content":"`, strings.Repeat("x", 1000), ""},
		{"claude's words", claude, messageStart + blockStart, "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"word \"}}\n\n", "length"},
		{"claude's thoughts", claude, messageStart + strings.Replace(blockStart, `"text","text"`, `"thinking","thinking"`, 1),
			"data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"hm hm hm hm hm hm hm hm \"}}\n\n", ""},
		{"claude's blocks", claude, messageStart, strings.Replace(blockStart, `"index":0`, `"index":%d`, 1), ""},
		{"words of responses", responses, "", "data: {\"type\":\"response.output_text.delta\",\"item_id\":\"m\",\"delta\":\"word \"}\n\n", "length"},
		{"items of responses", responses, "", "data: {\"type\":\"response.output_item.done\",\"item\":{\"type\":\"reasoning\",\"id\":\"r\"}}\n\n", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := tt.config
			c.BaseURL, c.APIKey = endless(t, tt.first, tt.more), "k"
			cl, err := llm.New(c)
			if err != nil {
				t.Fatal(err)
			}
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			start := time.Now()
			got, err := cl.Complete(t.Context(), llm.Request{Messages: llm.User("q"), Delta: func(string) error { return nil }})
			d := time.Since(start)
			runtime.ReadMemStats(&after)
			if (err == nil) != (tt.want != "") || got.FinishReason != tt.want {
				t.Errorf("Complete = %q…, finish reason %q, %v, want %q", got.Text[:min(20, len(got.Text))], got.FinishReason, err, tt.want)
			}
			if n := len(strings.Fields(got.Text)); n > 32<<10 || len(got.Text) > 1<<20 {
				t.Errorf("the text has %d words in %d bytes", n, len(got.Text))
			}
			// Of the heap's size, not of what was allocated: an event is garbage when read.
			if grown := int64(after.HeapSys) - int64(before.HeapSys); grown > 256<<20 {
				t.Errorf("the heap has grown by %d MB", grown>>20)
			}
			t.Logf("%v, heap %d → %d MB", d.Round(time.Millisecond), before.HeapSys>>20, after.HeapSys>>20)
		})
	}
}

// hangingModel is a service that accepts requests and never answers.
func hangingModel(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// TestImpatient checks how long 20 askers wait for a service that hangs: nobody as long
// as one request may take, and with the circuit open nobody at all.
func TestImpatient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cl := offline(t, llm.Config{Model: "gpt-4o"}, hangingModel)
		ask := func(r llm.Request) (time.Duration, error) {
			start := time.Now()
			r.Messages = llm.User("q")
			_, err := cl.Complete(t.Context(), r)
			return time.Since(start), err
		}
		type result struct {
			d   time.Duration
			err error
		}
		results := make(chan result)
		for range 20 {
			go func() {
				d, err := ask(llm.Request{Impatient: true})
				results <- result{d, err}
			}()
		}
		waits := map[time.Duration]int{}
		for range 20 {
			r := <-results
			waits[r.d]++
			if inTime := errors.Is(r.err, context.DeadlineExceeded); r.err == nil || errors.Is(r.err, llm.ErrConfig) || inTime != (r.d == 2*time.Minute) {
				t.Errorf("after %v: %v", r.d, r.err)
			}
		}
		if waits[2*time.Minute] != 8 || waits[20*time.Second] != 12 {
			t.Errorf("waits %v, want 8 of 2 minutes and 12 of 20 seconds", waits)
		}
		if d, err := ask(llm.Request{Impatient: true}); d != 0 || err == nil {
			t.Errorf("the next asker waits %v: %v", d, err)
		}
		time.Sleep(time.Minute) // the circuit lets one request through
		if d, err := ask(llm.Request{}); d != 5*time.Minute || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a patient asker waits %v: %v", d, err)
		}
	})
}

// TestPatienceEndsWithText checks that a slow answer is not cut once its text arrives.
func TestPatienceEndsWithText(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cl := offline(t, llm.Config{Model: "gpt-4o", API: llm.APIChat, Patience: 10 * time.Second}, func(r *http.Request) (*http.Response, error) {
			body, w := io.Pipe()
			go func() {
				for range 12 {
					time.Sleep(5 * time.Second)
					_, _ = io.WriteString(w, chatDelta(`"content":"word "`))
				}
				_, _ = io.WriteString(w, "data: [DONE]\n\n")
				_ = w.Close()
			}()
			return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"text/event-stream"}}, Body: body, Request: r}, nil
		})
		got, err := cl.Complete(t.Context(), llm.Request{Messages: llm.User("q"), Impatient: true, Delta: func(string) error { return nil }})
		if err != nil || len(strings.Fields(got.Text)) != 12 {
			t.Errorf("Complete = %q, %v, want 12 words", got.Text, err)
		}
	})
}
