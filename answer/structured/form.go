package structured

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// maxFormBytes bounds a schema or an example: it is a part of each prompt.
const maxFormBytes = 64 << 10

// A form is the schema that the data must be valid against.
type form struct {
	schema   json.RawMessage
	object   bool // the data is an object, as structured outputs must be
	compiled *jsonschema.Schema
}

// newForm returns the form that either the schema or the example gives.
func newForm(schema, example json.RawMessage) (*form, error) {
	switch {
	case len(schema) == 0 == (len(example) == 0):
		return nil, errors.New("there must be either a schema or an example")
	case len(schema)+len(example) > maxFormBytes:
		return nil, fmt.Errorf("the schema or example is larger than %d KiB", maxFormBytes>>10)
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
	c.UseLoader(jsonschema.SchemeURLLoader{}) // a reference leads to no file and no address
	if err := c.AddResource(schemaURL, v); err != nil {
		return nil, fmt.Errorf("the schema is not valid: %s", shortError(err))
	}
	compiled, err := c.Compile(schemaURL)
	if err != nil {
		return nil, fmt.Errorf("the schema is not valid: %s", shortError(err))
	}
	return &form{schema: schema, object: root["type"] == "object", compiled: compiled}, nil
}

// schemaURL is what the schema is called, for its references to itself.
const schemaURL = "form:///schema"

// maxProblemRunes bounds what a model is told of its mistake.
const maxProblemRunes = 1000

// shortError returns what err says on one line, and not all of it if it is long.
func shortError(err error) string {
	s := strings.Join(strings.Fields(strings.ReplaceAll(err.Error(), schemaURL, "")), " ")
	if r := []rune(s); len(r) > maxProblemRunes {
		s = string(r[:maxProblemRunes]) + "…"
	}
	return s
}

// read returns the data in a reply, without what models put around it, or says
// what is wrong with it.
func (f *form) read(text string) (json.RawMessage, error) {
	problem := errors.New("it is not JSON")
	for i, data := range values(text) {
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			continue // Unreachable: it is valid.
		}
		err = f.compiled.Validate(v)
		if err == nil {
			return data, nil
		}
		if i == 0 {
			problem = errors.New(shortError(err))
		}
	}
	return nil, problem
}

// maxValues is how many JSON values a reply is searched for.
const maxValues = 20

// values returns the JSON values that a reply may mean, the likeliest first: all
// of it, what stands in its fences, the objects and lists within.
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

// compact returns valid JSON without white space between its parts.
func compact(text string) json.RawMessage {
	var b bytes.Buffer
	_ = json.Compact(&b, []byte(text)) // it is valid
	return b.Bytes()
}
