package openai

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/citewell/citewell/answer"
)

// owner owns the models, and is the first part of their names.
const owner = "citewell"

// A model is one way to answer from the index.
type model struct {
	ID      string `json:"id"`
	Object  string `json:"object"`
	Created int64  `json:"created"` // when the server was started
	OwnedBy string `json:"owned_by"`

	mode answer.Mode
}

// models returns the models, the usual one first.
func (a *API) models() []model {
	name := owner + "/" + a.Index
	all := []model{{ID: name}, {ID: name + ":extractive", mode: answer.Extractive}}
	if a.Agentic {
		all = append(all, model{ID: name + ":agentic", mode: answer.Agentic})
	}
	for i := range all {
		all[i].Object, all[i].Created, all[i].OwnedBy = "model", a.started.Unix(), owner
	}
	return all
}

// names returns the names of the models, also those without the name of the index.
func (a *API) names() []string {
	var names []string
	for _, m := range a.models() {
		names = append(names, m.ID, owner+strings.TrimPrefix(m.ID, owner+"/"+a.Index))
	}
	return names
}

// model returns the model of a name. The name of the index may be left out.
func (a *API) model(name string) (model, error) {
	all := a.models()
	full := name
	if name == owner || strings.HasPrefix(name, owner+":") {
		full = owner + "/" + a.Index + strings.TrimPrefix(name, owner)
	}
	i := slices.IndexFunc(all, func(m model) bool { return m.ID == full })
	if i < 0 {
		param := "model"
		return model{}, &apiError{Message: fmt.Sprintf("The model %q does not exist here. Use %q; GET /v1/models lists all.", name, all[0].ID),
			Type: "invalid_request_error", Param: &param, Code: "model_not_found", status: http.StatusNotFound}
	}
	return all[i], nil
}

// A modelList is the reply of GET /v1/models.
type modelList struct {
	Object string  `json:"object"`
	Data   []model `json:"data"`
}

// Models serves GET /v1/models.
func (a *API) Models(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, modelList{"list", a.models()})
}

// Model serves GET /v1/models/NAME.
func (a *API) Model(w http.ResponseWriter, r *http.Request) {
	_, name, _ := strings.Cut(r.URL.Path, "/models/")
	m, err := a.model(name)
	if err != nil {
		a.Fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, m)
}
