package main

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/citewell/citewell/retrieve"
)

// evalConfig holds the settings of the eval commands.
type evalConfig struct {
	data           string
	ks             []int
	modes          []string
	rows           bool
	compare        string
	minimum        []string
	folders        []string // of eval refusal
	record, replay string   // of eval answers
	questions      string   // of eval ask
	against        string   // of eval diff, as the next one
	againstName    string
	pageRoots      []string // of eval questions, as the next two
	split, site    string
	transport      http.RoundTripper // of requests to services; nil means the usual one
}

func evalFlags(f *pflag.FlagSet, c *config) {
	f.StringVar(&c.data, "data", "", "folder with the evaluation data")
	minimumFlag(f, c)
	jsonFlag(f, c)
}

func minimumFlag(f *pflag.FlagSet, c *config) {
	f.StringArrayVar(&c.minimum, "min", nil, "exit with status 1 if a metric is lower, such as recall@3=0.75; repeatable")
}

func evalRetrievalFlags(f *pflag.FlagSet, c *config) {
	f.IntSliceVarP(&c.ks, "k", "k", []int{3, 5, 10, 20}, fmt.Sprintf("cutoffs: numbers of documents or chunks to measure at, each 1–%d", retrieve.MaxK))
	f.StringSliceVar(&c.modes, "mode", []string{string(retrieve.Hybrid)}, "search modes: hybrid, dense, sparse or rrf (fusion of ranks, for comparison); with several, the first is compared with the others")
	f.BoolVar(&c.rows, "rows", false, "with --json, add the results of each question")
	f.StringVar(&c.compare, "compare", "", "compare with an earlier run: a file with the output of --json --rows")
	sizeFlags(f, c)
	indexFlags(f, c)
}

// evals lists the eval commands in the order of help.
func (a *app) evals() []command {
	return []command{
		{"ask", "Measure search, answers and refusals on your own index, by questions whose answers you know", "citewell eval ask --questions questions.csv --min recall@5=0.9 --min refused=0.8",
			cobra.NoArgs, []flagGroup{evalAskFlags, kFlag, storeFlags, embedFlags, modelFlags, pricesFlag, retrievalFlags, evidenceFlag}, a.evalAsk},
		{"diff", "Replay logged questions on another index, such as a preview's, and list the answers that would be lost", "citewell eval diff --against preview.db",
			cobra.NoArgs, []flagGroup{evalDiffFlags, storeFlags, embedFlags, stateFlag, sinceFlag, retrievalFlags, evidenceFlag}, a.evalDiff},
		{"retrieval", "Measure retrieval on a corpus of questions with known answers", "citewell eval retrieval --data ./beir/scifact --mode hybrid,rrf",
			cobra.NoArgs, []flagGroup{evalFlags, evalRetrievalFlags, rerankFlags, embedFlags}, a.evalRetrieval},
		{"refusal", "Measure how well unanswerable questions are refused and others are answered", "citewell eval refusal --data ./scifact --data ./fiqa",
			cobra.NoArgs, []flagGroup{evalRefusalFlags, retrievalFlags, evidenceFlag, embedFlags}, a.evalRefusal},
		{"answers", "Measure answers: whether citations are right, quotes are on their pages, and words agree with a reference", "citewell eval answers --data ./docs-questions --replay ./recorded",
			cobra.NoArgs, []flagGroup{evalFlags, evalAnswersFlags, kFlag, retrievalFlags, evidenceFlag, embedFlags, modelFlags, pricesFlag}, a.evalAnswers},
		{"questions", "Measure answers without a model, and refusals, on sites with questions that their pages answer or do not answer", "citewell eval questions --data ./testdata/questions --pages ./sites --split choose",
			cobra.NoArgs, []flagGroup{evalFlags, evalQuestionsFlags, kFlag, retrievalFlags, evidenceFlag, embedFlags}, a.evalQuestions},
		{"fit", "Fit the weights of evidence and answers on sites with questions that their pages answer or do not answer", "citewell eval fit --data ./testdata/questions --pages ./sites --split choose",
			cobra.NoArgs, []flagGroup{evalFlags, evalQuestionsFlags, retrievalFlags, embedFlags}, a.evalFit},
		{"extraction", "Measure extracted text against reference texts", "citewell eval extraction --data ./article-extraction-benchmark",
			cobra.NoArgs, []flagGroup{evalFlags}, a.evalExtraction},
		{"chunking", "Measure how well chunks cover the marked answers in texts", "citewell eval chunking --data ./chunking_evaluation",
			cobra.NoArgs, []flagGroup{evalFlags, sizeFlags}, a.evalChunking},
	}
}

// A threshold is the lowest value that a metric may have.
type threshold struct {
	metric string
	value  float64
}

// thresholds parses --min, before anything is measured.
func (c *config) thresholds(hasData bool) ([]threshold, error) {
	if !hasData {
		return nil, errors.New("--data is missing: name the folder with the evaluation data")
	}
	var out []threshold
	for _, m := range c.minimum {
		name, value, _ := strings.Cut(m, "=")
		v, err := strconv.ParseFloat(value, 64)
		if err != nil || name == "" {
			return nil, fmt.Errorf("--min %q is invalid: want METRIC=NUMBER, such as recall@3=0.75", m)
		}
		out = append(out, threshold{name, v})
	}
	return out, nil
}

// missedThresholds returns an error that lists the metrics below their thresholds.
// The error begins with of, such as the mode that was measured, unless it is empty.
func missedThresholds(ts []threshold, of string, metrics map[string]float64) error {
	var missed []string
	for _, t := range ts {
		v, ok := metrics[t.metric]
		switch {
		case !ok:
			missed = append(missed, fmt.Sprintf("there is no metric %q", t.metric))
		case v < t.value:
			missed = append(missed, fmt.Sprintf("%s is %.4f, less than %v", t.metric, v, t.value))
		}
	}
	if missed == nil {
		return nil
	}
	return fmt.Errorf("%s", strings.TrimPrefix(of+": ", ": ")+strings.Join(missed, ", "))
}
