package retrieve

import (
	"bytes"
	"crypto/sha256"
	"encoding/gob"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/citewell/citewell/embed"
)

// A panelFile keeps an [embeddedPanel] in a file, so that a program that asks one
// question embeds one text. The name of the file holds a hash of the model and of the
// texts.
type panelFile struct{ Questions, Answers []embed.Vector }

// panelPath returns the path of a panel's file, "" without a folder.
func (c *calibration) panelPath(model string, p panel) string {
	if c.dir == "" {
		return ""
	}
	key := model + "\n" + strings.Join(p.questions, "\n") + "\n" + strings.Join(p.answers, "\n")
	return filepath.Join(c.dir, fmt.Sprintf("off-topic-%.8x.gob", sha256.Sum256([]byte(key))))
}

// readPanel reads the file of a panel. ok is false if it can't be used.
func readPanel(path string, p panel) (out embeddedPanel, ok bool) {
	b, err := os.ReadFile(path)
	if err != nil {
		return embeddedPanel{}, false
	}
	var f panelFile
	if gob.NewDecoder(bytes.NewReader(b)).Decode(&f) != nil ||
		len(f.Questions) != len(p.questions) || len(f.Answers) != len(p.answers) || len(f.Questions) == 0 {
		return embeddedPanel{}, false
	}
	for _, v := range append(f.Answers, f.Questions...) {
		if embed.ValidateVector(v, len(f.Questions[0])) != nil {
			return embeddedPanel{}, false
		}
	}
	return embeddedPanel{questions: f.Questions, answers: f.Answers}, true
}

// writePanel writes the file of a panel, whole or not at all.
func writePanel(path string, p embeddedPanel) error {
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(panelFile{p.questions, p.answers}); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".off-topic-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(b.Bytes())
	if closeErr := tmp.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}
