package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/citewell/citewell/chunker"
	"github.com/citewell/citewell/ingest/eval"
	"github.com/citewell/citewell/ingest/extract"
)

// evalExtraction measures the text that is extracted from pages.
func (a *app) evalExtraction(cmd *cobra.Command, _ []string) error {
	wanted, err := a.thresholds(a.data != "")
	if err != nil {
		return err
	}
	r, err := eval.Extraction(cmd.Context(), a.data, func(_ context.Context, p eval.Page) (string, error) {
		page, err := extract.Extract(p.HTML, "text/html", p.URL, extract.Options{Format: extract.Plain})
		if errors.Is(err, extract.ErrNoText) {
			return "", nil
		}
		return page.Text, err
	})
	if err != nil {
		return err
	}
	if a.json {
		err = a.printJSON(r)
	} else {
		err = r.WriteTable(a.out)
	}
	if err != nil {
		return err
	}
	m := r.Metrics
	return missedThresholds(wanted, "", map[string]float64{"f1": m.F1, "precision": m.Precision, "recall": m.Recall, "accuracy": m.Accuracy})
}

// evalChunking measures both splitters.
func (a *app) evalChunking(cmd *cobra.Command, _ []string) error {
	wanted, err := a.thresholds(a.data != "")
	if err != nil {
		return err
	}
	var results []eval.ChunkingResult
	for _, kind := range []chunker.Kind{chunker.Document, chunker.Recursive} {
		o := a.chunking()
		o.Kind = kind
		r, err := eval.Chunking(cmd.Context(), a.data, eval.ChunkingOptions{Chunker: o})
		if err != nil {
			return err
		}
		results = append(results, r)
	}
	if a.json {
		err = a.printJSON(map[string]any{"chunkers": results})
	} else {
		err = a.printChunkings(results)
	}
	var missed []error
	for _, r := range results {
		m := r.Metrics
		missed = append(missed, missedThresholds(wanted, r.Chunker, map[string]float64{
			"recall": m.Recall, "precision": m.Precision, "iou": m.IoU, "precision_omega": m.PrecisionOmega, "recall_omega": m.RecallOmega, "coverage": m.Coverage,
		}))
	}
	return errors.Join(append(missed, err)...)
}

func (a *app) printChunkings(results []eval.ChunkingResult) error {
	for i, r := range results {
		if i > 0 {
			if _, err := fmt.Fprintln(a.out); err != nil {
				return err
			}
		}
		if err := r.WriteTable(a.out); err != nil {
			return err
		}
	}
	return nil
}
