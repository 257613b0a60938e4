package structured

import (
	"errors"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

const (
	// maxDepth bounds the nesting of a schema, an example and data. The time to
	// compile a schema grows with the cube of its depth: 3000 levels took 24 s
	// (2026-11). A level of data takes two or three levels of its schema, and
	// services accept ten levels of data.
	maxDepth = 64
	// maxSteps bounds the subschemas that one validation applies. References can
	// make their number grow exponentially with the size of a schema.
	maxSteps = 200_000
)

var (
	errDeep  = errors.New("it is nested too deeply")
	errSteps = errors.New("the schema takes too many steps to apply: it refers to itself or repeats references too often")
)

// depthOf returns how deeply lists and objects are nested in JSON. It does not parse
// it, so what is not JSON has a depth, too.
func depthOf(b []byte) int {
	depth, deepest := 0, 0
	quoted := false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
			deepest = max(deepest, depth)
		case c == '}' || c == ']':
			depth--
		}
	}
	return deepest
}

// A budget counts the steps of a validation. As a vocabulary of the schema it is
// called for each subschema that is applied.
type budget struct{ left int }

// vocabularyURL names the vocabulary.
const vocabularyURL = "form:///budget"

func (b *budget) vocabulary() *jsonschema.Vocabulary {
	return &jsonschema.Vocabulary{URL: vocabularyURL, Compile: func(*jsonschema.CompilerContext, map[string]any) (jsonschema.SchemaExt, error) { return b, nil }}
}

// Validate implements [jsonschema.SchemaExt]. It panics with errSteps when the budget
// is used up: the library can't be stopped in another way.
func (b *budget) Validate(*jsonschema.ValidatorContext, any) {
	if b.left--; b.left < 0 {
		panic(errSteps)
	}
}

// validate validates data.
func (f *form) validate(v any) (err error) {
	f.work.left = maxSteps
	defer func() {
		switch r := recover(); r {
		case nil:
		case errSteps:
			err = errSteps
		default:
			panic(r)
		}
	}()
	return f.compiled.Validate(v)
}
