package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/citewell/citewell/answer/llm"
)

// A chosenModel is the default model for a key, in a file of the cache folder.
type chosenModel struct {
	Model string    `json:"model"`
	At    time.Time `json:"at"`
}

// chosenFor is how long the choice holds. Models come and go within months.
const chosenFor = day

// chooseModel sets the model if the user has named none: the first that the key's list
// of models has. The choice is remembered for a day. Without a list it is the first of
// the program's own, and is not remembered.
func (a *app) chooseModel(ctx context.Context) {
	if !a.defaultModel || cmp.Or(a.provider, "openai") != "openai" {
		return
	}
	cfg, err := a.llmConfig()
	if err != nil {
		return // newModel reports it
	}
	file := a.cache("default-model", digest(cfg.BaseURL+"\n"+cfg.APIKey)+".json")
	var chosen chosenModel
	a.chosenFile = file
	taped := a.record != "" || a.replay != "" // the list is recorded like other requests
	if b, err := os.ReadFile(file); !taped && err == nil && json.Unmarshal(b, &chosen) == nil && chosen.Model != "" {
		if age := time.Since(chosen.At); age >= 0 && age < chosenFor {
			a.model = chosen.Model
			return
		}
	}
	cfg.HTTPClient = a.httpClient()
	model, err := llm.DefaultModel(ctx, cfg)
	a.model = model
	if err != nil {
		a.log().Debug("no list of models", "err", err)
		return
	}
	if taped {
		return
	}
	if err := writeJSON(file, chosenModel{model, time.Now()}); err != nil {
		a.log().Warn("the default model is not remembered", "err", err)
	}
}

// forgetModel forgets the default model if the service has refused it or another
// setting, so that the next command chooses again.
func (a *app) forgetModel(s llm.State) {
	if a.chosenFile != "" && s.Misconfigured > 0 {
		_ = os.Remove(a.chosenFile) // the file may be gone; the choice ends within a day anyway
	}
}

// digest returns a name for a file that does not tell s.
func digest(s string) string {
	sum := sha256.Sum256([]byte("citewell default model\n" + s))
	return hex.EncodeToString(sum[:12])
}

// writeJSON writes a file that only the user can read, whole or not at all.
func writeJSON(file string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	temp := fmt.Sprintf("%s.%d", file, os.Getpid())
	if err := os.WriteFile(temp, b, 0o600); err != nil {
		return err
	}
	return os.Rename(temp, file)
}
