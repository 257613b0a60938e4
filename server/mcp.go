package server

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/citewell/citewell/internal/state"
	"github.com/citewell/citewell/server/mcp"
)

// routeMCP adds the address for agents, and what they are told of it.
func (s *api) routeMCP(r *gin.Engine) {
	if s.Manifest == nil {
		return
	}
	h := mcp.Handler(mcp.New(mcp.Config{Answerer: s.Answerer, Retriever: s.Retriever, Manifest: s.Manifest, Version: s.Version}))
	r.POST("/mcp", s.need(state.ScopeAsk, state.ScopeSearch), s.countSearch, within(askTimeout, h.ServeHTTP))
	get(r, "/SKILL.md", func(g *gin.Context) {
		g.Data(http.StatusOK, "text/markdown; charset=utf-8", mcp.Skill)
	})
}
