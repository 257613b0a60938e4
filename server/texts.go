package server

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/citewell/citewell/internal/problem"
	"github.com/citewell/citewell/internal/state"
	"github.com/citewell/citewell/retrieve/index"
)

// routeTexts adds what programs read instead of the sites: the list of the pages in the
// form of llms.txt, and the text of each.
func (s *api) routeTexts(r *gin.Engine) {
	if !s.PublishTexts || s.Manifest == nil {
		return
	}
	readable := r.Group("", s.need(state.ScopeSearch), s.countSearch)
	get(readable, "/llms.txt", s.listTexts)
	get(readable, "/p/*page", s.pageText)
}

// textPath returns the address of a page's text, relative to that of the server.
func textPath(url string) string {
	return "p/" + base64.RawURLEncoding.EncodeToString([]byte(url)) + ".md"
}

func (s *api) listTexts(g *gin.Context) {
	bySource := map[string][]index.Page{}
	err := s.Manifest.EachPage(g.Request.Context(), func(p index.Page) error {
		if p.Decision == index.DecisionIndexed {
			bySource[p.Source] = append(bySource[p.Source], p)
		}
		return nil
	})
	if err != nil {
		s.fail(g, err)
		return
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n> The pages that this server answers from, as they were indexed. The first lines of each text name the page itself: cite that address.\n", cmp.Or(s.Index, "Citewell"))
	names := make([]string, 0, len(bySource))
	for name := range bySource {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		pages := bySource[name]
		slices.SortFunc(pages, func(x, y index.Page) int { return strings.Compare(x.URL, y.URL) })
		fmt.Fprintf(&b, "\n## %s\n\n", cmp.Or(name, "Pages"))
		for _, p := range pages {
			title := strings.NewReplacer("[", "(", "]", ")").Replace(strings.Join(strings.Fields(cmp.Or(p.Title, p.URL)), " "))
			note := p.URL
			if p.Version != "" {
				note += ", version " + p.Version
			}
			fmt.Fprintf(&b, "- [%s](%s): %s\n", title, textPath(p.URL), note)
		}
	}
	g.Data(http.StatusOK, "text/plain; charset=utf-8", []byte(b.String()))
}

func (s *api) pageText(g *gin.Context) {
	name, ok := strings.CutSuffix(strings.TrimPrefix(g.Param("page"), "/"), ".md")
	url, err := base64.RawURLEncoding.DecodeString(name)
	if !ok || err != nil {
		s.fail(g, problem.NotFound)
		return
	}
	chunks, err := s.Manifest.ChunksOf(g.Request.Context(), string(url))
	if err == nil && len(chunks) == 0 {
		err = problem.NotFound
	}
	if err != nil {
		s.fail(g, err)
		return
	}
	c := chunks[0]
	if strings.HasPrefix(c.URL, "http") {
		g.Header("Link", fmt.Sprintf(`<%s>; rel="canonical"`, strings.NewReplacer("<", "%3C", ">", "%3E").Replace(c.URL)))
	}
	g.Header("X-Robots-Tag", "noindex") // the page itself is what search engines are to find
	head := "> " + c.URL
	if !c.CrawledAt.IsZero() {
		head += ", crawled " + c.CrawledAt.UTC().Format(time.DateOnly)
	}
	g.Data(http.StatusOK, "text/markdown; charset=utf-8", []byte(head+"\n\n"+index.PageText(chunks)+"\n"))
}
