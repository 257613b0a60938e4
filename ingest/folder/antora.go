package folder

import (
	"os"
	"path"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"
)

// antoraSettings is what is read of antora.yml and of a playbook.
type antoraSettings struct {
	Name    string `yaml:"name"`
	Version any    `yaml:"version"`
	Site    struct {
		URL string `yaml:"url"`
	} `yaml:"site"`
	URLs struct {
		Style string `yaml:"html_extension_style"`
	} `yaml:"urls"`
	ASCIIDoc struct {
		Attributes map[string]any `yaml:"attributes"`
	} `yaml:"asciidoc"`
}

// playbooks are the usual names of the file that says how a site of Antora is built.
var playbooks = []string{"antora-playbook.yml", "site.yml", "playbook.yml", "antora-playbook.yaml"}

// readAntora reads the settings of a component of Antora, and those of its site if they are near.
func readAntora(s *site, text string) {
	var component, book antoraSettings
	if yaml.Unmarshal([]byte(text), &component) != nil || component.Name == "" {
		return
	}
	s.name, s.style = "antora", StyleHTML
	for _, dir := range []string{s.folder, filepath.Join(s.folder, ".."), filepath.Join(s.folder, "..", "..")} {
		if body, ok := firstFile(dir, playbooks); ok && yaml.Unmarshal(body, &book) == nil {
			break
		}
	}
	switch book.URLs.Style {
	case "indexify":
		s.style = StyleDirectory
	case "drop":
		s.style = StyleClean
	}
	s.attributes = map[string]string{"env": "site", "env-site": "", "site-gen": "antora", "site-gen-antora": ""}
	for _, set := range []map[string]any{book.ASCIIDoc.Attributes, component.ASCIIDoc.Attributes} {
		for name, value := range set {
			text, isText := value.(string)
			if number, err := yaml.Marshal(value); !isText && err == nil && value != nil {
				text = strings.TrimSpace(string(number))
			}
			s.attributes[name] = strings.TrimSuffix(text, "@")
		}
	}
	prefix := ""
	if component.Name != "ROOT" {
		prefix = component.Name + "/"
	}
	if version, ok := component.Version.(string); ok && version != "" && version != "~" {
		prefix += version + "/"
	} else if number, isNumber := component.Version.(float64); isNumber {
		if b, err := yaml.Marshal(number); err == nil {
			prefix += strings.TrimSpace(string(b)) + "/"
		}
	}
	s.setBase(book.Site.URL)
	s.place = func(rel string) (string, bool) {
		module, ok := antoraModule(rel)
		if !ok {
			return "", false
		}
		page, ok := strings.CutPrefix(rel, module+"/pages/")
		if name := path.Base(module); name != "ROOT" {
			page = name + "/" + page
		}
		return prefix + page, ok
	}
}

// firstFile returns the first of several files that a folder has.
func firstFile(dir string, names []string) ([]byte, bool) {
	for _, name := range names {
		if body, err := os.ReadFile(filepath.Join(dir, name)); err == nil {
			return body, true
		}
	}
	return nil, false
}

// antoraModule returns the folder of the module of Antora that a file is in.
func antoraModule(rel string) (module string, ok bool) {
	rest, ok := strings.CutPrefix(rel, "modules/")
	name, _, in := strings.Cut(rest, "/")
	return "modules/" + name, ok && in
}
