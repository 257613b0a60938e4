package eval

import (
	"context"
	"errors"
	"fmt"
	"unicode"
	"unicode/utf8"

	"github.com/citewell/citewell/chunker"
)

const defaultK = 5

// ChunkingOptions say what to measure.
type ChunkingOptions struct {
	Chunker chunker.Options // how to split
	K       int             // chunks retrieved per question; 0 means 5
	Lang    string          // language tag of the texts, for the retrieval; empty means "en"
}

// A ChunkingResult is what [Chunking] measured.
type ChunkingResult struct {
	Chunker string          `json:"chunker"` // settings, such as "recursive 2000/200"
	K       int             `json:"k"`
	Metrics ChunkingMetrics `json:"metrics"`
	Corpora []CorpusResult  `json:"corpora"`
}

// A CorpusResult is what was measured for the questions of one text. Its chunks
// are retrieved among those of all texts.
type CorpusResult struct {
	Name    string          `json:"name"`
	Metrics ChunkingMetrics `json:"metrics"`
}

// ChunkingMetrics are means over questions, except for the last three. The first
// three need retrieval. It is done by BM25, so that they do not depend on a model.
type ChunkingMetrics struct {
	Recall    float64 `json:"recall"`    // share of the answer that the K retrieved chunks contain
	Precision float64 `json:"precision"` // share of these chunks that belongs to the answer
	IoU       float64 `json:"iou"`       // what answer and chunks share, divided by both together
	// PrecisionOmega is the precision if exactly the chunks that contain part of the
	// answer are retrieved: the best that retrieval can reach with these chunks.
	PrecisionOmega float64 `json:"precision_omega"`
	RecallOmega    float64 `json:"recall_omega"` // share of the answer that some chunk contains
	Questions      int     `json:"questions"`
	Coverage       float64 `json:"coverage"` // share of the runes that are not white space that is in any chunk
	Chunks         int     `json:"chunks"`
	MeanRunes      float64 `json:"mean_runes"` // length of a chunk
}

// Chunking splits the texts of a folder and measures how well the chunks fit the
// answers to its questions. [evalset.ReadSpans] describes the folder.
//
// Headings of a text are its lines that begin with one to six '#' and a space,
// outside of code.
func Chunking(ctx context.Context, dir string, o ChunkingOptions) (ChunkingResult, error) {
	r, err := chunking(ctx, dir, o)
	if err != nil && ctx.Err() == nil {
		return ChunkingResult{}, fmt.Errorf("eval: measure chunking: %w", err)
	}
	return r, err
}

func chunking(ctx context.Context, dir string, o ChunkingOptions) (ChunkingResult, error) {
	if o.K == 0 {
		o.K = defaultK
	}
	if o.Lang == "" {
		o.Lang = "en"
	}
	if o.K < 0 {
		return ChunkingResult{}, fmt.Errorf("k is %d: retrieve at least 1 chunk", o.K)
	}
	if err := o.Chunker.Validate(); err != nil {
		return ChunkingResult{}, err
	}
	questions, corpora, err := readSet(dir)
	if err != nil {
		return ChunkingResult{}, err
	}
	var chunks []placed
	for i := range corpora {
		if err := ctx.Err(); err != nil {
			return ChunkingResult{}, err
		}
		chunks = append(chunks, corpora[i].split(o.Chunker)...)
	}
	if len(chunks) == 0 {
		return ChunkingResult{}, errors.New("the texts are empty")
	}
	scores := make([]score, len(questions))
	index := newRanking(chunks, o.Lang)
	for i, q := range questions {
		if err := ctx.Err(); err != nil {
			return ChunkingResult{}, err
		}
		scores[i] = q.score(chunks, index.best(q.text, o.K))
	}
	return summary(o, questions, corpora, chunks, scores), nil
}

// A placed is a chunk and the name of its text.
type placed struct {
	corpus string
	text   string
	span   span
}

// A corpus is one text.
type corpus struct {
	name          string
	text          string
	solid, inside int // runes that are not white space, and those of them that are in a chunk
}

// split returns the chunks of the text and counts what they cover.
func (c *corpus) split(o chunker.Options) []placed {
	var out []placed
	runes := []rune(c.text)
	covered := 0
	for _, p := range chunker.SplitDocument(c.text, headings(c.text), o) {
		out = append(out, placed{c.name, p.Text, span{p.Start, p.End}})
		c.inside += solid(runes[max(p.Start, covered):max(p.End, covered)])
		covered = max(covered, p.End)
	}
	c.solid = solid(runes)
	return out
}

// solid counts the runes that are not white space.
func solid(runes []rune) int {
	n := 0
	for _, r := range runes {
		if !unicode.IsSpace(r) {
			n++
		}
	}
	return n
}

// summary returns the means over all questions and over those of each text.
func summary(o ChunkingOptions, questions []question, corpora []corpus, chunks []placed, scores []score) ChunkingResult {
	r := ChunkingResult{Chunker: o.Chunker.String(), K: o.K}
	r.Metrics = metrics("", questions, corpora, chunks, scores)
	for _, c := range corpora {
		r.Corpora = append(r.Corpora, CorpusResult{c.name, metrics(c.name, questions, corpora, chunks, scores)})
	}
	return r
}

// metrics returns the figures of one text, or of all if the name is empty.
func metrics(name string, questions []question, corpora []corpus, chunks []placed, scores []score) ChunkingMetrics {
	var m ChunkingMetrics
	var all score
	for i, q := range questions {
		if name == "" || q.corpus == name {
			m.Questions++
			all.add(scores[i])
		}
	}
	n := float64(m.Questions)
	m.Recall, m.Precision, m.IoU = ratio(all.recall, n), ratio(all.precision, n), ratio(all.iou, n)
	m.PrecisionOmega, m.RecallOmega = ratio(all.precisionOmega, n), ratio(all.recallOmega, n)
	runes, solid, inside := 0, 0, 0
	for _, c := range chunks {
		if name == "" || c.corpus == name {
			m.Chunks++
			runes += utf8.RuneCountInString(c.text)
		}
	}
	for _, c := range corpora {
		if name == "" || c.name == name {
			solid += c.solid
			inside += c.inside
		}
	}
	m.Coverage = ratio(float64(inside), float64(solid))
	m.MeanRunes = ratio(float64(runes), float64(m.Chunks))
	return m
}
