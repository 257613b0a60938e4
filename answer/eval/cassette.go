package eval

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"unicode/utf8"
)

// ErrNotRecorded means that a cassette has no reply to a request: the prompt, the
// chunks or the model have changed since the recording.
var ErrNotRecorded = errors.New("no recorded reply: the request has changed; record it again with --record")

// A Cassette is a folder of recorded requests and replies. It is the transport of
// the HTTP clients of model, embedder and reranker, and safe for concurrent use.
//
// Each exchange is a file KEY.json, an object with method, url, body, status, type
// and reply; a reply that is not UTF-8 is in base64 as reply64. KEY is the first 32
// hex digits of the SHA-256 of method, url and body. The nonces of a prompt's
// delimiters are ignored. Headers are not recorded, since they contain keys. Replies
// that ask for a retry are not recorded either.
type Cassette struct {
	dir  string
	next http.RoundTripper // nil for a replay

	mu   sync.Mutex
	err  error // of the first request without a reply
	used map[string]bool
}

var _ http.RoundTripper = (*Cassette)(nil)

// Record returns a cassette that sends requests through next and stores the replies
// in a folder, which it creates if necessary.
func Record(dir string, next http.RoundTripper) (*Cassette, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("eval: record: %w", err)
	}
	return &Cassette{dir: dir, next: next, used: map[string]bool{}}, nil
}

// Replay returns a cassette that answers from a folder and sends nothing.
func Replay(dir string) (*Cassette, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("no recording in %s: make one with --record", dir)
	}
	if err != nil {
		return nil, fmt.Errorf("eval: replay: %w", err)
	}
	return &Cassette{dir: dir, used: map[string]bool{}}, nil
}

// Err returns the first error: [ErrNotRecorded] for a request without a recorded
// reply, or an error of storing a reply.
func (c *Cassette) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// Unused returns the names of the files that no request has used: they remain from
// earlier recordings.
func (c *Cassette) Unused() ([]string, error) {
	files, err := filepath.Glob(filepath.Join(c.dir, "*.json"))
	if err != nil {
		return nil, fmt.Errorf("eval: replay: %w", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []string
	for _, f := range files {
		if name := filepath.Base(f); !c.used[name] {
			out = append(out, name)
		}
	}
	return out, nil
}

// An exchange is a file of a cassette.
type exchange struct {
	Method  string `json:"method"`
	URL     string `json:"url"` // without parameters that may be secrets
	Body    string `json:"body"`
	Status  int    `json:"status"`
	Type    string `json:"type"`
	Reply   string `json:"reply,omitempty"`
	Reply64 []byte `json:"reply64,omitempty"`
}

// nonce matches the nonce of a prompt's delimiter.
var nonce = regexp.MustCompile(`(source|question|conversation|said)-([0-9a-f]{16})`)

// key sets method, URL and body of an exchange, and returns the name of its file.
func (e *exchange) key(r *http.Request, body []byte) string {
	for _, m := range nonce.FindAllSubmatch(body, -1) {
		body = bytes.ReplaceAll(body, m[2], []byte("0000000000000000"))
	}
	u := *r.URL
	u.User = nil
	q := u.Query()
	for _, name := range []string{"key", "api_key", "api-key", "token", "code", "sig"} {
		q.Del(name)
	}
	u.RawQuery = q.Encode()
	e.Method, e.URL, e.Body = r.Method, u.String(), string(body)
	sum := sha256.Sum256([]byte(e.Method + "\n" + e.URL + "\n" + e.Body))
	return hex.EncodeToString(sum[:16]) + ".json"
}

// RoundTrip implements [http.RoundTripper]. A request that is not recorded is answered
// with 404, which no client retries, and Err reports it.
func (c *Cassette) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, errors.Join(err, r.Body.Close())
		}
		if err := r.Body.Close(); err != nil {
			return nil, err
		}
	}
	var e exchange
	name := e.key(r, body)
	c.mu.Lock()
	c.used[name] = true
	c.mu.Unlock()
	if c.next != nil {
		return c.record(r, body, name, e)
	}
	raw, err := os.ReadFile(filepath.Join(c.dir, name))
	if err == nil {
		err = json.Unmarshal(raw, &e)
	}
	if err != nil {
		c.fail(r, err)
		e.Status, e.Type, e.Reply = http.StatusNotFound, "application/json", `{"error":{"message":"not recorded"}}`
	}
	return e.response(r), nil
}

// fail records the first error.
func (c *Cassette) fail(r *http.Request, err error) {
	if errors.Is(err, fs.ErrNotExist) {
		err = ErrNotRecorded
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		c.err = fmt.Errorf("%s %s%s: %w", r.Method, r.URL.Host, r.URL.Path, err)
	}
}

// record sends a request and stores the reply.
func (c *Cassette) record(r *http.Request, body []byte, name string, e exchange) (*http.Response, error) {
	sent := r.Clone(r.Context())
	sent.Body = io.NopCloser(bytes.NewReader(body))
	res, err := c.next.RoundTrip(sent)
	if err != nil {
		return nil, err
	}
	reply, err := io.ReadAll(res.Body)
	if err := errors.Join(err, res.Body.Close()); err != nil {
		return nil, err
	}
	e.Status, e.Type = res.StatusCode, res.Header.Get("Content-Type")
	if utf8.Valid(reply) {
		e.Reply = string(reply)
	} else {
		e.Reply64 = reply
	}
	res.Body = io.NopCloser(bytes.NewReader(reply))
	if e.Status == http.StatusTooManyRequests || e.Status >= http.StatusInternalServerError {
		return res, nil
	}
	file, err := json.MarshalIndent(e, "", "  ")
	if err == nil {
		err = os.WriteFile(filepath.Join(c.dir, name), append(file, '\n'), 0o600)
	}
	if err != nil {
		c.fail(r, err)
	}
	return res, nil
}

// response returns the recorded response.
func (e exchange) response(r *http.Request) *http.Response {
	reply := e.Reply64
	if reply == nil {
		reply = []byte(e.Reply)
	}
	return &http.Response{
		Status: fmt.Sprintf("%d %s", e.Status, http.StatusText(e.Status)), StatusCode: e.Status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {e.Type}}, Body: io.NopCloser(bytes.NewReader(reply)), ContentLength: int64(len(reply)), Request: r,
	}
}
