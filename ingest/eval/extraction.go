package eval

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// maxPageBytes bounds a page, unzipped. The largest of the benchmark has 3 MB.
const maxPageBytes = 64 << 20

// A Page is a page to extract the text of.
type Page struct {
	ID   string // its key in ground-truth.json
	URL  string // may be empty
	HTML []byte
}

// An Extractor returns the plain text of a page's main content, or the empty string
// if the page has none. An error counts as the empty string.
type Extractor func(ctx context.Context, p Page) (string, error)

// An ExtractionResult is what [Extraction] measured.
type ExtractionResult struct {
	Metrics ExtractionMetrics `json:"metrics"`
	Pages   []PageResult      `json:"pages"`   // in order of ID
	Failed  int               `json:"failed"`  // pages whose extraction failed
	Seconds float64           `json:"seconds"` // in the extractor, one page after the other
}

// ExtractionMetrics compare the runs of four words in the extracted text with
// those in the true text. Precision and recall are means over pages, F1 is made of
// the two means; Accuracy is the share of pages whose words are all the same. The
// standard deviations come from a bootstrap over pages.
type ExtractionMetrics struct {
	F1           float64 `json:"f1"`
	Precision    float64 `json:"precision"`
	Recall       float64 `json:"recall"`
	Accuracy     float64 `json:"accuracy"`
	F1Std        float64 `json:"f1_std"`
	PrecisionStd float64 `json:"precision_std"`
	RecallStd    float64 `json:"recall_std"`
	AccuracyStd  float64 `json:"accuracy_std"`
}

// A PageResult is what was measured for one page.
type PageResult struct {
	ID        string  `json:"id"`
	URL       string  `json:"url"`
	F1        float64 `json:"f1"`
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	Error     string  `json:"error,omitempty"`
}

// Extraction calls extract for the pages of a folder and measures the texts. The
// folder holds ground-truth.json, an object that gives for each page's ID its
// articleBody and url, and html/ID.html.gz or html/ID.html.
func Extraction(ctx context.Context, dir string, extract Extractor) (ExtractionResult, error) {
	r, err := extraction(ctx, dir, extract)
	if err != nil && ctx.Err() == nil {
		return ExtractionResult{}, fmt.Errorf("eval: measure extraction: %w", err)
	}
	return r, err
}

func extraction(ctx context.Context, dir string, extract Extractor) (ExtractionResult, error) {
	path := filepath.Join(dir, "ground-truth.json")
	data, err := readFile(path)
	if err != nil {
		return ExtractionResult{}, err
	}
	var truth map[string]struct {
		Body string `json:"articleBody"`
		URL  string `json:"url"`
	}
	if err := json.Unmarshal(data, &truth); err != nil {
		return ExtractionResult{}, fmt.Errorf("read %s: %w", path, err)
	}
	if len(truth) == 0 {
		return ExtractionResult{}, fmt.Errorf("read %s: there are no pages", path)
	}
	var r ExtractionResult
	var outcomes []outcome
	for _, id := range slices.Sorted(maps.Keys(truth)) {
		page := Page{ID: id, URL: truth[id].URL}
		if page.HTML, err = readPage(dir, id); err != nil {
			return ExtractionResult{}, err
		}
		start := time.Now()
		text, err := extract(ctx, page)
		r.Seconds += time.Since(start).Seconds()
		if ctx.Err() != nil {
			return ExtractionResult{}, ctx.Err()
		}
		o := compare(truth[id].Body, text)
		result := PageResult{ID: id, URL: page.URL, Precision: o.precision(), Recall: o.recall()}
		result.F1 = harmonic(result.Precision, result.Recall)
		if err != nil {
			r.Failed++
			result.Error = err.Error()
		}
		r.Pages = append(r.Pages, result)
		outcomes = append(outcomes, o)
	}
	r.Metrics = measure(outcomes)
	return r, nil
}

// readPage reads the page of an ID, zipped or not.
func readPage(dir, id string) ([]byte, error) {
	if !filepath.IsLocal(id) {
		return nil, fmt.Errorf("the ID %q is not the name of a file in html", id)
	}
	path := filepath.Join(dir, "html", id+".html")
	file, err := os.Open(path + ".gz")
	if errors.Is(err, fs.ErrNotExist) {
		return readFile(path)
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		return nil, fmt.Errorf("unzip %s.gz: %w", path, err)
	}
	var page bytes.Buffer
	n, err := io.Copy(&page, io.LimitReader(unzipped, maxPageBytes+1))
	if err == nil && n > maxPageBytes {
		err = fmt.Errorf("it has more than %d bytes", maxPageBytes)
	}
	if err != nil {
		return nil, fmt.Errorf("unzip %s.gz: %w", path, err)
	}
	return page.Bytes(), nil
}

// readFile reads a file of the folder. If it does not exist, the error names what
// the folder must hold.
func readFile(path string) ([]byte, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no %s: the folder must hold ground-truth.json and html/ID.html.gz or html/ID.html for each page in it", path)
	}
	return data, err
}
