package web

import (
	"encoding/json"
	"path"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/language"
)

// A Page is what a page or a widget shows of a site. Its JSON form is that of the API.
type Page struct {
	Lang      string              `json:"lang"` // of the interface
	Title     string              `json:"title"`
	Greeting  string              `json:"greeting,omitempty"`
	Logo      bool                `json:"logo,omitempty"` // there is one at /logo
	Links     []Link              `json:"links,omitempty"`
	Starters  []string            `json:"starters,omitempty"`
	Filters   map[string][]string `json:"filters,omitempty"`   // values to choose from, by field of a filter
	UpdatedAt time.Time           `json:"updated_at,omitzero"` // when the text of some page last changed
	Feedback  bool                `json:"feedback"`            // POST /v1/feedback keeps votes
	SentTo    []string            `json:"sent_to,omitempty"`   // services that get the question
	Text      json.RawMessage     `json:"text"`                // all texts of the interface by name
}

// Page returns what depends on the settings, in the language that fits best: one of
// wanted, which are values of Accept-Language, in their order.
func (s *Site) Page(wanted ...string) Page {
	p := Page{Title: s.settings.Title, Greeting: s.settings.Greeting, Logo: s.settings.Logo != "",
		Links: s.settings.Links, Starters: s.settings.Starters, Lang: languages[0].String()}
	if p.Title == "" {
		p.Title = "Citewell"
	}
	for _, w := range wanted {
		tags, _, err := language.ParseAcceptLanguage(w)
		if err != nil || len(tags) == 0 {
			continue
		}
		if _, i, c := matcher.Match(tags...); c > language.No {
			p.Lang = languages[i].String()
			break
		}
	}
	p.Text = readerTexts[p.Lang]
	return p
}

// Says returns a text of the interface by its name.
func (p Page) Says(name string) (string, error) {
	var texts map[string]any
	err := json.Unmarshal(p.Text, &texts)
	text, _ := texts[name].(string)
	return text, err
}

// languages are those of the interface, English first: one for each file in lang.
var languages = func() []language.Tag {
	entries, err := files.ReadDir("lang")
	if err != nil {
		// Unreachable: the folder is embedded.
		panic(err)
	}
	tags := []language.Tag{language.English}
	for _, e := range entries {
		if tag := language.MustParse(strings.TrimSuffix(e.Name(), path.Ext(e.Name()))); !slices.Contains(tags, tag) {
			tags = append(tags, tag)
		}
	}
	return tags
}()

// readerTexts are the texts of each language without those of the page for operators,
// which readers need not load.
var readerTexts = func() map[string]json.RawMessage {
	all := map[string]json.RawMessage{}
	for _, tag := range languages {
		var texts map[string]json.RawMessage
		if err := json.Unmarshal([]byte(read("lang/"+tag.String()+".json")), &texts); err != nil {
			// Unreachable: a test reads every file.
			panic(err)
		}
		delete(texts, "admin")
		all[tag.String()], _ = json.Marshal(texts) // what was JSON can be encoded
	}
	return all
}()

var matcher = language.NewMatcher(languages)
