//go:build ignore

// Gotrafilatura extracts the main content of the files of a folder, once for each
// line of standard input, and prints the seconds that it took. The benchmark builds it
// with the modules of _peers/gotrafilatura.mod, so that they are none of Citewell's.
package main

import (
	"bufio"
	"bytes"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/markusmobius/go-trafilatura"
)

func main() {
	names, err := filepath.Glob(filepath.Join(os.Args[1], "*"))
	if err != nil {
		log.Fatal(err)
	}
	var pages [][]byte
	for _, name := range names {
		page, err := os.ReadFile(name)
		if err != nil {
			log.Fatal(err)
		}
		pages = append(pages, page)
	}
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		begun := time.Now()
		for _, page := range pages {
			opts := trafilatura.Options{EnableFallback: true, IncludeLinks: true}
			if _, err := trafilatura.Extract(bytes.NewReader(page), opts); err != nil {
				log.Fatal(err)
			}
		}
		fmt.Println(time.Since(begun).Seconds())
	}
}
