package main

import (
	"encoding/json"
	"io"
)

// The parts of CycloneDX 1.6 that are used.
type (
	bom struct {
		Format     string      `json:"bomFormat"`
		Spec       string      `json:"specVersion"`
		Version    int         `json:"version"`
		Metadata   metadata    `json:"metadata"`
		Components []component `json:"components"`
	}
	metadata struct {
		Component component `json:"component"`
	}
	component struct {
		Type     string    `json:"type"`
		Ref      string    `json:"bom-ref"`
		Name     string    `json:"name"`
		Version  string    `json:"version"`
		PURL     string    `json:"purl"`
		Licences []licence `json:"licenses,omitempty"`
	}
	licence struct {
		Licence struct {
			ID string `json:"id"`
		} `json:"license"`
	}
)

// writeSBOM writes the bill of materials of a version of the program. The same
// modules give the same bytes: it has no time and no serial number.
func writeSBOM(w io.Writer, version string, modules []module) error {
	b := bom{Format: "CycloneDX", Spec: "1.6", Version: 1}
	for _, m := range modules {
		if m.Main {
			m.Version = version
		}
		c, err := componentOf(m)
		if err != nil {
			return err
		}
		if m.Main {
			c.Type = "application"
			b.Metadata.Component = c
		} else {
			b.Components = append(b.Components, c)
		}
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(b)
}

func componentOf(m module) (component, error) {
	url := "pkg:golang/" + m.Path + "@" + m.Version
	c := component{Type: "library", Ref: url, Name: m.Path, Version: m.Version, PURL: url}
	ids, err := licencesOf(m)
	for _, id := range ids {
		var l licence
		l.Licence.ID = id
		c.Licences = append(c.Licences, l)
	}
	return c, err
}
