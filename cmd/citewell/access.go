package main

import (
	"cmp"
	"fmt"
	"net/netip"

	"github.com/spf13/pflag"

	"github.com/citewell/citewell/server"
	"github.com/citewell/citewell/server/admit"
	"github.com/citewell/citewell/server/limit"
)

// anonymousFlag registers the flag that decides whether asking needs a key.
func anonymousFlag(f *pflag.FlagSet, c *config) {
	f.BoolVar(&c.proofOfWork, "proof-of-work", false, "questions without a secret key need a small computation of the browser, which the page and the widget do by themselves, over https only")
	f.BoolVar(&c.anonymous, "anonymous", false, "everybody who can reach the server may ask, without a key (default: on a loopback address only; false: not there either)")
}

// Limits of callers without a key where other machines may reach the server.
const (
	defaultAddressLimit   = "20/minute, 400/day"
	defaultAnonymousLimit = "5000/day"
)

func limitFlags(f *pflag.FlagSet, c *config) {
	const form = ", such as 20/minute, 400/day, 500k tokens/day (none: no limit; default: none where only this machine can ask, else "
	f.StringVar(&c.addressLimit, "address-limit", "", "limit of each address without a secret key"+form+defaultAddressLimit+")")
	f.StringVar(&c.anonymousLimit, "anonymous-limit", "", "limit of all callers without a key together"+form+defaultAnonymousLimit+")")
	more := fmt.Sprintf("; %d times as many wait, others get the error overloaded", admit.QueuePerSlot)
	f.IntVar(&c.maxAsks, "max-asks", 0, fmt.Sprintf("most questions that are answered at once (default: %d with a model, else two for each processor)", asksWithModel)+more)
	f.IntVar(&c.maxSearches, "max-searches", 0, "most searches at once (default: two for each processor)"+more)
}

// limits returns the limits of callers without a key, which are valid.
func (c *config) limits() (address, anonymous limit.Limits) {
	a, b := c.addressLimit, c.anonymousLimit
	if server.IsPublic(c.addr) || len(c.proxies) > 0 {
		a, b = cmp.Or(a, defaultAddressLimit), cmp.Or(b, defaultAnonymousLimit)
	}
	address, _ = limit.Parse(a)
	anonymous, _ = limit.Parse(b)
	return address, anonymous
}

// proxyFlags registers how proxies reach the server.
func proxyFlags(f *pflag.FlagSet, c *config) {
	f.StringSliceVar(&c.proxies, "trusted-proxy", nil, "address or network of a proxy whose X-Forwarded-For, -Host and -Prefix are read, such as 10.0.0.0/8; repeatable")
	f.StringVar(&c.basePath, "base-path", "", "path that a proxy serves the server under, such as /help, if the proxy does not take it off")
}

// trustedProxies returns the networks of --trusted-proxy, which are valid.
func (c *config) trustedProxies() (all []netip.Prefix) {
	for _, proxy := range c.proxies {
		if p, err := server.ParseProxy(proxy); err == nil {
			all = append(all, p)
		}
	}
	return all
}

// requiresKey reports whether asking needs a key: by --anonymous or, without it, if other
// machines may reach the server.
func (c *config) requiresKey(f *pflag.FlagSet) bool {
	if f.Changed("anonymous") {
		return !c.anonymous
	}
	return server.IsPublic(c.addr)
}
