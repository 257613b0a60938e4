package main

import (
	"math"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A vector is an instruction set, seen through the width of its registers.
type vector struct {
	suffix string // of the function names
	bytes  int    // of one register
	rows   int    // of a tile; with two registers a row it fills the register file
}

var (
	avx2   = vector{"AVX2", 32, 6}
	avx512 = vector{"AVX512", 64, 12}
)

// A generator emits kernels for one vector after the other.
type generator struct {
	*build.Context
	vector
	data map[string]operand.Mem // constants, repeated to the widest register
}

// floats are the constants the kernels need. Exp is Cephes' expf: reduction by
// ln 2 in two parts, then a polynomial of degree 5. Erf is formula 7.1.26 of
// Abramowitz and Stegun, whose error is at most 1.5e-7.
var floats = []struct {
	name  string
	value float32
}{
	{"one", 1}, {"half", 0.5}, {"rsqrt2", 1 / math.Sqrt2}, {"eps", 1e-12}, {"invDim", 1.0 / 384},
	{"expMin", -87.33654}, {"log2e", math.Log2E}, {"ln2Hi", 0.693359375}, {"ln2Lo", -2.12194440e-4},
	{"e0", 1.9875691500e-4}, {"e1", 1.3981999507e-3}, {"e2", 8.3334519073e-3},
	{"e3", 4.1665795894e-2}, {"e4", 1.6666665459e-1}, {"e5", 5.0000001201e-1},
	{"erfP", 0.3275911}, {"erfA1", 0.254829592}, {"erfA2", -0.284496736},
	{"erfA3", 1.421413741}, {"erfA4", -1.453152027}, {"erfA5", 1.061405429},
}

func (g *generator) constants() {
	g.data = map[string]operand.Mem{}
	for _, f := range floats {
		g.constant(f.name, operand.U32(math.Float32bits(f.value)))
	}
	g.constant("absMask", operand.U32(0x7fffffff))
	g.constant("expBias", operand.U32(127))
}

func (g *generator) constant(name string, c operand.Constant) {
	m := g.StaticGlobal(name)
	g.DataAttributes(attr.RODATA | attr.NOPTR)
	for i := range avx512.bytes / 4 {
		g.AddDatum(4*i, c)
	}
	g.data[name] = m
}

// function begins a kernel of the current vector.
func (g *generator) function(name, signature string, doc ...string) {
	g.Function(name + g.suffix)
	g.Attributes(attr.NOSPLIT)
	g.Pragma("noescape")
	g.SignatureExpr(signature)
	g.Doc(append([]string{name + g.suffix + " " + doc[0]}, doc[1:]...)...)
}

// end ends a kernel. The upper halves of the registers are cleared, since code
// with the older encoding is slow while they are not.
func (g *generator) end() {
	g.VZEROUPPER()
	g.RET()
}

// wide returns a new register of the current width.
func (g *generator) wide() reg.VecVirtual {
	if g.bytes == 64 {
		return g.ZMM()
	}
	return g.YMM()
}

// base loads the address of the first element of the slice parameter name.
func (g *generator) base(name string) reg.Register {
	return g.Load(g.Param(name).Base(), g.GP64())
}

// stride loads the parameter name, a number of float32, as a number of bytes.
func (g *generator) stride(name string) reg.GPVirtual {
	r := g.GP64()
	g.Load(g.Param(name), r)
	g.SHLQ(operand.U8(2), r)
	return r
}

// zero returns a register of zeros.
func (g *generator) zero() reg.VecVirtual {
	r := g.wide()
	if g.bytes == 64 {
		g.VPXORD(r, r, r)
	} else {
		g.VXORPS(r, r, r)
	}
	return r
}

// load returns a new register that holds m.
func (g *generator) load(m operand.Mem) reg.VecVirtual {
	r := g.wide()
	g.VMOVUPS(m, r)
	return r
}

// abs sets dst to the absolute values of src.
func (g *generator) abs(src, dst reg.VecVirtual) {
	if g.bytes == 64 {
		g.VPANDD(g.data["absMask"], src, dst)
	} else {
		g.VANDPS(g.data["absMask"], src, dst)
	}
}

// round rounds r to the nearest whole number.
func (g *generator) round(r reg.VecVirtual) {
	if g.bytes == 64 {
		g.VRNDSCALEPS(operand.U8(0), r, r)
	} else {
		g.VROUNDPS(operand.U8(0), r, r)
	}
}

// exp returns e to the power of x and spoils x. Below expMin, where a float32
// ends, it is the exponential of expMin.
func (g *generator) exp(x reg.VecVirtual) reg.VecVirtual {
	n, p := g.wide(), g.load(g.data["e0"])
	g.VMAXPS(g.data["expMin"], x, x)
	g.VMULPS(g.data["log2e"], x, n)
	g.round(n)
	g.VFNMADD231PS(g.data["ln2Hi"], n, x)
	g.VFNMADD231PS(g.data["ln2Lo"], n, x)
	for _, c := range []string{"e1", "e2", "e3", "e4", "e5", "one", "one"} {
		g.VFMADD213PS(g.data[c], x, p)
	}
	g.VCVTPS2DQ(n, n)
	g.VPADDD(g.data["expBias"], n, n)
	g.VPSLLD(operand.U8(23), n, n)
	g.VMULPS(n, p, p)
	return p
}

// reduce combines all lanes of r by op, and leaves the result in all of them.
func (g *generator) reduce(r reg.VecVirtual, op func(ops ...operand.Op)) {
	y := r.AsY()
	if g.bytes == 64 {
		half := g.YMM()
		g.VEXTRACTF64X4(operand.U8(1), r, half)
		op(half, y, y)
	}
	x, half := r.AsX(), g.XMM()
	g.VEXTRACTF128(operand.U8(1), y, half)
	op(half, x, x)
	for _, order := range []operand.U8{0b01_00_11_10, 0b10_11_00_01} {
		g.VPERMILPS(order, x, half)
		op(half, x, x)
	}
	g.VBROADCASTSS(x, r)
}

// loop emits body for a counter of bytes that runs from 0 to the length of the
// slice parameter name in steps of one register.
func (g *generator) loop(label, name string, body func(at reg.Register)) {
	at, n := g.GP64(), g.GP64()
	g.Load(g.Param(name).Len(), n)
	g.SHLQ(operand.U8(2), n)
	g.XORQ(at, at)
	g.Label(label)
	body(at)
	g.ADDQ(operand.U32(uint32(g.bytes)), at)
	g.CMPQ(at, n)
	g.JLT(operand.LabelRef(label))
}

func at(base reg.Register, index reg.Register) operand.Mem {
	return operand.Mem{Base: base, Index: index, Scale: 1}
}
