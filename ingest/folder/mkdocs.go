package folder

import (
	"path"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// mkdocsSettings is what is read of mkdocs.yml. Values may be taken from the environment,
// with one to use without it: !ENV [SITE_URL, "https://example.com/"].
type mkdocsSettings struct {
	SiteURL       yaml.Node `yaml:"site_url"`
	DocsDir       yaml.Node `yaml:"docs_dir"`
	DirectoryURLs yaml.Node `yaml:"use_directory_urls"`
	ExcludeDocs   string    `yaml:"exclude_docs"`
	Extensions    yaml.Node `yaml:"markdown_extensions"`
	Plugins       yaml.Node `yaml:"plugins"`
}

func readMkDocs(s *site, text string) {
	var m mkdocsSettings
	s.name, s.style, s.content = "mkdocs", StyleDirectory, filepath.Join(s.folder, "docs")
	if yaml.Unmarshal([]byte(text), &m) != nil {
		return
	}
	if value(&m.DirectoryURLs) == "false" {
		s.style = StyleHTML
	}
	if dir := value(&m.DocsDir); dir != "" {
		s.content = filepath.Join(s.folder, filepath.FromSlash(dir))
	}
	s.setBase(value(&m.SiteURL))
	for line := range strings.Lines(m.ExcludeDocs) {
		s.exclude(line)
	}
	if base := find(find(&m.Extensions, "pymdownx.snippets"), "base_path"); base != nil {
		for _, dir := range values(base) {
			s.includes = append(s.includes, path.Clean(dir))
		}
	}
	if plugin := find(&m.Plugins, "i18n"); plugin != nil {
		s.place = translated(plugin)
	}
}

// translated returns where the plugin for translations publishes files: index.de.md, or
// de/index.md, in de/, and those of the default language at the top.
func translated(plugin *yaml.Node) func(rel string) (string, bool) {
	byFolder := value(find(plugin, "docs_structure")) == "folder"
	standard, others := value(find(plugin, "default_language")), []string(nil)
	if languages := find(plugin, "languages"); languages != nil {
		for _, l := range languages.Content {
			locale := value(find(l, "locale"))
			if l.Kind == yaml.ScalarNode {
				locale = l.Value // the older form: a map by language
			}
			if value(find(l, "default")) == "true" {
				standard = locale
			}
			others = append(others, locale)
		}
	}
	if byFolder {
		return func(rel string) (string, bool) { return strings.TrimPrefix(rel, standard+"/"), true }
	}
	return bySuffix(standard, func(locale string) bool { return slices.Contains(others, locale) })
}

// bySuffix returns where a generator publishes files that have their language before the
// extension.
func bySuffix(standard string, isLocale func(string) bool) func(rel string) (string, bool) {
	return func(rel string) (string, bool) {
		ext := path.Ext(rel)
		stem := strings.TrimSuffix(rel, ext)
		locale := strings.TrimPrefix(path.Ext(stem), ".")
		if locale == "" || !isLocale(locale) && locale != standard {
			return rel, true
		}
		rel = strings.TrimSuffix(stem, "."+locale) + ext
		if locale != standard {
			rel = locale + "/" + rel
		}
		return rel, true
	}
}

// find returns the value of a key of a map, or of the map among the items of a list that has
// it; nil if there is none.
func find(n *yaml.Node, key string) *yaml.Node {
	if n == nil {
		return nil
	}
	for i, c := range n.Content {
		switch {
		case n.Kind == yaml.MappingNode && i%2 == 0 && c.Value == key:
			return n.Content[i+1]
		case n.Kind == yaml.SequenceNode && c.Kind == yaml.MappingNode:
			if found := find(c, key); found != nil {
				return found
			}
		}
	}
	return nil
}

// value returns a text, or the last one of a list; "" if there is none.
func value(n *yaml.Node) string {
	if all := values(n); len(all) > 0 {
		return all[len(all)-1]
	}
	return ""
}

// values returns the texts of a list, or a text alone; none of a variable of the
// environment, which is not known here.
func values(n *yaml.Node) []string {
	switch {
	case n == nil, n.Kind == yaml.ScalarNode && (n.Tag == "!ENV" || n.Value == ""):
		return nil
	case n.Kind == yaml.ScalarNode:
		return []string{n.Value}
	}
	var all []string
	for _, c := range n.Content {
		if c.Kind == yaml.ScalarNode {
			all = append(all, c.Value)
		}
	}
	return all
}
