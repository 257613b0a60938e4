// Package proof asks callers for a proof of work: a computation that costs a reader's
// browser a moment, and whoever asks very often much.
//
// Call [Checker.Challenge], and [Checker.Accept] with what the caller makes of it.
//
//   - A challenge is a text of its own cost, end and random part, signed together with
//     whom it is for. Nothing is stored until it is answered.
//   - A proof is the challenge and [parts] numbers, each after a dot. The first bits of
//     PBKDF2 with SHA-256 must be zero, with the challenge as password and "PART.NUMBER"
//     as salt. Browsers compute it without script, so that others have no advantage and
//     the page does not stop.
//   - Each challenge is accepted once by a process. Processes with one secret accept each
//     other's challenges.
package proof

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	life       = 2 * time.Minute
	iterations = 2000 // of PBKDF2 for one number
	zeroBits   = 4    // so that one of 16 numbers is right
	parts      = 4    // numbers: with several, the time varies less
	hashBytes  = 4    // of what is computed
	maxUsed    = 200_000
	maxDigits  = 6 // of a number; the chance that none of so many is right is 0
)

// A Checker makes challenges and checks proofs. It is safe for concurrent use.
type Checker struct {
	key []byte
	now func() time.Time

	mu         sync.Mutex
	young, old map[string]bool // challenges that were answered: the newer ones, and those of the time before
	since      time.Time       // of young
}

// New returns a checker. An empty secret means one of its own; now is time.Now if it is nil.
func New(secret string, now func() time.Time) *Checker {
	c := &Checker{now: now, young: map[string]bool{}}
	if now == nil {
		c.now = time.Now
	}
	if secret == "" {
		secret = rand.Text()
	}
	key := sha256.Sum256([]byte("proof of work: " + secret))
	c.key = key[:]
	return c
}

// Challenge returns a challenge for somebody, such as an address.
func (c *Checker) Challenge(who string) string {
	open := fmt.Sprintf("%d.%d.%d.%d.%s", parts, zeroBits, iterations, c.now().Add(life).Unix(), rand.Text())
	return open + "." + c.sign(open, who)
}

// sign returns the signature of a challenge.
func (c *Checker) sign(open, who string) string {
	mac := hmac.New(sha256.New, c.key)
	mac.Write([]byte(open + " " + who)) // the challenge has no blanks
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// Accept reports whether a text is a proof of a challenge for somebody that has not ended
// and was not answered before, rightly or wrongly.
func (c *Checker) Accept(proof, who string) bool {
	fields := strings.Split(proof, ".")
	const ofChallenge = 6
	if len(fields) != ofChallenge+parts {
		return false
	}
	open, signature := strings.Join(fields[:ofChallenge-1], "."), fields[ofChallenge-1]
	if !hmac.Equal([]byte(c.sign(open, who)), []byte(signature)) {
		return false
	}
	end, err := strconv.ParseInt(fields[3], 10, 64) // it is signed
	if err != nil || c.now().Unix() > end || !c.use(fields[4]) {
		return false
	}
	for part, number := range fields[ofChallenge:] {
		if len(number) > maxDigits || !right(open+"."+signature, part, number) {
			return false
		}
	}
	return true
}

// right reports whether a number is one of the solution of a challenge.
func right(challenge string, part int, number string) bool {
	hash, err := pbkdf2.Key(sha256.New, challenge, fmt.Appendf(nil, "%d.%s", part, number), iterations, hashBytes)
	return err == nil && hash[0]>>(8-zeroBits) == 0
}

// use reports whether a challenge is used for the first time, and remembers it until it
// has ended.
func (c *Checker) use(id string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := c.now(); now.Sub(c.since) > life {
		if c.old = c.young; now.Sub(c.since) > 2*life {
			c.old = nil
		}
		c.young, c.since = map[string]bool{}, now
	}
	if c.young[id] || c.old[id] || len(c.young) >= maxUsed {
		return false
	}
	c.young[id] = true
	return true
}
