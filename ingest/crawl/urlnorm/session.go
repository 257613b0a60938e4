package urlnorm

import (
	"regexp"
	"slices"
	"strings"
)

// sessions are parameters that hold the session of a visitor in programs that write it
// into every link. sessionNames are names that can mean something else, too, and hold
// one if their value looks like it.
var (
	sessions = map[string]bool{
		"jsessionid": true, "phpsessid": true, "cfid": true, "cftoken": true, "oscsid": true, "zenid": true, "xtcsid": true, "xoopssessid": true,
	}
	sessionNames = map[string]bool{"s": true, "sid": true, "sess": true, "sessid": true, "session": true, "session_id": true, "sessionid": true, "session-id": true}
	sessionValue = regexp.MustCompile(`(?i)^(?:[0-9a-f]{16,}|[0-9a-z]{24,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$`)
)

// isSession reports whether a parameter of an address holds the session of a visitor,
// which is another one in each answer.
func isSession(param string) bool {
	name, value, _ := strings.Cut(param, "=")
	name = strings.ToLower(name)
	return sessions[name] || strings.HasPrefix(name, "aspsessionid") ||
		sessionNames[name] && sessionValue.MatchString(value) && strings.ContainsAny(value, "0123456789")
}

// withoutSession returns a path without parameters that hold a session:
// /a;jsessionid=1/b is /a/b.
func withoutSession(p string) string {
	if !strings.Contains(p, ";") {
		return p
	}
	parts := strings.Split(p, "/")
	for i, part := range parts {
		params := strings.Split(part, ";")
		kept := params[:1]
		for _, param := range params[1:] {
			if !isSession(param) {
				kept = append(kept, param)
			}
		}
		parts[i] = strings.Join(kept, ";")
	}
	return strings.Join(parts, "/")
}

// WithoutSession returns a reference without parameters that hold a session of a
// visitor. They would make a text with links another one in each answer.
func WithoutSession(ref string) string {
	if !strings.ContainsAny(ref, ";?") {
		return ref
	}
	ref, fragment, hasFragment := strings.Cut(ref, "#")
	p, query, _ := strings.Cut(ref, "?")
	p = withoutSession(p)
	params := slices.DeleteFunc(strings.Split(query, "&"), isSession)
	if query = strings.Join(params, "&"); query != "" {
		p += "?" + query
	}
	if hasFragment {
		p += "#" + fragment
	}
	return p
}
