package llm

import "encoding/json"

// A Request is one turn with a model. What the model's profile does not take is
// refused with [ErrConfig] before anything is sent.
type Request struct {
	// Instructions are the operator's. They go to the developer or system role
	// where the profile has one, else in front of the first user message.
	Instructions string
	Messages     []Message // at least one; see [User]
	Tools        []Tool    // what the model may call; nil means none
	Schema       *Schema   // the form the text must have; nil means free text
	// Brief says that the text is a line or two: the model is asked for little
	// effort, where it takes one, and gets at most 2000 tokens, once.
	Brief bool
	// Delta is called with each piece of visible text as it arrives, in order and
	// from one goroutine; an error of it ends the call. Reasoning is not part of
	// it. nil means that the answer is wanted whole. A model that can't stream is
	// asked without, and Delta gets the whole text at once.
	Delta func(text string) error
}

// A Role says who wrote a message.
type Role string

const (
	RoleUser      Role = "user"
	RoleAssistant Role = "assistant"
	RoleTool      Role = "tool" // the result of a [Call]
)

// A Message is a part of the conversation. Reasoning of earlier turns is never
// among them.
type Message struct {
	Role   Role
	Text   string
	Images []string // of the user: addresses (https) or data URIs
	Calls  []Call   // of the assistant
	CallID string   // of a tool's result: the ID of the Call
}

// User returns the messages of a request that is one user message.
func User(text string) []Message { return []Message{{Role: RoleUser, Text: text}} }

// A Tool is a function that the model may ask to have called.
type Tool struct {
	Name, Description string
	Parameters        json.RawMessage // JSON schema of the arguments, an object
}

// A Call is the model's wish to have a tool called.
type Call struct {
	ID, Name  string
	Arguments json.RawMessage // as the model wrote them: perhaps not what the schema says
}

// A Schema is the form of a structured output.
type Schema struct {
	Name string          // letters, digits, '_' and '-'
	JSON json.RawMessage // JSON schema
}

// A Response is what the model said.
type Response struct {
	Text          string // visible text; reasoning is not part of it
	Reasoning     string // as far as the model shows it; never part of an answer or of a later turn
	Refusal       string // the model's own words if it refuses; Text is empty then
	Calls         []Call // tools to call; Text may be empty then
	Model         string // as the provider names it
	FinishReason  string // "stop", "length", "content_filter", "tool_calls", …; "cut" if the stream broke off
	Usage         Usage
	ContentFilter json.RawMessage // Azure: what its filters say of the answer; nil if nothing
	PromptFilter  json.RawMessage // Azure: what its filters say of the prompt; nil if nothing
	LogProbs      json.RawMessage // as the provider gives them; nil if they were not asked for, or the text was streamed
}

// A Usage counts tokens. CompletionTokens are what is paid for, reasoning
// included; ReasoningTokens are not always told, so no price follows from them.
type Usage struct {
	PromptTokens     int `json:"prompt_tokens"`
	CachedTokens     int `json:"cached_tokens"` // of the prompt
	CompletionTokens int `json:"completion_tokens"`
	ReasoningTokens  int `json:"reasoning_tokens"` // of the completion, as far as the provider says
	Calls            int `json:"calls"`            // requests that were paid for
}

// Add returns the sum: two calls for one answer are both paid.
func (u Usage) Add(v Usage) Usage {
	return Usage{
		PromptTokens:     u.PromptTokens + v.PromptTokens,
		CachedTokens:     u.CachedTokens + v.CachedTokens,
		CompletionTokens: u.CompletionTokens + v.CompletionTokens,
		ReasoningTokens:  u.ReasoningTokens + v.ReasoningTokens,
		Calls:            u.Calls + v.Calls,
	}
}
