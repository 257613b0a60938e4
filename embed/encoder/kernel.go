package encoder

import "math"

// A Kernel is a set of the innermost loops for one kind of processor. All loops work
// on whole tiles: callers pad to rows and cols.
//
// The assembly does not check bounds: callers must guarantee the sizes stated here.
type Kernel struct {
	Name string

	rows int // of a tile
	cols int // of a tile

	// tile sets rows×cols of c to init plus a·b over k steps. Row i of a, c and
	// init begins at i times their stride (lda, ldc, ldinit, in elements);
	// b is a panel: cols elements a step, without gaps.
	tile func(k int, a []float32, lda int, b, c []float32, ldc int, init []float32, ldinit int)

	gelu    func(x []float32)          // len(x) is a multiple of 16
	softmax func(row []float32)        // len(row) is a multiple of cols
	addNorm func(x, y, w, b []float32) // each holds Dim elements
}

// generic works everywhere. It is about twenty-five times slower than the assembly,
// and [Slow] reports it.
var generic = &Kernel{"generic", 4, 4, tileGeneric, geluGeneric, softmaxGeneric, addNormGeneric}

const genericTile = 4

func tileGeneric(k int, a []float32, lda int, b, c []float32, ldc int, init []float32, ldinit int) {
	for i := range genericTile {
		var row [genericTile]float32
		copy(row[:], init[i*ldinit:])
		s0, s1, s2, s3 := row[0], row[1], row[2], row[3]
		ai := a[i*lda:][:k]
		bi := b[:len(ai)*genericTile]
		for j, x := range ai {
			v := bi[4*j : 4*j+4 : 4*j+4]
			s0 += x * v[0]
			s1 += x * v[1]
			s2 += x * v[2]
			s3 += x * v[3]
		}
		row = [genericTile]float32{s0, s1, s2, s3}
		copy(c[i*ldc:], row[:])
	}
}

// exp32 is Cephes' expf, as in the assembly.
func exp32(x float32) float32 {
	x = max(x, -87.33654)
	n := float32(math.RoundToEven(float64(x * math.Log2E)))
	x -= n * 0.693359375
	x += n * 2.12194440e-4
	p := float32(1.9875691500e-4)
	p = p*x + 1.3981999507e-3
	p = p*x + 8.3334519073e-3
	p = p*x + 4.1665795894e-2
	p = p*x + 1.6666665459e-1
	p = p*x + 5.0000001201e-1
	p = p*x + 1
	p = p*x + 1
	return p * math.Float32frombits(uint32(int32(n)+127)<<23)
}

func abs32(x float32) float32 { return math.Float32frombits(math.Float32bits(x) &^ (1 << 31)) }

func geluGeneric(x []float32) {
	for i, v := range x {
		z := abs32(v) * (1 / math.Sqrt2)
		t := 1 / (1 + 0.3275911*z)
		p := ((((1.061405429*t-1.453152027)*t+1.421413741)*t-0.284496736)*t + 0.254829592) * t
		erf := 1 - p*exp32(-z*z)
		x[i] = 0.5*v + abs32(0.5*v)*erf
	}
}

func softmaxGeneric(row []float32) {
	top := row[0]
	for _, v := range row {
		top = max(top, v)
	}
	var sum float32
	for i, v := range row {
		e := exp32(v - top)
		row[i] = e
		sum += e
	}
	for i := range row {
		row[i] /= sum
	}
}

func addNormGeneric(x, y, w, b []float32) {
	var mean, variance float32
	for i := range x {
		x[i] += y[i]
		mean += x[i]
	}
	mean /= Dim
	for _, v := range x {
		variance += (v - mean) * (v - mean)
	}
	scale := 1 / float32(math.Sqrt(float64(variance/Dim+Epsilon)))
	for i := range x {
		x[i] = (x[i]-mean)*scale*w[i] + b[i]
	}
}
