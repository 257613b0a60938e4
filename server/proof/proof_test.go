package proof

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// solve returns a proof, and how many numbers were tried.
func solve(challenge string) (proof string, tries int) {
	proof = challenge
	for part := range parts {
		n := 0
		for ; !right(challenge, part, fmt.Sprint(n)); n++ {
		}
		proof += fmt.Sprintf(".%d", n)
		tries += n + 1
	}
	return proof, tries
}

// TestAccept checks which proofs are accepted, and that each is accepted once.
func TestAccept(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	c := New("secret", clock)
	proof, _ := solve(c.Challenge("192.0.2.1"))
	at := strings.LastIndex(proof, ".")
	for name, bad := range map[string]string{
		"empty": "", "only dots": strings.Repeat(".", 9), "a challenge": c.Challenge("192.0.2.1"), "a number too few": proof[:at],
		"another cost": "4.0" + proof[3:], "a later end": strings.Replace(proof, ".2000.1", ".2000.2", 1), "no signature": strings.Replace(proof, strings.Split(proof, ".")[5], "", 1),
		"huge": strings.Repeat("A", 10_000),
	} {
		if c.Accept(bad, "192.0.2.1") {
			t.Errorf("%s is accepted: %s", name, bad)
		}
	}
	for _, step := range []struct {
		name string
		c    *Checker
		who  string
		want bool
	}{
		{"from another address", c, "192.0.2.2", false},
		{"another secret", New("", clock), "192.0.2.1", false},
		{"right", c, "192.0.2.1", true},
		{"again", c, "192.0.2.1", false},
		{"another process with the secret", New("secret", clock), "192.0.2.1", true},
	} {
		if got := step.c.Accept(proof, step.who); got != step.want {
			t.Errorf("%s: accepted %v, want %v", step.name, got, step.want)
		}
	}
	wrong := c.Challenge("a")
	if proof, _ := solve(wrong); c.Accept(wrong+".x.x.x.x", "a") || c.Accept(proof, "a") {
		t.Error("a challenge is accepted that was answered wrongly before")
	}
	late, _ := solve(c.Challenge("a"))
	soon, _ := solve(c.Challenge("a"))
	if now = now.Add(life); !c.Accept(soon, "a") {
		t.Error("a proof is refused at the end of its time")
	}
	if now = now.Add(time.Second); c.Accept(late, "a") {
		t.Error("a proof is accepted after its time")
	}
	for range 3 { // what has ended is forgotten
		now = now.Add(life + time.Second)
		c.use(fmt.Sprint(now))
	}
	if n := len(c.young) + len(c.old); n > 2 {
		t.Errorf("%d challenges are remembered", n)
	}
}

// TestWork checks how many numbers have to be tried: 16 for each part on average.
func TestWork(t *testing.T) {
	t.Parallel()
	c, tries := New("", nil), 0
	const proofs = 8
	for range proofs {
		_, n := solve(c.Challenge("a"))
		tries += n
	}
	if mean := tries / proofs; mean < 12 || mean > 300 {
		t.Errorf("a proof takes %d tries on average, want about %d", mean, parts<<zeroBits)
	}
}

// FuzzAccept checks that no text but a proof is accepted.
func FuzzAccept(f *testing.F) {
	c := New("secret", nil)
	f.Add(c.Challenge("a") + ".0.0.0.0")
	f.Fuzz(func(t *testing.T, text string) {
		if c.Accept(text, "b") {
			t.Errorf("%q is accepted", text)
		}
	})
}
