// Gen packs PDFium, as the module go-pdfium ships it, compiled to WebAssembly, into the
// file that package pdf embeds. It fetches that module by the Go command.
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// module is the version whose file is packed.
const module = "github.com/klippa-app/go-pdfium@v1.21.4"

func main() {
	if err := pack("pdfium.wasm.gz"); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func pack(to string) error {
	out, err := exec.Command("go", "mod", "download", "-json", module).Output()
	if err != nil {
		return err
	}
	var got struct{ Dir string }
	if err := json.Unmarshal(out, &got); err != nil {
		return err
	}
	wasm, err := os.ReadFile(filepath.Join(got.Dir, "internal", "pdfium_wasm", "pdfium.wasm"))
	if err != nil {
		return err
	}
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := z.Write(wasm); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	return os.WriteFile(to, b.Bytes(), 0o644)
}
