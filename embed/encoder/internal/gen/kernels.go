package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// tile emits the heart of the matrix product. The sums stay in registers while
// k runs; each step loads one row of b and spreads one element of each row of a.
func (g *generator) tile() {
	g.function("tile", "func(k int, a []float32, lda int, b, c []float32, ldc int, init []float32, ldinit int)",
		"sets a tile of c to init plus the product of a and b over k steps.")
	sums := g.loadSums()

	k := g.GP64()
	g.Load(g.Param("k"), k)
	b := g.base("b")
	lda := g.stride("lda")
	triple := g.GP64()
	g.LEAQ(operand.Mem{Base: lda, Index: lda, Scale: 2}, triple)
	rows := []reg.Register{g.base("a")} // each third row of a
	for i := 3; i < g.rows; i += 3 {
		r := g.GP64()
		g.LEAQ(at(rows[len(rows)-1], triple), r)
		rows = append(rows, r)
	}

	step := func(n int) {
		b0 := g.load(operand.Mem{Base: b, Disp: 2 * g.bytes * n})
		b1 := g.load(operand.Mem{Base: b, Disp: 2*g.bytes*n + g.bytes})
		for i := range g.rows {
			m := operand.Mem{Base: rows[i/3], Disp: 4 * n}
			if i%3 > 0 {
				m.Index, m.Scale = lda, uint8(i%3)
			}
			x := g.wide()
			g.VBROADCASTSS(m, x)
			g.VFMADD231PS(b0, x, sums[2*i])
			g.VFMADD231PS(b1, x, sums[2*i+1])
		}
	}
	g.steps(k, 4, "four", "rest", step, b, rows)
	g.steps(k, 1, "one", "done", step, b, rows)

	c, ldc := g.base("c"), g.stride("ldc")
	for i := range g.rows {
		g.VMOVUPS(sums[2*i], operand.Mem{Base: c})
		g.VMOVUPS(sums[2*i+1], operand.Mem{Base: c, Disp: g.bytes})
		if i < g.rows-1 {
			g.ADDQ(ldc, c)
		}
	}
	g.end()
}

// loadSums returns the registers of a tile, two a row, loaded from init.
func (g *generator) loadSums() []reg.VecVirtual {
	init, ldinit := g.base("init"), g.stride("ldinit")
	var sums []reg.VecVirtual
	for i := range g.rows {
		sums = append(sums, g.load(operand.Mem{Base: init}), g.load(operand.Mem{Base: init, Disp: g.bytes}))
		if i < g.rows-1 {
			g.ADDQ(ldinit, init)
		}
	}
	return sums
}

// steps emits step for n values of k at a time while k is at least n, moving b
// and the rows of a on.
func (g *generator) steps(k reg.Register, n int, label, after string, step func(int), b reg.Register, rows []reg.Register) {
	g.SUBQ(operand.U32(uint32(n)), k)
	g.JLT(operand.LabelRef(after))
	g.Label(label)
	for i := range n {
		step(i)
	}
	g.ADDQ(operand.U32(uint32(2*g.bytes*n)), b)
	for _, r := range rows {
		g.ADDQ(operand.U32(uint32(4*n)), r)
	}
	g.SUBQ(operand.U32(uint32(n)), k)
	g.JGE(operand.LabelRef(label))
	g.Label(after)
	g.ADDQ(operand.U32(uint32(n)), k)
}

// gelu emits x·(1+erf(x/√2))/2.
func (g *generator) gelu() {
	g.function("gelu", "func(x []float32)", "replaces every x by its GELU, in the form with erf.")
	x := g.base("x")
	g.loop("next", "x", func(i reg.Register) {
		v := g.load(at(x, i))
		z, t, denom := g.wide(), g.wide(), g.load(g.data["one"])
		g.VMULPS(g.data["rsqrt2"], v, z)
		g.abs(z, z)
		erf := g.load(g.data["one"])
		g.VFMADD231PS(g.data["erfP"], z, denom)
		g.VDIVPS(denom, erf, t)
		poly := g.load(g.data["erfA5"])
		for _, c := range []string{"erfA4", "erfA3", "erfA2", "erfA1"} {
			g.VFMADD213PS(g.data[c], t, poly)
		}
		g.VMULPS(t, poly, poly)
		square := g.zero()
		g.VFNMADD231PS(z, z, square)
		g.VFNMADD231PS(g.exp(square), poly, erf)
		g.VMULPS(g.data["half"], v, v)
		g.abs(v, z)
		g.VFMADD231PS(erf, z, v)
		g.VMOVUPS(v, at(x, i))
	})
	g.end()
}

// softmax emits three passes: the maximum, the exponentials with their sum, and
// the division.
func (g *generator) softmax() {
	g.function("softmax", "func(row []float32)", "replaces row by its softmax.")
	row := g.base("row")
	top := g.load(operand.Mem{Base: row})
	g.loop("max", "row", func(i reg.Register) { g.VMAXPS(at(row, i), top, top) })
	g.reduce(top, g.vmaxps)

	sum := g.zero()
	g.loop("exp", "row", func(i reg.Register) {
		x := g.load(at(row, i))
		g.VSUBPS(top, x, x)
		e := g.exp(x)
		g.VMOVUPS(e, at(row, i))
		g.VADDPS(e, sum, sum)
	})
	g.reduce(sum, g.vaddps)

	scale := g.load(g.data["one"])
	g.VDIVPS(sum, scale, scale)
	g.loop("scale", "row", func(i reg.Register) {
		x := g.wide()
		g.VMULPS(at(row, i), scale, x)
		g.VMOVUPS(x, at(row, i))
	})
	g.end()
}

// addNorm emits x = norm(x+y)·w + b.
func (g *generator) addNorm() {
	g.function("addNorm", "func(x, y, w, b []float32)",
		"adds y to x and normalises the sum to mean 0 and variance 1, scaled by w and shifted by b.")
	x, y := g.base("x"), g.base("y")
	mean := g.zero()
	g.loop("add", "x", func(i reg.Register) {
		v := g.load(at(x, i))
		g.VADDPS(at(y, i), v, v)
		g.VMOVUPS(v, at(x, i))
		g.VADDPS(v, mean, mean)
	})
	g.reduce(mean, g.vaddps)
	g.VMULPS(g.data["invDim"], mean, mean)

	scale := g.zero()
	g.loop("variance", "x", func(i reg.Register) {
		v := g.load(at(x, i))
		g.VSUBPS(mean, v, v)
		g.VFMADD231PS(v, v, scale)
	})
	g.reduce(scale, g.vaddps)
	g.VMULPS(g.data["invDim"], scale, scale)
	g.VADDPS(g.data["eps"], scale, scale)
	g.VSQRTPS(scale, scale)
	one := g.load(g.data["one"])
	g.VDIVPS(scale, one, scale)

	w, b := g.base("w"), g.base("b")
	g.loop("norm", "x", func(i reg.Register) {
		v, f := g.load(at(x, i)), g.load(at(w, i))
		g.VSUBPS(mean, v, v)
		g.VMULPS(scale, v, v)
		g.VFMADD213PS(at(b, i), f, v)
		g.VMOVUPS(v, at(x, i))
	})
	g.end()
}

func (g *generator) vaddps(ops ...operand.Op) { g.VADDPS(ops...) }
func (g *generator) vmaxps(ops ...operand.Op) { g.VMAXPS(ops...) }
