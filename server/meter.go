package server

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/answer/structured"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/server/limit"
	"github.com/citewell/citewell/server/proof"
)

// addressBits is how much of an IPv6 address counts as one caller: providers give each
// customer a network of this size or larger.
const addressBits = 64

// subjects returns who is limited for a request: a key; for a public key, which many have,
// also the address; for callers without a key, the address and all of them together.
func (s *api) subjects(ctx context.Context) (all []limit.Subject) {
	key := callerOf(ctx).key
	if key != nil && key.Name == tokenName {
		return nil
	}
	if key == nil || key.Public() {
		all = append(all, limit.Subject{Kind: "address", Name: network(arrivalOf(ctx).ip), Limits: s.AddressLimits})
	}
	if key != nil {
		limits, err := limit.Parse(key.Limits)
		if err != nil { // of a newer version
			s.Log.Warn("a key has limits that are not understood, and is not limited", "key", key.Name, "err", err)
		}
		return append(all, limit.Subject{Kind: "key", Name: key.Name, Limits: limits, Kept: true})
	}
	if s.AnonymousLimits != (limit.Limits{}) {
		all = append(all, limit.Subject{Kind: "anonymous", Limits: s.AnonymousLimits, Kept: true})
	}
	return all
}

// network returns the address of a caller as it is counted.
func network(ip netip.Addr) string {
	if ip.Is6() {
		if p, err := ip.WithZone("").Prefix(addressBits); err == nil {
			return p.String()
		}
	}
	return ip.String()
}

// showLimits tells a client how much of its limits is left once its request is done.
func (s *api) showLimits(units int) gin.HandlerFunc {
	return func(g *gin.Context) {
		if s.Limiter == nil {
			return
		}
		if policy, left := s.Limiter.Headers(s.subjects(g.Request.Context()), units); policy != "" {
			g.Header("RateLimit-Policy", policy)
			g.Header("RateLimit", left)
		}
	}
}

// countSearch counts a request that asks nothing as a search.
func (s *api) countSearch(g *gin.Context) {
	if _, err := s.reserve(g.Request.Context(), limit.Search, 0); err != nil {
		s.fail(g, err)
	}
}

// reserve reserves what a request may take. The grant is nil without limits.
func (s *api) reserve(ctx context.Context, units int, tokens int64) (*limit.Grant, error) {
	if s.Limiter == nil {
		return nil, nil
	}
	return s.Limiter.Reserve(ctx, s.subjects(ctx), units, tokens)
}

// A metered server limits questions, extractions and searches, whatever route they come
// by. Each reserves what such a request usually takes, and settles what it has taken.
type metered struct {
	*api
	answerer  answer.Responder
	retriever retrieve.Finder
	extractor Extractor
}

var (
	_ answer.Responder = metered{}
	_ retrieve.Finder  = metered{}
	_ Extractor        = metered{}
)

// wrapParts puts what counts, limits and asks for proofs of work before the parts, in this
// order: a question that is refused for want of a proof takes nothing of a limit.
func (s *api) wrapParts() {
	if s.Metrics != nil {
		s.Answerer = s.Metrics.Answerer(s.Answerer)
	}
	if s.Limiter != nil {
		s.meterAll()
	}
	if s.ProofOfWork {
		s.proofs = proof.New(s.Token, nil)
		s.Answerer = proving{s.Answerer, s.proofs}
	}
}

// meterAll makes all routes use the metered parts.
func (s *api) meterAll() {
	m := metered{api: s, answerer: s.Answerer, retriever: s.Retriever, extractor: s.Config.Extractor}
	s.Answerer, s.Retriever = m, m
	if s.Config.Extractor != nil {
		s.Config.Extractor = m
	}
}

// reservedTokens returns how many tokens a question reserves.
func (s *api) reservedTokens(q answer.Question) int64 {
	if s.ReservedTokens == nil {
		return 0
	}
	return s.ReservedTokens(q)
}

// writtenPerSecond is how many tokens of an answer count for each second in which a model
// wrote, if nobody is left to be told how many they are. Hosted models write 50 to 150
// tokens a second (2026).
const writtenPerSecond = 150

// settle counts what a question has taken: what the model reports or, for a question that
// its caller has given up or that the model does not report, what it may have read and
// written.
func settle(ctx context.Context, g *limit.Grant, start time.Time, reserved int64, a *answer.Answer, err error) {
	if g == nil {
		return
	}
	guess := reserved/2 + int64(time.Since(start).Seconds()*writtenPerSecond)
	switch {
	case err != nil && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil):
		g.Settle(ctx, guess)
	case err != nil || a.Usage == nil:
		g.Settle(ctx, 0)
	case a.Usage.Unknown:
		g.Settle(ctx, max(guess, int64(a.Usage.PromptTokens+a.Usage.CompletionTokens)))
	default:
		g.Settle(ctx, int64(a.Usage.PromptTokens+a.Usage.CompletionTokens))
	}
}

// ask reserves and settles a question.
func (m metered) question(ctx context.Context, q answer.Question, ask func() (*answer.Answer, error)) (*answer.Answer, error) {
	reserved := m.reservedTokens(q)
	g, err := m.reserve(ctx, limit.Question, reserved)
	if err != nil {
		return nil, err
	}
	start := time.Now()
	a, err := ask()
	settle(ctx, g, start, reserved, a, err)
	return a, err
}

// Answer implements [answer.Responder].
func (m metered) Answer(ctx context.Context, q answer.Question) (*answer.Answer, error) {
	return m.question(ctx, q, func() (*answer.Answer, error) { return m.answerer.Answer(ctx, q) })
}

// Stream implements [answer.Responder].
func (m metered) Stream(ctx context.Context, q answer.Question, on func(answer.Event) error) (*answer.Answer, error) {
	return m.question(ctx, q, func() (*answer.Answer, error) { return m.answerer.Stream(ctx, q, on) })
}

// Retrieve implements [retrieve.Finder].
func (m metered) Retrieve(ctx context.Context, q retrieve.Query) (*retrieve.Result, error) {
	if _, err := m.reserve(ctx, limit.Search, 0); err != nil {
		return nil, err
	}
	return m.retriever.Retrieve(ctx, q)
}

// Extract implements [Extractor].
func (m metered) Extract(ctx context.Context, x Extraction) (res *structured.Result, err error) {
	_, err = m.question(ctx, answer.Question{Text: x.Text + x.HTML + x.Instruction}, func() (*answer.Answer, error) {
		if res, err = m.extractor.Extract(ctx, x); err != nil {
			return nil, err
		}
		return &answer.Answer{Usage: &res.Usage}, nil
	})
	return res, err
}
