package history

import (
	"strings"
	"testing"
)

func user(texts ...string) []Turn {
	var out []Turn
	for _, t := range texts {
		out = append(out, Turn{User, t}, Turn{Assistant, "An answer about otters and tea."})
	}
	return out
}

func TestStandalone(t *testing.T) {
	for _, tt := range []struct {
		name    string
		history []Turn
		ask     string
		want    string
	}{
		{"nothing before", nil, "How long is it?", "How long is it?"},
		{"pronoun", user("What is a citation?"), "How is it checked?", "citation: How is it checked?"},
		{"plural", user("Which filters are there?"), "Are they combined?", "filters: Are they combined?"},
		{"demonstrative", user("How do I run the server in Docker?"), "Is this safe?", "run server Docker: Is this safe?"},
		{"goes on", user("How do I use Azure?"), "And what about Ollama?", "Azure: And what about Ollama?"},
		{"one word", user("How do I rotate a signing key?"), "Why?", "rotate signing key: Why?"},
		{"short", user("What is --max-output?"), "What is the default?", "max-output: What is the default?"},
		{"stands for itself", user("What is a citation?"), "How do I remove pages from an index?", "How do I remove pages from an index?"},
		{"a name", user("What is a citation?"), "What is Milvus Lite?", "What is Milvus Lite?"},
		{"an identifier", user("What is a citation?"), "max_completion_tokens?", "max_completion_tokens?"},
		{"a number", user("What is a citation?"), "error 404?", "error 404?"},
		{"chain", user("What is Milvus Lite?", "Is it fast?"), "Why?", "Milvus Lite fast: Why?"},
		{"chain ends", user("What is a citation?", "How do I remove pages from an index?"), "Can I undo that?", "remove pages index: Can I undo that?"},
		{"not twice", user("How are keys rotated?"), "Which keys does it keep?", "rotated: Which keys does it keep?"},
		{"an answer alone", []Turn{{Assistant, "Welcome to the otters."}}, "How long is it?", "How long is it?"},
		{"an example", user("How do I rotate a key?"), "Can you give an example?", "rotate key: Can you give an example?"},
		{"after thanks", user("How do I rotate a key?", "Thanks!"), "How long is it kept?", "rotate key: How long is it kept?"},
		{"no more than twelve", user("alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima mike november"), "Why?",
			"alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima: Why?"},
		{"too long with them", user("How do I rotate a key?"), strings.Repeat("Why? ", 1599) + "Why?", strings.Repeat("Why? ", 1599) + "Why?"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Standalone(tt.ask, tt.history); got != tt.want {
				t.Errorf("Standalone(%q) = %q, want %q", tt.ask, got, tt.want)
			}
		})
	}
}

func TestIsCourtesy(t *testing.T) {
	for message, want := range map[string]bool{"Thanks!": true, "Thank you very much 🙏": true, "Ok, thanks.": true, "Vielen Dank!": true, "谢谢！": true,
		"Thanks, and how do I rotate a key?": false, "?": false, "Ok, why?": false, "hi-res images": false} {
		if got := IsCourtesy(message); got != want {
			t.Errorf("IsCourtesy(%q) = %t", message, got)
		}
	}
}

// TestRecent checks that Recent keeps the last turns only.
func TestRecent(t *testing.T) {
	got := Recent(append(user(strings.Repeat("old ", 4000)), user("latest")...))
	sum := 0
	for _, turn := range got {
		sum += len([]rune(turn.Content))
	}
	if sum > recentRunes+10 || len(got) != 4 || !strings.HasSuffix(got[0].Content, " …") || got[2].Content != "latest" {
		t.Errorf("Recent() = %d turns of %d characters", len(got), sum)
	}
}
