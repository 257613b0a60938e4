package folder

import (
	"cmp"
	"path"
	"strings"

	"go.yaml.in/yaml/v3"
)

// jekyllSettings is what is read of _config.yml.
type jekyllSettings struct {
	URL         string    `yaml:"url"`
	BaseURL     string    `yaml:"baseurl"`
	Permalink   string    `yaml:"permalink"`
	Exclude     []string  `yaml:"exclude"`
	Collections yaml.Node `yaml:"collections"`
}

func readJekyll(s *site, config string) {
	var j jekyllSettings
	s.name, s.style, s.private, s.published = "jekyll", StyleHTML, true, map[string]bool{}
	if yaml.Unmarshal([]byte(config), &j) != nil {
		return
	}
	if j.Permalink == "pretty" || strings.HasSuffix(j.Permalink, "/") {
		s.style = StyleDirectory
	}
	for _, pattern := range j.Exclude {
		s.exclude(pattern)
	}
	s.setBase(j.URL, j.BaseURL)
	s.front = func(front map[string]any, _, _ string, _ bool) (string, bool) {
		p := text(front, "permalink")
		return strings.TrimPrefix(p, "/"), strings.HasPrefix(p, "/") && !strings.Contains(p, ":")
	}
	permalinks := map[string]string{} // by the folder of the collection
	for i, c := range j.Collections.Content {
		if i%2 == 1 && value(find(c, "output")) == "true" {
			folder := "_" + j.Collections.Content[i-1].Value
			s.published[folder] = true
			permalinks[folder] = cmp.Or(value(find(c, "permalink")), "/:collection/:path:output_ext")
		}
	}
	s.place = func(rel string) (string, bool) {
		folder, rest, _ := strings.Cut(rel, "/")
		if permalink, ok := permalinks[folder]; ok {
			return collected(permalink, folder[1:], rest), true
		}
		return rel, true
	}
}

// collected returns where a file of a collection is published, by the permalink of the
// collection.
func collected(permalink, collection, rel string) string {
	ext := path.Ext(rel)
	stem := strings.TrimSuffix(rel, ext)
	r := strings.NewReplacer(":collection", collection, ":path", stem, ":name", path.Base(stem), ":title", path.Base(stem), ":slug", path.Base(stem), ":output_ext", "", ".html", "")
	at := strings.Trim(r.Replace(permalink), "/")
	if strings.HasSuffix(permalink, "/") {
		return at + "/index" + ext
	}
	return at + ext
}
