package evalset

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A Site is a documentation site with questions that its pages answer, and others
// that they do not answer.
type Site struct {
	Name    string   `json:"name"`
	Split   string   `json:"split"`    // what the site is used for, such as "choose" or "judge"
	BaseURL string   `json:"base_url"` // of its pages
	Pages   string   `json:"pages"`    // path of a folder of HTML or Markdown, or of a corpus.jsonl
	Source  string   `json:"source"`   // where a reader gets the pages
	Licence string   `json:"licence"`  // of the pages
	Include []string `json:"include"`  // globs of the pages that are indexed; none means all
	Removed []string `json:"removed"`  // paths or globs of pages that are not indexed

	Questions []SiteQuestion `json:"-"`
}

// A SiteQuestion is a question on the subject of a site.
type SiteQuestion struct {
	ID         string     `json:"id"`
	Text       string     `json:"text"`
	Stratum    Stratum    `json:"stratum"`
	Pages      []string   `json:"pages"`       // paths or ends of addresses of the pages that answer it
	Must       [][]string `json:"must"`        // what an answer holds: one text of each group
	BlockWords int        `json:"block_words"` // words of the passage that answers it
	Missing    string     `json:"missing"`     // name that the pages do not hold
}

// A Stratum is a kind of question.
type Stratum string

const (
	Known      Stratum = "known"       // asked in words of the page
	Paraphrase Stratum = "paraphrase"  // with a word that the page lacks
	Misspelt   Stratum = "misspelt"    // with one or two typing errors
	AbsentName Stratum = "absent-name" // on a name that no page holds
	AbsentPair Stratum = "absent-pair" // on words that no page holds together
	Removed    Stratum = "removed"     // on a page that is not indexed
	OffSubject Stratum = "off-subject" // on another subject
)

// Strata lists the kinds of questions, those that are answered first.
func Strata() []Stratum {
	return []Stratum{Known, Paraphrase, Misspelt, AbsentName, AbsentPair, Removed, OffSubject}
}

// Answerable reports whether the pages answer such questions.
func (s Stratum) Answerable() bool { return s == Known || s == Paraphrase || s == Misspelt }

// ReadSites reads a folder that has a folder for each site, with site.json and
// questions.jsonl. The sites are in the order of their folders' names.
func ReadSites(dir string) ([]Site, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*", "site.json"))
	if err == nil && len(files) == 0 {
		err = errors.New("there is no SITE/site.json")
	}
	var out []Site
	for _, file := range files {
		s, e := readSite(filepath.Dir(file))
		if e != nil {
			return nil, fmt.Errorf("evalset: read %s: %w", filepath.Dir(file), e)
		}
		out = append(out, s)
	}
	if err != nil {
		return nil, fmt.Errorf("evalset: read %s: %w", dir, err)
	}
	return out, nil
}

func readSite(dir string) (s Site, err error) {
	b, err := os.ReadFile(filepath.Join(dir, "site.json"))
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(b, &s); err != nil {
		return s, fmt.Errorf("site.json: %w", err)
	}
	if u, err := url.Parse(s.BaseURL); err != nil || u.Host == "" || s.Name == "" || !filepath.IsLocal(s.Pages) {
		return s, errors.New("site.json needs name, base_url (an address) and pages (a path inside another folder)")
	}
	seen := map[string]bool{}
	err = eachLine(filepath.Join(dir, "questions.jsonl"), func(line []byte) error {
		var q SiteQuestion
		if err := json.Unmarshal(line, &q); err != nil {
			return err
		}
		if seen[q.ID] {
			return fmt.Errorf("the id %q is used twice", q.ID)
		}
		seen[q.ID] = true
		s.Questions = append(s.Questions, q)
		return q.validate()
	})
	return s, err
}

// validate returns an error if an answer to q can't be judged.
func (q SiteQuestion) validate() error {
	switch {
	case q.ID == "" || q.Text == "":
		return errors.New("the question needs id and text")
	case !slices.Contains(Strata(), q.Stratum):
		return fmt.Errorf("question %s: the stratum %q is unknown", q.ID, q.Stratum)
	case q.Stratum.Answerable() && (len(q.Pages) == 0 || len(q.Must) == 0 || q.BlockWords < 1):
		return fmt.Errorf("question %s needs pages, must and block_words", q.ID)
	case slices.ContainsFunc(q.Must, func(group []string) bool { return len(group) == 0 || slices.Contains(group, "") }):
		return fmt.Errorf("question %s: a group of must is empty, or holds an empty text", q.ID)
	}
	return nil
}

// Answers reports whether the page at an address is one that answers q.
func (s *Site) Answers(q SiteQuestion, address string) bool {
	got := pageKey(address)
	return slices.ContainsFunc(q.Pages, func(p string) bool {
		want := pageKey(p)
		return got == want || got == pageKey(strings.TrimSuffix(s.BaseURL, "/")+"/"+p) || want != "" && strings.HasSuffix(got, "/"+want)
	})
}

// pageKey returns an address or path without what differs between a page's file
// and its address: the slash at the end, the name of an index page, the extension.
func pageKey(p string) string {
	p = strings.TrimSuffix(p, "/")
	for _, ext := range pageExtensions {
		if rest, ok := strings.CutSuffix(p, ext); ok {
			p = rest
			break
		}
	}
	if p == "index" {
		return ""
	}
	return strings.TrimSuffix(p, "/index")
}
