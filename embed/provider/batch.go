package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/internal/trace"
)

// maxHalvings bounds how often a text that the service finds too long is halved: into
// 16 parts at most.
const maxHalvings = 4

// errTooLong means that the texts have more tokens than the service accepts.
var errTooLong = errors.New("too many tokens")

// Embed returns a vector for each text. It sends as few requests as the service's
// limits allow, one after the other. An error says how to fix it, and never contains
// the key.
//
// If the service finds a text too long, its vector is the mean of the vectors of its
// parts. This is rare for the texts of [Service.Windows].
func (s *Service) Embed(ctx context.Context, texts []string, kind embed.Kind) ([]embed.Vector, error) {
	vectors := make([]embed.Vector, 0, len(texts))
	for len(vectors) < len(texts) {
		batch := texts[len(vectors):]
		batch = batch[:s.batchLen(batch)]
		got, err := s.embed(ctx, batch, kind, maxHalvings)
		vectors = append(vectors, got...)
		if err != nil {
			return vectors, fmt.Errorf("embed: %s: %w", s.model.name, err)
		}
		s.log.DebugContext(ctx, "embed texts", "model", s.model.name, "texts", len(batch))
	}
	return vectors, nil
}

// batchLen returns how many of texts go into one request, at least one. It counts
// bytes, since a text never has more tokens than bytes.
func (s *Service) batchLen(texts []string) int {
	texts = texts[:min(len(texts), s.provider.maxTexts)]
	size := 0
	for i, text := range texts {
		size += len(text)
		if i > 0 && s.provider.maxTotalTokens > 0 && size > s.provider.maxTotalTokens {
			return i
		}
	}
	return len(texts)
}

// embed returns the vectors of texts, which fit one request. If the service finds
// them too long, it sends fewer texts, and finally parts of one text.
func (s *Service) embed(ctx context.Context, texts []string, kind embed.Kind, halvings int) ([]embed.Vector, error) {
	r, err := s.request(ctx, texts, kind)
	if !errors.Is(err, errTooLong) {
		return r.vectors, err
	}
	if len(texts) > 1 {
		half := len(texts) / 2
		vectors, err := s.embed(ctx, texts[:half], kind, halvings)
		if err != nil {
			return vectors, err
		}
		rest, err := s.embed(ctx, texts[half:], kind, halvings)
		return append(vectors, rest...), err
	}
	text := texts[0]
	middle := embed.Cut(text, len(text)/2, embed.CountBytes)
	if halvings == 0 || middle == 0 {
		return nil, s.explain(ctx, err)
	}
	s.log.DebugContext(ctx, "halve text", "model", s.model.name, "bytes", len(text))
	halves := []string{text[:middle], text[middle:]}
	vectors, err := s.embed(ctx, halves, kind, halvings-1)
	if err != nil {
		return nil, err
	}
	return []embed.Vector{mean(vectors, halves)}, nil
}

// request embeds texts in one request. Its error says how to fix it, unless it is
// errTooLong.
func (s *Service) request(ctx context.Context, texts []string, kind embed.Kind) (r reply, err error) {
	texts = slices.Clone(texts)
	for i, text := range texts {
		if text == "" {
			text = " " // services refuse an empty input
		}
		if kind == embed.Query {
			text = s.model.prefix + text
		}
		texts[i] = text
	}
	ctx, span := s.begin(ctx)
	defer func() { span.End(err) }()
	r, err = s.send(ctx, request{model: s.modelName, texts: texts, kind: kind, dimension: s.askedDim, base64: s.model.base64})
	if err != nil && !errors.Is(err, errTooLong) {
		err = s.explain(ctx, err)
	}
	if err == nil {
		err = s.validateReply(r, len(texts))
	}
	if err != nil {
		return reply{}, err
	}
	return r, nil
}

// begin begins the stage of one request.
func (s *Service) begin(ctx context.Context) (context.Context, *trace.Span) {
	ctx, span := trace.Start(ctx, "embeddings", trace.Client)
	span.Rename("embeddings " + s.modelName)
	span.Text(trace.Operation, "embeddings")
	span.Text(trace.Provider, traceName(s.provider))
	span.Text(trace.Model, s.modelName)
	span.Number(trace.Dimension, s.dim)
	span.Peer(s.host)
	return ctx, span
}

// traceName returns the name of a provider in OpenTelemetry's conventions.
func traceName(p Provider) string {
	if p.Name == "azure" {
		return "azure.ai.openai"
	}
	return p.Name
}

// validateReply validates the reply to n texts and scales its vectors to unit length.
func (s *Service) validateReply(r reply, n int) error {
	if other, ok := s.provider.modelOf(r.model); ok && s.model.name != "" && other.name != s.model.name {
		return fmt.Errorf("%s answered with the model %s, not %s: check the model's or deployment's name", s.host, other.name, s.model.name)
	}
	if len(r.vectors) != n {
		return fmt.Errorf("%s returned %d vectors for %d texts%s", s.host, len(r.vectors), n, s.orURLVar(": check "))
	}
	for i, v := range r.vectors {
		if len(v) == 0 || s.dim > 0 && len(v) != s.dim {
			return fmt.Errorf("%s returned %d dimensions, want %d: check the model's name and dimension", s.host, len(v), s.dim)
		}
		if !embed.Normalize(v) {
			return fmt.Errorf("%s returned an invalid vector for text %d (zero, infinite or NaN)", s.host, i)
		}
	}
	return nil
}

// mean returns the mean of two vectors, weighted by the length of their texts.
func mean(vectors []embed.Vector, texts []string) embed.Vector {
	v := make(embed.Vector, len(vectors[0]))
	for i, x := range vectors {
		for j := range x {
			v[j] += x[j] * float32(len(texts[i]))
		}
	}
	if !embed.Normalize(v) {
		return vectors[0] // opposite vectors have no mean direction
	}
	return v
}
