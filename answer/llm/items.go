package llm

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// itemsParam is the fact that the service refuses the encrypted reasoning of calls.
const itemsParam = "include"

// aboutItems matches errors about items that were sent back. A gateway may drop their
// encrypted content, and a service of several regions may be unable to read that of
// another region.
var aboutItems = regexp.MustCompile(`(?i)invalid_encrypted_content|encrypted content|items are not persisted|\bitem\b.{0,80}\b(not found|without its required)`)

// refusesItems reports whether f refuses encrypted reasoning: to send it, or to read
// what was sent back. "Encrypted content is not supported with this model" has no code.
func (o *outgoing) refusesItems(f *apiError) bool {
	if f.status != http.StatusBadRequest && f.status != http.StatusNotFound {
		return false
	}
	return o.carryReasoning && strings.HasPrefix(f.param, itemsParam) || o.hasItems() && aboutItems.MatchString(f.code+" "+f.message)
}

// hasItems reports whether o sends items of earlier responses back.
func (o *outgoing) hasItems() bool {
	return o.viaResponses && slices.ContainsFunc(o.messages, func(m Message) bool {
		return slices.ContainsFunc(m.Calls, func(c Call) bool { return len(c.Items) > 0 })
	})
}

// withoutItems returns messages whose calls have no items.
func withoutItems(messages []Message) []Message {
	out := slices.Clone(messages)
	for i := range out {
		out[i].Calls = slices.Clone(out[i].Calls)
		for j := range out[i].Calls {
			out[i].Calls[j].Items = nil
		}
	}
	return out
}
