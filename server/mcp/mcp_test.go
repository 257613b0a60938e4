package mcp_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"
	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/answer/answertest"
	"github.com/citewell/citewell/embed/embedtest"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/retrievetest"
	"github.com/citewell/citewell/server"
	"github.com/citewell/citewell/server/mcp"
)

// long is a page of several chunks. Every paragraph is another one.
func long() string {
	var b strings.Builder
	b.WriteString("# Manual\n\nThe manual of the kettle.\n\n")
	for i := range 1500 {
		if i%500 == 0 {
			fmt.Fprintf(&b, "## Part %d\n\n", i/500)
		}
		fmt.Fprintf(&b, "Paragraph %d says that kettle k%d boils after %d minutes of rest.\n\n", i, i, i+3)
	}
	b.WriteString("## End\n\n") // a paragraph of several chunks
	for i := range 80 {
		fmt.Fprintf(&b, "Sentence %d says that kettle e%d rings at the end. ", i, i)
	}
	return strings.TrimSpace(b.String())
}

var pages = []retrievetest.Text{
	{URL: "https://e.org/keys/", Title: "Keys", Text: "# Keys\n\nA key opens the door of the archive.\n\n## Rotation\n\nRotate a key every ninety days. Nobody may keep an old one."},
	{URL: "https://e.org/doors/", Title: "Doors", Text: "# Doors\n\nA door has two hinges and a lock."},
	{URL: "https://e.org/manual/", Title: "Manual", Text: long()},
}

// config is that of a server with the pages.
func config(t testing.TB) mcp.Config {
	t.Helper()
	o, e := &retrievetest.Oracle{}, embedtest.Words{}
	if err := retrievetest.Index(t.Context(), o, e, pages); err != nil {
		t.Fatal(err)
	}
	r, err := retrieve.New(retrieve.Config{Embedder: e, Searcher: o})
	if err != nil {
		t.Fatal(err)
	}
	a, err := answer.New(answer.Config{Retriever: r, Model: answertest.Says("Every ninety days [1].\nQUOTES:\n[1] \"Rotate a key every ninety days.\"")})
	if err != nil {
		t.Fatal(err)
	}
	return mcp.Config{Answerer: a, Retriever: r, Manifest: o, Version: "v1"}
}

// both calls f with clients on a connection in memory, as stdio is one, and over HTTP.
func both(t *testing.T, f func(*testing.T, *sdk.ClientSession)) {
	c := config(t)
	connect := func(t *testing.T, to sdk.Transport) *sdk.ClientSession {
		t.Helper()
		session, err := sdk.NewClient(&sdk.Implementation{Name: "test", Version: "v1"}, nil).Connect(t.Context(), to, nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = session.Close() })
		return session
	}
	t.Run("in memory", func(t *testing.T) {
		ours, theirs := sdk.NewInMemoryTransports()
		session, err := mcp.New(c).Connect(t.Context(), ours, nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = session.Close() })
		f(t, connect(t, theirs))
	})
	t.Run("HTTP", func(t *testing.T) {
		f(t, connect(t, &sdk.StreamableClientTransport{Endpoint: serve(t, c) + "/mcp"}))
	})
}

