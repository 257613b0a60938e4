package pdf

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"testing"
)

// pdfiumSum is the SHA-256 of internal/pdfium_wasm/pdfium.wasm in the module that
// internal/gen names, which the checksums of modules vouch for.
const pdfiumSum = "e6f77e01dce34de05ad62515114152da580b64c23871e3e3e2afef3f7bb88ade"

func TestPDFiumIsThatOfTheModule(t *testing.T) {
	z, err := gzip.NewReader(bytes.NewReader(compressed))
	if err != nil {
		t.Fatal(err)
	}
	h := sha256.New()
	if _, err := io.Copy(h, z); err != nil {
		t.Fatal(err)
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != pdfiumSum {
		t.Errorf("pdfium.wasm.gz holds %s, want %s", got, pdfiumSum)
	}
}
