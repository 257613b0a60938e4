package openai

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/answer/history"
	"github.com/citewell/citewell/internal/problem"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/server/reply"
)

// warningHeader names what of a request was not regarded.
const warningHeader = "X-Citewell-Ignored"

// An asked is a request of either API, as it is answered.
type asked struct {
	model    model
	question answer.Question
	reply    string // to a prompt that is no question, see [sidePrompt]
	stream   bool
	usage    bool // the stream ends with the usage
	own      bool // the answer itself is sent instead of a list of its sources
}

// extension is what x_citewell may hold beside true.
type extension struct {
	K      whole           `json:"k"`
	Filter retrieve.Filter `json:"filter"`
}

// A whole is a whole number. JSON does not tell 5 from 5.0.
type whole int

// UnmarshalJSON implements [json.Unmarshaler].
func (w *whole) UnmarshalJSON(b []byte) error {
	var f *float64
	if err := json.Unmarshal(b, &f); err != nil || f == nil {
		return err
	}
	if *w = whole(*f); float64(*w) != *f {
		return fmt.Errorf("%v is not a whole number", *f)
	}
	return nil
}

// fields are the fields of a request.
type fields map[string]json.RawMessage

// decode decodes the body of a request. example is the shortest valid one.
func decode(r *http.Request, example string) (fields, error) {
	body, err := io.ReadAll(r.Body)
	var tooBig *http.MaxBytesError
	if errors.As(err, &tooBig) {
		return nil, &problem.Error{Kind: problem.BodyTooLarge, Message: fmt.Sprintf("the body is larger than %d bytes", tooBig.Limit), Cause: err}
	}
	var f fields
	if err == nil {
		err = json.Unmarshal(bytes.TrimPrefix(body, []byte("\ufeff")), &f)
	}
	if err != nil || f == nil {
		return nil, &problem.Error{Kind: problem.BadJSON, Message: "the body is not a JSON object", Fix: "send an object such as " + example, Cause: err}
	}
	return f, nil
}

// has reports whether a field is there and not null.
func (f fields) has(name string) bool {
	return len(f[name]) > 0 && string(f[name]) != "null"
}

// get decodes a field into v, which stays as it is if the field is absent.
func (f fields) get(name string, v any) error {
	if !f.has(name) {
		return nil
	}
	if err := json.Unmarshal(f[name], v); err != nil {
		return invalid(name, fmt.Sprintf("%q has a value of another type than OpenAI's API describes.", name))
	}
	return nil
}

// strictly decodes an object that has no other fields than v.
func strictly(value json.RawMessage, v any) error {
	d := json.NewDecoder(bytes.NewReader(value))
	d.DisallowUnknownFields()
	return d.Decode(v)
}

// isEmpty reports whether a field is absent or holds nothing: null, false, "", [] or {}.
func (f fields) isEmpty(name string) bool {
	return !f.has(name) || slices.Contains([]string{"false", `""`, "[]", "{}"}, string(bytes.TrimSpace(f[name])))
}

// refuse returns an error if one of the fields asks for something: no answer would be
// what the caller expects.
func (f fields) refuse(names ...string) error {
	for _, name := range names {
		if !f.isEmpty(name) {
			return unsupported(name, fmt.Sprintf("%q is not supported: Citewell answers with text from its pages alone. Leave it out.", name))
		}
	}
	return nil
}

// ignored are the fields without an effect here: how a model samples, and what it
// keeps. A client sends some of them in every request.
var ignored = []string{
	"temperature", "top_p", "top_k", "min_p", "frequency_penalty", "presence_penalty", "repetition_penalty", "seed", "stop", "logit_bias", "logprobs", "top_logprobs",
	"max_tokens", "max_completion_tokens", "max_output_tokens", "reasoning_effort", "reasoning", "verbosity", "instructions", "prediction", "truncation",
}

