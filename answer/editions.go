package answer

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"github.com/citewell/citewell/internal/edition"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/retrieve/index"
)

// twinsOf returns the other versions and translations of a hit's page: those that
// were found, and those whose text is the same.
func twinsOf(h retrieve.Hit) []retrieve.Twin {
	twins := slices.Clone(h.Twins)
	_, names := edition.Resolve(h.URL, h.Version)
	for _, v := range index.SplitVersions(h.AlsoIn) {
		if !slices.Contains(names, v) {
			twins = append(twins, retrieve.Twin{Lang: h.Lang, Version: v})
		}
	}
	return twins
}

// editions says which version and language the cited pages are of, if the question or
// the index leaves a choice; else "".
func editions(question string, cited []Citation) string {
	if len(cited) == 0 {
		return ""
	}
	said := append(saidVersions(question, cited), saidLanguages(question, cited)...)
	return strings.Join(said, " ")
}

// saidVersions returns a sentence on the versions of the cited pages, or none.
func saidVersions(question string, cited []Citation) []string {
	var own, others []string
	isVersioned := false // the site has the version in addresses, so that it has others
	for _, c := range cited {
		own = append(own, c.Version)
		isVersioned = isVersioned || edition.Of(c.URL, c.Lang).Version != ""
		for _, t := range c.Twins {
			others = append(others, t.Version)
		}
	}
	own = versions(own)
	others = slices.DeleteFunc(versions(others), func(v string) bool { return slices.Contains(own, v) })
	named := edition.Named(question)
	isNamed := func(v string) bool {
		return slices.ContainsFunc(named, func(n string) bool { return edition.Is(v, n) })
	}
	var said []string
	switch {
	case len(own) == 0 && len(others) > 0:
		said = append(said, "From pages whose address names no version; there are others for "+list(others)+".")
	case len(own) > 0 && len(others) > 0:
		said = append(said, "From version "+list(own)+"; there are also pages for "+list(others)+".")
	case len(own) > 1 || len(own) == 1 && len(named) > 0 && (isVersioned || isNamed(own[0])):
		said = append(said, "From version "+list(own)+".")
	}
	// Else the question may name the version of another program.
	if isVersioned && len(own) > 0 && len(named) > 0 && !slices.ContainsFunc(append(own, others...), isNamed) {
		said = append(said, "No page of version "+list(named)+" was found.")
	}
	return said
}

// versions returns versions without repetition, the newest stable one first.
func versions(all []string) []string {
	all = slices.DeleteFunc(all, func(v string) bool { return v == "" })
	slices.SortFunc(all, func(a, b string) int {
		if c := edition.Compare(b, a); c != 0 {
			return c
		}
		return strings.Compare(a, b)
	})
	return slices.Compact(all)
}

// saidLanguages returns a sentence if no cited page is in the language of the
// question.
func saidLanguages(question string, cited []Citation) []string {
	asked := retrieve.LanguageOf(question)
	var langs []string
	for _, c := range cited {
		base := edition.Base(c.Lang)
		if base == asked || base == "" {
			return nil
		}
		if !slices.Contains(langs, base) {
			langs = append(langs, base)
		}
	}
	if asked == "" {
		return nil
	}
	for i, l := range langs {
		langs[i] = nameOf(l)
	}
	for _, c := range cited {
		for _, t := range c.Twins {
			if edition.Base(t.Lang) == asked {
				return []string{fmt.Sprintf("The cited pages are in %s; a page in %s says less: %s", list(langs), nameOf(asked), t.URL)}
			}
		}
	}
	return []string{fmt.Sprintf("The cited pages are in %s; none in %s was found.", list(langs), nameOf(asked))}
}

// nameOf returns the English name of a language.
func nameOf(tag string) string {
	if name := display.English.Languages().Name(language.Make(tag)); name != "" {
		return name
	}
	return tag
}

// list returns texts as a list in English: "a, b and c".
func list(texts []string) string {
	if n := len(texts); n > 1 {
		return strings.Join(texts[:n-1], ", ") + " and " + texts[n-1]
	}
	return strings.Join(texts, "")
}
