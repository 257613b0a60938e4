package server

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/internal/nginxtest"
	"github.com/citewell/citewell/server/limit"
)

// deployBlocks returns the configurations of docs/deploy.md in a language, in order.
func deployBlocks(t *testing.T, language string) (all []string) {
	t.Helper()
	b, err := os.ReadFile("../docs/deploy.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllStringSubmatch(string(b), -1) {
		all = append(all, m[1])
	}
	return all
}

// paced streams an answer whose second part waits until the client has the first.
type paced struct {
	fake
	shown chan struct{}
}

func (p paced) Stream(ctx context.Context, q answer.Question, on func(answer.Event) error) (*answer.Answer, error) {
	if err := on(answer.Event{Sources: []answer.Source{}}); err != nil {
		return nil, err
	}
	select {
	case <-p.shown:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return p.Answer(ctx, q)
}

// certificate writes a certificate and its key, and returns their files.
func certificate(t *testing.T) (cert, key string) {
	t.Helper()
	ts := httptest.NewTLSServer(http.NotFoundHandler())
	defer ts.Close()
	pair := ts.TLS.Certificates[0]
	private, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name, kind string, b []byte) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b}), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	return write("cert.pem", "CERTIFICATE", pair.Certificate[0]), write("key.pem", "PRIVATE KEY", private)
}

// startCaddy runs Caddy, where it is installed, and returns its address.
func startCaddy(t *testing.T, file func(port string) string) string {
	t.Helper()
	program, err := exec.LookPath("caddy")
	if err != nil {
		t.Skip("there is no caddy here")
	}
	addr := nginxtest.FreeAddr(t)
	_, port, _ := net.SplitHostPort(addr)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "Caddyfile"), []byte("{\n\tadmin off\n\tauto_https disable_redirects\n\tdefault_bind 127.0.0.1\n}\n"+file(port)), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "run", "--config", filepath.Join(dir, "Caddyfile"), "--adapter", "caddyfile")
	cmd.Env = append(os.Environ(), "HOME="+dir, "XDG_DATA_HOME="+dir, "XDG_CONFIG_HOME="+dir)
	nginxtest.Run(t, cmd, addr)
	return addr
}

// TestDeploy runs each proxy as docs/deploy.md configures it, before a server that is
// configured as it says there.
func TestDeploy(t *testing.T) {
	t.Parallel()
	cert, key := certificate(t)
	nginx, caddy := deployBlocks(t, "nginx"), deployBlocks(t, "caddyfile")
	if len(nginx) != 3 || len(caddy) != 2 {
		t.Fatalf("docs/deploy.md has %d blocks for nginx and %d for Caddy", len(nginx), len(caddy))
	}
	files := []string{"/etc/ssl/help.example.com.pem", cert, "/etc/ssl/help.example.com.key", key}
	for _, tt := range []struct {
		name, host, prefix string
		start              func(t *testing.T, upstream string) string
	}{
		{"nginx", ownName, "", func(t *testing.T, upstream string) string {
			return nginxtest.StartBlock(t, func(addr string) string {
				return strings.NewReplacer(append(files, "listen 443 ssl", "listen "+addr+" ssl", "127.0.0.1:8080", upstream)...).Replace(nginx[0])
			})
		}},
		{"nginx, path", ownName, "/help", func(t *testing.T, upstream string) string {
			return nginxtest.StartBlock(t, func(addr string) string {
				return fmt.Sprintf("server { listen %s ssl; ssl_certificate %s; ssl_certificate_key %s; %s }", addr, cert, key, strings.ReplaceAll(nginx[1], "127.0.0.1:8080", upstream))
			})
		}},
		{"caddy", ownName, "", func(t *testing.T, upstream string) string {
			return startCaddy(t, func(port string) string { return caddyfile(caddy[0], port, cert, key, upstream) })
		}},
		{"caddy, path", "docs.example.com", "/help", func(t *testing.T, upstream string) string {
			return startCaddy(t, func(port string) string { return caddyfile(caddy[1], port, cert, key, upstream) })
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			shown := make(chan struct{})
			c := openServer().Config
			c.AllowedHosts, c.TrustedProxies, c.BasePath = []string{ownName, "docs.example.com"}, []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, tt.prefix
			c.Answerer, c.Limiter, c.AddressLimits = paced{shown: shown}, limit.New(limit.Config{}), limits(t, "3/day")
			h, err := Handler(c)
			if err != nil {
				t.Fatal(err)
			}
			ts := httptest.NewServer(h)
			defer ts.Close()
			addr := tt.start(t, strings.TrimPrefix(ts.URL, "http://"))
			_, port, _ := net.SplitHostPort(addr)
			v := visitor{base: "https://" + tt.host + ":" + port + tt.prefix, client: clientOf(addr)}
			v.visit(t, shown)
			if res := v.send(t, "GET", "", ""); tt.prefix != "" && (res.StatusCode < 300 || res.StatusCode > 399 || !strings.HasSuffix(res.Header.Get("Location"), "help/")) {
				t.Errorf("the path without a slash = %d to %q", res.StatusCode, res.Header.Get("Location"))
			}
		})
	}
}

