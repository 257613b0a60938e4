// Package urlnorm gives addresses of the web their normal form.
//
// Call [Normalize] for an address, [Resolve] for a reference found at one, and
// [NewResolver] for the references of a page. The normal form of a normal form is
// itself.
package urlnorm

import (
	"net/url"
	"strings"

	whatwg "github.com/nlnwa/whatwg-url/url"
)

// MaxBytes is the longest address that is followed. Servers refuse longer
// ones, and those that pages grow for ever by themselves become long.
const MaxBytes = 2048

// browser reads addresses and references as browsers do: backslashes are
// slashes, line breaks inside are dropped, host names become ASCII, numeric
// hosts dotted. A percent sign that escapes nothing is escaped itself, or Go
// would not read the result.
var browser = whatwg.NewParser(whatwg.WithPercentEncodeSinglePercentSign())

// Normalize returns the normal form of an address: one string per document.
//
//   - Scheme and host are in lower case, international names in ASCII, without
//     default port, user information and the dot at the end of a host.
//   - There is no fragment, and no empty query.
//   - The path is absolute, without dot segments. The trailing slash stays as it
//     is, since servers differ, as do slashes in a row.
//   - What need not be escaped in an address is not, what is escaped has
//     hexadecimal digits in upper case. Escaped delimiters stay escaped.
//   - index.html and index.htm at the end are dropped, and with them the query of
//     Javadoc's frames: index.html?java/lang/String.html.
//   - Parameters of tracking are dropped. Others stay, in their order, session
//     identifiers and versions too: they may choose the document.
//
// The normal form of a normal form is itself. An address that is neither http
// nor https, or that no browser reads, only loses its fragment and user.
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

// normalize returns the normal form of an address that a browser has read.
func normalize(w *whatwg.Url) (*url.URL, bool) {
	scheme, host := w.Scheme(), strings.TrimSuffix(w.Hostname(), ".")
	if (scheme != "http" && scheme != "https") || !isHost(host) {
		return nil, false
	}
	if port := w.Port(); port != "" {
		host += ":" + port
	}
	written := pathEscapes.Normalize(w.Pathname())
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
// Browsers also read names with quotes and with empty parts, which nobody has.
func isHost(host string) bool {
	for i := range len(host) {
		c := host[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '.' && c != '_' && host[0] != '[' {
			return false
		}
	}
	return host != "" && host[0] != '.' && !strings.Contains(host+".", "..")
}

// withoutIndex returns a path without the name of a folder's own document.
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

// isFrame reports whether a query behind index.html is a document's path alone, by
// which Javadoc's frames are told what to show. The document has an address of
// its own, and every such query gets the same frames.
func isFrame(query string) bool {
	return strings.HasSuffix(query, ".html") && !strings.ContainsAny(query, "=&?:")
}

// tracking are parameters by which advertisers, mailers and counters follow a
// visitor, and tracks the beginnings of such. No document depends on them.
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

// withoutTracking returns a query without parameters of tracking.
func withoutTracking(query string) string {
	if query == "" {
		return ""
	}
	var kept []string
	for param := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(param, "=")
		name = strings.ToLower(name)
		follows := tracking[name]
		for _, t := range tracks {
			follows = follows || strings.HasPrefix(name, t)
		}
		if !follows {
			kept = append(kept, param)
		}
	}
	return strings.Join(kept, "&")
}
