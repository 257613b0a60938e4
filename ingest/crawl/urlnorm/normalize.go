// Package urlnorm normalizes addresses of the web.
//
// Call [Normalize] for an address, [Resolve] for a reference found at an address,
// and [NewResolver] for the references of a page. Normalizing a normal form changes
// nothing.
package urlnorm

import (
	"net/url"
	"strings"

	whatwg "github.com/nlnwa/whatwg-url/url"
)

// MaxBytes is the length of the longest address that is followed. Servers refuse
// longer ones, and addresses that a site extends endlessly become that long.
const MaxBytes = 2048

// browser parses addresses and references as browsers do: backslashes are slashes,
// line breaks are dropped, host names become ASCII, numeric hosts dotted. A percent
// sign that escapes nothing is escaped, since Go could not parse it.
var browser = whatwg.NewParser(whatwg.WithPercentEncodeSinglePercentSign())

// Normalize returns the normal form of an address, so that addresses of one document
// are equal.
//
//   - Scheme and host are in lower case, international names in ASCII, without
//     default port, user information and the dot at the end of a host.
//   - There is no fragment, and no empty query.
//   - The path is absolute, without dot segments. The trailing slash stays as it
//     is, since servers differ, as do slashes in a row.
//   - Only what must be escaped is, with hexadecimal digits in upper case. Escaped
//     delimiters stay escaped.
//   - index.html and index.htm at the end are dropped, and with them the query of
//     Javadoc's frames: index.html?java/lang/String.html.
//   - Tracking parameters and sessions of visitors are dropped, the latter also
//     from the path: /a;jsessionid=1. Others stay, in order, such as versions: they
//     may select the document.
//
// Normalizing a normal form changes nothing. An address that is neither http nor
// https, or that browsers reject, only loses its fragment and user.
func Normalize(u *url.URL) *url.URL {
	if u.Scheme == "http" || u.Scheme == "https" {
		if w, err := browser.Parse(u.String()); err == nil {
			if n, ok := normalize(w); ok {
				return n
			}
		}
	}
	n := *u
	n.User, n.Fragment, n.RawFragment = nil, "", ""
	return &n
}

// normalize returns the normal form of a parsed address.
func normalize(w *whatwg.Url) (*url.URL, bool) {
	scheme, host := w.Scheme(), strings.TrimSuffix(w.Hostname(), ".")
	if (scheme != "http" && scheme != "https") || !isHost(host) {
		return nil, false
	}
	if port := w.Port(); port != "" {
		host += ":" + port
	}
	written := withoutSession(pathEscapes.Normalize(w.Pathname()))
	p := withoutIndex(written)
	address := scheme + "://" + host + p
	q := withoutTracking(queryEscapes.Normalize(w.Query()))
	if q != "" && (p == written || !isFrame(q)) {
		address += "?" + q
	}
	if len(address) > MaxBytes {
		return nil, false
	}
	n, err := url.Parse(address)
	return n, err == nil
}

// isHost reports whether a host, as browsers write it, is a name or an IP address.
// Browsers also accept names with quotes and empty labels, which do not exist.
func isHost(host string) bool {
	for i := range len(host) {
		c := host[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '.' && c != '_' && host[0] != '[' {
			return false
		}
	}
	return host != "" && host[0] != '.' && !strings.Contains(host+".", "..")
}

// withoutIndex returns a path without index.html or index.htm at the end.
func withoutIndex(p string) string {
	for _, name := range []string{"/index.html", "/index.htm"} {
		if dir, ok := strings.CutSuffix(p, name); ok {
			return dir + "/"
		}
	}
	if p == "" {
		return "/"
	}
	return p
}

// isFrame reports whether a query after index.html is only the path of a document,
// which Javadoc's frames show. The document has its own address, and all such
// queries return the same frames.
func isFrame(query string) bool {
	return strings.HasSuffix(query, ".html") && !strings.ContainsAny(query, "=&?:")
}

// tracking are parameters with which advertisers, mailers and counters track
// visitors, and tracks the prefixes of such names. No document depends on them.
var (
	tracking = map[string]bool{
		"_branch_match_id": true, "_ga": true, "_gl": true, "_hsenc": true, "_hsmi": true, "_openstat": true, "dclid": true, "epik": true,
		"fbclid": true, "gbraid": true, "gclid": true, "gclsrc": true, "hsctatracking": true, "igsh": true, "igshid": true, "li_fat_id": true,
		"mc_cid": true, "mc_eid": true, "mkt_tok": true, "msclkid": true, "oly_anon_id": true, "oly_enc_id": true, "rdt_cid": true,
		"srsltid": true, "ttclid": true, "twclid": true, "vero_conv": true, "vero_id": true, "wbraid": true, "wickedid": true,
		"yclid": true, "ysclid": true,
	}
	tracks = []string{"hsa_", "matomo_", "mtm_", "piwik_", "pk_campaign", "pk_keyword", "pk_kwd", "pk_medium", "pk_source", "utm_"}
)

// withoutTracking returns a query without tracking parameters and sessions.
func withoutTracking(query string) string {
	if query == "" {
		return ""
	}
	var kept []string
	for param := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(param, "=")
		name = strings.ToLower(name)
		follows := tracking[name] || isSession(param)
		for _, t := range tracks {
			follows = follows || strings.HasPrefix(name, t)
		}
		if !follows {
			kept = append(kept, param)
		}
	}
	return strings.Join(kept, "&")
}
