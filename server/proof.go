package server

import (
	"context"

	"github.com/gin-gonic/gin"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/internal/problem"
	"github.com/citewell/citewell/server/proof"
)

const (
	challengeHeader = "Citewell-Challenge" // of the refusal of a question
	proofHeader     = "Citewell-Proof"     // of the question asked again
)

type proofContext struct{}

// takeProof keeps the proof of work of a request for who needs it.
func takeProof(g *gin.Context) {
	if text := g.GetHeader(proofHeader); text != "" {
		g.Request = g.Request.WithContext(context.WithValue(g.Request.Context(), proofContext{}, text))
	}
}

// A proving answerer asks callers without a secret key for a proof of work, whatever route
// they come by.
type proving struct {
	answer  answer.Responder
	checker *proof.Checker
}

var _ answer.Responder = proving{}

// check returns an error unless the caller needs no proof, or has one.
func (p proving) check(ctx context.Context) error {
	if key := callerOf(ctx).key; key != nil && !key.Public() {
		return nil
	}
	text, _ := ctx.Value(proofContext{}).(string)
	if !p.checker.Accept(text, network(arrivalOf(ctx).ip)) {
		return problem.ProofRequired
	}
	return nil
}

// Answer implements [answer.Responder].
func (p proving) Answer(ctx context.Context, q answer.Question) (*answer.Answer, error) {
	if err := p.check(ctx); err != nil {
		return nil, err
	}
	return p.answer.Answer(ctx, q)
}

// Stream implements [answer.Responder].
func (p proving) Stream(ctx context.Context, q answer.Question, on func(answer.Event) error) (*answer.Answer, error) {
	if err := p.check(ctx); err != nil {
		return nil, err
	}
	return p.answer.Stream(ctx, q, on)
}

// challenge adds a challenge to the refusal of a question that needs a proof of work.
func (s *api) challenge(g *gin.Context) {
	if s.proofs != nil {
		g.Header(challengeHeader, s.proofs.Challenge(network(arrivalOf(g.Request.Context()).ip)))
	}
}
