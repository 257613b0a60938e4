// Package apidoctest compares what a server replies with the description of its API.
//
// Call [New] with a description, and [Checker.Check] for each reply.
package apidoctest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// object is an object of the description.
type object = map[string]any

// A Checker knows a description. It may be used by several goroutines.
type Checker struct {
	doc   object
	paths []string

	mu       sync.Mutex
	compiler *jsonschema.Compiler
}

const name = "openapi.json"

// New returns a Checker of a description, by whose schemas replies may have no further
// fields.
func New(description []byte) (*Checker, error) {
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(description))
	if err != nil {
		return nil, err
	}
	doc, ok := v.(object)
	if !ok {
		return nil, errors.New("the description is not an object")
	}
	for _, s := range at(doc, "components", "schemas") {
		if s, ok := s.(object); ok && s["properties"] != nil && s["additionalProperties"] == nil {
			s["additionalProperties"] = false
		}
	}
	c := &Checker{doc: doc, compiler: jsonschema.NewCompiler()}
	for path := range at(doc, "paths") {
		c.paths = append(c.paths, path)
	}
	slices.Sort(c.paths) // {id} is behind the letters
	c.compiler.DefaultDraft(jsonschema.Draft2020)
	c.compiler.AssertContent() // of the data of events
	return c, c.compiler.AddResource(name, doc)
}

// at returns the object at a path of keys; nil if there is none.
func at(o object, keys ...string) object {
	for _, k := range keys {
		o, _ = o[k].(object)
	}
	return o
}

// pathOf returns the described path that an address belongs to. A parameter at its end
// may hold slashes.
func (c *Checker) pathOf(address string) (string, bool) {
	have := strings.Split(address, "/")
	for _, path := range c.paths {
		want := strings.Split(path, "/")
		last := len(want) - 1
		rest := strings.HasPrefix(want[last], "{") && len(have) > last
		matches := len(have) == len(want) || rest
		for i := range want {
			matches = matches && i < len(have) && (want[i] == have[i] || strings.HasPrefix(want[i], "{") && have[i] != "")
		}
		if matches {
			return path, true
		}
	}
	return "", false
}

// Examples returns the examples of requests, by path.
func (c *Checker) Examples() map[string]string {
	out := map[string]string{}
	for _, path := range c.paths {
		media := at(c.doc, "paths", path, "post", "requestBody", "content", "application/json")
		if b, err := json.Marshal(media["example"]); err == nil && media["example"] != nil {
			out[path] = string(b)
		}
	}
	return out
}

// Check returns an error unless a reply is one that the description has for a request,
// and unless a request that succeeds is one that the description allows. Requests to
// addresses that are not described must fail.
func (c *Checker) Check(method, address string, request []byte, status int, header http.Header, reply []byte) error {
	path, ok := c.pathOf(address)
	op := at(c.doc, "paths", path, strings.ToLower(method))
	if !ok || op == nil {
		if status < 300 && method != http.MethodHead && method != http.MethodOptions {
			return fmt.Errorf("%s %s is not described", method, address)
		}
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	pointer := []string{"paths", path, strings.ToLower(method)}
	described := at(op, "responses", strconv.Itoa(status))
	if described == nil {
		return fmt.Errorf("%s %s: the status %d is not described: %s", method, path, status, reply)
	}
	if status < 300 && at(op, "requestBody") != nil {
		body, err := jsonschema.UnmarshalJSON(bytes.NewReader(bytes.TrimPrefix(request, []byte("\ufeff"))))
		if err == nil {
			err = c.validate(body, append(pointer, "requestBody", "content", "application/json", "schema")...)
		}
		if err != nil {
			return fmt.Errorf("%s %s takes %s, which is not described: %w", method, path, request, err)
		}
	}
	pointer = append(pointer, "responses", strconv.Itoa(status), "content")
	if err := c.checkBody(at(described, "content"), header.Get("Content-Type"), reply, pointer); err != nil {
		return fmt.Errorf("%s %s = %d %s: %w", method, path, status, reply, err)
	}
	return nil
}

// checkBody checks the body of a reply.
func (c *Checker) checkBody(content object, contentType string, body []byte, pointer []string) error {
	if content == nil {
		if len(body) > 0 {
			return errors.New("it is described without a body")
		}
		return nil
	}
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return err
	}
	for described := range content {
		base, _, _ := strings.Cut(described, ";")
		if base != kind && base != "*/*" {
			continue
		}
		pointer := append(slices.Clone(pointer), described)
		switch {
		case kind == "text/event-stream":
			return c.checkEvents(body, append(pointer, "schema"))
		case kind != "application/json":
			return nil
		}
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
		if err != nil {
			return err
		}
		return c.validate(v, append(pointer, "schema")...)
	}
	return fmt.Errorf("the type %s is not described", contentType)
}

// checkEvents checks the events of a stream.
func (c *Checker) checkEvents(stream []byte, pointer []string) error {
	for block := range strings.SplitSeq(string(stream), "\n\n") {
		event := object{}
		for line := range strings.Lines(block) {
			if name, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), ": "); ok && name != "" {
				event[name] = value
			}
		}
		if len(event) == 0 { // a comment
			continue
		}
		if err := c.validate(event, pointer...); err != nil {
			return fmt.Errorf("event %v: %w", event, err)
		}
	}
	return nil
}

// validate validates a value against the schema at a pointer.
func (c *Checker) validate(v any, pointer ...string) error {
	escaped := make([]string, len(pointer))
	for i, p := range pointer {
		escaped[i] = strings.NewReplacer("~", "~0", "/", "~1", "%", "%25", "{", "%7B", "}", "%7D", " ", "%20").Replace(p)
	}
	s, err := c.compiler.Compile(name + "#/" + strings.Join(escaped, "/"))
	if err != nil {
		return err
	}
	return s.Validate(v)
}
