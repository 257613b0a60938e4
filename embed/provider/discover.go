package provider

import (
	"context"
	"fmt"
	"path"
	"strings"

	"github.com/citewell/citewell/embed"
)

// An inspect asks a server what it serves.
type inspect func(context.Context) (serverInfo, error)

// A serverInfo is what a server reports that it serves; 0 means not reported.
type serverInfo struct {
	model               string
	maxTokens, maxTexts int
}

// discover asks the service for what the tables do not have.
func (s *Service) discover(ctx context.Context, d endpoint) error {
	if s.provider.inspect != nil {
		if err := s.adaptToServer(ctx, s.provider.inspect(d)); err != nil {
			return err
		}
	}
	if s.model.name != "" {
		return nil
	}
	wanted := s.dim
	s.dim = 0
	r, err := s.request(ctx, []string{"dimension"}, embed.Document)
	if err != nil {
		return fmt.Errorf("ask for the dimension of %s: %w", s.modelName, err)
	}
	// A deployment has a name of its own, but its answers name the model.
	m, ok := s.provider.modelOf(r.model)
	if !ok {
		name := strings.TrimSuffix(s.modelName, ":latest")
		m = model{name: name, maxTokens: unknownMaxTokens, count: embed.CountBytes, canShorten: true}
	}
	m.dim = len(r.vectors[0])
	if s.model.maxTokens > 0 {
		m.maxTokens = s.model.maxTokens
	}
	s.dim = wanted
	return s.setModel(m)
}

// adaptToServer returns an error if the server has another model than the requested
// one, and applies the server's limits.
func (s *Service) adaptToServer(ctx context.Context, ask inspect) error {
	has, err := ask(ctx)
	if err != nil {
		return s.explain(ctx, err)
	}
	if name := path.Base(has.model); !strings.EqualFold(name, path.Base(s.modelName)) {
		return fmt.Errorf("%s serves %s, not %s: pass --embed-model %s, or start it with the other", s.host, s.oneLine(has.model), s.modelName, s.oneLine(name))
	}
	s.modelName = path.Base(s.modelName)
	if has.maxTexts > 0 {
		s.provider.maxTexts = min(s.provider.maxTexts, has.maxTexts)
	}
	if s.model.maxTokens == 0 || has.maxTokens > 0 && has.maxTokens < s.model.maxTokens {
		s.model.maxTokens = has.maxTokens
	}
	return nil
}
