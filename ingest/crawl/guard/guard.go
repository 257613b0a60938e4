// Package guard connects to addresses of the public Internet alone, whatever
// name or redirect leads there.
//
// Call [Transport] for what sends requests; addresses that may be dialled although
// they are not public are given to it, such as those that [Named] returns.
package guard

import (
	"errors"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
)

// ErrPrivate means that an address leads to a machine that is not on the public
// Internet, and that nobody has allowed it.
// Nothing was sent.
var ErrPrivate = errors.New("the address is not public")

// publicIPv6 is all of IPv6 that is routed in public. What is outside of it is
// loopback, link-local, multicast, private, or another form of an IPv4 address,
// such as NAT64's.
var publicIPv6 = netip.MustParsePrefix("2000::/3")

// special are the blocks that are not public, by IANA's registries of special
// purposes (2026-11), and the addresses outside of them at which clouds answer
// their own machines.
var special = prefixes(
	"0.0.0.0/8",        // this host
	"10.0.0.0/8",       // private
	"100.64.0.0/10",    // carriers' own, also metadata of Alibaba
	"127.0.0.0/8",      // loopback
	"168.63.129.16/32", // metadata of Azure
	"169.254.0.0/16",   // link-local, metadata of most clouds
	"172.16.0.0/12",    // private
	"192.0.0.0/24",     // protocols, metadata of Oracle
	"192.0.2.0/24",     // documentation
	"192.88.99.0/24",   // relays to IPv6
	"192.168.0.0/16",   // private
	"198.18.0.0/15",    // benchmarks
	"198.51.100.0/24",  // documentation
	"203.0.113.0/24",   // documentation
	"224.0.0.0/4",      // multicast
	"240.0.0.0/4",      // reserved, broadcast
	"2001::/23",        // protocols, Teredo among them
	"2001:db8::/32",    // documentation
	"2002::/16",        // 6to4: an IPv4 address inside
	"3fff::/20",        // documentation
)

func prefixes(list ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(list))
	for i, s := range list {
		out[i] = netip.MustParsePrefix(s)
	}
	return out
}

// public reports whether an address is one of the public Internet.
func public(a netip.Addr) bool {
	if a.Is4In6() || !a.IsValid() || a.Zone() != "" || a.Is6() && !publicIPv6.Contains(a) {
		return false
	}
	for _, p := range special {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

// allowed are the addresses that may be dialled although they are not public.
type allowed []netip.Prefix

// open reports whether an address may be dialled.
func (g allowed) open(a netip.Addr) bool {
	if public(a) {
		return true
	}
	for _, p := range g {
		if p.Contains(a.WithZone("")) {
			return true
		}
	}
	return false
}

// control refuses a connection to what is not open. The dialer calls it with
// the address that it is about to connect to, whatever name led there, so a name
// that resolves to something else the second time gains nothing.
func (g allowed) control(_, address string, _ syscall.RawConn) error {
	a, err := netip.ParseAddrPort(address)
	if err != nil || !g.open(a.Addr()) {
		return ErrPrivate
	}
	return nil
}

// Named returns what the host of an address names by itself that is not public,
// for [Transport]: a literal address names itself, localhost the loopback
// addresses. Any other name, and a public address, names nothing, whatever it
// resolves to.
func Named(address string) []netip.Prefix {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") {
		return nil
	}
	if strings.EqualFold(strings.TrimSuffix(u.Hostname(), "."), "localhost") {
		return prefixes("127.0.0.0/8", "::1/128")
	}
	a, err := netip.ParseAddr(u.Hostname())
	if err != nil || public(a) {
		return nil
	}
	a = a.Unmap().WithZone("")
	if public(a) {
		return nil
	}
	return []netip.Prefix{netip.PrefixFrom(a, a.BitLen())}
}
