package embed

import (
	"context"
	"fmt"
	"path"
	"strings"
)

// An inspect returns what a server says of itself.
type inspect func(context.Context) (served, error)

// served is what a server says that it serves; 0 means that it does not say.
type served struct {
	model               string
	maxTokens, maxTexts int
}

// look finds out what the tables do not say.
func (s *Service) look(ctx context.Context, d dial) error {
	if s.provider.inspect != nil {
		if err := s.meet(ctx, s.provider.inspect(d)); err != nil {
			return err
		}
	}
	if s.known.name != "" {
		return nil
	}
	wanted := s.dim
	s.dim = 0
	r, err := s.request(ctx, []string{"dimension"}, Document)
	if err != nil {
		return fmt.Errorf("ask for the dimension of %s: %w", s.sent, err)
	}
	// A deployment has a name of its own, but says which model it is.
	m, ok := s.provider.modelOf(r.model)
	if !ok {
		name := strings.TrimSuffix(s.sent, ":latest")
		m = model{name: name, maxTokens: unknownMaxTokens, count: countBytes, shortens: true}
	}
	m.dim = len(r.vectors[0])
	if s.known.maxTokens > 0 {
		m.maxTokens = s.known.maxTokens
	}
	s.dim = wanted
	return s.adopt(m)
}

// meet holds the model that was asked for to the one that a server says it has,
// and its limits to those.
func (s *Service) meet(ctx context.Context, ask inspect) error {
	has, err := ask(ctx)
	if err != nil {
		return s.explain(ctx, err)
	}
	if name := path.Base(has.model); !strings.EqualFold(name, path.Base(s.sent)) {
		return fmt.Errorf("%s serves %s, not %s: pass --embed-model %s, or start it with the other", s.host, s.line(has.model), s.sent, s.line(name))
	}
	s.sent = path.Base(s.sent)
	if has.maxTexts > 0 {
		s.provider.maxTexts = min(s.provider.maxTexts, has.maxTexts)
	}
	if s.known.maxTokens == 0 || has.maxTokens > 0 && has.maxTokens < s.known.maxTokens {
		s.known.maxTokens = has.maxTokens
	}
	return nil
}
