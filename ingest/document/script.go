package document

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// ErrNeedsScript means that a page has no text until a browser runs its script.
var ErrNeedsScript = errors.New("the page has no text of its own: it needs JavaScript")

// mounts are the identifiers of the empty elements that frameworks fill in the
// browser: React, Vue, Next, Nuxt, Gatsby, Svelte, Ember, Docsify, Quasar.
var mounts = map[string]bool{
	"root": true, "app": true, "__next": true, "__nuxt": true, "___gatsby": true, "svelte": true, "ember-app": true, "q-app": true,
	"main": true, "mount": true, "app-root": true, "react-root": true, "application": true, "container": true, "content": true,
}

// maxShellRunes is the longest text that may be but a note to wait.
const maxShellRunes = 80

// isShell reports whether the text of a page is but a note for those whose browser
// has not run its script yet.
func isShell(text string, body []byte) bool {
	if len(text) > utf8.UTFMax*maxShellRunes || utf8.RuneCountInString(text) > maxShellRunes {
		return false
	}
	text = strings.ToLower(text)
	return (strings.Contains(text, "loading") || strings.Contains(text, "javascript") || strings.Contains(text, "please wait")) && needsScript(body)
}

// needsScript reports whether a page without text of its own is filled by a script
// in the browser: it loads one, and has an element to put the text in, or says
// that it needs JavaScript. A frameset is filled by its frames.
func needsScript(body []byte) bool {
	z := html.NewTokenizer(bytes.NewReader(body))
	script, mount, inNoscript := false, false, false
	for {
		switch z.Next() {
		case html.ErrorToken:
			return script && mount
		case html.TextToken:
			mount = mount || inNoscript && strings.Contains(strings.ToLower(string(z.Text())), "javascript")
		case html.EndTagToken:
			if name, _ := z.TagName(); string(name) == "noscript" {
				inNoscript = false
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			name, hasAttr := z.TagName()
			switch tag := string(name); {
			case tag == "frameset":
				return false
			case tag == "script":
				script = true
			case tag == "noscript":
				inNoscript = true
			case strings.Contains(tag, "-"): // a custom element
				mount = true
			default:
				mount = mount || hasAttr && isMount(z)
			}
		}
	}
}

// isMount reports whether the tag that the tokenizer is at has the identifier of
// an element that a script fills.
func isMount(z *html.Tokenizer) bool {
	for {
		key, value, more := z.TagAttr()
		if string(key) == "id" && mounts[strings.ToLower(string(value))] {
			return true
		}
		if !more {
			return false
		}
	}
}
