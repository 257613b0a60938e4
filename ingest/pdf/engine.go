package pdf

import (
	"bytes"
	"compress/gzip"
	"context"
	_ "embed"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
)

//go:generate go run ./internal/gen

// compressed is PDFium, compiled to WebAssembly. Its licences are in pdfium.LICENSES.
//
//go:embed pdfium.wasm.gz
var compressed []byte

// maxMemoryPages limits the memory of one document to 1 GB, in pages of 64 kB.
const maxMemoryPages = 16384

// An engine is the compiled library. Compiling takes some seconds and 300 MB, once: the
// result is kept in the user's cache folder.
type engine struct {
	runtime wazero.Runtime
	code    wazero.CompiledModule
}

// shared is the engine of the process, made when the first PDF is read.
var shared = sync.OnceValues(newEngine)

func newEngine() (*engine, error) {
	z, err := gzip.NewReader(bytes.NewReader(compressed))
	if err != nil {
		return nil, err // Unreachable: go generate wrote it.
	}
	wasm, err := io.ReadAll(z)
	if err != nil {
		return nil, err // Unreachable: go generate wrote it.
	}
	// The engine outlives the document that it is made for.
	ctx := context.Background()
	config := runtimeConfig().WithCoreFeatures(api.CoreFeaturesV2 | experimental.CoreFeaturesExceptionHandling).
		WithMemoryLimitPages(maxMemoryPages)
	if dir, err := os.UserCacheDir(); err == nil {
		if cache, err := wazero.NewCompilationCacheWithDir(filepath.Join(dir, "citewell", "pdfium")); err == nil {
			config = config.WithCompilationCache(cache)
		}
	}
	e := &engine{runtime: wazero.NewRuntimeWithConfig(ctx, config)}
	if e.code, err = e.runtime.CompileModule(ctx, wasm); err != nil {
		return nil, fmt.Errorf("compile PDFium: %w", err)
	}
	if _, err := wasi_snapshot_preview1.Instantiate(ctx, e.runtime); err != nil {
		return nil, fmt.Errorf("prepare PDFium: %w", err)
	}
	// PDFium calls back for forms, downloads and files, none of which are used.
	env := e.runtime.NewHostModuleBuilder("env")
	for _, f := range e.code.ImportedFunctions() {
		module, name, _ := f.Import()
		if module != "env" {
			continue
		}
		returns := len(f.ResultTypes()) > 0
		env.NewFunctionBuilder().WithGoFunction(api.GoFunc(func(_ context.Context, stack []uint64) {
			if returns {
				stack[0] = 0
			}
		}), f.ParamTypes(), f.ResultTypes()).Export(name)
	}
	if _, err := env.Instantiate(ctx); err != nil {
		return nil, fmt.Errorf("prepare PDFium: %w", err)
	}
	debug.FreeOSMemory() // what the compiler used
	return e, nil
}

// A library is an instance of PDFium with memory of its own. Its first error stays: calls
// after it return 0.
type library struct {
	ctx       context.Context
	module    api.Module
	functions map[string]api.Function
	stack     [8]uint64
	scratch   uint64 // 64 bytes for results
	err       error
}

// open starts an instance.
func (e *engine) open(ctx context.Context) (*library, error) {
	module, err := e.runtime.InstantiateModule(ctx, e.code, wazero.NewModuleConfig().WithStartFunctions("_initialize").WithName(""))
	if err != nil {
		return nil, fmt.Errorf("start PDFium: %w", err)
	}
	l := &library{ctx: ctx, module: module, functions: map[string]api.Function{}}
	l.call("FPDF_InitLibrary")
	l.scratch = l.call("malloc", 64)
	return l, l.err
}

// close frees the memory of the instance.
func (l *library) close() { _ = l.module.Close(context.WithoutCancel(l.ctx)) }

// call calls a function and returns its result.
func (l *library) call(name string, args ...uint64) uint64 {
	if l.err != nil {
		return 0
	}
	f := l.functions[name]
	if f == nil {
		f = l.module.ExportedFunction(name)
		l.functions[name] = f
	}
	copy(l.stack[:], args)
	if err := f.CallWithStack(l.ctx, l.stack[:]); err != nil {
		l.err = fmt.Errorf("PDFium fails in %s: %w", name, err)
		return 0
	}
	return l.stack[0]
}

// put copies bytes into the memory of the instance.
func (l *library) put(b []byte) uint64 {
	at := l.call("malloc", uint64(len(b)))
	if l.err == nil && (at == 0 || !l.module.Memory().Write(uint32(at), b)) {
		l.err = fmt.Errorf("PDFium has no memory for %d bytes", len(b))
	}
	return at
}

// float32At and float64At return a number of the memory of the instance.
func (l *library) float32At(at uint64) float64 {
	v, _ := l.module.Memory().ReadFloat32Le(uint32(at))
	return float64(v)
}

func (l *library) float64At(at uint64) float64 {
	v, _ := l.module.Memory().ReadFloat64Le(uint32(at))
	return v
}

// text returns the text in UTF-16 that a function writes to a buffer: its last arguments
// are the buffer and its size, and it returns the size that it needs.
func (l *library) text(name string, args ...uint64) string {
	n := l.call(name, append(append([]uint64{}, args...), 0, 0)...)
	if n < 2 || n > 1<<16 {
		return ""
	}
	at := l.call("malloc", n)
	defer l.call("free", at)
	l.call(name, append(append([]uint64{}, args...), at, n)...)
	b, ok := l.module.Memory().Read(uint32(at), uint32(n))
	if !ok || l.err != nil {
		return ""
	}
	return utf16Text(b)
}
