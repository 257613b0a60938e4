package server

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/answer/gaps"
	"github.com/citewell/citewell/answer/stale"
	"github.com/citewell/citewell/internal/nginxtest"
	"github.com/citewell/citewell/internal/state"
	"github.com/citewell/citewell/server/metrics"
	"github.com/citewell/citewell/server/openai"
	"github.com/citewell/citewell/server/web"
)

const (
	ownName = "help.example.com" // that the operator allows
	evil    = "evil.example"
)

// openServer is a server that can do everything.
func openServer() *api {
	docs := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "docs") })
	site, err := web.New(web.Settings{Logo: "web/icon.svg"})
	if err != nil {
		panic(err)
	}
	return &api{crossOrigin: http.NewCrossOriginProtection(), site: site, Config: Config{Answerer: fake{}, Retriever: fake{}, Ready: func(context.Context) error { return nil },
		Log: discardIfNil(nil), Heartbeat: defaultHeartbeat, Ingester: jobs{}, Extractor: extractor{}, Voter: keeper{}, Manifest: indexed(), PublishTexts: true, Token: token, Keys: noKeys{}, Operators: Operators{sessions{}, issuer{}, reported{}, reported{}}, signInsPerMinute: 10_000,
		AllowedHosts: []string{ownName}, TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Mount: map[string]http.Handler{"/docs/": docs}, Metrics: metrics.New("v0", "go1")}}
}

// keeper accepts every vote.
type keeper struct{}

func (keeper) Vote(context.Context, string, int, string) error { return nil }

// sessions lets everybody sign in.
type sessions struct{ err error }

func (s sessions) AddSession(_ context.Context, of state.Key, life time.Duration) (string, state.Key, error) {
	return "cws_abcdefghij_" + strings.Repeat("A", 52), state.Key{ID: "abcdefghij", Expires: time.Now().Add(life)}, s.err
}
func (s sessions) EndSession(context.Context, string, state.Key) error { return s.err }

// noKeys is a state without keys.
type noKeys struct{ err error }

func (k noKeys) Keys(context.Context) ([]state.Key, error) { return nil, k.err }

// issuer makes every key.
type issuer struct{ err error }

func (i issuer) AddKey(context.Context, state.Key, string) (string, error) { return "cw_x", i.err }
func (i issuer) RotateKey(context.Context, string, time.Duration, string) (string, error) {
	return "cw_y", i.err
}
func (i issuer) Actions(context.Context, string, int) ([]state.Action, error) {
	return []state.Action{{ID: "1", Actor: "key boss", Action: "add key", Object: "wiki", Detail: "ask"}}, i.err
}
func (i issuer) RemoveKey(context.Context, string, string) (int64, error) { return 1, i.err }
func (i issuer) Spent(context.Context, int64) (map[string]state.Spending, error) {
	return nil, i.err
}

// reported are reports of two questions.
type reported struct{ err error }

func (a reported) Questions(context.Context, time.Duration) ([]state.Question, error) {
	at := func(day int) time.Time { return time.Date(2026, 11, day, 23, 0, 0, 0, time.UTC) }
	return []state.Question{{AskedAt: at(3), Tokens: map[string]int{"prompt_tokens": 20, "completion_tokens": 3}, Answered: true}, {AskedAt: at(1)}}, a.err
}

func (a reported) Gaps(context.Context, time.Duration) (*gaps.Report, error) {
	return &gaps.Report{Gaps: []gaps.Gap{{Size: 1, Different: 1, Examples: []string{"why"}, Reasons: map[string]int{gaps.Unanswered: 1}, Nearest: &gaps.NearestPage{URL: kettle.URL}}}}, a.err
}

func (a reported) WriteGaps(_ context.Context, w io.Writer, period time.Duration, format string) error {
	_, _ = fmt.Fprintf(w, "%s of %v", format, period)
	return a.err
}

func (a reported) MarkGap(context.Context, []string, bool) error { return a.err }

func (a reported) Stale(context.Context, time.Duration) ([]stale.Question, error) {
	return []stale.Question{{Question: "why", Times: 2, Citations: []stale.Citation{{N: 1, URL: kettle.URL, Quote: "because", Reason: stale.Changed}}}}, a.err
}

func (a reported) Votes(context.Context, time.Duration) ([]Vote, error) {
	return []Vote{{Vote: -1, Comment: "no", Question: "why", Cited: []Cited{{N: 1, URL: kettle.URL, Quote: "because", Verified: true}}}}, a.err
}

