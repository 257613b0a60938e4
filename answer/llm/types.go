package llm

import "encoding/json"

// A Request is one turn with a model. If the model's profile does not accept it,
// [Client.Complete] returns [ErrConfig] and sends nothing.
type Request struct {
	// Instructions are the operator's. They have the developer or system role if
	// the profile has one, else they are put before the first user message.
	Instructions string
	Messages     []Message // at least one; see [User]
	// Cited is the same as Messages for a service with citations of its own: the sources
	// are Documents. It is sent instead if the model's API has such citations and the
	// request has neither tools nor a schema.
	Cited  []Message
	Tools  []Tool  // tools that the model may call; nil means none
	Schema *Schema // schema of the text; nil means free text
	// Brief asks for a line or two: with low effort, if the model has one, at most
	// 2000 tokens, and no second request.
	Brief bool
	// Impatient means that the caller has something else to show: the call ends if it
	// gets no turn within 20 s, or if no text arrives within Config.Patience.
	Impatient bool
	// Delta is called with each piece of visible text as it arrives, in order and
	// from one goroutine; if it returns an error, the call ends. Reasoning is left
	// out. nil means not to stream. If the model cannot stream, Delta gets the whole
	// text at once.
	Delta func(text string) error
}

// A Role is the author of a message.
type Role string

const (
	RoleUser      Role = "user"
	RoleAssistant Role = "assistant"
	RoleTool      Role = "tool" // the result of a [Call]
)

// A Message is a part of the conversation. It never holds reasoning of earlier turns.
type Message struct {
	Role   Role
	Text   string
	Images []string // of the user: https URLs or data URIs
	Calls  []Call   // of the assistant
	CallID string   // of a tool's result: the ID of the Call
	// Documents stand before the text, of one message in Request.Cited only.
	Documents []Document
}

// A Document is a source that the service cites by itself.
type Document struct {
	Title   string // may be empty
	Context string // what the model is told of it and does not cite; may be empty
	Text    string
}

// A Quote is a passage that the service says a claim rests on.
type Quote struct {
	Document int // from 1
	Text     string
}

// User returns the messages of a request with one user message.
func User(text string) []Message { return []Message{{Role: RoleUser, Text: text}} }

// A Tool is a function that the model may ask the caller to call.
type Tool struct {
	Name, Description string
	Parameters        json.RawMessage // JSON schema of the arguments, an object
}

// A Call is the model's request to call a tool.
type Call struct {
	ID, Name  string
	Arguments json.RawMessage // as the model wrote them; they may be invalid against the schema
	// Items are output items of the Responses API around the call, such as its encrypted
	// reasoning. They are for the service only: send them back with the Call.
	Items []json.RawMessage
}

// A Schema is the schema of a structured output.
type Schema struct {
	Name string          // letters, digits, '_' and '-'
	JSON json.RawMessage // JSON schema
}

// A Response is the model's output.
type Response struct {
	Text      string // visible text; reasoning is not part of it
	Reasoning string // if the model shows it; never part of an answer or a later turn
	Refusal   string // the model's own words if it refuses; Text is empty then
	Calls     []Call // tools to call; Text may be empty then
	// Quotes are the citations of the service for Request.Cited. In Text, [source n]
	// stands behind what rests on document n.
	Quotes        []Quote
	Model         string // as the provider names it
	FinishReason  string // "stop", "length", "content_filter", "tool_calls", …; "cut" if the stream broke off
	Usage         Usage
	ContentFilter json.RawMessage // Azure: the filter results of the answer; may be nil
	PromptFilter  json.RawMessage // Azure: the filter results of the prompt; may be nil
	LogProbs      json.RawMessage // as the provider returns them; nil if not requested or if the text was streamed
}

// A Usage counts tokens. CompletionTokens are paid for and include reasoning. Not
// every provider reports ReasoningTokens, so prices do not depend on them. The zero
// Usage means that no model was asked.
type Usage struct {
	PromptTokens     int `json:"prompt_tokens"`
	CachedTokens     int `json:"cached_tokens"` // of the prompt
	CompletionTokens int `json:"completion_tokens"`
	ReasoningTokens  int `json:"reasoning_tokens"` // of the completion, if the provider reports them
	Calls            int `json:"calls"`            // requests that were paid for

	Unknown bool `json:"-"` // a reply did not report its tokens, so the counts are too low
}

// MarshalJSON returns null for an unknown usage: counts that are too low mislead more
// than none.
func (u Usage) MarshalJSON() ([]byte, error) {
	if u.Unknown {
		return []byte("null"), nil
	}
	type plain Usage
	return json.Marshal(plain(u))
}

// reported returns u, and marks it as unknown if it counts no tokens: a service that
// sends zeros has not counted.
func reported(u Usage) Usage {
	u.Unknown = u.PromptTokens == 0 && u.CompletionTokens == 0
	return u
}

// Add returns the sum of two usages.
func (u Usage) Add(v Usage) Usage {
	return Usage{
		PromptTokens:     u.PromptTokens + v.PromptTokens,
		CachedTokens:     u.CachedTokens + v.CachedTokens,
		CompletionTokens: u.CompletionTokens + v.CompletionTokens,
		ReasoningTokens:  u.ReasoningTokens + v.ReasoningTokens,
		Calls:            u.Calls + v.Calls,
		Unknown:          u.Unknown || v.Unknown,
	}
}
