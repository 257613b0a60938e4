package server

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/citewell/citewell/internal/trace"
	"github.com/citewell/citewell/server/limit"
	"github.com/citewell/citewell/server/openai"
)

// routeOpenAI adds the routes of OpenAI's API; maxBytes is how long the body of a
// question may be.
func (s *api) routeOpenAI(r gin.IRoutes, maxBytes int64) {
	a := openai.New(s.openAIConfig())
	s.openAI = a
	question := s.showLimits(limit.Question)
	r.POST("/v1/chat/completions", question, allowBody(maxBytes), within(askTimeout, a.Chat))
	r.POST("/v1/responses", question, allowBody(maxBytes), within(askTimeout, a.Responses))
	get(r, "/v1/models", gin.WrapF(a.Models))
	get(r, "/v1/models/*name", gin.WrapF(a.Model))
}

// openAIConfig returns the configuration of these routes.
func (s *api) openAIConfig() openai.Config {
	return openai.Config{Answerer: s.Answerer, Index: s.Index, Agentic: s.Agentic, Silence: s.Heartbeat, RequestID: trace.RequestID, Log: s.Log}
}

// within limits the time and the body of a request to h.
func within(limit time.Duration, h http.HandlerFunc) gin.HandlerFunc {
	return func(g *gin.Context) {
		ctx, cancel := context.WithTimeout(g.Request.Context(), limit)
		defer cancel()
		limitBody(g)
		h(g.Writer, g.Request.WithContext(ctx))
	}
}
