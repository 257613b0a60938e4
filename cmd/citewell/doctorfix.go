package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/citewell/citewell/retrieve/index"
	"github.com/citewell/citewell/retrieve/milvus"
)

// checkRows checks that the rows of the index fit each other. With --fix, it fixes them
// first.
func (a *app) checkRows(ctx context.Context, p *parts) (string, error) {
	did := ""
	if a.fix {
		found, err := p.store.Fix(ctx)
		if err != nil && !errors.Is(err, index.ErrNoIndex) {
			return "", err
		}
		did = describeFix(found)
	}
	found, err := p.store.Faults(ctx)
	if errors.Is(err, index.ErrNoIndex) {
		return "there is no index yet", nil
	}
	if err != nil {
		return "", err
	}
	if !found.None() {
		return "", fmt.Errorf("%s; fix them with: citewell doctor --fix", describeFaults(found))
	}
	return did + "every chunk has its windows, and every key one row", nil
}

func describeFaults(f milvus.Faults) string {
	var words []string
	if n := len(f.Windows); n > 0 {
		words = append(words, plural(n, "window")+" without a chunk")
	}
	if n := len(f.Chunks); n > 0 {
		words = append(words, fmt.Sprintf("%s without all windows, of %s", plural(n, "chunk"), plural(len(f.Pages()), "page")))
	}
	if f.Duplicates > 0 {
		words = append(words, plural(f.Duplicates, "row")+" with the key of another row")
	}
	if f.Unfinished > 0 {
		words = append(words, plural(f.Unfinished, "unfinished version")+" of the index")
	}
	return strings.Join(words, ", ")
}

// maxNamed is how many pages a message names.
const maxNamed = 5

// describeFix returns what was fixed, as the beginning of a message.
func describeFix(f milvus.Faults) string {
	if f.None() {
		return ""
	}
	text := "deleted " + describeFaults(f)
	if pages := f.Pages(); len(pages) > 0 {
		more := ""
		if len(pages) > maxNamed {
			more = " …"
		}
		text += "; the next ingestion reads again: " + strings.Join(pages[:min(len(pages), maxNamed)], " ") + more
	}
	return text + "; "
}
