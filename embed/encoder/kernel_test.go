package encoder

import (
	"math"
	"math/rand/v2"
	"testing"
)

func random(rng *rand.Rand, n int, width float64) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(rng.NormFloat64() * width)
	}
	return x
}

// near reports whether two sums of order 1 agree to float32's precision.
func near(a float32, b float64) bool { return math.Abs(float64(a)-b) <= 2e-5*max(1, math.Abs(b)) }

func TestTile(t *testing.T) {
	for _, k := range Kernels() {
		t.Run(k.Name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, 2))
			for _, steps := range []int{1, 2, 3, 4, 5, 7, 8, 31, 32, 255, 256, 384} {
				for _, stride := range []int{0, k.cols + 3} {
					lda, ldc := steps+2, k.cols+5
					a, b := random(rng, k.rows*lda, 0.5), random(rng, steps*k.cols, 0.5)
					c, init := random(rng, k.rows*ldc, 1), random(rng, k.rows*stride+k.cols, 1)
					before := append([]float32(nil), c...)
					k.tile(steps, a, lda, b, c, ldc, init, stride)
					for i := range c {
						row, col := i/ldc, i%ldc
						want := float64(before[i])
						if col < k.cols {
							want = float64(init[row*stride+col])
							for j := range steps {
								want += float64(a[row*lda+j]) * float64(b[j*k.cols+col])
							}
						}
						if !near(c[i], want) {
							t.Fatalf("tile of %d steps: c[%d,%d] = %v, want %v", steps, row, col, c[i], want)
						}
					}
				}
			}
		})
	}
}

func TestGELU(t *testing.T) {
	for _, k := range Kernels() {
		t.Run(k.Name, func(t *testing.T) {
			x := make([]float32, 4096)
			for i := range x {
				x[i] = float32(i-2048) / 100
			}
			x[0], x[1] = -1e30, 1e30
			y := append([]float32(nil), x...)
			k.gelu(y)
			for i, v := range x {
				want := float64(v) * (1 + math.Erf(float64(v)/math.Sqrt2)) / 2
				if math.Abs(float64(y[i])-want) > 1e-6*max(1, math.Abs(want)) {
					t.Errorf("gelu(%v) = %v, want %v", v, y[i], want)
				}
			}
		})
	}
}

func TestSoftmax(t *testing.T) {
	for _, k := range Kernels() {
		t.Run(k.Name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(3, 4))
			for n := k.cols; n <= 256; n += k.cols {
				row := random(rng, n, 5)
				for i := n - 3; i < n; i++ {
					row[i] = -math.MaxFloat32 // as beyond the end of a text
				}
				want, sum := make([]float64, n), 0.0
				for i, v := range row {
					want[i] = math.Exp(float64(v))
					sum += want[i]
				}
				k.softmax(row)
				for i, v := range row {
					if math.Abs(float64(v)-want[i]/sum) > 1e-6 {
						t.Fatalf("softmax of %d: [%d] = %v, want %v", n, i, v, want[i]/sum)
					}
				}
			}
		})
	}
}

func TestAddNorm(t *testing.T) {
	for _, k := range Kernels() {
		t.Run(k.Name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(5, 6))
			x, y, w, b := random(rng, Dim, 3), random(rng, Dim, 1), random(rng, Dim, 1), random(rng, Dim, 1)
			want, mean, variance := make([]float64, Dim), 0.0, 0.0
			for i := range want {
				want[i] = float64(x[i]) + float64(y[i])
				mean += want[i] / Dim
			}
			for _, v := range want {
				variance += (v - mean) * (v - mean) / Dim
			}
			k.addNorm(x, y, w, b)
			for i := range want {
				if v := (want[i]-mean)/math.Sqrt(variance+Epsilon)*float64(w[i]) + float64(b[i]); !near(x[i], v) {
					t.Errorf("addNorm: [%d] = %v, want %v", i, x[i], v)
				}
			}
		})
	}
}
