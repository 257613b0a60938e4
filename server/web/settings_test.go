package web_test

import (
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/internal/problem"
	"github.com/citewell/citewell/server/web"
)

// load writes a configuration file beside a logo and loads it.
func load(t *testing.T, yaml string) (web.Settings, error) {
	t.Helper()
	dir := t.TempDir()
	for name, body := range map[string]string{"citewell.yaml": yaml, "logo.svg": "<svg/>", "logo.exe": "x", "big.png": strings.Repeat("x", 300<<10)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, err := web.LoadSettings(filepath.Join(dir, "citewell.yaml"))
	if s.Logo != "" {
		if _, err := web.New(s); err != nil {
			return s, err
		}
		s.Logo = filepath.Base(s.Logo)
	}
	return s, err
}

func TestSettings(t *testing.T) {
	t.Parallel()
	got, err := load(t, "sources:\n  - {name: a, start: https://a.example/}\npage:\n  title: Kettle\n  greeting: Hi\n  logo: logo.svg\n  accent: \"#14595f\"\n  accent_dark: \"#74c7c2\"\n  links: [{text: Status, url: https://s.example/}]\n  starters: [\"How?\"]\n  popular: true\n")
	want := web.Settings{Title: "Kettle", Greeting: "Hi", Logo: "logo.svg", Accent: "#14595f", AccentDark: "#74c7c2", Links: []web.Link{{Text: "Status", URL: "https://s.example/"}}, Starters: []string{"How?"}, Popular: true}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("settings (-want +got):\n%s%v", diff, err)
	}
	for yaml, want := range map[string]string{
		"page:\n  colour: red\n":                                      `line 2: there is no setting "colour": page has title, greeting, logo, accent, accent_dark, links, starters and popular`,
		"page:\n  links: [{text: a, href: b}]\n":                      `line 2: there is no setting "href": page has text and url`,
		"page:\n  starters: {a: b}\n":                                 "line 2: the value of a setting of page has the wrong form",
		"page:\n  accent: red\n":                                      `accent is "red", not a colour such as "#14595f"`,
		"page:\n  accent: \"#ffee00\"\n":                              "accent #ffee00 is hard to read",
		"page:\n  accent_dark: \"#202020\"\n":                         "accent_dark #202020 is hard to read",
		"page:\n  links: [{text: a, url: \"javascript:alert(1)\"}]\n": `the link "a" needs a text, and a url that begins with http:// or https://`,
		"page:\n  logo: none.svg\n":                                   "read the logo",
		"page:\n  logo: logo.exe\n":                                   "is not an .svg",
		"page:\n  logo: big.png\n":                                    "the logo has 307200 bytes",
	} {
		if _, err := load(t, yaml); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", yaml, err, want)
		}
	}
}

// The interface is in the first language that it has. All languages have the same texts.
func TestLanguages(t *testing.T) {
	t.Parallel()
	s := mustSite(t)
	for wanted, want := range map[string]string{"": "en", "de-AT,en;q=0.5": "de", "fr, de;q=0.3": "de", "fr": "en", "*": "en", "zz-!!": "en", "en-GB": "en"} {
		if got := s.Page(wanted).Lang; got != want {
			t.Errorf("Page(%q).Lang = %s, want %s", wanted, got, want)
		}
	}
	if got := s.Page("", "de").Lang; got != "de" {
		t.Errorf("the browser's language is %s, want de", got)
	}
	codes := map[string]bool{}
	for _, k := range problem.All() {
		codes[k.Code] = true
	}
	names := func(lang string) []string {
		var texts map[string]json.RawMessage
		var errs struct{ Errors map[string]string }
		if err := errors.Join(json.Unmarshal(s.Page(lang).Text, &texts), json.Unmarshal(s.Page(lang).Text, &errs)); err != nil {
			t.Fatal(err)
		}
		for code, text := range errs.Errors {
			if !codes[code] || text == "" {
				t.Errorf("%s: no error has the code %q, or its text is empty", lang, code)
			}
		}
		if texts["admin"] != nil {
			t.Errorf("%s: readers load the texts for operators", lang)
		}
		var page struct {
			Text struct{ Admin map[string]json.RawMessage }
		}
		f, err := s.Admin(lang)
		_, rest, _ := strings.Cut(string(f.Body), `type="application/json">`)
		settings, _, _ := strings.Cut(rest, "</script>")
		if err = errors.Join(err, json.Unmarshal([]byte(settings), &page)); err != nil {
			t.Fatal(err)
		}
		return append(slices.Sorted(maps.Keys(texts)), slices.Sorted(maps.Keys(page.Text.Admin))...)
	}
	if diff := cmp.Diff(names("en"), names("de")); diff != "" {
		t.Errorf("texts (-en +de):\n%s", diff)
	}
}
