package server

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
)

const (
	maxNesting     = 100 // levels of the values of a body
	maxQuotedRunes = 60  // of a client's name that an error repeats

	separators = " \t\r\n:," // what may stand in front of a value
)

// A decoder decodes the values of one body. A path names a value, such as
// "history[0].role". A reflect.Value that is not valid means that the value is only
// checked.
type decoder struct {
	tokens *json.Decoder
	body   []byte
}

// wants describes the JSON values that a type is decoded from; "" if encoding/json
// decodes them.
func wants(t reflect.Type) string {
	p := reflect.PointerTo(t)
	if p.Implements(reflect.TypeFor[json.Unmarshaler]()) || p.Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) {
		return ""
	}
	switch k := t.Kind(); {
	case k == reflect.Pointer:
		return wants(t.Elem())
	case k == reflect.Struct, k == reflect.Map && t.Key().Kind() == reflect.String:
		return "an object"
	case k == reflect.Slice && t.Elem().Kind() != reflect.Uint8:
		return "an array"
	case k == reflect.String:
		return "a string"
	case k == reflect.Bool:
		return "true or false"
	case k >= reflect.Int && k <= reflect.Int64:
		return "a whole number"
	case k == reflect.Float32 || k == reflect.Float64:
		return "a number"
	}
	return ""
}

// wrongType is the error of a value that the type t is not decoded from.
func wrongType(path string, t reflect.Type) error {
	if wants(t) == "" {
		return fmt.Errorf("%s is not of the expected form", path)
	}
	return fmt.Errorf("%s must be %s", path, wants(t))
}

// value decodes the next value.
func (d *decoder) value(path string, into reflect.Value, depth int) error {
	if depth > maxNesting {
		return fmt.Errorf("the body is nested deeper than %d levels", maxNesting)
	}
	if into.IsValid() && wants(into.Type()) == "" {
		return d.raw(path, into, depth)
	}
	t, err := d.tokens.Token()
	if err != nil || t == nil { // null leaves the zero value
		return err
	}
	if into.IsValid() && into.Kind() == reflect.Pointer {
		into.Set(reflect.New(into.Type().Elem()))
		into = into.Elem()
	}
	switch t := t.(type) {
	case json.Delim:
		if t == '{' {
			return d.object(path, into, depth+1)
		}
		return d.array(path, into, depth+1)
	case json.Number:
		return setNumber(path, into, t.String())
	case string:
		return set(path, into, reflect.ValueOf(t))
	}
	return set(path, into, reflect.ValueOf(t))
}

// raw checks the next value and leaves its decoding to encoding/json.
func (d *decoder) raw(path string, into reflect.Value, depth int) error {
	begin := d.tokens.InputOffset()
	if err := d.value(path, reflect.Value{}, depth); err != nil {
		return err
	}
	text := bytes.TrimLeft(d.body[begin:d.tokens.InputOffset()], separators)
	if err := json.Unmarshal(text, into.Addr().Interface()); err != nil {
		return wrongType(path, into.Type())
	}
	return nil
}

// set sets a string or a boolean.
func set(path string, into, v reflect.Value) error {
	switch {
	case !into.IsValid():
		return nil
	case into.Kind() != v.Kind():
		return wrongType(path, into.Type())
	}
	into.Set(v.Convert(into.Type()))
	return nil
}

// setNumber sets a number. JSON does not tell 5 from 5.0.
func setNumber(path string, into reflect.Value, text string) error {
	if !into.IsValid() {
		return nil
	}
	f, err := strconv.ParseFloat(text, 64)
	tooLarge := fmt.Errorf("%s is too large a number", path)
	switch {
	case into.CanFloat():
		if err != nil || into.OverflowFloat(f) {
			return tooLarge
		}
		into.SetFloat(f)
	case into.CanInt():
		n, errInt := strconv.ParseInt(text, 10, 64)
		switch {
		case errInt == nil:
		case err != nil || math.Abs(f) >= 1<<53:
			return tooLarge
		case f != math.Trunc(f):
			return wrongType(path, into.Type())
		default:
			n = int64(f)
		}
		if into.OverflowInt(n) {
			return tooLarge
		}
		into.SetInt(n)
	default:
		return wrongType(path, into.Type())
	}
	return nil
}

