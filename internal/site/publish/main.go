// Publish writes the documentation as a website of files:
//
//	go run ./internal/site/publish https://example.com/docs/ FOLDER
package main

import (
	"fmt"
	"os"

	"github.com/citewell/citewell/internal/site"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: publish ADDRESS FOLDER")
		os.Exit(2)
	}
	if err := site.Write(os.Args[2], os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
