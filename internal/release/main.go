// Release describes a program that is to be published: the licences of its modules,
// its bill of materials, and what each module adds to its size. It needs no network.
//
//	release licences                 the text of every licence, for GOOS and GOARCH
//	release sbom VERSION             the bill of materials in CycloneDX 1.6, the same
//	release shares PROGRAM STRIPPED  bytes of each module in a program with symbols, and
//	                                 what the same program without symbols has beside them
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// program is the package of the program that is described.
const program = "./cmd/citewell"

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	switch {
	case len(args) == 1 && args[0] == "licences":
		return describe(out, writeLicences)
	case len(args) == 2 && args[0] == "sbom":
		return describe(out, func(w io.Writer, modules []module) error { return writeSBOM(w, args[1], modules) })
	case len(args) == 3 && args[0] == "shares":
		return writeShares(out, args[1], args[2])
	}
	return errors.New("want licences, sbom VERSION or shares PROGRAM STRIPPED")
}

func describe(out io.Writer, write func(io.Writer, []module) error) error {
	modules, err := modulesOf(program)
	if err != nil {
		return err
	}
	return write(out, modules)
}