func caddyfile(block, port, cert, key, upstream string) string {
	block = strings.ReplaceAll(block, "127.0.0.1:8080", upstream)
	return regexp.MustCompile(`(?m)^([a-z.]+\.example\.com) \{$`).ReplaceAllString(block, "https://$1:"+port+" {\n\ttls "+cert+" "+key)
}

// clientOf returns a client that finds all hosts at addr, from an address that is not
// that of the proxy.
func clientOf(addr string) *http.Client {
	from := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}
	return &http.Client{
		Transport: &http.Transport{
			DialContext:     func(ctx context.Context, _, _ string) (net.Conn, error) { return from.DialContext(ctx, "tcp", addr) },
			TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, // the certificate is the test's
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// A visitor is a reader in front of a proxy.
type visitor struct {
	base   string
	client *http.Client
}

// send sends a request as a page of this host makes a browser do, with a forged address.
func (v visitor) send(t *testing.T, method, path, body string, header ...string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, v.base+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if method == http.MethodPost {
		req.Header.Set("Origin", "https://"+req.URL.Host)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := v.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = res.Body.Close() })
	return res
}

// visit looks at the page, asks, and goes on until the limit.
func (v visitor) visit(t *testing.T, shown chan struct{}) {
	t.Helper()
	for _, path := range []string{"/", "/app.js", "/v1/page"} {
		if res := v.send(t, "GET", path, ""); res.StatusCode != 200 {
			t.Errorf("GET %s = %d", path, res.StatusCode)
		}
	}
	if res := v.send(t, "POST", "/v1/ingest", bodies["/v1/ingest"]); res.StatusCode != 401 {
		t.Errorf("a stranger's ingestion = %d, want 401", res.StatusCode)
	}
	res := v.send(t, "POST", "/v1/ask", bodies["/v1/ask"], "Accept", "text/event-stream")
	first, err := bufio.NewReader(res.Body).ReadString('\n') // while the server waits
	close(shown)
	if err != nil || !strings.HasPrefix(first, "event: sources") {
		t.Errorf("the stream begins with %q, %v", first, err)
	}
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		t.Errorf("the rest of the stream: %v", err)
	}
	for i := range 3 {
		res := v.send(t, "POST", "/v1/ask", bodies["/v1/ask"], "X-Forwarded-For", fmt.Sprintf("203.0.113.%d", i), "X-Forwarded-Host", "localhost", "Accept", "application/json")
		if want := []int{200, 200, 429}[i]; res.StatusCode != want {
			b, _ := io.ReadAll(res.Body)
			t.Errorf("question %d with a forged address = %d %s, want %d", i+2, res.StatusCode, b, want)
		}
	}
}