// A rule is one route of the table in SECURITY.md: the scopes that it needs, and what
// becomes of a request of each column, "yes" or a status.
type rule struct{ scope, bare, token, page, host string }

var (
	tableRow = regexp.MustCompile("(?m)^\\| (`[A-Z]+ /.*)$")
	routeIn  = regexp.MustCompile("`([A-Z]+) (/[^ `]*)`")
)

// rules reads the table in SECURITY.md. Its keys are routes, such as "GET /".
func rules(t *testing.T) map[string]rule {
	t.Helper()
	b, err := os.ReadFile("../SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]rule{}
	for _, m := range tableRow.FindAllStringSubmatch(string(b), -1) {
		cells := strings.Split(m[1], "|")
		if len(cells) != 7 {
			t.Fatalf("the row %q has %d columns, want 6", m[1], len(cells)-1)
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		for _, r := range routeIn.FindAllStringSubmatch(cells[0], -1) {
			got[r[1]+" "+r[2]] = rule{cells[1], cells[2], cells[3], cells[4], cells[5]}
		}
	}
	return got
}

// bodies are valid requests, by path: the examples of the description.
var bodies = func() map[string]string {
	bodies := map[string]string{}
	for _, op := range openServer().spec().Operations {
		if op.Example != "" {
			bodies[op.Path] = op.Example
		}
	}
	bodies["/admin/login"] = `{"key": "` + token + `"}` // that of the description opens nothing
	return bodies
}()

// A way is how requests reach the server.
type way struct {
	name, base string
	header     map[string]string // of every request
	keepsHost  bool              // the server sees the Host of the client
}

// ways starts the proxies.
func ways(t *testing.T, upstream string) []way {
	forwarded := `proxy_set_header X-Real-IP $remote_addr; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header X-Forwarded-Proto $scheme;`
	location := func(prefix, more string) string {
		return "http://" + nginxtest.Start(t, fmt.Sprintf("location %s { proxy_pass %s/; proxy_buffering off; %s }", prefix, upstream, more)) + strings.TrimSuffix(prefix, "/")
	}
	local := map[string]string{"X-Forwarded-For": "127.0.0.1", "X-Real-Ip": "127.0.0.1", "X-Forwarded-Host": "localhost", "Forwarded": "for=127.0.0.1;host=localhost", "X-Forwarded-Proto": "https"}
	return []way{
		{"direct", upstream, nil, true},
		{"direct, forged headers", upstream, local, true},
		{"nginx, plain", location("/", ""), nil, false},
		{"nginx, plain, forged headers", location("/", ""), local, false},
		{"nginx, forwarded headers", location("/", forwarded), nil, false},
		{"nginx, forwarded headers and Host", location("/", forwarded+"proxy_set_header Host $http_host; proxy_set_header X-Forwarded-Host $http_host;"), nil, true},
		{"nginx, prefix and Host without port", location("/help/", forwarded+"proxy_set_header Host $host;"), nil, true},
	}
}

// TestAccess sends every route the requests of SECURITY.md's table, directly and
// through nginx, and compares the answers with the table.
func TestAccess(t *testing.T) {
	t.Parallel()
	s := openServer()
	engine := s.routes()
	want := rules(t)
	var routes []string
	for _, r := range engine.Routes() {
		if r.Method != http.MethodHead {
			routes = append(routes, r.Method+" "+r.Path)
		}
	}
	slices.Sort(routes)
	if diff := cmp.Diff(routes, slices.Sorted(maps.Keys(want))); diff != "" {
		t.Fatalf("routes (-) and the table in SECURITY.md (+) differ:\n%s", diff)
	}
	ts := httptest.NewServer(engine)
	t.Cleanup(ts.Close)
	for _, w := range ways(t, ts.URL) {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			for route, r := range want {
				w.check(t, route, r)
			}
		})
	}
}

