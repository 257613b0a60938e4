package main

import (
	"cmp"
	"context"
	"errors"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/embed/provider"
	"github.com/citewell/citewell/internal/state"
	"github.com/citewell/citewell/retrieve/index"
	"github.com/citewell/citewell/retrieve/milvus"
	"github.com/citewell/citewell/retrieve/rerank"
	"github.com/citewell/citewell/server"
	"github.com/citewell/citewell/server/web"
)

// pageSettings returns the look of the page from the configuration file, if there is one.
func (a *app) pageSettings() (web.Settings, error) {
	file := a.configPath()
	if file == "" {
		return web.Settings{}, nil
	}
	return web.LoadSettings(file)
}

// A catalog is the [server.Catalog] of a store and a log.
type catalog struct {
	store   *milvus.Store
	popular func(context.Context) ([]string, error) // nil: no questions of the log are shown
}

var _ server.Catalog = catalog{}

// Contents implements [server.Catalog].
func (c catalog) Contents(ctx context.Context) (server.Contents, error) {
	var all server.Contents
	seen := map[[3]string]bool{}
	err := c.store.EachPage(ctx, func(p index.Page) error {
		if p.Decision != index.DecisionIndexed {
			return nil
		}
		if p.CrawledAt.After(all.UpdatedAt) {
			all.UpdatedAt = p.CrawledAt
		}
		if key := [3]string{p.Source, p.Version, p.Lang}; !seen[key] {
			seen[key] = true
			all.Sources, all.Versions, all.Langs = append(all.Sources, p.Source), append(all.Versions, p.Version), append(all.Langs, p.Lang)
		}
		return nil
	})
	if errors.Is(err, index.ErrNoIndex) {
		return server.Contents{}, nil
	}
	return all, err
}

// Popular implements [server.Catalog].
func (c catalog) Popular(ctx context.Context) ([]string, error) {
	if c.popular == nil {
		return nil, nil
	}
	return c.popular(ctx)
}

const (
	minTimes    = 3 // that a question was asked before others see it
	maxPopular  = 6
	maxStarter  = 120 // bytes of a question that is shown
	maxLogPages = 5   // of questions that are read
)

// popularQuestions returns the questions that were asked most often, answered each time
// with a quote and never voted down. Questions that few have asked are not shown: they
// may tell who asked.
func popularQuestions(ctx context.Context, db *state.DB, indexID string) ([]string, error) {
	times, bad := map[string]int{}, map[string]bool{}
	f := state.QuestionFilter{Index: indexID, Limit: state.MaxLimit}
	for range maxLogPages {
		page, err := db.Questions(ctx, f)
		if err != nil {
			return nil, err
		}
		for _, q := range page {
			text := strings.TrimSpace(q.Question)
			if text == "" || len(text) > maxStarter || q.Standalone != "" || strings.HasPrefix(text, state.HashMark) {
				continue
			}
			times[text]++
			bad[text] = bad[text] || !q.Answered || !q.Grounded || q.Down > q.Up
		}
		if len(page) < state.MaxLimit {
			break
		}
		f.After = page[len(page)-1].ID
	}
	var all []string
	for text, n := range times {
		if n >= minTimes && !bad[text] {
			all = append(all, text)
		}
	}
	slices.SortFunc(all, func(x, y string) int { return cmp.Or(cmp.Compare(times[y], times[x]), strings.Compare(x, y)) })
	return all[:min(len(all), maxPopular)], nil
}

// serviceNames are the names of hosts as readers know them.
var serviceNames = map[string]string{
	"api.openai.com": "OpenAI", "api.anthropic.com": "Anthropic", "api.aimlapi.com": "AI/ML API", "api.deepseek.com": "DeepSeek", "openrouter.ai": "OpenRouter",
	"api.cohere.com": "Cohere", "api.jina.ai": "Jina AI", "api.voyageai.com": "Voyage AI", "api.mistral.ai": "Mistral", "generativelanguage.googleapis.com": "Google",
}

// sentTo returns the names of all services that get a question: those of the model, of
// the embedder, of the reranker and of the index.
func (a *app) sentTo(withModel bool) []string {
	var all []string
	add := func(name string) {
		if name != "" && !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	if withModel {
		if p, ok := llm.FindProvider(cmp.Or(a.provider, "openai")); ok {
			add(serviceName(cmp.Or(string(a.modelVars[p.URLVar]), p.BaseURL)))
		}
	}
	add(a.embeddingService())
	if i := slices.IndexFunc(rerank.Providers(), func(p rerank.Provider) bool { return p.Name == a.reranker }); i >= 0 {
		p := rerank.Providers()[i]
		add(serviceName(cmp.Or(string(a.rerankVars[p.URLVar]), p.URL)))
	}
	if !isFile(a.milvus) {
		add(serviceName(a.milvus))
	}
	return all
}

// embeddingService returns the name of the service that embeds questions, or "" if they
// are embedded on this machine.
func (a *app) embeddingService() string {
	i := slices.IndexFunc(provider.All(), func(p provider.Provider) bool { return p.Name == a.embedder })
	if i < 0 {
		return ""
	}
	p := provider.All()[i]
	return serviceName(cmp.Or(string(a.embedVars[p.URLVar]), p.URL))
}

// serviceName returns what to call the service at an address: "" if it runs on this
// machine, and [server.OwnService] for one that has no public name.
func serviceName(address string) string {
	if !strings.Contains(address, "://") {
		address = "http://" + address
	}
	u, err := url.Parse(address)
	if err != nil {
		return server.OwnService
	}
	host := strings.ToLower(u.Hostname())
	ip, err := netip.ParseAddr(host)
	switch {
	case host == "localhost" || err == nil && (ip.IsLoopback() || ip.IsUnspecified()):
		return ""
	case serviceNames[host] != "":
		return serviceNames[host]
	case strings.HasSuffix(host, ".openai.azure.com"):
		return "Azure OpenAI"
	case strings.HasSuffix(host, ".zillizcloud.com"):
		return "Zilliz Cloud"
	case err == nil || !strings.Contains(host, "."):
		return server.OwnService
	}
	return host
}

// shown returns how the page of a server looks, and what it offers to choose from.
func (a *app) shown(p *parts, db *state.DB) (web.Settings, catalog, error) {
	page, err := a.pageSettings()
	shown := catalog{store: p.store}
	if page.Popular && p.journal != nil {
		shown.popular = func(ctx context.Context) ([]string, error) { return popularQuestions(ctx, db, a.indexID()) }
	}
	return page, shown, err
}
