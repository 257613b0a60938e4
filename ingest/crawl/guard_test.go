package crawl

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/citewell/citewell/ingest/crawl/guard"
)

// zone is a name server: it gives each name its addresses. What is not a name
// but an odd way to write an address gets what the C library makes of it.
type zone map[string][]string

// resolver returns a resolver that asks z alone.
func (z zone) resolver() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		go z.serve(server)
		return client, nil
	}}
}

// serve answers the queries of one connection, in the form that TCP has.
func (z zone) serve(c net.Conn) {
	defer c.Close()
	for {
		var size [2]byte
		if _, err := io.ReadFull(c, size[:]); err != nil {
			return
		}
		query := make([]byte, binary.BigEndian.Uint16(size[:]))
		var m dnsmessage.Message
		if _, err := io.ReadFull(c, query); err != nil || m.Unpack(query) != nil || len(m.Questions) != 1 {
			return
		}
		reply, err := z.answer(m)
		if err != nil {
			return
		}
		if _, err := c.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(reply))), reply...)); err != nil {
			return
		}
	}
}

func (z zone) answer(m dnsmessage.Message) ([]byte, error) {
	q := m.Questions[0]
	m.Response, m.RecursionAvailable, m.Additionals = true, true, nil
	header := dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class}
	addresses, ok := z[strings.TrimSuffix(q.Name.String(), ".")]
	if !ok {
		m.RCode = dnsmessage.RCodeNameError
	}
	for _, s := range addresses {
		a := netip.MustParseAddr(s)
		switch {
		case a.Is4() && q.Type == dnsmessage.TypeA:
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AResource{A: a.As4()}})
		case !a.Is4() && q.Type == dnsmessage.TypeAAAA:
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AAAAResource{AAAA: a.As16()}})
		}
	}
	return m.Pack()
}

// tricks are hosts that lead to a machine that is not public, with what a name
// server or the C library makes of those that are no plain addresses.
var tricks = []struct {
	host string
	dns  string
}{
	// Plain addresses of every kind that is not public.
	{"127.0.0.1", ""}, {"127.0.0.2", ""}, {"127.255.255.254", ""}, {"0.0.0.0", ""}, {"0.1.2.3", ""},
	{"10.0.0.1", ""}, {"10.255.255.255", ""}, {"172.16.0.1", ""}, {"172.31.255.255", ""}, {"192.168.0.1", ""}, {"192.168.255.255", ""},
	{"169.254.169.254", ""}, {"169.254.170.2", ""}, {"100.64.0.1", ""}, {"100.100.100.200", ""}, {"100.127.255.255", ""},
	{"168.63.129.16", ""}, {"192.0.0.192", ""}, {"192.0.2.1", ""}, {"192.88.99.1", ""}, {"198.18.0.1", ""}, {"198.19.255.255", ""},
	{"198.51.100.1", ""}, {"203.0.113.1", ""}, {"224.0.0.1", ""}, {"239.255.255.255", ""}, {"240.0.0.1", ""}, {"255.255.255.255", ""},
	// IPv6, and IPv4 inside of it.
	{"[::1]", ""}, {"[::]", ""}, {"[0:0:0:0:0:0:0:1]", ""}, {"[fe80::1]", ""}, {"[fe80::1%25lo]", ""}, {"[fc00::1]", ""}, {"[fd00:ec2::254]", ""},
	{"[fec0::1]", ""}, {"[ff02::1]", ""}, {"[100::1]", ""}, {"[2001:db8::1]", ""}, {"[2001::7f00:1]", ""}, {"[3fff::1]", ""}, {"[5f00::1]", ""},
	{"[::ffff:127.0.0.1]", ""}, {"[::ffff:7f00:1]", ""}, {"[::ffff:10.0.0.1]", ""}, {"[::ffff:a9fe:a9fe]", ""}, {"[::127.0.0.1]", ""},
	{"[64:ff9b::127.0.0.1]", ""}, {"[64:ff9b::a9fe:a9fe]", ""}, {"[64:ff9b:1::a00:1]", ""}, {"[2002:7f00:1::]", ""}, {"[2002:a9fe:a9fe::1]", ""},
	{"[::ffff:0:127.0.0.1]", ""},
	// Other ways to write 127.0.0.1, 169.254.169.254 and 10.0.0.1.
	{"2130706433", "127.0.0.1"}, {"0x7f000001", "127.0.0.1"}, {"0x7f.0.0.1", "127.0.0.1"}, {"0x7f.1", "127.0.0.1"}, {"017700000001", "127.0.0.1"},
	{"0177.0.0.1", "127.0.0.1"}, {"0177.1", "127.0.0.1"}, {"127.1", "127.0.0.1"}, {"127.0.1", "127.0.0.1"}, {"0", "0.0.0.0"}, {"127.0.0.1.", "127.0.0.1"},
	{"0300.0250.0.1", "192.168.0.1"}, {"2852039166", "169.254.169.254"}, {"0xa9fea9fe", "169.254.169.254"}, {"0xA9.0xFE.0xA9.0xFE", "169.254.169.254"},
	{"0251.0376.0251.0376", "169.254.169.254"}, {"167772161", "10.0.0.1"}, {"127。0。0。1", "127.0.0.1"}, {"127．0．0．1", "127.0.0.1"}, {"１２７.0.0.1", "127.0.0.1"},
	{"①②⑦.⓪.⓪.①", "127.0.0.1"}, {"%31%32%37.0.0.1", "127.0.0.1"},
	// Names.
	{"localhost", "127.0.0.1"}, {"LOCALHOST", "127.0.0.1"}, {"localhost.localdomain", "127.0.0.1"}, {"localtest.example", "127.0.0.1"},
	{"metadata.google.internal", "169.254.169.254"}, {"instance-data.ec2.internal", "169.254.169.254"}, {"intranet.example", "10.1.2.3"},
	{"ula.example", "fd12:3456::1"}, {"mapped.example", "::ffff:10.0.0.1"}, {"nat64.example", "64:ff9b::a00:1"}, {"six.example", "::1"},
	{"127.0.0.1.nip.example", "127.0.0.1"}, {"ⓛⓞⓒⓐⓛⓗⓞⓢⓣ", "127.0.0.1"},
	// Parts of an address that look like another host.
	{"docs.example.com@127.0.0.1", ""}, {"docs.example.com:80@127.0.0.1", ""}, {"user:docs.example.com@10.0.0.1", ""}, {"docs.example.com%23@127.0.0.1", ""},
}

