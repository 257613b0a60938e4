package server

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"testing"
)

// prove solves a challenge by what docs/ask.md says of it.
func prove(t *testing.T, challenge string) string {
	t.Helper()
	var parts, bits, iterations int
	if _, err := fmt.Sscanf(challenge, "%d.%d.%d.", &parts, &bits, &iterations); err != nil {
		t.Fatalf("challenge %q: %v", challenge, err)
	}
	proof := challenge
	for part := range parts {
		for n := 0; ; n++ {
			hash, err := pbkdf2.Key(sha256.New, challenge, []byte(strconv.Itoa(part)+"."+strconv.Itoa(n)), iterations, 1)
			if err != nil {
				t.Fatal(err)
			}
			if hash[0]>>(8-bits) == 0 {
				proof += "." + strconv.Itoa(n)
				break
			}
		}
	}
	return proof
}

// TestProofOfWork checks who needs a proof of work on which routes, and that a proof is
// accepted once and for one address.
func TestProofOfWork(t *testing.T) {
	t.Parallel()
	s, _, secrets := limitedServer(t, "2/minute", "")
	s.ProofOfWork, s.TrustedProxies = true, []netip.Prefix{netip.MustParsePrefix("192.0.2.1/32")} // where do comes from
	h := s.routes()
	const toolCall = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"%s","arguments":{"%s":"a"}}}`
	for _, tt := range []struct {
		name, path, body, key, accept string
		refused                       bool
	}{
		{"ask", "/v1/ask", bodies["/v1/ask"], "", "application/json", true},
		{"stream", "/v1/ask", bodies["/v1/ask"], "", "text/event-stream", true},
		{"chat", "/v1/chat/completions", bodies["/v1/chat/completions"], "", "application/json", true},
		{"responses", "/v1/responses", bodies["/v1/responses"], "", "application/json", true},
		{"agents ask", "/mcp", fmt.Sprintf(toolCall, "ask_docs", "question"), "", "application/json, text/event-stream", true},
		{"agents search", "/mcp", fmt.Sprintf(toolCall, "search", "query"), "", "application/json, text/event-stream", false},
		{"search", "/v1/search", bodies["/v1/search"], "", "application/json", false},
		{"ask with a public key", "/v1/ask", bodies["/v1/ask"], secrets["public"], "application/json", true},
		{"ask with a wrong key", "/v1/ask", bodies["/v1/ask"], secrets["wrong"], "application/json", true},
		{"ask with a key", "/v1/ask", bodies["/v1/ask"], secrets["ask-key"], "application/json", false},
		{"ask with the token", "/v1/ask", bodies["/v1/ask"], token, "application/json", false},
	} {
		header := []string{"Content-Type", "application/json", "Accept", tt.accept, "X-Forwarded-For", "203.0.113.9"}
		if tt.key != "" {
			header = append(header, "Authorization", "Bearer "+tt.key)
		}
		if tt.key == secrets["public"] {
			header = append(header, "Origin", docsOrigin)
		}
		w := do(h, "POST", tt.path, tt.body, header...)
		if got := strings.Contains(w.Body.String(), "proof of work"); got != tt.refused || tt.path != "/mcp" && (w.Code == 428) != tt.refused {
			t.Errorf("%s = %d %s, want a refusal: %v", tt.name, w.Code, w.Body, tt.refused)
		}
		if challenge := w.Header().Get(challengeHeader); (challenge != "") != (tt.refused && tt.path == "/v1/ask") {
			t.Errorf("%s: the challenge is %q", tt.name, challenge)
		}
	}
	ask := func(address, proof string) (status int, challenge string) {
		w := do(h, "POST", "/v1/ask", bodies["/v1/ask"], "Accept", "application/json", "X-Forwarded-For", address, proofHeader, proof)
		return w.Code, w.Header().Get(challengeHeader)
	}
	// Refusals do not count for the limit of two requests a minute.
	_, challenge := ask("203.0.113.5", "")
	proof := prove(t, challenge)
	for _, step := range []struct {
		name, address, proof string
		want                 int
	}{
		{"from another address", "203.0.113.6", proof, 428},
		{"without numbers", "203.0.113.5", challenge, 428},
		{"right", "203.0.113.5", proof, 200},
		{"again", "203.0.113.5", proof, 428},
	} {
		if got, _ := ask(step.address, step.proof); got != step.want {
			t.Errorf("%s = %d, want %d", step.name, got, step.want)
		}
	}
}
