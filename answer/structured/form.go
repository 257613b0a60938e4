package structured

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// maxFormBytes bounds a schema or an example, which is part of each prompt.
const maxFormBytes = 64 << 10

// A form is the schema of the data, for one use at a time.
type form struct {
	schema   json.RawMessage
	object   bool // the data is an object, as structured outputs require
	compiled *jsonschema.Schema
	work     *budget // of one validation
}

// newForm returns the form of a schema or of an example.
func newForm(schema, example json.RawMessage) (*form, error) {
	switch {
	case len(schema) == 0 == (len(example) == 0):
		return nil, errors.New("there must be either a schema or an example")
	case len(schema)+len(example) > maxFormBytes:
		return nil, fmt.Errorf("the schema or example is larger than %d KiB", maxFormBytes>>10)
	case depthOf(schema) > maxDepth || depthOf(example) > maxDepth:
		return nil, fmt.Errorf("the schema or example is nested deeper than %d levels", maxDepth)
	case len(example) > 0:
		var err error
		if schema, err = schemaOf(example); err != nil {
			return nil, err
		}
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema))
	if err != nil {
		return nil, errors.New("the schema is not JSON")
	}
	root, ok := v.(map[string]any)
	if !ok {
		return nil, errors.New("the schema is not a JSON object")
	}
	c := jsonschema.NewCompiler()
	c.UseLoader(jsonschema.SchemeURLLoader{}) // references to files and URLs are not followed
	work := &budget{}
	c.RegisterVocabulary(work.vocabulary())
	c.AssertVocabs()
	if err := c.AddResource(schemaURL, v); err != nil {
		return nil, fmt.Errorf("the schema is not valid: %s", shortError(err))
	}
	compiled, err := c.Compile(schemaURL)
	if err != nil {
		return nil, fmt.Errorf("the schema is not valid: %s", shortError(err))
	}
	return &form{schema: schema, object: root["type"] == "object", compiled: compiled, work: work}, nil
}

// schemaURL is the schema's own URL, for its references to itself.
const schemaURL = "form:///schema"

// maxProblemRunes bounds the error that is sent to a model.
const maxProblemRunes = 1000

// shortError returns the text of err on one line, shortened if it is long.
func shortError(err error) string {
	s := strings.Join(strings.Fields(strings.ReplaceAll(err.Error(), schemaURL, "")), " ")
	if r := []rune(s); len(r) > maxProblemRunes {
		s = string(r[:maxProblemRunes]) + "…"
	}
	return s
}

// read returns the data in a reply, without the text that models put around it,
// or an error for the model.
func (f *form) read(text string) (json.RawMessage, error) {
	problem := errors.New("it is not JSON")
	for i, data := range values(text) {
		if depthOf(data) > maxDepth {
			problem = errDeep
			continue
		}
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			continue // Unreachable: data is valid JSON.
		}
		err = f.validate(v)
		if err == nil {
			return data, nil
		}
		if i == 0 {
			problem = errors.New(shortError(err))
		}
	}
	return nil, problem
}

// maxValues is how many JSON values of a reply are tried.
const maxValues = 20

// values returns the JSON values in a reply, the most likely first: the whole
// reply, the content of its code blocks, the objects and lists in it.
func values(text string) []json.RawMessage {
	text = strings.TrimSpace(text)
	if json.Valid([]byte(text)) {
		return []json.RawMessage{compact(text)}
	}
	var out []json.RawMessage
	for _, part := range strings.Split(text, "```")[1:] {
		_, inside, _ := strings.Cut(part, "\n") // the first line names the language
		if inside = strings.TrimSpace(inside); json.Valid([]byte(inside)) {
			out = append(out, compact(inside))
		}
	}
	for range maxValues {
		i := strings.IndexAny(text, "{[")
		if i < 0 {
			break
		}
		text = text[i:]
		var v json.RawMessage
		dec := json.NewDecoder(strings.NewReader(text))
		if dec.Decode(&v) != nil {
			text = text[1:]
			continue
		}
		out = append(out, compact(string(v)))
		text = text[dec.InputOffset():]
	}
	return out
}

// compact returns valid JSON without white space.
func compact(text string) json.RawMessage {
	var b bytes.Buffer
	_ = json.Compact(&b, []byte(text)) // it is valid
	return b.Bytes()
}
