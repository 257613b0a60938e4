// Package service reads how users name a service: its key and its address.
//
// Call [Key], [URL] and [OllamaURL] with values of the environment. Values often come
// from secret files, .env files and the documentation of HTTP, so they hold line
// breaks, quotes or the name of a header's scheme.
package service

import (
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"unicode"
)

// Key returns a key without what is not part of it: white space and quotes around it,
// and "Bearer " in front of it.
func Key(s string) string {
	s = trim(s)
	if scheme, rest, ok := strings.Cut(s, " "); ok && strings.EqualFold(scheme, "Bearer") {
		s = trim(rest)
	}
	return s
}

// CheckKey returns an error if a header can't carry the key. name is the variable that
// holds it.
func CheckKey(name, key string) error {
	for _, r := range key {
		if r > unicode.MaxASCII || !unicode.IsGraphic(r) || r == ' ' {
			return fmt.Errorf("%s holds a character that no key has, such as a space or a line break within it", name)
		}
	}
	return nil
}

// URL returns a URL without white space and quotes around it.
func URL(s string) string { return trim(s) }

// trim removes white space, quotes and byte order marks around s.
func trim(s string) string {
	return strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("\"'\ufeff\u200b", r) })
}

// Ollama's own port, and the ports that a scheme stands for.
const (
	ollamaPort = "11434"
	httpPort   = "80"
	httpsPort  = "443"
)

// OllamaURL returns the URL of the server that OLLAMA_HOST names, by the rules of
// Ollama itself (envconfig.Host, read in November 2026):
//
//   - Without a scheme, the port is 11434 unless one is given.
//   - http means port 80 and https port 443 unless one is given.
//   - A port that is not a number from 0 to 65535 is ignored.
//   - ollama.com means https.
//
// A path of /v1, as of the API that is compatible with OpenAI's, is not part of it.
// A server may listen on all addresses of its machine, but a client must ask one: then
// it is 127.0.0.1.
func OllamaURL(host string) string {
	scheme, rest, ok := strings.Cut(trim(host), "://")
	port := ollamaPort
	switch {
	case !ok && scheme == "ollama.com":
		scheme, rest, port = "https", scheme, httpsPort
	case !ok:
		scheme, rest = "http", scheme
	case scheme == "http":
		port = httpPort
	case scheme == "https":
		port = httpsPort
	}
	rest, path, _ := strings.Cut(rest, "/")
	name, given, err := net.SplitHostPort(rest)
	if err != nil {
		name, given = strings.Trim(rest, "[]"), port
	}
	if n, err := strconv.Atoi(given); err != nil || n < 0 || n > 65535 {
		given = port
	}
	if ip := net.ParseIP(name); name == "" || ip != nil && ip.IsUnspecified() {
		name = "127.0.0.1"
	}
	u := url.URL{Scheme: scheme, Host: net.JoinHostPort(name, given), Path: strings.TrimSuffix("/"+strings.Trim(path, "/"), "/v1")}
	return strings.TrimRight(u.String(), "/")
}
