package main

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// deployYAML decodes the block of docs/deploy.md that begins with a comment. A field that
// into does not have is an error.
func deployYAML(t *testing.T, comment string, into any) {
	t.Helper()
	b, err := os.ReadFile("../../docs/deploy.md")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile("(?s)```yaml\n# " + comment + "\n(.*?)```").FindSubmatch(b)
	if m == nil {
		t.Fatalf("docs/deploy.md has no block %q", comment)
	}
	d := yaml.NewDecoder(strings.NewReader(string(m[1])))
	d.KnownFields(true)
	if err := d.Decode(into); err != nil {
		t.Errorf("%s: %v", comment, err)
	}
}

// TestDeployCompose checks that the services of docs/deploy.md refer to what there is,
// and that Citewell takes its arguments and environment.
func TestDeployCompose(t *testing.T) {
	t.Parallel()
	type service struct {
		Image       string
		Command     []string
		Environment map[string]string
		Secrets     []string
		Volumes     []string
		Ports       []string
		DependsOn   []string `yaml:"depends_on"`
		Restart     string
	}
	var c struct {
		Services map[string]service
		Secrets  map[string]struct{ File string }
		Volumes  map[string]any
	}
	deployYAML(t, "compose", &c)
	dir := t.TempDir()
	for name := range c.Secrets {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("0123456789abcdef0123\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, s := range c.Services {
		for _, secret := range s.Secrets {
			if c.Secrets[secret].File == "" {
				t.Errorf("%s has the secret %s, which is not defined", name, secret)
			}
		}
		for _, volume := range s.Volumes {
			from, _, _ := strings.Cut(volume, ":")
			if _, ok := c.Volumes[from]; !ok && !strings.HasPrefix(from, "./") {
				t.Errorf("%s has the volume %s, which is not defined", name, from)
			}
		}
		for _, other := range s.DependsOn {
			if _, ok := c.Services[other]; !ok {
				t.Errorf("%s depends on %s, which is not defined", name, other)
			}
		}
	}
	us := c.Services["citewell"]
	if len(us.Ports) > 0 {
		t.Errorf("Citewell is reachable past the proxy: %v", us.Ports)
	}
	a := &app{out: io.Discard, err: io.Discard, getenv: func(name string) string {
		return strings.Replace(us.Environment[name], "/run/secrets", dir, 1)
	}}
	cmd, args, err := newRoot(a).Find(us.Command)
	if err == nil {
		err = cmd.ParseFlags(args)
	}
	if err == nil {
		err = a.load(cmd, a.getenv)
	}
	if err != nil {
		t.Fatal(err)
	}
	address, all := a.limits()
	if a.requiresKey(cmd.Flags()) || address.PerMinute == 0 || all.TokensPerDay == 0 || len(a.trustedProxies()) != 1 || !a.hasModel() {
		t.Errorf("the settings are %+v, limits %v and %v", a.accessConfig, address, all)
	}
	if token, err := a.openToken(); err != nil || token != "0123456789abcdef0123" {
		t.Errorf("the token is %q, %v", token, err)
	}
}

// TestDeployTraefik checks the form of Traefik's configuration, and that its router leads
// to a server.
func TestDeployTraefik(t *testing.T) {
	t.Parallel()
	var c struct {
		HTTP struct {
			Routers map[string]struct {
				Rule        string
				EntryPoints []string `yaml:"entryPoints"`
				Service     string
				TLS         struct {
					CertResolver string `yaml:"certResolver"`
				}
			}
			Services map[string]struct {
				LoadBalancer struct {
					Servers []struct{ URL string }
				} `yaml:"loadBalancer"`
			}
		}
	}
	deployYAML(t, "traefik", &c)
	for name, r := range c.HTTP.Routers {
		servers := c.HTTP.Services[r.Service].LoadBalancer.Servers
		if len(servers) != 1 || servers[0].URL != "http://127.0.0.1:8080" || r.TLS.CertResolver == "" || !regexp.MustCompile("^Host\\(`[a-z.]+`\\)$").MatchString(r.Rule) {
			t.Errorf("router %s = %+v with the servers %v", name, r, servers)
		}
	}
	if len(c.HTTP.Routers) != 1 {
		t.Errorf("%d routers", len(c.HTTP.Routers))
	}
}