// check compares the answers to all requests of one route.
func (w way) check(t *testing.T, route string, r rule) {
	method, path, _ := strings.Cut(route, " ")
	path = example(path)
	withToken := map[string]string{"Authorization": "Bearer " + token}
	ofPage := map[string]string{"Origin": "http://" + evil}
	ofBrowser := map[string]string{"Origin": "http://" + evil, "Sec-Fetch-Site": "cross-site"}
	ask := func(want string, header ...map[string]string) {
		t.Helper()
		w.ask(t, method, path, want, header...)
		if method == http.MethodGet {
			w.ask(t, http.MethodHead, path, want, header...)
		}
	}
	ask(r.bare)
	ask(r.bare, map[string]string{"Host": ownName})
	ask(r.bare, map[string]string{"Host": ownName, "Origin": "http://" + ownName})
	ask(r.token, withToken)
	ask(r.bare, map[string]string{"Authorization": "Bearer " + token + "x"})
	ask(r.bare, map[string]string{"Authorization": "Basic " + token})
	ask(r.page, ofPage)
	ask(r.page, ofBrowser)
	rebound := r.host
	if !w.keepsHost { // then the name is only in the Origin
		rebound = r.page
	}
	ask(rebound, map[string]string{"Host": evil}, ofPage)
	ask(rebound, map[string]string{"Host": evil, "X-Forwarded-Host": "localhost"}, ofPage)
	if rebound == "403" {
		ask(rebound, map[string]string{"Host": evil}, ofPage, withToken)
	}
	if w.keepsHost {
		ask(r.host, map[string]string{"Host": evil + ":8080"})
	}
}

// example returns the path of a request to a route.
func example(path string) string {
	return strings.NewReplacer(":id", "j1", "*rest", "", "*name", "citewell", "p/*page", textPath(kettle.URL)).Replace(path)
}

// ask sends one request and checks what becomes of it.
func (w way) ask(t *testing.T, method, path, want string, headers ...map[string]string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, w.base+path, strings.NewReader(bodies[path]))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json, text/event-stream") // as clients of MCP must
	if path != "/mcp" {
		req.Header.Set("Accept", "application/json")
	}
	for _, h := range append([]map[string]string{w.header}, headers...) {
		for k, v := range h {
			req.Header.Set(k, v)
		}
	}
	req.Host = req.Header.Get("Host")
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	described.check(method, path, bodies[path], res.StatusCode, res.Header, body)
	got := fmt.Sprint(res.StatusCode)
	if res.StatusCode < 400 {
		got = "yes"
	}
	if got != want {
		t.Errorf("%s %s with %v = %d %s, want %s", method, path, headers, res.StatusCode, body, want)
		return
	}
	if (got == "401") != (res.Header.Get("WWW-Authenticate") != "") {
		t.Errorf("%s %s = %s with WWW-Authenticate %q", method, path, got, res.Header.Get("WWW-Authenticate"))
	}
	var refusal struct {
		Error struct{ Code, Message, Fix string }
		ID    string `json:"request_id"`
	}
	switch {
	case method == http.MethodHead:
		if len(body) > 0 {
			t.Errorf("HEAD %s has the body %q", path, body)
		}
	case got != "yes" && openai.Serves(path):
		if json.Unmarshal(body, &refusal) != nil || refusal.Error.Code == "" || refusal.Error.Message == "" || !strings.Contains(string(body), `"type":"`) {
			t.Errorf("%s %s = %s, want code, message and type", method, path, body)
		}
	case got != "yes" && (json.Unmarshal(body, &refusal) != nil || refusal.Error.Code == "" || refusal.Error.Message == "" || refusal.Error.Fix == "" || refusal.ID == ""):
		t.Errorf("%s %s = %s, want code, message, fix and request_id", method, path, body)
	}
}

// TestHosts checks which Host headers pass.
func TestHosts(t *testing.T) {
	h := openServer().routes()
	for host, want := range map[string]int{
		"127.0.0.1": 200, "127.0.0.1:8080": 200, "192.0.2.7:8080": 200, "[::1]": 200, "[::1]:8080": 200, "[2001:db8::1]:8080": 200, "[fe80::1%eth0]:8080": 200, "[fe80::1%25eth0]": 200,
		"localhost": 200, "LocalHost:8080": 200, "localhost.": 200, ownName: 200, "HELP.example.com.:8080": 200, ownName + ":443": 200,
		evil: 403, evil + ":8080": 403, "localhost." + evil: 403, "127.0.0.1." + evil: 403, "x." + ownName: 403, "2130706433": 403, "127.1": 403,
		"": 403, "[::1]." + evil: 403, "a\"b": 403, strings.Repeat("a.", 200): 403,
	} {
		r := httptest.NewRequest("POST", "/v1/search", strings.NewReader(`{"query":"a"}`))
		r.Host = host
		r.Header.Set("X-Forwarded-Host", "localhost")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("Host %q = %d %s, want %d", host, w.Code, w.Body, want)
		}
		if w.Code == 403 && (errorOf(t, w).Code != "unknown_host" || !strings.Contains(errorOf(t, w).Fix, "--allowed-host")) {
			t.Errorf("Host %q = %s", host, w.Body)
		}
	}
	for _, path := range []string{"/healthz", "/livez", "/readyz"} {
		r := httptest.NewRequest("GET", path, nil)
		r.Host = "citewell.svc"
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != 200 {
			t.Errorf("%s at a foreign host = %d", path, w.Code)
		}
	}
}

