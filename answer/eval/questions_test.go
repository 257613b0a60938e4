package eval_test

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/answer"
	answereval "github.com/citewell/citewell/answer/eval"
	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/internal/evalset"
	"github.com/citewell/citewell/retrieve/eval"
)

// asking gives the same answers as fixed, and asks a model about those questions
// that are answered, or whose reason ends with "?".
type asking struct {
	fixed
	model answer.Model
}

func (a asking) Answer(ctx context.Context, q answer.Question) (*answer.Answer, error) {
	ans, err := a.fixed.Answer(ctx, q)
	if err == nil && (ans.Answered || strings.HasSuffix(ans.Reason, "?")) {
		if _, err := a.model.Complete(ctx, llm.Request{}); err == nil {
			panic("the probe has answered")
		}
	}
	return ans, err
}

func TestAskSite(t *testing.T) {
	from := func(page, text string) *answer.Answer {
		return &answer.Answer{Answered: true, Answer: text, Citations: []answer.Citation{cited("https://h.example/"+page+"/", 0, 1, true), cited("https://h.example/x/", 0, 1, true)}}
	}
	site := evalset.Site{Name: "house", BaseURL: "https://h.example/"}
	answers := fixed{}
	add := func(id string, s evalset.Stratum, ans *answer.Answer, must ...[]string) {
		answers[id] = ans
		q := evalset.SiteQuestion{ID: id, Text: id, Stratum: s, Must: must}
		if s.Answerable() {
			q.Pages, q.BlockWords = []string{"keys/index.html"}, 24
		}
		if s == evalset.Paraphrase {
			q.BlockWords = 8 // counts as 20
		}
		if s == evalset.AbsentName {
			q.Missing = "Kubernetes"
		}
		site.Questions = append(site.Questions, q)
	}
	ninety, command := []string{"every 90 days", "ninety  days"}, []string{"keys rotate"}
	add("whole", evalset.Known, from("keys", "Ninety\ndays, by\n`keys` **rotate** [1]."+strings.Repeat(" and", 25)), ninety, command)
	add("long", evalset.Known, from("keys", "It is done every 90 days [1], with the command keys rotate."+strings.Repeat(" and so on", 20)), ninety, command)
	add("partial", evalset.Known, from("keys", "Ninety days. [1]"), ninety, command)
	add("other page", evalset.Paraphrase, from("lamps", "Ninety days. [1]"), ninety)
	add("nothing of it", evalset.Paraphrase, from("keys", "A key is made of iron. [1]"), ninety)
	add("wrong", evalset.Paraphrase, from("lamps", "A lamp burns oil. [1]"), ninety)
	add("refused", evalset.Misspelt, &answer.Answer{Reason: "no page is near?"}, ninety)
	add("named", evalset.AbsentName, &answer.Answer{Reason: "the pages don't mention kubernetes"})
	add("not named", evalset.AbsentName, &answer.Answer{Reason: "no page is near"})
	add("invented", evalset.AbsentPair, from("keys", "A key is made of iron. [1]"))

	probe := &answereval.Probe{}
	asked := 0
	rows, err := answereval.AskSite(t.Context(), answers, asking{answers, probe}, probe, site, func(done, total int) { asked = 100*done + total })
	if err != nil {
		t.Fatal(err)
	}
	rep := answereval.NewSiteReport(rows)
	want := []answereval.SiteGroup{
		{Name: "known", Answerable: true, Questions: 3, RightPage: 1, Whole: 2.0 / 3, WholeBrief: 1.0 / 3, Partial: 1.0 / 3, Brief: 2.0 / 3, Ratio: 1.25},
		{Name: "paraphrase", Answerable: true, Questions: 3, RightPage: 1.0 / 3, Partial: 2.0 / 3, Wrong: 1.0 / 3, Brief: 1, Ratio: 0.2},
		{Name: "misspelt", Answerable: true, Questions: 1, Refused: 1},
		{Name: "absent-name", Questions: 2, Refused: 1, RefusedWithModel: 1, Named: 0.5},
		{Name: "absent-pair", Questions: 1},
		{Name: "answerable", Answerable: true, Questions: 7, Refused: 1.0 / 7, RightPage: 4.0 / 7, Whole: 2.0 / 7, WholeBrief: 1.0 / 7, Partial: 3.0 / 7, Wrong: 1.0 / 7, Brief: 5.0 / 6, Ratio: 0.25},
		{Name: "unanswerable", Questions: 3, Refused: 2.0 / 3, RefusedWithModel: 2.0 / 3, Named: 0.5},
	}
	near := cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) < 1e-9 })
	if diff := cmp.Diff(want, rep.Strata, near); diff != "" {
		t.Errorf("strata (-want +got):\n%s", diff)
	}
	if len(rep.Sites) != 2 || rep.Sites[0].Name != "house answerable" || rep.Sites[1].Questions != 3 || asked != 1010 {
		t.Errorf("sites %+v, progress %d", rep.Sites, asked)
	}
	got := eval.Metrics{}
	for _, name := range []string{"known.whole", "answerable.answered", "answerable.answered_with_model", "answerable.not_wrong", "absent-name.named", "unanswerable.refused"} {
		got[name] = rep.Metrics[name]
	}
	if diff := cmp.Diff(eval.Metrics{"known.whole": 2.0 / 3, "answerable.answered": 6.0 / 7, "answerable.answered_with_model": 1, "answerable.not_wrong": 6.0 / 7,
		"absent-name.named": 0.5, "unanswerable.refused": 2.0 / 3}, got, near); diff != "" {
		t.Errorf("metrics (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"keys rotate"}, rows[2].Missed); diff != "" || rows[2].Words != 2 {
		t.Errorf("a partial answer of %d words lacks (-want +got):\n%s", rows[2].Words, diff)
	}
	site.Questions = []evalset.SiteQuestion{{ID: "9", Text: "?", Stratum: evalset.Removed}}
	if _, err := answereval.AskSite(t.Context(), answers, answers, probe, site, nil); err == nil || !strings.Contains(err.Error(), "question 9") {
		t.Errorf("AskSite() = %v, want the answerer's error", err)
	}
}