// serve returns the address of a server.
func serve(t testing.TB, c mcp.Config) string {
	t.Helper()
	h, err := server.Handler(server.Config{Answerer: streamer{c.Answerer}, Retriever: c.Retriever, Manifest: c.Manifest, Ready: func(context.Context) error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv.URL
}

// A streamer never streams: MCP has whole answers.
type streamer struct{ answer.Responder }

func (s streamer) Stream(ctx context.Context, q answer.Question, _ func(answer.Event) error) (*answer.Answer, error) {
	return s.Answer(ctx, q)
}

// call calls a tool and decodes its structured result into out.
func call(t *testing.T, s *sdk.ClientSession, tool string, args map[string]any, out any) (text string) {
	t.Helper()
	res, err := s.CallTool(t.Context(), &sdk.CallToolParams{Name: tool, Arguments: args})
	if err != nil {
		t.Fatalf("%s(%v): %v", tool, args, err)
	}
	text = res.Content[0].(*sdk.TextContent).Text
	if res.IsError {
		return "error: " + text
	}
	b := []byte(text)
	if tool != "search" && tool != "fetch" {
		checkResult(t, s, tool, res.StructuredContent)
		b, err = json.Marshal(res.StructuredContent)
	}
	if err == nil && out != nil {
		err = json.Unmarshal(b, out)
	}
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// checkResult compares a result with the schema that the tool gives of it.
func checkResult(t *testing.T, s *sdk.ClientSession, tool string, result any) {
	t.Helper()
	list, err := s.ListTools(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, described := range list.Tools {
		if described.Name != tool {
			continue
		}
		var schema jsonschema.Schema
		b, err := json.Marshal(described.OutputSchema)
		if err == nil {
			err = json.Unmarshal(b, &schema)
		}
		if err != nil {
			t.Fatal(err)
		}
		resolved, err := schema.Resolve(nil)
		if err == nil {
			err = resolved.Validate(result)
		}
		if err != nil {
			t.Errorf("the result of %s is not as described: %v", tool, err)
		}
	}
}

func TestTools(t *testing.T) {
	both(t, func(t *testing.T, s *sdk.ClientSession) {
		list, err := s.ListTools(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, tool := range list.Tools {
			names = append(names, tool.Name)
			schemas, err := json.Marshal([]any{tool.InputSchema, tool.OutputSchema})
			if err != nil || strings.Contains(string(schemas), `"type":[`) {
				t.Errorf("a value of %s has several types: %s, %v", tool.Name, schemas, err)
			}
			if tool.Annotations == nil || !tool.Annotations.ReadOnlyHint || tool.Description == "" {
				t.Errorf("tool %s is not described as one that only reads", tool.Name)
			}
		}
		if got := strings.Join(names, " "); got != "ask_docs fetch list_sources read_page search verify_quote" {
			t.Errorf("tools: %s", got)
		}
	})
}

func TestSearchAndFetch(t *testing.T) {
	both(t, func(t *testing.T, s *sdk.ClientSession) {
		var found struct {
			Results []struct{ ID, Title, URL, Text string }
			Note    string
		}
		if text := call(t, s, "search", map[string]any{"query": "kettle boils", "k": 50}, &found); len(text) > 70_000 || len(found.Results) < 20 || !strings.Contains(found.Note, "passages") {
			t.Errorf("a long result has %d bytes, %d passages and the note %q", len(text), len(found.Results), found.Note)
		}
		// null is what a model writes for an argument that it does not use.
		text := call(t, s, "search", map[string]any{"query": "rotate a key", "k": 3, "source": nil, "version": nil}, &found)
		if len(found.Results) == 0 || found.Results[0].Title != "Keys" || found.Results[0].URL != "https://e.org/keys/" || !json.Valid([]byte(text)) {
			t.Fatalf("search = %s", text)
		}
		var page struct {
			ID, Title, Text, URL string
			Metadata             map[string]string
		}
		call(t, s, "fetch", map[string]any{"id": found.Results[0].ID}, &page)
		if page.Text != pages[0].Text || page.URL != pages[0].URL {
			t.Errorf("fetch = %+v", page)
		}
		for tool, args := range map[string]map[string]any{"fetch": {"id": "https://e.org/none"}, "read_page": {"url": "x"}, "search": {"query": ""}, "verify_quote": {"quote": 7}, "list_sources": {"all": true}} {
			if got := call(t, s, tool, args, nil); !strings.HasPrefix(got, "error: ") {
				t.Errorf("%s(%v) = %s, want an error", tool, args, got)
			}
		}
	})
}

func TestReadPage(t *testing.T) {
	both(t, func(t *testing.T, s *sdk.ClientSession) {
		type lines struct {
			Start int `json:"start_line"`
			End   int `json:"end_line"`
			Lines int
		}
		read := func(args map[string]any) (string, lines) {
			var l lines
			text := call(t, s, "read_page", args, &l)
			return text, l
		}
		url := pages[2].URL
		var whole strings.Builder
		parts := 0
		for next := 1; next != 0; parts++ { // as the tool says
			text, l := read(map[string]any{"url": url, "start_line": next})
			if len(text) > 62_000 || l.Lines != 3013 || parts > 5 {
				t.Fatalf("part %d has %d bytes, %+v", parts, len(text), l)
			}
			_, body, _ := strings.Cut(text, "\n\n")
			body, _, more := strings.Cut(body, "\n\n[The page goes on.")
			whole.WriteString(body + "\n")
			if next = l.End + 1; !more {
				next = 0
			}
		}
		if strings.TrimSpace(whole.String()) != pages[2].Text || parts < 2 {
			t.Errorf("%d parts do not make the page", parts)
		}
		text, l := read(map[string]any{"url": url, "section": "part 2"})
		if !strings.Contains(text, "\n\n## Part 2\n") || strings.Contains(text, "Part 1") || strings.Contains(text, "## End") || l.End != l.Lines-3 {
			t.Errorf("section = %.200s, %+v", text, l)
		}
		if text, _ := read(map[string]any{"url": url, "start_line": 7, "end_line": 7}); !strings.HasSuffix(text, "\n\nParagraph 0 says that kettle k0 boils after 3 minutes of rest.") {
			t.Errorf("line 7 = %s", text)
		}
		if got := call(t, s, "read_page", map[string]any{"url": url, "section": "Part 9"}, nil); !strings.Contains(got, `no section "Part 9": take one of: Manual; Part 0; Part 1; Part 2; End`) {
			t.Errorf("another section: %s", got)
		}
	})
}

func TestVerifyQuote(t *testing.T) {
	both(t, func(t *testing.T, s *sdk.ClientSession) {
		for _, tt := range []struct{ name, quote, url, want, nearest string }{
			{"there", "Rotate a key every ninety days.", pages[0].URL, "yes", "Rotate a key every ninety days."},
			{"without its end, with an anchor", "Rotate a key every ninety days", pages[0].URL + "#rotation", "yes", "Rotate a key every ninety days"},
			{"any page", "A door has two hinges and a lock.", "", "yes", "A door has two hinges and a lock."},
			{"changed", "Rotate a key every thirty days.", pages[0].URL, "no", "Rotate a key every ninety days."},
			{"on another page", "A door has two hinges and a lock.", pages[0].URL, "no", "A key opens the door of the archive."},
			{"unknown page", "A door has two hinges.", "https://other.org/", "not_indexed", ""},
			{"over the border of chunks", long()[len(long())-2500 : len(long())-1500], pages[2].URL, "yes", ""},
		} {
			var got struct {
				Found   string
				Nearest *struct{ Quote, Link string }
			}
			text := call(t, s, "verify_quote", map[string]any{"quote": tt.quote, "url": tt.url}, &got)
			quote := ""
			if got.Nearest != nil {
				quote = got.Nearest.Quote
			}
			if got.Found != tt.want || tt.nearest != "" && quote != tt.nearest {
				t.Errorf("%s: %s, nearest %q: %s; want %s, %q", tt.name, got.Found, quote, text, tt.want, tt.nearest)
			}
			if tt.want == "yes" && !strings.Contains(got.Nearest.Link, "#") {
				t.Errorf("%s: the link %q does not lead to the quote", tt.name, got.Nearest.Link)
			}
		}
	})
}

func TestAskAndList(t *testing.T) {
	both(t, func(t *testing.T, s *sdk.ClientSession) {
		var got struct {
			Answered  bool
			Citations []struct{ Verified bool }
		}
		text := call(t, s, "ask_docs", map[string]any{"question": "How often do I rotate a key?"}, &got)
		if !got.Answered || len(got.Citations) == 0 || !got.Citations[0].Verified || !strings.Contains(text, "**Sources**") {
			t.Errorf("ask_docs = %+v, %s", got, text)
		}
		var sources struct {
			Sources []struct{ Pages int }
		}
		call(t, s, "list_sources", nil, &sources)
		if len(sources.Sources) != 1 || sources.Sources[0].Pages != len(pages) {
			t.Errorf("list_sources = %+v", sources)
		}
	})
}
