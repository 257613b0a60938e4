package edition

import (
	"cmp"
	"strings"
)

// IsNumber reports whether a text is the number of a version by itself: with a dot, or
// after "v" or a word such as "release".
func IsNumber(s string) bool {
	m := number.FindStringSubmatch(s)
	return m != nil && (m[1] != "" || strings.Contains(m[2], "."))
}

// Resolve returns the version of the page at an address: the number in the address, else
// the version that the site or the page tells, else the name in the address. If the
// address has another name for that version, such as stable, it is in others.
func Resolve(address, told string) (version string, others []string) {
	own := Of(address, "").Version
	if own == "" || !isNamed(own) || !IsNumber(told) {
		return cmp.Or(own, told), nil
	}
	return told, []string{own}
}

// Rank returns what [Compare] is to order a page by: its version, or the name of that
// version in its address, since sites move "stable" to the version that they want read.
func Rank(address, version string) string {
	if own := Of(address, "").Version; own != "" && isNamed(own) {
		return own
	}
	return version
}

// isNamed reports whether a version is a name such as stable, not a number.
func isNamed(version string) bool {
	_, ok := placeOf[strings.ToLower(version)]
	return ok
}
