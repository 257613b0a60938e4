// Package mask hides the secrets of addresses, for logs, lists of jobs and errors.
//
// Call [Text] with any text: user names and passwords of the addresses in it, and
// the values of parameters such as token, key and sig, become [Mark]. Addresses that
// are fetched or cited are never masked: they must work.
package mask

import (
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Mark stands for what was hidden.
const Mark = "REDACTED"

var (
	// address matches an address in a text, also a relative one with parameters. Quotes
	// end it, as in the errors of net/url.
	address = regexp.MustCompile(`[A-Za-z][A-Za-z0-9+.-]*://[^\s"'<>` + "`" + `]+|[^\s"'<>` + "`" + `]*[?#][^\s"'<>` + "`" + `]+`)
	// parameter matches a parameter of a query or a fragment.
	parameter = regexp.MustCompile(`([?&;#])([^=&;#?]+)=([^&;#?]*)`)
	// rest matches what of a secret stands behind a question mark.
	rest = regexp.MustCompile(Mark + `\?[^&;#=]*([&;#]|$)`)
	// inner matches the user of an address in a parameter.
	inner = regexp.MustCompile(`://[^/?#&;]+@`)
	// bare matches the user and password of an address without a scheme, or with
	// slashes that are missing or escaped.
	bare = regexp.MustCompile(`(^|[\s"'(])((?:[A-Za-z][A-Za-z0-9+.-]*:)?[/\\]+)?([^\s/\\@:"'<>(]+):[^\s/\\@"'<>]+@`)
	// loose matches a user and a password with spaces or quotes, which end an address.
	loose   = regexp.MustCompile(`(://)([^\s/?#@:"'<>]+):([^/?#@\n]*[\s"'<>` + "`" + `][^/?#@\n]*)@`)
	portEnd = regexp.MustCompile(`^[0-9]*[\s"'<>]`)
	port    = regexp.MustCompile(`:[0-9]*$`)
	notWord = regexp.MustCompile(`[^a-z0-9]`)
)

// secretEnds are the ends of the names of parameters that hold a secret, without
// punctuation: also access_token, X-Amz-Signature, apiKey and PHPSESSID.
var secretEnds = []string{"token", "key", "keyid", "sig", "signature", "hmac", "secret", "password", "passwd", "passphrase", "pwd", "pass",
	"auth", "authorization", "credential", "credentials", "session", "sessionid", "sessid", "jwt"}

// Text masks all addresses in a text.
func Text(text string) string {
	text = bare.ReplaceAllStringFunc(text, func(found string) string {
		m := bare.FindStringSubmatch(found)
		if m[3] == "mailto" {
			return found
		}
		return m[1] + m[2] + Mark + "@"
	})
	text = loose.ReplaceAllStringFunc(text, func(found string) string {
		m := loose.FindStringSubmatch(found)
		if portEnd.MatchString(m[3]) { // a host and its port; what follows is text
			return found
		}
		return m[1] + Mark + "@"
	})
	return address.ReplaceAllStringFunc(text, func(found string) string {
		bare := strings.TrimRight(found, ".,:;)]}") // punctuation of the text
		return one(bare) + found[len(bare):]
	})
}

// one masks an address.
func one(a string) string {
	scheme := ""
	if i := strings.Index(a, "://"); i >= 0 && !strings.ContainsAny(a[:i], "/?#") {
		scheme, a = a[:i+3], maskUser(a[i+3:])
	}
	a = inner.ReplaceAllString(a, "://"+Mark+"@")
	a = parameter.ReplaceAllStringFunc(a, func(p string) string {
		m := parameter.FindStringSubmatch(p)
		switch {
		case m[3] == "":
			return p
		case isSecret(m[2]):
			return m[1] + m[2] + "=" + Mark
		}
		return m[1] + m[2] + "=" + maskEncoded(m[3])
	})
	return scheme + rest.ReplaceAllString(a, Mark+"$1")
}

// maskEncoded masks an address that is the value of a parameter, such as
// next=https%3A%2F%2Fhost%2F%3Ftoken%3Dabc.
func maskEncoded(value string) string {
	decoded, err := url.QueryUnescape(value)
	if err != nil || decoded == value {
		return value
	}
	if masked := Text(decoded); masked != decoded {
		return url.QueryEscape(masked)
	}
	return value
}

// maskUser masks what stands before the host. A password may hold "/", "?" or "#" by
// mistake: then what looks like the host ends with something else than a port.
func maskUser(a string) string {
	host := a
	if i := strings.IndexAny(a, "/?#"); i >= 0 {
		host = a[:i]
	}
	if strings.Contains(host, ":") && !port.MatchString(host) && !strings.HasPrefix(host, "[") {
		host = a
	}
	i := strings.LastIndex(host, "@")
	if i < 0 {
		return a
	}
	return Mark + a[i:]
}

// isSecret reports whether a parameter of this name holds a secret.
func isSecret(name string) bool {
	if decoded, err := url.QueryUnescape(name); err == nil {
		name = decoded
	}
	name = notWord.ReplaceAllString(strings.ToLower(name), "")
	return slices.ContainsFunc(secretEnds, func(end string) bool { return strings.HasSuffix(name, end) })
}

// JSON masks all strings of a JSON value.
func JSON(value json.RawMessage) json.RawMessage {
	var v any
	dec := json.NewDecoder(strings.NewReader(string(value)))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil {
		return nil // rather nothing than a secret
	}
	b, err := json.Marshal(each(v))
	if err != nil {
		// Unreachable: v comes from JSON.
		return nil
	}
	return b
}

// each masks the strings of a decoded JSON value.
func each(v any) any {
	switch v := v.(type) {
	case string:
		return Text(v)
	case []any:
		for i := range v {
			v[i] = each(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = each(v[k])
		}
	}
	return v
}
