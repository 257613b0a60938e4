package server

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/citewell/citewell/internal/problem"
	"github.com/citewell/citewell/internal/state"
)

// A caller is who sends a request, as far as rights depend on that.
type caller struct {
	key     *state.Key // nil for a caller without a valid key
	fault   error      // why there is none
	session *state.Key // by which a browser has the key; nil for another caller
}

// Why a caller has no key.
var (
	errNoKey         = errors.New("the request has no key")
	errWrongKey      = errors.New("there is no such key")
	errForeignOrigin = errors.New("the key is for pages of other origins")
)

// maxSecretBytes is the length of the longest secret.
const maxSecretBytes = 256

// tokenName is the name of the key that the server's own token is.
const tokenName = "token"

// tokenKey returns the key that a token is. Its id is another one for another token.
func tokenKey(token string) *state.Key {
	sum := sha256.Sum256([]byte(token))
	return &state.Key{ID: tokenName + "-" + hex.EncodeToString(sum[:4]), Name: tokenName, Scopes: []string{state.ScopeAdmin}}
}

type callerContext struct{}

// callerOf returns the caller of the request of ctx.
func callerOf(ctx context.Context) caller {
	c, _ := ctx.Value(callerContext{}).(caller)
	return c
}

// authenticate finds out who sends a request. It refuses nobody: that is the task of the
// routes, by [api.need].
func (s *api) authenticate(g *gin.Context) {
	c := s.identifyCaller(g.Request)
	g.Request = g.Request.WithContext(context.WithValue(g.Request.Context(), callerContext{}, c))
}

func (s *api) identifyCaller(r *http.Request) caller {
	if c, ok := s.callerOfSession(r); ok {
		return c
	}
	scheme, secret, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	secret = strings.TrimSpace(secret)
	if !strings.EqualFold(scheme, "Bearer") || secret == "" {
		return caller{fault: errNoKey}
	}
	key := s.findKey(r.Context(), secret)
	switch {
	case key == nil:
		return caller{fault: errWrongKey}
	case key.Public() && !slices.Contains(key.Origins, r.Header.Get("Origin")):
		return caller{fault: errForeignOrigin}
	}
	return caller{key: key}
}

// findKey returns the key that a secret opens, or nil.
func (s *api) findKey(ctx context.Context, secret string) *state.Key {
	switch {
	case len(secret) > maxSecretBytes:
		return nil
	case s.isToken(secret):
		return tokenKey(s.Token)
	}
	return s.keys.find(ctx, secret)
}

// isToken reports whether a secret is the server's own token. The comparison takes the
// same time for every wrong one: a token that an operator chose may be one that can be
// guessed.
func (s *api) isToken(secret string) bool {
	want, got := sha256.Sum256([]byte(s.Token)), sha256.Sum256([]byte(secret))
	return s.Token != "" && subtle.ConstantTimeCompare(want[:], got[:]) == 1
}

// need refuses callers whose key does not have all scopes. Without [Config].RequireKey,
// everybody may ask and search.
func (s *api) need(scopes ...string) gin.HandlerFunc {
	free := !slices.ContainsFunc(scopes, func(scope string) bool { return scope != state.ScopeAsk && scope != state.ScopeSearch })
	return func(g *gin.Context) {
		c := callerOf(g.Request.Context())
		lacking := slices.IndexFunc(scopes, func(scope string) bool { return c.key == nil || !c.key.Allows(scope) })
		switch {
		case c.session != nil && !s.isOwnPage(g.Request):
			s.fail(g, problem.CrossOrigin)
		case lacking < 0 || free && !s.RequireKey:
		case c.key != nil:
			s.fail(g, &problem.Error{Kind: problem.Forbidden, Message: fmt.Sprintf("the key %q does not have the scope %q", c.key.Name, scopes[lacking])})
		case errors.Is(c.fault, errForeignOrigin):
			s.fail(g, &problem.Error{Kind: problem.Forbidden, Cause: c.fault, Message: "this public key is not valid for pages of this origin",
				Fix: "use it in pages of the origins that it was made for; citewell keys list names them"})
		default:
			challenge, message := `Bearer realm="citewell"`, ""
			if errors.Is(c.fault, errWrongKey) {
				challenge, message = challenge+`, error="invalid_token"`, "the key is wrong, has expired or was removed"
			}
			g.Header("WWW-Authenticate", challenge)
			s.fail(g, &problem.Error{Kind: problem.Unauthorized, Message: message, Cause: c.fault})
		}
	}
}
