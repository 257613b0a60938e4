package draft

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func formed(t *testing.T, cut bool, pieces ...string) (d *Draft, shown string) {
	t.Helper()
	d = New([]string{"https://e.org/a", "https://e.org/b"}, func(s string) error { shown += s; return nil })
	f := NewForm(d)
	for _, p := range pieces {
		if err := f.Write(p); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(cut); err != nil {
		t.Fatal(err)
	}
	return d, shown
}

func TestForm(t *testing.T) {
	for _, tt := range []struct{ name, writes, want, quotes string }{
		{"an object", `{"answer": "It is so [1].", "quotes": [{"n": 1, "quote": "It is so."}]}`, "It is so [1].", "map[1:[It is so.]]"},
		{"quotes first", `{"quotes": [{"n": 2, "quote": "\"answer\": x"}], "answer": "It is so [source-2]."}`, "It is so [2].", `map[2:["answer": x]]`},
		{"in a fence", "```json\n{\"answer\":\"So [1].\",\"quotes\":[]}\n```", "So [1].", "map[]"},
		{"escapes", `{"answer":"Say \"\u00fc\ud83d\ude00\\n\" \/ so\nor [1].","quotes":[{"n":"1","quote":"a\nb"}]}`, "Say \"ü😀\\n\" / so\nor [1].", "map[1:[a b]]"},
		{"other keys", `{"thought":{"answer":"no"},"list":["answer","x"],"answer":"So [1].","quotes":[{"n":"[1]","quote":"y","answer":"z"}]}`, "So [1].", "map[1:[y]]"},
		{"no number", `{"answer":"So [1].","quotes":[{"quote":"y"}]}`, "So [1].", "map[0:[y]]"},
		{"the list in the answer", `{"answer":"So [1].\n\nZITATE:\n[1] \"y z\"","quotes":[]}`, "So [1].", `map[1:["y z"]]`},
		{"a text", "It is so [1].\n\nSOURCE_QUOTES\n[1] \"x\"", "It is so [1].", `map[1:["x"]]`},
		{"a list", "[1] says so.", "[1] says so.", "map[]"},
		{"code", "```sh\nx\n```", "```sh\nx\n```", "map[]"},
		{"another object", `{"reply":"x"} [1]`, `{"reply":"x"} [1]`, "map[]"},
		{"not in the sources", `{"answer":"NOT_IN_SOURCES The price.","quotes":[]}`, "The price.", "map[]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for i := range tt.writes {
				d, shown := formed(t, false, tt.writes[:i], tt.writes[i:])
				if d.Text() != tt.want || shown != tt.want || fmt.Sprint(d.Quotes()) != tt.quotes {
					t.Fatalf("%q and %q make %q, shown %q, quotes %v; want %q, %s", tt.writes[:i], tt.writes[i:], d.Text(), shown, d.Quotes(), tt.want, tt.quotes)
				}
			}
			if d, shown := formed(t, false, strings.Split(tt.writes, "")...); d.Text() != tt.want || shown != tt.want {
				t.Errorf("character by character it makes %q, shown %q, want %q", d.Text(), shown, tt.want)
			}
		})
	}
}

// Of a form that is cut off, the text so far is the answer, and whole quotes count.
func TestFormCut(t *testing.T) {
	for writes, want := range map[string]string{
		`{"answer": "It is so [`:                                         "It is so map[]",
		`{"answer": "It is so [1]. And \u00`:                             "It is so [1]. And map[]",
		`{"answer": "So [1].", "quotes": [{"n": 1, "quote": "x y"}, {"n`: "So [1]. map[1:[x y]]",
		`{"ans`: " map[]",
	} {
		if d, _ := formed(t, true, writes); fmt.Sprint(d.Text(), " ", d.Quotes()) != want {
			t.Errorf("%q cut off makes %q, quotes %v; want %s", writes, d.Text(), d.Quotes(), want)
		}
	}
}

// FuzzForm checks that a text as the answer of a form is the same draft as by itself,
// however the form is cut into pieces.
func FuzzForm(f *testing.F) {
	for _, s := range []string{"It is so [1].", "a\n\n\"b\" \\ [9]\u2028😀", "NOT_IN_SOURCES x", "\x00\x1f</script>"} {
		f.Add(s, 3)
	}
	f.Fuzz(func(t *testing.T, s string, n int) {
		s = strings.ToValidUTF8(strings.NewReplacer("\b", "", "\f", "").Replace(s), "")
		b, err := json.Marshal(map[string]any{"answer": s, "quotes": []any{}})
		if err != nil {
			t.Fatal(err)
		}
		var pieces []string
		for rest := string(b); rest != ""; {
			k := min(len(rest), 1+max(n, -n)%9&7)
			pieces, rest = append(pieces, rest[:k]), rest[k:]
		}
		plain := New([]string{"https://e.org/a", "https://e.org/b"}, nil)
		_, _ = plain.Write(s), plain.Close(false)
		if d, shown := formed(t, false, pieces...); d.Text() != plain.Text() || shown != plain.Text() || d.Missing() != plain.Missing() {
			t.Errorf("%q makes %q, shown %q; by itself %q", pieces, d.Text(), shown, plain.Text())
		}
	})
}