// here is a server on this machine, and how many connections it has got.
func here(t *testing.T, h http.HandlerFunc) (*httptest.Server, *atomic.Int32) {
	t.Helper()
	var n atomic.Int32
	srv := httptest.NewUnstartedServer(h)
	srv.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			n.Add(1)
		}
	}
	srv.Start()
	t.Cleanup(srv.Close)
	return srv, &n
}

// TestGuard checks that no trick leads to a connection: the servers that wait at
// the loopback addresses see none, and every refusal is the guard's own.
func TestGuard(t *testing.T) {
	srv, connections := here(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "secret") })
	_, port, _ := net.SplitHostPort(srv.Listener.Addr().String())
	z := zone{}
	for _, tt := range tricks {
		if tt.dns != "" {
			z[strings.ToLower(strings.TrimSuffix(tt.host, "."))] = []string{tt.dns}
		}
	}
	for _, folded := range []string{"127.0.0.1", "localhost"} { // what the unusual digits, letters and points mean
		z[folded] = []string{"127.0.0.1"}
	}
	f, err := New(Config{Resolver: z.resolver()})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range tricks {
		for _, scheme := range []string{"http", "https"} {
			address := scheme + "://" + tt.host + ":" + port + "/"
			got, err := f.Fetch(t.Context(), address)
			if err == nil {
				t.Errorf("Fetch(%s) = %q, want a refusal", address, got.Body)
			}
			if dns := new(net.DNSError); !errors.Is(err, guard.ErrPrivate) && !(errors.As(err, &dns) && dns.IsNotFound) && !unparsed(err) {
				t.Errorf("Fetch(%s) = %v, want the guard's refusal", address, err)
			}
			if err != nil && strings.Contains(err.Error(), "secret") {
				t.Errorf("Fetch(%s) = %v", address, err)
			}
		}
	}
	if n := connections.Load(); n != 0 {
		t.Errorf("%d connections were made, want none", n)
	}
	if len(tricks) < 60 {
		t.Errorf("%d tricks, want at least 60", len(tricks))
	}
}

// unparsed reports whether the address was refused for its form, before any guard.
func unparsed(err error) bool {
	var e *Error
	return errors.Is(err, errUser) || errors.As(err, &e) && e.Reason == "it is not a URL"
}

// TestGuardRedirects checks that each hop passes the guard: a public server can't
// send the Fetcher to a private one, neither by another address nor by giving its
// own name another one.
func TestGuardRedirects(t *testing.T) {
	private, connections := here(t, func(http.ResponseWriter, *http.Request) {})
	_, port, _ := net.SplitHostPort(private.Listener.Addr().String())
	for _, tt := range []struct{ name, location string }{
		{"address", "http://127.0.0.1:" + port + "/"},
		{"mapped", "http://[::ffff:127.0.0.1]:" + port + "/"},
		{"name", "http://intranet.example:" + port + "/"},
		{"same host, other port", "http://public.example:" + port + "/"},
		{"rebinding", "/again"},
		{"metadata", "http://169.254.169.254/latest/meta-data/"},
		{"without scheme", "//127.0.0.1:" + port + "/"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			public, _ := here(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Connection", "close")
				http.Redirect(w, r, tt.location, http.StatusFound)
			})
			f, err := New(Config{Resolver: zone{"public.example": {"127.0.0.1"}, "intranet.example": {"10.0.0.1"}}.resolver()})
			if err != nil {
				t.Fatal(err)
			}
			// The first connection goes to the server that stands for a public one.
			transport := f.client.HTTPClient.Transport.(*http.Transport)
			dial, first := transport.DialContext, true
			transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
				if first {
					first = false
					return (&net.Dialer{}).DialContext(ctx, network, public.Listener.Addr().String())
				}
				return dial(ctx, network, address)
			}
			if got, err := f.Fetch(t.Context(), "http://public.example/"); !errors.Is(err, guard.ErrPrivate) {
				t.Errorf("Fetch = %q, %v, want guard.ErrPrivate", got.Body, err)
			}
		})
	}
	if n := connections.Load(); n != 0 {
		t.Errorf("%d connections were made, want none", n)
	}
}

// TestGuardProxy checks that the guarded Fetcher hands its connections to nobody.
func TestGuardProxy(t *testing.T) {
	f, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	if transport := f.client.HTTPClient.Transport.(*http.Transport); transport.Proxy != nil || transport.DialTLSContext != nil {
		t.Error("the guarded transport has a proxy or another way to connect")
	}
}
