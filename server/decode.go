package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strconv"

	"github.com/citewell/citewell/internal/problem"
)

// fixes are a route's fixes for invalid bodies; "" means that of the kind.
type fixes struct {
	form   string // for [problem.BadJSON]
	length string // for [problem.BodyTooLarge]
}

// decode decodes the body of a request into the struct that v points to.
//
// It takes what encoding/json takes, but for unknown fields, names that are given
// twice, null in a list, deep nesting and anything after the object. A number such as 5.0 is a whole
// number, and a byte order mark is skipped. Errors name the field as JSON does, and no type of Go.
func decode(r *http.Request, v any, f fixes) error {
	body, err := io.ReadAll(r.Body)
	var tooBig *http.MaxBytesError
	if errors.As(err, &tooBig) {
		return &problem.Error{Kind: problem.BodyTooLarge, Message: fmt.Sprintf("the body is larger than %d bytes", tooBig.Limit), Fix: f.length, Cause: err}
	}
	if err != nil {
		return &problem.Error{Kind: problem.BadJSON, Message: "the body could not be read to its end", Fix: f.form, Cause: err}
	}
	if err := decodeObject(bytes.TrimPrefix(body, []byte("\ufeff")), reflect.ValueOf(v).Elem()); err != nil {
		return &problem.Error{Kind: problem.BadJSON, Message: jsonFault(err), Fix: f.form, Cause: err}
	}
	return nil
}

// jsonFault describes an error of decodeObject.
func jsonFault(err error) string {
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return fmt.Sprintf("the body is not valid JSON: error at byte %d", syntax.Offset)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the body is not valid JSON: it ends too early"
	}
	return err.Error()
}

// decodeObject decodes one JSON object, and nothing else, into a struct.
func decodeObject(body []byte, into reflect.Value) error {
	if len(bytes.TrimSpace(body)) == 0 {
		return errors.New("the body is empty: it must be a JSON object")
	}
	if bytes.IndexByte(body[:min(len(body), 2)], 0) >= 0 || bytes.HasPrefix(body, []byte("\xff\xfe")) || bytes.HasPrefix(body, []byte("\xfe\xff")) {
		return errors.New("the body is not UTF-8: it seems to be UTF-16")
	}
	d := &decoder{tokens: json.NewDecoder(bytes.NewReader(body)), body: body}
	d.tokens.UseNumber()
	t, err := d.tokens.Token()
	if err != nil {
		return err
	}
	if t != json.Delim('{') {
		return fmt.Errorf("the body must be a JSON object, not %s", jsonType(t))
	}
	if err := d.object("", into, 1); err != nil {
		return err
	}
	if _, err := d.tokens.Token(); !errors.Is(err, io.EOF) {
		return errors.New("the body must be one JSON object: more follows after its end")
	}
	return nil
}

// jsonType names the type of the value that begins with a token.
func jsonType(t json.Token) string {
	switch t := t.(type) {
	case json.Delim:
		return map[json.Delim]string{'{': "an object", '[': "an array"}[t]
	case string:
		return "a string"
	case json.Number:
		return "a number"
	case bool:
		return strconv.FormatBool(t)
	}
	return "null"
}