// TestOrigins checks which pages may send requests.
func TestOrigins(t *testing.T) {
	h := openServer().routes()
	for _, tt := range []struct {
		name, host, origin, site string
		want                     int
	}{
		{"no browser", "127.0.0.1:8080", "", "", 200},
		{"own page", "127.0.0.1:8080", "http://127.0.0.1:8080", "", 200},
		{"own page, another port of a proxy", "192.0.2.7", "http://192.0.2.7:8081", "", 200},
		{"own page behind a proxy that changes Host", "127.0.0.1:8080", "http://" + ownName, "", 200},
		{"own page behind a proxy with TLS", "127.0.0.1:8080", "https://" + ownName, "same-origin", 200},
		{"own page behind a proxy on this machine", "127.0.0.1:8080", "http://localhost:8081", "", 200},
		{"own page behind a proxy, as the browser says", "127.0.0.1:8080", "http://other.example", "same-origin", 200},
		{"typed address", "127.0.0.1:8080", "", "none", 200},
		{"foreign page", "127.0.0.1:8080", "http://" + evil, "", 403},
		{"foreign page, as the browser says", "127.0.0.1:8080", "http://" + ownName, "cross-site", 403},
		{"another port, as the browser says", "127.0.0.1:8080", "http://127.0.0.1:3000", "same-site", 403},
		{"page at a foreign IP address", "127.0.0.1:8080", "http://203.0.113.5:8080", "", 403},
		{"page of a file or a sandbox", "127.0.0.1:8080", "null", "", 403},
		{"longer name", "127.0.0.1:8080", "http://" + ownName + "." + evil, "", 403},
		{"name before the host", "127.0.0.1:8080", "http://" + ownName + "@" + evil, "", 403},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest("POST", "/v1/ask", strings.NewReader(`{"question":"a"}`))
			r.Host = tt.host
			for k, v := range map[string]string{"Origin": tt.origin, "Sec-Fetch-Site": tt.site} {
				if v != "" {
					r.Header.Set(k, v)
				}
			}
			w := httptest.NewRecorder()
			if h.ServeHTTP(w, r); w.Code != tt.want {
				t.Errorf("Host %s, Origin %s, Sec-Fetch-Site %s = %d %s, want %d", tt.host, tt.origin, tt.site, w.Code, w.Body, tt.want)
			}
		})
	}
}

func TestValidateHost(t *testing.T) {
	for host, ok := range map[string]bool{
		ownName: true, "citewell": true, "my_app": true, "HELP.example.com.": true, "192.0.2.7": true, "2001:db8::1": true,
		"": false, "https://help.example.com": false, "help.example.com:8080": false, "help.example.com/": false, "*": false, "*.example.com": false, "a b": false, "a..b": false, "bücher.example": false,
	} {
		if err := ValidateHost(host); (err == nil) != ok {
			t.Errorf("ValidateHost(%q) = %v", host, err)
		}
	}
	if _, err := Handler(Config{Answerer: fake{}, Retriever: fake{}, Ready: func(context.Context) error { return nil }, AllowedHosts: []string{"*"}}); err == nil {
		t.Error("Handler accepts an invalid host")
	}
}

// TestOptions checks that OPTIONS and a wrong method name the right ones.
func TestOptions(t *testing.T) {
	h := openServer().routes()
	for path, allow := range map[string]string{"/v1/ask": "POST", "/": "GET, HEAD", "/v1/ingest/j1": "GET, HEAD, DELETE"} {
		w := do(h, "OPTIONS", path, "")
		if got := w.Header().Get("Allow"); w.Code != 204 || got != allow+", OPTIONS" || w.Body.Len() > 0 {
			t.Errorf("OPTIONS %s = %d, Allow %q, want %q", path, w.Code, got, allow+", OPTIONS")
		}
		if w := do(h, "PATCH", path, ""); w.Code != 405 || w.Header().Get("Allow") != allow || !strings.Contains(errorOf(t, w).Fix, strings.ReplaceAll(allow, ", ", " or ")) {
			t.Errorf("PATCH %s = %d, Allow %q, %s", path, w.Code, w.Header().Get("Allow"), w.Body)
		}
	}
	if w := do(h, "OPTIONS", "/nothing", ""); w.Code != 404 {
		t.Errorf("OPTIONS of no route = %d", w.Code)
	}
}
