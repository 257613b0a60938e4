// Package edition reads which version and translation of a page an address names.
//
// Call [Of]. Pages with the same [Edition.Key] are twins: editions of one page.
// [Compare] orders versions, and [Named] finds those that a question names.
package edition

import (
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// An Edition is a version and translation of a page.
type Edition struct {
	Version string // as the address spells it, such as "2.0", "v1" or "stable"; "" if it names none
	Key     string // the address without version and language: what twins share
}

// maxFolders is how far from its start a path is searched for a version.
const maxFolders = 5

// Of returns the edition that the address of a page in a language names. An address
// names a language only if it is that of the page: a folder /go/ may hold anything.
func Of(address, lang string) Edition {
	u, err := url.Parse(address)
	if err != nil {
		return Edition{Key: address}
	}
	var e Edition
	segments := strings.Split(u.Path, "/")
	kept := segments[:0:0]
	before := ""
	for i, s := range segments {
		isFolder := i > 0 && i <= maxFolders && i < len(segments)-1
		switch {
		case isFolder && names(s, lang):
		case isFolder && e.Version == "" && isVersion(s, i, before):
			e.Version = s
		case i == len(segments)-1:
			kept = append(kept, withoutLanguage(s, lang))
		default:
			kept = append(kept, s)
		}
		before = s
	}
	host := strings.TrimPrefix(strings.ToLower(u.Host), "www.")
	if label, rest, ok := strings.Cut(host, "."); ok && names(label, lang) && strings.Contains(rest, ".") {
		host = rest
	}
	e.Key = host + strings.Join(kept, "/")
	if q := query(u, lang); q != "" {
		e.Key += "?" + q
	}
	return e
}

// names reports whether part of an address is a language tag of a page's language:
// "de", "de-at" and "de_AT" are for a page in "de" or "de-AT".
func names(part, lang string) bool {
	if lang == "" || len(part) < 2 {
		return false
	}
	tag := strings.ReplaceAll(strings.ToLower(part), "_", "-")
	base, region, _ := strings.Cut(tag, "-")
	return base == Base(lang) && len(region) <= 4
}

// Base returns the language of a tag without its region and script: "de" of "de-AT".
func Base(tag string) string {
	base, _, _ := strings.Cut(strings.ToLower(strings.ReplaceAll(tag, "_", "-")), "-")
	return base
}

// withoutLanguage returns the name of a file without its language: guide.html of
// guide.de.html.
func withoutLanguage(name, lang string) string {
	parts := strings.Split(name, ".")
	if n := len(parts); n > 2 && names(parts[n-2], lang) {
		return strings.Join(slices.Delete(parts, n-2, n-1), ".")
	}
	return name
}

// query returns the query of an address without the parameter of its language.
func query(u *url.URL, lang string) string {
	if u.RawQuery == "" {
		return ""
	}
	q := u.Query()
	for _, name := range []string{"lang", "hl", "locale", "language"} {
		if names(q.Get(name), lang) {
			q.Del(name)
		}
	}
	return q.Encode()
}

// number matches a version of numbers: its groups are a prefix, the numbers, and a
// mark of a release that is not the final one.
var number = regexp.MustCompile(`(?i)^(v|version[-_.]?|ver[-_.]?|release[-_.]?|rel[-_.]?)?(\d{1,4}(?:\.\d{1,4}){0,3}(?:\.x)?)(?:[-._]?(alpha|a|beta|b|rc|dev|pre|preview|next|snapshot)[-._]?\d*)?$`)

// Places of versions that have a name, in the order of [Compare].
const (
	placeDevelopment = iota
	placePrerelease
	placeNumber
	placeLatest
	placeStable // also of an address without version, where sites have the current one
)

var placeOf = map[string]int{
	"": placeStable, "stable": placeStable, "current": placeStable, "lts": placeStable,
	"latest": placeLatest,
	"next":   placeDevelopment, "dev": placeDevelopment, "devel": placeDevelopment, "develop": placeDevelopment, "development": placeDevelopment,
	"main": placeDevelopment, "master": placeDevelopment, "trunk": placeDevelopment, "head": placeDevelopment, "nightly": placeDevelopment,
	"canary": placeDevelopment, "edge": placeDevelopment, "unstable": placeDevelopment, "snapshot": placeDevelopment,
}

// beforeNumber are folders of which a single number is a version: /docs/16/.
var beforeNumber = map[string]bool{"docs": true, "doc": true, "documentation": true, "manual": true, "version": true, "versions": true, "release": true, "releases": true}

// IsName reports whether a text is the name of a version, such as 2.0, v1 or stable.
func IsName(s string) bool { return isVersion(s, 1, "") }

// isVersion reports whether the i-th segment of a path is a version. A number alone
// is one at the start of a path and below some folders and languages; elsewhere it
// counts pages, parts or years.
func isVersion(s string, i int, before string) bool {
	s = strings.ToLower(s)
	if _, ok := placeOf[s]; ok {
		return s != ""
	}
	m := number.FindStringSubmatch(s)
	if m == nil {
		return false
	}
	if m[1] != "" || strings.Contains(m[2], ".") {
		return true
	}
	return len(m[2]) <= 2 && (i == 1 || beforeNumber[strings.ToLower(before)] || len(before) == 2)
}

// Compare orders versions from the one that readers want least to the one that they
// want most: development, releases before the final one, releases by number, "latest",
// "stable" with addresses that name no version.
func Compare(a, b string) int {
	placeA, numbersA := place(a)
	placeB, numbersB := place(b)
	return cmp.Or(cmp.Compare(placeA, placeB), slices.Compare(numbersA, numbersB))
}

// place returns the place of a version and its numbers.
func place(version string) (place int, numbers []int) {
	if p, ok := placeOf[strings.ToLower(version)]; ok {
		return p, nil
	}
	m := number.FindStringSubmatch(version)
	if m == nil {
		return placeDevelopment, nil
	}
	for part := range strings.SplitSeq(m[2], ".") {
		n, _ := strconv.Atoi(part) // 0 for x
		numbers = append(numbers, n)
	}
	if m[3] != "" {
		return placePrerelease, numbers
	}
	return placeNumber, numbers
}

// inQuestion matches a version in a question: after a word such as "version", or with
// a dot or a "v".
var inQuestion = regexp.MustCompile(`(?i)(?:\b(?:vers\p{L}*|release|rel)\s+|верси\p{L}*\s+|版本\s*)v?(\d{1,4}(?:\.\d{1,4}){0,3}|stable|latest|next|dev|main|master|nightly)|(?:^|[\s(,"'])(?:v(\d{1,4}(?:\.\d{1,4}){0,3})|(\d{1,4}(?:\.\d{1,4}){1,3}))(?:$|[\s?!.,;:)"'])`)

// Named returns the versions that a question names, without "v".
func Named(question string) []string {
	var all []string
	for _, m := range inQuestion.FindAllStringSubmatch(question, -1) {
		all = append(all, strings.ToLower(m[1]+m[2]+m[3]))
	}
	return all
}

// Is reports whether version is the one that a question names: 2.1 and v2.1.3 are
// "2.1".
func Is(version, named string) bool {
	v := strings.ToLower(version)
	if m := number.FindStringSubmatch(v); m != nil {
		v = m[2]
	}
	return named != "" && (v == named || strings.HasPrefix(v, named+".") || v == named+".0")
}
