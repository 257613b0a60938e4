package guard

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
)

func TestNamed(t *testing.T) {
	loopback := []string{"127.0.0.0/8", "::1/128"}
	for _, tt := range []struct {
		address string
		want    []string
	}{
		{"http://127.0.0.1:8000/docs/", []string{"127.0.0.1/32"}},
		{"https://10.1.2.3/", []string{"10.1.2.3/32"}},
		{"http://169.254.169.254/", []string{"169.254.169.254/32"}},
		{"http://[::1]:80/", []string{"::1/128"}},
		{"http://[fd00::1]/", []string{"fd00::1/128"}},
		{"http://[fe80::1%25eth0]/", []string{"fe80::1/128"}},
		{"http://[::ffff:10.0.0.1]/", []string{"10.0.0.1/32"}},
		{"http://localhost:3000/", loopback},
		{"http://LOCALHOST./", loopback},
		{"http://localhost.example/", nil},
		{"http://docs.localhost/", nil},
		{"http://intranet/", nil},
		{"http://8.8.8.8/", nil},
		{"http://[2606:4700:4700::1111]/", nil},
		{"http://[::ffff:8.8.8.8]/", nil},
		{"http://2130706433/", nil},
		{"http://0x7f.1/", nil},
		{"http://127.1/", nil},
		{"http://localhost@docs.example.com/", nil},
		{"http://docs.example.com/localhost", nil},
		{"ftp://127.0.0.1/", nil},
		{"127.0.0.1", nil},
		{"http://[::1", nil},
		{"", nil},
	} {
		var got []string
		for _, p := range Named(tt.address) {
			got = append(got, p.String())
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("Named(%q) = %v, want %v", tt.address, got, tt.want)
		}
	}
}

func TestOpen(t *testing.T) {
	for s, want := range map[string]bool{"127.0.0.1": true, "::ffff:127.0.0.1": false, "::1": false, "127.0.0.2": false, "8.8.8.8": true} {
		if got := allowed(Named("http://127.0.0.1:8000/")).open(netip.MustParseAddr(s)); got != want {
			t.Errorf("open(%s) = %v, want %v", s, got, want)
		}
	}
	if !(allowed{netip.MustParsePrefix("fe80::1/128")}).open(netip.MustParseAddr("fe80::1%lo")) {
		t.Error("a zone keeps an address from being the one that is named")
	}
}

// TestPublic checks the borders of the blocks.
func TestPublic(t *testing.T) {
	for _, s := range strings.Fields(`1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0 169.253.255.255
		169.255.0.0 172.15.255.255 172.32.0.0 192.0.1.0 192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0 223.255.255.255 168.63.129.15
		2001:4860:4860::8888 2606:4700:4700::1111 2a00:1450:4001::1 2400:cb00::1`) {
		if !public(netip.MustParseAddr(s)) {
			t.Errorf("public(%s) = false", s)
		}
	}
	if public(netip.Addr{}) || public(netip.MustParseAddr("::ffff:8.8.8.8")) {
		t.Error("public takes no address, or a mapped one")
	}
}