// common reads what both APIs have.
func (a *API) common(f fields) (asked, error) {
	var q asked
	var name string
	if err := errors.Join(f.get("model", &name), f.get("stream", &q.stream)); err != nil {
		return q, err
	}
	if name == "" {
		return q, invalid("model", fmt.Sprintf("A model is required, such as %q.", a.models()[0].ID))
	}
	var err error
	if q.model, err = a.model(name); err != nil {
		return q, err
	}
	if f.has("x_citewell") && string(f["x_citewell"]) != "false" {
		q.own = true
		if string(f["x_citewell"]) != "true" {
			var x extension
			if err := strictly(f["x_citewell"], &x); err != nil {
				return q, invalid("x_citewell", "\"x_citewell\" must be true, or an object with \"k\" and \"filter\" as POST /v1/ask takes them.")
			}
			if x.K < 0 || x.K > retrieve.MaxK {
				return q, invalid("x_citewell", fmt.Sprintf("k must be within 1–%d.", retrieve.MaxK))
			}
			q.question.K, q.question.Filter = int(x.K), x.Filter
		}
	}
	q.question.Mode = q.model.mode
	return q, nil
}

// A message is one message of a conversation.
type message struct {
	role   string
	text   string
	images []string
}

// roles are the roles of messages.
var roles = []string{"user", "assistant", "system", "developer", "tool", "function"}

// A part is a part of a message's content, of either API.
type part struct {
	Type     string          `json:"type"`
	Text     *string         `json:"text"`
	Refusal  string          `json:"refusal"`
	ImageURL json.RawMessage `json:"image_url"`
}

// readContent adds content to m: a string, or a list of parts.
func (m *message) readContent(param string, content json.RawMessage) error {
	if len(content) == 0 || string(content) == "null" {
		return nil
	}
	if content[0] == '"' {
		return json.Unmarshal(content, &m.text)
	}
	var parts []part
	if json.Unmarshal(content, &parts) != nil {
		return invalid(param, "The content of a message must be a string or a list of parts.")
	}
	var texts []string
	for _, p := range parts {
		switch p.Type {
		case "text", "input_text", "output_text":
			if p.Text == nil {
				return invalid(param, fmt.Sprintf("A part of the type %q has no text.", p.Type))
			}
			texts = append(texts, *p.Text)
		case "refusal":
			texts = append(texts, p.Refusal)
		case "image_url", "input_image":
			var image struct {
				URL string `json:"url"`
			}
			if json.Unmarshal(p.ImageURL, &image.URL) != nil && json.Unmarshal(p.ImageURL, &image) != nil || image.URL == "" {
				return invalid(param, "An image needs an address or a data URI.")
			}
			m.images = append(m.images, image.URL)
		default:
			return unsupported(param, fmt.Sprintf("Parts of the type %q are not supported: send text or images.", p.Type))
		}
	}
	m.text = strings.Join(texts, "\n")
	return nil
}

// converse takes the question and its history from the messages, and reports whether
// there were instructions among them.
func (q *asked) converse(param string, messages []message) (instructed bool, err error) {
	for _, m := range messages {
		if !slices.Contains(roles, m.role) {
			return false, invalid(param, fmt.Sprintf("A message has the role %q. Roles are %s.", m.role, strings.Join(roles, ", ")))
		}
	}
	talk := slices.DeleteFunc(messages, func(m message) bool {
		isInstruction := m.role == "system" || m.role == "developer"
		instructed = instructed || isInstruction
		return isInstruction
	})
	last := len(talk) - 1
	if last < 0 || talk[last].role != "user" {
		return instructed, invalid(param, "The last message must be of the role user: it is the question.")
	}
	q.question.Text, q.question.Images = strings.TrimSpace(talk[last].text), talk[last].images
	if q.question.Text == "" {
		return instructed, invalid(param, "The last message has no text: it is the question.")
	}
	if reply, ok := sidePrompt(q.question.Text, talk[:last]); ok {
		q.reply = reply
		return instructed, nil
	}
	q.question.Text = questionIn(q.question.Text)
	var turns []history.Turn
	for _, m := range talk[:last] {
		switch m.role {
		case "user":
			turns = append(turns, history.Turn{Role: history.User, Content: m.text})
		case "assistant":
			turns = append(turns, history.Turn{Role: history.Assistant, Content: reply.WithoutSources(m.text)})
		}
	}
	q.question.History = history.Fit(turns)
	return instructed, nil
}

// warn tells the client what of its request has no effect.
func warn(w http.ResponseWriter, f fields, instructed bool) {
	var names []string
	if instructed {
		names = append(names, "system")
	}
	for _, name := range ignored {
		if !f.isEmpty(name) {
			names = append(names, name)
		}
	}
	if len(names) > 0 {
		w.Header().Set(warningHeader, strings.Join(names, ", "))
	}
}
