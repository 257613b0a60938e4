// Package guard connects to public addresses of the Internet only, whatever name or
// redirect leads to another one.
//
// Call [Transport] with the private addresses that are allowed, such as those that
// [Named] returns.
package guard

import (
	"errors"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
)

// ErrPrivate means that an address is not public and not allowed. Nothing was sent.
var ErrPrivate = errors.New("the address is not public")

// publicIPv6 is the part of IPv6 that is routed publicly. Other addresses are
// loopback, link-local, multicast, private, or a form of an IPv4 address, such as
// NAT64's.
var publicIPv6 = netip.MustParsePrefix("2000::/3")

// special are the blocks that are not public by IANA's special-purpose registries
// (2026-11), and other addresses of the metadata services of clouds.
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

// public reports whether an address is public.
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

// allowed are addresses that may be dialled although they are not public.
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

// control refuses a connection unless its address is open. The dialer calls it with
// the address that it is about to connect to, so it does not matter if a name
// resolves to another address the second time.
func (g allowed) control(_, address string, _ syscall.RawConn) error {
	a, err := netip.ParseAddrPort(address)
	if err != nil || !g.open(a.Addr()) {
		return ErrPrivate
	}
	return nil
}

// Named returns the private addresses that the host of an address names literally,
// for [Transport]: an IP address names itself, localhost the loopback addresses. It
// returns nothing for other names, whatever they resolve to, and for public
// addresses.
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
