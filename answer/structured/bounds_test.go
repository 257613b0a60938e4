package structured

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// nested returns n levels of open, a center and n levels of end.
func nested(n int, open, center, end string) string {
	return strings.Repeat(open, n) + center + strings.Repeat(end, n)
}

// doubling returns a schema whose definitions refer to the next one twice.
func doubling(n int, keyword string) string {
	var b strings.Builder
	b.WriteString(`{"type":"object","properties":{"a":{"$ref":"#/$defs/d0"}},"$defs":{`)
	for i := range n {
		fmt.Fprintf(&b, `"d%d":{%q:[{"$ref":"#/$defs/d%d"},{"$ref":"#/$defs/d%d"}]},`, i, keyword, i+1, i+1)
	}
	fmt.Fprintf(&b, `"d%d":{"type":"string"}}}`, n)
	return b.String()
}

// TestExpensiveForms checks that forms which would take seconds to compile or to
// apply are refused, or cost little.
func TestExpensiveForms(t *testing.T) {
	const object, end = `{"type":"object","properties":{"a":`, `}}`
	for _, tt := range []struct {
		name, schema, example, data string
		wantForm, wantData          string // parts of the errors
	}{
		{"deep properties", nested(1500, object, `{"type":"string"}`, end), "", "", "nested deeper", ""},
		{"deep lists", nested(3000, `{"items":`, `{}`, `}`), "", "", "nested deeper", ""},
		{"deep negation", nested(3000, `{"not":`, `{}`, `}`), "", "", "nested deeper", ""},
		{"deep and not JSON", nested(9000, `{"a":[`, ``, ``), "", "", "nested deeper", ""},
		{"deep example", "", nested(3000, `{"a":`, `1`, `}`), "", "nested deeper", ""},
		{"deep list as example", "", `{"a":` + nested(9000, `[`, `1`, `]`) + `}`, "", "nested deeper", ""},
		{"braces in text", `{"type":"object","description":"` + nested(2000, `{[\"`, "", "") + `"}`, "", `{}`, "", ""},
		{"allowed depth", nested(20, object, `{"type":"string"}`, end), "", nested(20, `{"a":`, `"x"`, `}`), "", ""},
		{"doubling references", doubling(200, "allOf"), "", `{"a":"x"}`, "", "too many steps"},
		{"doubling alternatives", doubling(200, "oneOf"), "", `{"a":1}`, "", "too many steps"},
		{"doubling recursion", `{"type":"object","properties":{"a":{"allOf":[{"$ref":"#"},{"$ref":"#"}]}}}`, "", nested(60, `{"a":`, `{}`, `}`), "", "too many steps"},
		{"deep data", `{"type":"object"}`, "", nested(9000, `{"a":`, `1`, `}`), "", "nested too deeply"},
		{"many properties", `{"type":"object","properties":{` + strings.TrimSuffix(strings.Repeat(`"p":{"type":"string"},`, 2500), ",") + `}}`, "", `{"p":"x"}`, "", ""},
		{"many alternatives", `{"anyOf":[` + strings.TrimSuffix(strings.Repeat(`{"type":"string"},`, 3000), ",") + `]}`, "", `[1,2,3]`, "", "anyOf"},
		{"pattern", `{"type":"string","pattern":"^(a+)+$"}`, "", `"` + strings.Repeat("a", 50_000) + `b"`, "", "validation failed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			start := time.Now()
			f, err := newForm([]byte(tt.schema), []byte(tt.example))
			checkError(t, "newForm", err, tt.wantForm)
			if err == nil {
				_, err = f.read(tt.data)
				checkError(t, "read", err, tt.wantData)
			}
			if d := time.Since(start); d > time.Minute { // unbounded, it would take hours
				t.Errorf("it took %v", d)
			}
		})
	}
}

func checkError(t *testing.T, what string, err error, want string) {
	t.Helper()
	if (err != nil) != (want != "") || err != nil && !strings.Contains(err.Error(), want) {
		t.Errorf("%s = %v, want an error with %q", what, err, want)
	}
}

// TestBudgetIsRenewed checks that each validation has the whole budget, and that other
// panics are not hidden.
func TestBudgetIsRenewed(t *testing.T) {
	f, err := newForm([]byte(doubling(12, "allOf")), nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if err := f.validate(map[string]any{"a": "x"}); err != nil {
			t.Fatal(err)
		}
	}
	if f.work.left >= maxSteps-1<<12 {
		t.Errorf("%d steps are left of %d, so not each step is counted", f.work.left, maxSteps)
	}
	defer func() {
		if recover() == nil {
			t.Error("a panic of a form without a schema is hidden")
		}
	}()
	_ = (&form{work: &budget{}}).validate(nil)
}
