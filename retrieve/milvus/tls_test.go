package milvus

import (
	"crypto/tls"
	"encoding/pem"
	"io"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestOwnAuthority opens an engine behind a proxy with TLS, whose certificate no system
// trusts.
func TestOwnAuthority(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	engine, err := Open(t.Context(), Config{URI: filepath.Join(dir, "citewell.db"), Name: "docs"})
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()

	issuer := httptest.NewUnstartedServer(nil)
	issuer.StartTLS() // for its certificate of 127.0.0.1
	defer issuer.Close()
	ln, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: issuer.TLS.Certificates, NextProtos: []string{"h2"}})
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	go func() {
		for {
			from, err := ln.Accept()
			if err != nil {
				return
			}
			to, err := engine.lite.Dial(t.Context())
			if err != nil {
				_ = from.Close()
				return
			}
			for _, way := range [][2]net.Conn{{from, to}, {to, from}} {
				go func() {
					_, _ = io.Copy(way[1], way[0])
					_ = way[1].Close()
				}()
			}
		}
	}()

	ca, other := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "other.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: issuer.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(other, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	secure, plain := "https://"+ln.Addr().String(), "http://"+ln.Addr().String()
	for _, tt := range []struct{ name, uri, ca, want string }{
		{"trusted", secure, ca, ""},
		{"not trusted", secure, "", "is not accepted: certificate signed by unknown authority: give that of its authority with --milvus-ca"},
		{"no certificate", secure, other, "holds no certificate in PEM"},
		{"no file", secure, filepath.Join(dir, "none.pem"), "no such file"},
		{"without TLS", plain, ca, "for a server at an https address"},
	} {
		c := Config{URI: tt.uri, CAFile: tt.ca, Name: "docs"}
		if tt.name == "not trusted" {
			c.DialTimeout = 2 * time.Second // it is tried again and again
		}
		s, err := Open(t.Context(), c)
		if err == nil {
			err = s.Ping(t.Context())
			_ = s.Close()
		}
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}