// array decodes the elements of an array, up to its end.
func (d *decoder) array(path string, into reflect.Value, depth int) error {
	if into.IsValid() && into.Kind() != reflect.Slice {
		return wrongType(path, into.Type())
	}
	if into.IsValid() {
		into.Set(reflect.MakeSlice(into.Type(), 0, 0)) // an empty array is not nil
	}
	for i := 0; d.tokens.More(); i++ {
		var element reflect.Value
		elementPath := path
		if into.IsValid() {
			element, elementPath = reflect.New(into.Type().Elem()).Elem(), fmt.Sprintf("%s[%d]", path, i)
			next := bytes.TrimLeft(d.body[d.tokens.InputOffset():], separators)
			if wants(element.Type()) != "" && bytes.HasPrefix(next, []byte("null")) {
				return fmt.Errorf("%s is null: leave it out", elementPath)
			}
		}
		if err := d.value(elementPath, element, depth); err != nil {
			return err
		}
		if into.IsValid() {
			into.Set(reflect.Append(into, element))
		}
	}
	_, err := d.tokens.Token()
	return err
}

// object decodes the members of an object, up to its end.
func (d *decoder) object(path string, into reflect.Value, depth int) error {
	if into.IsValid() && into.Kind() == reflect.Map {
		into.Set(reflect.MakeMap(into.Type()))
	} else if into.IsValid() && into.Kind() != reflect.Struct {
		return wrongType(path, into.Type())
	}
	seen := map[string]bool{}
	for d.tokens.More() {
		t, err := d.tokens.Token()
		if err != nil {
			return err
		}
		name, _ := t.(string) // tokens has no other key
		var member reflect.Value
		memberPath := path
		switch {
		case !into.IsValid():
		case into.Kind() == reflect.Map:
			memberPath = path + "[" + quoted(name) + "]"
			member = reflect.New(into.Type().Elem()).Elem()
		default:
			var known bool
			if name, member, known = field(into, name); !known {
				return fmt.Errorf("unknown field %s", quoted(join(path, name)))
			}
			memberPath = join(path, name)
		}
		if seen[name] {
			return fmt.Errorf("%s is given twice", strings.TrimPrefix(path+": "+quoted(name), ": "))
		}
		seen[name] = true
		if err := d.value(memberPath, member, depth); err != nil {
			return err
		}
		if into.IsValid() && into.Kind() == reflect.Map {
			into.SetMapIndex(reflect.ValueOf(name), member)
		}
	}
	_, err := d.tokens.Token()
	return err
}

// field returns the field of a struct that encoding/json would decode a name to, and
// the name in its tag.
func field(of reflect.Value, name string) (string, reflect.Value, bool) {
	var folded reflect.StructField
	tag := ""
	for _, f := range reflect.VisibleFields(of.Type()) {
		own, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous || !f.IsExported() || own == "" || own == "-":
		case own == name:
			return name, of.FieldByIndex(f.Index), true
		case strings.EqualFold(own, name) && tag == "":
			folded, tag = f, own
		}
	}
	if tag == "" {
		return name, reflect.Value{}, false
	}
	return tag, of.FieldByIndex(folded.Index), true
}

// join returns the path of a member.
func join(path, name string) string {
	return strings.TrimPrefix(path+"."+name, ".")
}

// quoted returns a name that a client chose, for an error.
func quoted(name string) string {
	if r := []rune(name); len(r) > maxQuotedRunes {
		name = string(r[:maxQuotedRunes]) + "…"
	}
	return strconv.Quote(name)
}
