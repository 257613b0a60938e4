package folder

import (
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
)

func readVitePress(s *site, config string) {
	s.name, s.style = "vitepress", StyleHTML
	if nested(config, "cleanUrls") == "true" {
		s.style = StyleClean
	}
	if dir := nested(config, "srcDir"); dir != "" {
		s.content = filepath.Join(s.folder, filepath.FromSlash(dir))
	}
	s.excludeList(config, "srcExclude")
	if m := regexp.MustCompile(`hostname["']?\s*:\s*["']([^"']+)["']`).FindStringSubmatch(config); m != nil {
		base := nested(config, "base")
		if u, err := url.Parse(m[1]); err == nil && strings.Trim(u.Path, "/") != "" {
			base = "" // The address holds it.
		}
		s.setBase(m[1], base)
	}
	if rewrites := rewritesOf(config); len(rewrites) > 0 {
		s.place = func(rel string) (string, bool) {
			for _, r := range rewrites {
				if r.from.MatchString(rel) {
					return r.from.ReplaceAllString(rel, r.to), true
				}
			}
			return rel, true
		}
	}
}

// A rewrite says where files are published whose paths match.
type rewrite struct {
	from *regexp.Regexp
	to   string
}

var (
	rewriteList = regexp.MustCompile(`(?s)\brewrites\s*:\s*\{([^}]*)\}`)
	rewritePair = regexp.MustCompile(`["']([^"'\n]+)["']\s*:\s*["']([^"'\n]+)["']`)
	// rewriteName matches a part of a path that has a name: one folder, or with * any.
	rewriteName = regexp.MustCompile(`:(\w+)(\\\*|\*)?`)
)

// rewritesOf returns the rewrites in settings, such as 'packages/:pkg/src/:slug*': ':pkg/:slug*'.
func rewritesOf(config string) []rewrite {
	m := rewriteList.FindStringSubmatch(scriptComment.ReplaceAllString(config, ""))
	if m == nil {
		return nil
	}
	var all []rewrite
	for _, pair := range rewritePair.FindAllStringSubmatch(m[1], -1) {
		from := rewriteName.ReplaceAllStringFunc(regexp.QuoteMeta(pair[1]), func(name string) string {
			part := rewriteName.FindStringSubmatch(name)
			if part[2] != "" {
				return `(?P<` + part[1] + `>.*)`
			}
			return `(?P<` + part[1] + `>[^/]+)`
		})
		if re, err := regexp.Compile("^" + from + "$"); err == nil {
			all = append(all, rewrite{re, rewriteName.ReplaceAllString(pair[2], "$${$1}")})
		}
	}
	return all
}
