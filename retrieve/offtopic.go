package retrieve

import (
	_ "embed"
	"strings"
	"sync"
)

// A panel is off-topic questions with their answers in one language. A [calibration]
// measures an index and an embedder with them. The first subjects are the same in all
// languages.
type panel struct{ questions, answers []string }

//go:embed offtopic.txt
var offTopic string

// panels are the panels by language tag, see the file.
var panels = sync.OnceValue(func() map[string]panel {
	all := map[string]panel{}
	tag := ""
	for line := range strings.Lines(offTopic) {
		line = strings.TrimSpace(line)
		if name, ok := strings.CutPrefix(line, "# "); ok {
			tag = name
			continue
		}
		p := all[tag]
		switch {
		case line == "":
			continue
		case len(p.questions) == len(p.answers):
			p.questions = append(p.questions, line)
		default:
			p.answers = append(p.answers, line)
		}
		all[tag] = p
	}
	return all
})
