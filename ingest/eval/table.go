package eval

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
)

// maxWorst is how many pages the table of an extraction names.
const maxWorst = 10

// WriteTable writes the figures, in percent, a line for each text.
func (r ChunkingResult) WriteTable(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "%s\tquestions\tchunks\tmean runes\tcoverage\tprecision Ω\trecall Ω\trecall@%d\tprecision@%d\tIoU@%d\n", r.Chunker, r.K, r.K, r.K)
	for _, c := range append(slices.Clone(r.Corpora), CorpusResult{"all", r.Metrics}) {
		m := c.Metrics
		fmt.Fprintf(t, "%s\t%d\t%d\t%.0f\t%.2f\t%.2f\t%.2f\t%.1f\t%.2f\t%.2f\n", c.Name, m.Questions, m.Chunks, m.MeanRunes,
			100*m.Coverage, 100*m.PrecisionOmega, 100*m.RecallOmega, 100*m.Recall, 100*m.Precision, 100*m.IoU)
	}
	return t.Flush()
}

// WriteTable writes the figures and the pages that did worst.
func (r ExtractionResult) WriteTable(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	m := r.Metrics
	fmt.Fprintln(t, "pages\tfailed\tpages/s\tF1\tprecision\trecall\taccuracy")
	fmt.Fprintf(t, "%d\t%d\t%.0f\t%.3f ± %.3f\t%.3f ± %.3f\t%.3f ± %.3f\t%.3f ± %.3f\n", len(r.Pages), r.Failed, ratio(float64(len(r.Pages)), r.Seconds),
		m.F1, m.F1Std, m.Precision, m.PrecisionStd, m.Recall, m.RecallStd, m.Accuracy, m.AccuracyStd)
	if err := t.Flush(); err != nil {
		return err
	}
	pages := slices.SortedStableFunc(slices.Values(r.Pages), func(a, b PageResult) int { return cmp.Compare(a.F1, b.F1) })
	fmt.Fprintln(t, "\nworst pages\tF1\tprecision\trecall")
	for _, p := range pages[:min(maxWorst, len(pages))] {
		fmt.Fprintf(t, "%s\t%.3f\t%.3f\t%.3f\t%s\n", cmp.Or(p.URL, p.ID), p.F1, p.Precision, p.Recall, p.Error)
	}
	return t.Flush()
}
