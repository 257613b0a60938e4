// Gen writes the amd64 kernels of encoder: the assembly and its Go declarations.
// Every kernel is generated twice, for AVX2 with FMA and for AVX-512F.
package main

import (
	"bytes"
	"fmt"
	"os"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/printer"
)

const (
	asmFile  = "kernel_amd64.s"
	stubFile = "kernel_amd64_decl.go"
)

func main() {
	files, err := generate()
	for name, b := range files {
		if err == nil {
			err = os.WriteFile(name, b, 0o644)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// generate returns the content of each file by its name.
func generate() (map[string][]byte, error) {
	g := &generator{Context: build.NewContext()}
	g.ConstraintExpr("amd64")
	g.constants()
	for _, v := range []vector{avx2, avx512} {
		g.vector = v
		g.tile()
		g.gelu()
		g.softmax()
		g.addNorm()
	}
	f, err := g.Result()
	if err != nil {
		return nil, err
	}
	cfg := printer.Config{Name: "go generate", Pkg: "encoder"}
	if err := pass.Compile.Execute(f); err != nil {
		return nil, err
	}
	asm, err := printer.NewGoAsm(cfg).Print(f)
	if err != nil {
		return nil, err
	}
	stubs, err := printer.NewStubs(cfg).Print(f)
	if err != nil {
		return nil, err
	}
	stubs = bytes.ReplaceAll(stubs, []byte("// +build amd64\n"), nil)
	return map[string][]byte{asmFile: asm, stubFile: stubs}, nil
}
