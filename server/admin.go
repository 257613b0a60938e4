package server

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/citewell/citewell/internal/problem"
	"github.com/citewell/citewell/internal/state"
	"github.com/citewell/citewell/server/limit"
)

// adminPath is the path below which a browser has the rights of its session.
const adminPath = "/admin/"

const (
	sessionCookie    = "citewell_session"
	sessionLife      = 8 * time.Hour
	signInsPerMinute = 5
	adminTimeout     = 20 * time.Second // longer than the state waits for a lock
	maxSignInBytes   = 4 << 10
)

// Sessions keeps operators signed in. [state.DB] implements it.
type Sessions interface {
	// AddSession returns a session of a key, and its secret.
	AddSession(ctx context.Context, of state.Key, life time.Duration) (secret string, session state.Key, err error)
	// EndSession ends a session of a key.
	EndSession(ctx context.Context, id string, of state.Key) error
}

// Operators is what the page for operators stands on, beside Manifest and Ingester of
// [Config]. A part that is nil has no routes.
type Operators struct {
	Sessions Sessions // without it, nobody can sign in; it needs Config.Keys of the same state, as Issuer does
	Issuer   Issuer
	Reports  Reports
	Reviews  Reviews
}

// A signInRequest is the body of POST /admin/login.
type signInRequest struct {
	Key string `json:"key"`
}

// A signedIn tells who is signed in.
type signedIn struct {
	Key     string    `json:"key"`
	Expires time.Time `json:"expires,omitzero"`
}

// routeAdmin adds the page for operators, what signs a browser in, and what the page shows. A session is a cookie that no script can read,
// that goes to no address but those below /admin/, and that pages of other sites can't
// make a browser send. It ends with the key that it was made with.
func (s *api) routeAdmin(r *gin.Engine) {
	if s.Sessions == nil {
		return
	}
	admin := s.need(state.ScopeAdmin)
	with := func(h func(g *gin.Context, r *http.Request) (any, error)) gin.HandlerFunc {
		return func(g *gin.Context) {
			g.Header("Cache-Control", "no-store")
			s.handle(adminTimeout, func(r *http.Request) (any, error) { return h(g, r) })(g)
		}
	}
	r.POST(adminPath+"login", s.countSignIn(), allowBody(maxSignInBytes), with(s.signIn))
	r.POST(adminPath+"logout", admin, with(s.signOut))
	signedInOnly := r.Group("", admin)
	get(signedInOnly, adminPath+"session", with(func(_ *gin.Context, r *http.Request) (any, error) {
		c := callerOf(r.Context())
		if c.session == nil {
			return signedIn{Key: c.key.Name, Expires: c.key.Expires}, nil
		}
		return signedIn{Key: c.key.Name, Expires: c.session.Expires}, nil
	}))
	s.routeIngest(r.Group(adminPath+"ingest", admin))
	get(signedInOnly, adminPath+"sources", with(func(_ *gin.Context, r *http.Request) (any, error) { return s.sources(r.Context()) }))
	get(signedInOnly, adminPath+"pages", with(func(g *gin.Context, r *http.Request) (any, error) {
		return s.pages(r.Context(), g.Query("text"), g.Query("decision"))
	}))
	signedInOnly.POST(adminPath+"search", s.handle(searchTimeout, s.search))
	if s.Issuer != nil && s.Keys != nil {
		get(signedInOnly, adminPath+"keys", with(func(_ *gin.Context, r *http.Request) (any, error) { return s.listKeys(r) }))
		signedInOnly.POST(adminPath+"keys", allowBody(maxKeyBytes), with(func(_ *gin.Context, r *http.Request) (any, error) { return s.addKey(r) }))
		signedInOnly.POST(adminPath+"rotate", allowBody(maxKeyBytes), with(func(_ *gin.Context, r *http.Request) (any, error) { return s.rotateKey(r) }))
		get(signedInOnly, adminPath+"log", with(func(_ *gin.Context, r *http.Request) (any, error) { return s.listActions(r) }))
		signedInOnly.DELETE(adminPath+"keys/:id", with(func(g *gin.Context, r *http.Request) (any, error) { return s.removeKey(r, g.Param("id")) }))
	}
	s.routeReports(signedInOnly)
	s.routeReviews(signedInOnly)
	get(r, adminPath, s.adminPage)
	get(r, strings.TrimSuffix(adminPath, "/"), func(g *gin.Context) {
		g.Header("Location", "admin/") // relative, since a proxy may serve this server under a path
		g.Status(http.StatusMovedPermanently)
	})
}

