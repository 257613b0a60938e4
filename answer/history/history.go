// Package history holds what was said before a question.
//
// Call [Validate] on what a client sends, [Recent] for what a prompt shows of it,
// and [Standalone] to search for a question that refers to it.
package history

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/retrieve"
)

// A Turn is one message of a conversation. It holds no reasoning of a model:
// [Recent] removes what a client sends of it.
type Turn struct {
	Role    string `json:"role"` // User or Assistant
	Content string `json:"content"`
}

// The roles of a [Turn].
const (
	User      = "user"
	Assistant = "assistant"
)

// Limits of a history. A longer one is rejected: the client knows best what to
// leave out.
const (
	MaxTurns     = 40
	MaxTurnRunes = 16_000
	maxRunes     = 64_000
)

// Fit returns the last turns that [Validate] accepts: empty ones are left out, and long
// ones cut. It is for clients that send whole conversations.
func Fit(turns []Turn) []Turn {
	var fitting []Turn
	total := 0
	for _, t := range slices.Backward(turns) {
		text := []rune(strings.TrimSpace(t.Content))
		if len(text) == 0 {
			continue
		}
		text = text[:min(len(text), MaxTurnRunes)]
		if total += len(text); total > maxRunes || len(fitting) == MaxTurns {
			break
		}
		fitting = append(fitting, Turn{Role: t.Role, Content: string(text)})
	}
	slices.Reverse(fitting)
	return fitting
}

// Validate returns a [retrieve.ErrQuery] that names the first fault of a history.
func Validate(turns []Turn) error {
	if len(turns) > MaxTurns {
		return fmt.Errorf("%w: the history has %d turns, more than %d", retrieve.ErrQuery, len(turns), MaxTurns)
	}
	sum := 0
	for i, t := range turns {
		n := utf8.RuneCountInString(t.Content)
		sum += n
		switch {
		case t.Role != User && t.Role != Assistant:
			return fmt.Errorf("%w: turn %d of the history has a role other than %s and %s", retrieve.ErrQuery, i+1, User, Assistant)
		case strings.TrimSpace(t.Content) == "":
			return fmt.Errorf("%w: turn %d of the history is empty", retrieve.ErrQuery, i+1)
		case n > MaxTurnRunes:
			return fmt.Errorf("%w: turn %d of the history is longer than %d characters", retrieve.ErrQuery, i+1, MaxTurnRunes)
		case sum > maxRunes:
			return fmt.Errorf("%w: the history is longer than %d characters", retrieve.ErrQuery, maxRunes)
		}
	}
	return nil
}

// recentRunes is how many characters of a history a prompt shows.
const recentRunes = 6_000

// Recent returns the last turns, within 6000 characters, without the reasoning
// that some models write in front of their answers. The oldest of them is cut.
func Recent(turns []Turn) []Turn {
	var out []Turn
	room := recentRunes
	for i := len(turns) - 1; i >= 0 && room > 0; i-- {
		text := strings.TrimSpace(turns[i].Content)
		if turns[i].Role == Assistant {
			text = llm.Visible(text)
		}
		if r := []rune(text); len(r) > room {
			text = string(r[:room]) + " …"
		}
		room -= utf8.RuneCountInString(text)
		if text != "" {
			out = append([]Turn{{Role: turns[i].Role, Content: text}}, out...)
		}
	}
	return out
}
