package main

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
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

// resources are what the services of a Compose file use.
type resources struct {
	Secrets map[string]struct{ File string }
	Volumes map[string]any
}

// checkUses checks that the secrets and volumes of a service are defined.
func (r resources) checkUses(t *testing.T, service string, secrets, volumes []string) {
	t.Helper()
	for _, secret := range secrets {
		if r.Secrets[secret].File == "" {
			t.Errorf("%s has the secret %s, which is not defined", service, secret)
		}
	}
	for _, volume := range volumes {
		from, _, _ := strings.Cut(volume, ":")
		if _, ok := r.Volumes[from]; !ok && !strings.HasPrefix(from, "./") {
			t.Errorf("%s has the volume %s, which is not defined", service, from)
		}
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
		Services  map[string]service
		resources `yaml:",inline"`
	}
	deployYAML(t, "compose", &c)
	dir := t.TempDir()
	for name := range c.Secrets {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("0123456789abcdef0123\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, s := range c.Services {
		c.checkUses(t, name, s.Secrets, s.Volumes)
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
	a, cmd := loadServe(t, us.Command, func(name string) string { return strings.Replace(us.Environment[name], "/run/secrets", dir, 1) })
	address, all := a.limits()
	if a.requiresKey(cmd.Flags()) || address.PerMinute == 0 || all.TokensPerDay == 0 || len(a.trustedProxies()) != 1 || !a.hasModel() {
		t.Errorf("the settings are %+v, limits %v and %v", a.accessConfig, address, all)
	}
	if token, err := a.openToken(); err != nil || token != "0123456789abcdef0123" {
		t.Errorf("the token is %q, %v", token, err)
	}
}

// loadServe loads the settings of a command line in an environment, without running it.
func loadServe(t *testing.T, line []string, getenv func(string) string) (*app, *cobra.Command) {
	t.Helper()
	a := &app{out: io.Discard, err: io.Discard, getenv: getenv}
	cmd, args, err := newRoot(a).Find(line)
	if err == nil {
		err = cmd.ParseFlags(args)
	}
	if err == nil {
		err = a.load(cmd, a.getenv)
	}
	if err != nil {
		t.Fatal(err)
	}
	return a, cmd
}

// TestScaleCompose checks that the services of deploy/docker-compose.scale.yml refer to
// what there is, that nginx knows all servers and hides the rest, and that the servers take their settings.
func TestScaleCompose(t *testing.T) {
	t.Parallel()
	type service struct {
		Image                             string
		Command, Environment              []string
		Secrets, Networks, Volumes, Ports []string
	}
	var c struct {
		Services  map[string]service
		Networks  map[string]any
		resources `yaml:",inline"`
	}
	b, err := os.ReadFile("../../deploy/docker-compose.scale.yml")
	if err == nil {
		err = yaml.Unmarshal(b, &c)
	}
	if err != nil {
		t.Fatal(err)
	}
	conf, err := os.ReadFile("../../deploy/nginx.scale.conf")
	if err != nil {
		t.Fatal(err)
	}
	single, err := os.ReadFile("../../docker-compose.yml")
	if err != nil {
		t.Fatal(err)
	}
	if image := c.Services["milvus"].Image; image == "" || !strings.Contains(string(single), image) {
		t.Errorf("Milvus is %q, and another one in docker-compose.yml", image)
	}
	dir, servers := t.TempDir(), 0
	for name, value := range map[string]string{"citewell_token": testToken, "citewell_state": "postgres://citewell:5ecre7@postgres/citewell"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(value+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, s := range c.Services {
		c.checkUses(t, name, s.Secrets, s.Volumes)
		for _, network := range s.Networks {
			if _, ok := c.Networks[network]; !ok {
				t.Errorf("%s is in the network %s, which is not defined", name, network)
			}
		}
		if (len(s.Ports) > 0) != (name == "proxy") {
			t.Errorf("%s has the ports %v", name, s.Ports)
		}
		if slices.Contains(s.Command, "serve") {
			servers++
			if !strings.Contains(string(conf), "server "+name+":8080;") {
				t.Errorf("nginx.scale.conf does not name %s", name)
			}
		}
	}
	if n := strings.Count(string(conf), ":8080;"); servers != n || n != scaleServers {
		t.Errorf("%d servers, of which nginx knows %d", servers, n)
	}
	us := c.Services["citewell-1"]
	env := map[string]string{}
	for _, line := range us.Environment {
		name, value, _ := strings.Cut(line, "=")
		env[name] = strings.Replace(regexp.MustCompile(`\$\{\w+:-(.*)\}`).ReplaceAllString(value, "$1"), "/run/secrets", dir, 1)
	}
	a, cmd := loadServe(t, us.Command, func(name string) string { return env[name] })
	address, _ := a.limits()
	if a.requiresKey(cmd.Flags()) || address.PerMinute == 0 || len(a.trustedProxies()) != 1 || !strings.HasPrefix(a.stateDSN(), "postgres://") || a.milvus != "http://milvus:19530" {
		t.Errorf("the settings are %+v, limits %v", a.accessConfig, address)
	}
	if token, err := a.openToken(); err != nil || token != testToken {
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