// adminPage serves the page for operators in the language of the browser. It holds
// nothing that is not for everybody: what it shows, it asks for by its session.
func (s *api) adminPage(g *gin.Context) {
	f, err := s.site.Admin(g.GetHeader("Accept-Language"))
	if err != nil {
		s.fail(g, err)
		return
	}
	g.Writer.Header().Add("Vary", "Accept-Language")
	sendFile(g, f)
}

// countSignIn limits the attempts of an address to sign in.
func (s *api) countSignIn() gin.HandlerFunc {
	attempts, perMinute := limit.New(limit.Config{}), s.signInsPerMinute
	if perMinute == 0 {
		perMinute = signInsPerMinute
	}
	return func(g *gin.Context) {
		who := limit.Subject{Kind: "signin", Name: network(arrivalOf(g.Request.Context()).ip), Limits: limit.Limits{PerMinute: perMinute}}
		if _, err := attempts.Reserve(g.Request.Context(), []limit.Subject{who}, limit.Question, 0); err != nil {
			s.fail(g, err)
		}
	}
}

// signIn makes a session for the key of the body.
func (s *api) signIn(g *gin.Context, r *http.Request) (any, error) {
	var in signInRequest
	if err := decode(r, &in, fixes{form: `send an object such as {"key": "cw_…"}`}); err != nil {
		return nil, err
	}
	key := s.findKey(r.Context(), in.Key)
	switch {
	case key == nil || key.Public():
		return nil, &problem.Error{Kind: problem.Unauthorized, Message: "the key is wrong, has expired or was removed"}
	case !key.Allows(state.ScopeAdmin):
		return nil, &problem.Error{Kind: problem.Forbidden, Message: `the key does not have the scope "admin"`}
	}
	secret, session, err := s.Sessions.AddSession(r.Context(), *key, sessionLife)
	if err != nil {
		return nil, err
	}
	s.keys.forget()
	s.setCookie(g, secret, int(sessionLife.Seconds()))
	return signedIn{Key: key.Name, Expires: session.Expires}, nil
}

// signOut ends the session of the caller. A caller with a key in the header has none.
func (s *api) signOut(g *gin.Context, r *http.Request) (any, error) {
	c := callerOf(r.Context())
	if c.session != nil {
		if err := s.Sessions.EndSession(r.Context(), c.session.ID, *c.key); err != nil {
			return nil, err
		}
		s.keys.forget()
	}
	s.setCookie(g, "", -1)
	return signedIn{Key: c.key.Name}, nil
}

// setCookie gives the browser the secret of a session, or with an age below 0 takes it. The
// cookie names no path: a browser then sends it to the folder of the address that set it,
// as the browser knows that address, so that a proxy may serve this server under a path.
func (s *api) setCookie(g *gin.Context, secret string, ageSeconds int) {
	http.SetCookie(g.Writer, &http.Cookie{Name: sessionCookie, Value: secret, MaxAge: ageSeconds,
		HttpOnly: true, Secure: arrivalOf(g.Request.Context()).https, SameSite: http.SameSiteStrictMode})
}

// callerOfSession returns the caller whose browser has a session; ok is false if there is
// none or the request has a key of its own. A session is worth nothing without the key
// that it was made with.
func (s *api) callerOfSession(r *http.Request) (c caller, ok bool) {
	cookie, err := r.Cookie(sessionCookie)
	if err != nil || s.Sessions == nil || r.Header.Get("Authorization") != "" || !strings.HasPrefix(r.URL.Path, adminPath) {
		return caller{}, false
	}
	session := s.keys.session(r.Context(), cookie.Value)
	if session == nil {
		return caller{fault: errNoKey}, true
	}
	key := s.keys.byKeyID(r.Context(), session.SessionOf())
	if token := tokenKey(s.Token); s.Token != "" && session.SessionOf() == token.ID {
		key = token
	}
	if key == nil || !key.Allows(state.ScopeAdmin) {
		return caller{fault: errNoKey}, true
	}
	return caller{key: key, session: session}, true
}

// isOwnPage reports whether this server's own page sends a request, or whether the request
// changes nothing. What neither header tells is not from it: with a cookie, unlike with a
// key, a request must prove where it comes from.
func (s *api) isOwnPage(r *http.Request) bool {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return true
	}
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" {
		return site == "same-origin"
	}
	return s.ownOrigin(r)
}
