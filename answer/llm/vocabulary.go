package llm

import (
	"bufio"
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/base64"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"

	"github.com/pkoukk/tiktoken-go"
)

// vocabulary returns o200k, the vocabulary of OpenAI's models since gpt-4o. It is
// embedded and parsed on first use, which takes more than a second; most prompts are
// too short to need it.
var vocabulary = sync.OnceValue(func() *tiktoken.Tiktoken {
	tiktoken.SetBpeLoader(embedded{})
	t, err := tiktoken.GetEncoding(tiktoken.MODEL_O200K_BASE)
	if err != nil {
		panic("llm: the vocabulary is not in the program: " + err.Error()) // Unreachable: it is embedded.
	}
	return t
})

// o200k is the file o200k_base.tiktoken that OpenAI publishes for tiktoken (MIT
// licence, see o200k.LICENSE), compressed by gzip. The module tiktoken-go-loader has three more
// vocabularies, and none is compressed: it would make the program 5 MB larger.
//
//go:embed o200k_base.tiktoken.gz
var o200k []byte

// embedded loads the embedded vocabulary, whatever file is asked for.
type embedded struct{}

var _ tiktoken.BpeLoader = embedded{}

// LoadTiktokenBpe implements [tiktoken.BpeLoader].
func (embedded) LoadTiktokenBpe(string) (map[string]int, error) {
	z, err := gzip.NewReader(bytes.NewReader(o200k))
	if err != nil {
		return nil, err
	}
	return readRanks(z)
}

// readRanks reads lines of a token, in base64, and its rank.
func readRanks(r io.Reader) (map[string]int, error) {
	ranks := make(map[string]int, 200_000)
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		token, rank, _ := strings.Cut(lines.Text(), " ")
		b, err := base64.StdEncoding.DecodeString(token)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", len(ranks)+1, err)
		}
		if ranks[string(b)], err = strconv.Atoi(rank); err != nil {
			return nil, fmt.Errorf("line %d: %w", len(ranks)+1, err)
		}
	}
	return ranks, lines.Err()
}
