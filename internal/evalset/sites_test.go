package evalset_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/internal/evalset"
)

func TestReadSites(t *testing.T) {
	dir := unpackFile(t, "testdata/sites.txtar")
	sites, err := evalset.ReadSites(dir + "/questions")
	if err != nil || len(sites) != 2 {
		t.Fatalf("ReadSites() = %d sites, %v, want 2", len(sites), err)
	}
	want := evalset.SiteQuestion{ID: "k1", Text: "How often do I rotate a key?", Stratum: evalset.Known, Pages: []string{"keys/index.html"},
		Must: [][]string{{"ninety days", "90 days"}}, BlockWords: 9}
	if diff := cmp.Diff(want, sites[1].Questions[0]); diff != "" {
		t.Errorf("first question of house (-want +got):\n%s", diff)
	}
	for _, tt := range []struct {
		name  string
		site  evalset.Site
		paths []string
		first string // text of the first page
	}{
		{"corpus", sites[0], []string{"index.md", "tides.md", "winds/index.md"}, "# Home\n\nThe garden."},
		{"tree", sites[1], []string{"index.html", "keys/index.html", "lamps.md"}, "<title>House</title>"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			files, err := tt.site.Files([]string{dir + "/elsewhere", dir})
			var paths []string
			for _, f := range files {
				paths = append(paths, f.Path)
			}
			if diff := cmp.Diff(tt.paths, paths); err != nil || diff != "" {
				t.Fatalf("Files() = %v (-want +got):\n%s", err, diff)
			}
			if got := strings.TrimSpace(string(files[0].Data)); got != tt.first {
				t.Errorf("%s holds %q, want %q", paths[0], got, tt.first)
			}
		})
	}
	if _, err := sites[0].Files([]string{t.TempDir()}); err == nil || !strings.Contains(err.Error(), "they are from the garden's archive") {
		t.Errorf("Files() without pages = %v, want an error that says where they are from", err)
	}
}

func TestReadSitesErrors(t *testing.T) {
	const site, questions = "questions/house/site.json", "questions/house/questions.jsonl"
	for _, tt := range []struct{ name, file, text, want string }{
		{"no folder", site, "", "garden"}, // the other site alone is read
		{"no address", site, `{"name":"house","base_url":"house","pages":"house"}`, "site.json needs name, base_url"},
		{"pages outside", site, `{"name":"house","base_url":"https://h.example/","pages":"../house"}`, "site.json needs name, base_url"},
		{"not JSON", questions, `{`, "questions.jsonl: line 1"},
		{"no text", questions, `{"id":"a","stratum":"removed"}`, "needs id and text"},
		{"stratum", questions, `{"id":"a","text":"?","stratum":"hard"}`, `the stratum "hard" is unknown`},
		{"no pages", questions, `{"id":"a","text":"?","stratum":"known","must":[["x"]],"block_words":2}`, "question a needs pages, must and block_words"},
		{"empty group", questions, `{"id":"a","text":"?","stratum":"known","pages":["p"],"must":[[]],"block_words":2}`, "a group of must is empty"},
		{"twice", questions, `{"id":"a","text":"?","stratum":"removed"}` + "\n" + `{"id":"a","text":"?","stratum":"removed"}`, `the id "a" is used twice`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := unpackFile(t, "testdata/sites.txtar")
			write(t, dir, tt.file, tt.text)
			sites, err := evalset.ReadSites(dir + "/questions")
			if tt.text == "" {
				if err != nil || len(sites) != 1 || sites[0].Name != tt.want {
					t.Errorf("ReadSites() = %v, %v, want %s alone", sites, err, tt.want)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("ReadSites() = %v, want an error with %q", err, tt.want)
			}
		})
	}
	if _, err := evalset.ReadSites(t.TempDir()); err == nil || !strings.Contains(err.Error(), "there is no SITE/site.json") {
		t.Errorf("ReadSites() of an empty folder = %v", err)
	}
}

func TestSiteAnswers(t *testing.T) {
	s := evalset.Site{BaseURL: "https://h.example/docs/"}
	for _, tt := range []struct {
		page, url string
		want      bool
	}{
		{"keys/index.html", "https://h.example/docs/keys/", true},
		{"keys", "https://h.example/docs/keys.html", true},
		{"keys.md", "https://h.example/docs/keys.md", true},
		{"https://h.example/docs/keys/", "https://h.example/docs/keys/index.md", true},
		{"keys", "https://h.example/docs/a/keys/", true}, // an end of the address
		{"keys", "https://h.example/docs/lost-keys/", false},
		{"index.html", "https://h.example/docs/", true},
		{"index.html", "https://h.example/docs/keys/", false},
		{"other.html", "https://h.example/docs/keys.html", false},
	} {
		if got := s.Answers(evalset.SiteQuestion{Pages: []string{tt.page}}, tt.url); got != tt.want {
			t.Errorf("Answers(%s, %s) = %t, want %t", tt.page, tt.url, got, tt.want)
		}
	}
}

// TestQuestions checks the sites of the repository: each split has enough questions of
// each kind to be measured by.
func TestQuestions(t *testing.T) {
	sites, err := evalset.ReadSites("../../testdata/questions")
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]map[evalset.Stratum]int{}
	for _, s := range sites {
		if counts[s.Split] == nil {
			counts[s.Split] = map[evalset.Stratum]int{}
		}
		for _, q := range s.Questions {
			counts[s.Split][q.Stratum]++
			if q.Stratum == evalset.AbsentName && (q.Missing == "" || !strings.Contains(strings.ToLower(q.Text), strings.ToLower(q.Missing))) {
				t.Errorf("%s: the question does not name what is missing, %q", q.ID, q.Missing)
			}
		}
		if s.Source == "" || s.Licence == "" {
			t.Errorf("%s names no source or no licence", s.Name)
		}
	}
	for split, n := range counts {
		answerable := n[evalset.Known] + n[evalset.Paraphrase] + n[evalset.Misspelt]
		hard := n[evalset.AbsentPair] + n[evalset.Removed]
		others := hard + n[evalset.AbsentName] + n[evalset.OffSubject]
		if split == "choose" && (answerable < 120 || others < 120) || 3*hard < others {
			t.Errorf("split %s has too few questions of a kind: %v", split, n)
		}
	}
}
