package llm

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"strings"
	"testing"
)

// The embedded vocabulary is the one that tiktoken uses, which knows it by this hash.
func TestVocabularyFile(t *testing.T) {
	const want = "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"
	z, err := gzip.NewReader(bytes.NewReader(o200k))
	if err != nil {
		t.Fatal(err)
	}
	h := sha256.New()
	if _, err := io.Copy(h, z); err != nil {
		t.Fatal(err)
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != want {
		t.Errorf("SHA-256 of the vocabulary = %s, want %s", got, want)
	}
}

func TestReadRanks(t *testing.T) {
	got, err := readRanks(strings.NewReader("IQ== 0\nIg== 1\n"))
	if err != nil || len(got) != 2 || got["!"] != 0 || got[`"`] != 1 {
		t.Errorf("readRanks() = %v, %v", got, err)
	}
	for _, bad := range []string{"IQ==\n", "IQ== x\n", "*** 0\n"} {
		if _, err := readRanks(strings.NewReader(bad)); err == nil {
			t.Errorf("readRanks(%q) has no error", bad)
		}
	}
}
