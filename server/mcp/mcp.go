// Package mcp offers an index to agents by the Model Context Protocol: to search its
// pages, to read them, to ask them, and to check a quote against them.
//
// Call [New] for a server, and run it on a transport of the protocol's SDK, or serve
// [Handler] over HTTP. All tools only read, and only the index: no tool fetches a page.
package mcp

import (
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/index"
)

// A Config configures a server. All fields but the last two are required.
type Config struct {
	Answerer  answer.Responder
	Retriever retrieve.Finder
	Manifest  index.Manifest
	Name      string // of the index; "" means "citewell"
	Version   string // of the program
}

// Skill tells an agent how to use the tools, in the form of a skill file.
//
//go:embed SKILL.md
var Skill []byte

// tools are the handlers of the tools.
type tools struct{ Config }

// instructions tell a model what the server is for.
const instructions = `Citewell holds the pages of documentation sites. Use ask_docs for a question that the pages may answer: its answer has quotes that were checked word for word. ` +
	`Use search and then read_page to read for yourself. Before you quote a page, check the quote with verify_quote. Cite pages by the links that the tools give.`

// New returns a server with all tools.
func New(c Config) *sdk.Server {
	s := sdk.NewServer(&sdk.Implementation{Name: "citewell", Title: "Citewell", Version: c.Version}, &sdk.ServerOptions{Instructions: instructions, Capabilities: &sdk.ServerCapabilities{}})
	t := tools{c}
	add(s, "search", "Search the documentation", `Finds the pages nearest to a query, best first. Each result has the id that "fetch" takes, the address, and the passage that was found.`, t.search)
	add(s, "fetch", "Fetch a page", `Returns the text of a page that "search" found, by its id, as Markdown.`, t.fetch)
	add(s, "ask_docs", "Ask the documentation", `Answers a question from the pages, with the sentences that the answer comes from, links to them, and when they were crawled. If the pages do not answer, it says so.`, t.ask)
	add(s, "read_page", "Read a page", `Returns the text of a page as Markdown: all of it, one section, or some lines.`, t.read)
	add(s, "verify_quote", "Verify a quote", `Tells whether a page says a sentence, word for word: "yes", "no", or "not_indexed". With "no" comes the sentence that is nearest. Pages are read from the index, never fetched.`, t.verify)
	add(s, "list_sources", "List the sources", `Lists the sites of the index with their pages, languages, versions, and when they were crawled.`, t.list)
	return s
}

// textOnly are the tools whose results are JSON in one text, as ChatGPT's connectors read
// them. They are long: sent as an object, too, they would take twice the time and tokens.
var textOnly = []string{"search", "fetch"}

// add adds a tool that only reads, and only what this server holds. h returns a text for
// models, or "" if they are to read the object.
func add[In, Out any](s *sdk.Server, name, title, description string, h func(context.Context, In) (string, Out, error)) {
	closed := false
	tool := &sdk.Tool{Name: name, Title: title, Description: description, InputSchema: schemaOf[In](),
		Annotations: &sdk.ToolAnnotations{Title: title, ReadOnlyHint: true, IdempotentHint: true, OpenWorldHint: &closed}}
	structured := !slices.Contains(textOnly, name)
	if structured {
		tool.OutputSchema = schemaOf[Out]()
	}
	read := decoder[In]()
	s.AddTool(tool, func(ctx context.Context, req *sdk.CallToolRequest) (*sdk.CallToolResult, error) {
		res, err := call(ctx, req.Params.Arguments, read, h)
		if err != nil {
			res = &sdk.CallToolResult{}
			res.SetError(err)
		}
		if !structured {
			res.StructuredContent = nil
		}
		return res, nil
	})
}

// call calls a tool. Its error is for the client.
func call[In, Out any](ctx context.Context, args json.RawMessage, read func(json.RawMessage, *In) error, h func(context.Context, In) (string, Out, error)) (*sdk.CallToolResult, error) {
	var in In
	if err := read(args, &in); err != nil {
		return nil, fmt.Errorf("arguments: %w", err)
	}
	text, out, err := h(ctx, in)
	if err != nil {
		return nil, told(err)
	}
	object, err := asJSON(out)
	if err != nil {
		return nil, told(err)
	}
	return &sdk.CallToolResult{Content: []sdk.Content{&sdk.TextContent{Text: cmp.Or(text, string(object))}}, StructuredContent: object}, nil
}

// Handler serves a server by streamable HTTP without sessions. The caller checks hosts and
// origins.
func Handler(s *sdk.Server) http.Handler {
	return sdk.NewStreamableHTTPHandler(func(*http.Request) *sdk.Server { return s }, &sdk.StreamableHTTPOptions{Stateless: true, JSONResponse: true, DisableLocalhostProtection: true})
}
