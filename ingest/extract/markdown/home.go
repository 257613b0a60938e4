package markdown

import (
	"fmt"
	"strings"
)

// homeText returns the text of a home page that VitePress, VuePress or Starlight make of the
// front matter; "" for other pages.
func homeText(front map[string]any) string {
	hero, isHero := front["hero"].(map[string]any)
	if !isHero && front["layout"] != "home" && front["home"] != true {
		return ""
	}
	var b strings.Builder
	add := func(form string, values map[string]any, keys ...string) {
		for _, key := range keys {
			if s, ok := values[key].(string); ok && strings.TrimSpace(s) != "" {
				fmt.Fprintf(&b, form+"\n\n", strings.TrimSpace(s))
				return
			}
		}
	}
	add("# %s", hero, "name", "title")
	add("# %s", front, "heroText")
	add("%s", hero, "text")
	add("%s", hero, "tagline")
	add("%s", front, "tagline")
	features, _ := front["features"].([]any)
	for _, f := range features {
		feature, _ := f.(map[string]any)
		add("**%s**", feature, "title")
		add("%s", feature, "details", "description")
	}
	return b.String()
}
