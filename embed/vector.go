package embed

import (
	"errors"
	"fmt"
	"math"
)

// unitTolerance is how far the square of a vector's length may lie from 1.
// float32 normalisation leaves 1e-6 at most.
const unitTolerance = 1e-3

// Cosine returns the cosine of two vectors of unit length and equal dimension.
func Cosine(a, b Vector) float64 {
	var sum float64
	for i, x := range a {
		sum += float64(x) * float64(b[i])
	}
	return max(-1, min(1, sum))
}

// ValidateVector returns an error unless v has dim dimensions and unit length.
func ValidateVector(v Vector, dim int) error {
	if len(v) != dim {
		return fmt.Errorf("a vector has %d dimensions, not %d", len(v), dim)
	}
	var sum float64
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	if !(math.Abs(sum-1) <= unitTolerance) { // NaN is refused too
		return errors.New("a vector is not of unit length")
	}
	return nil
}

// Normalize scales v to unit length and reports whether that is possible. It is not
// for zeros, NaN and infinite values.
func Normalize(v Vector) bool {
	var sum float64
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	if !(sum > 0) || math.IsInf(sum, 0) {
		return false
	}
	for i, x := range v {
		v[i] = float32(float64(x) / math.Sqrt(sum))
	}
	return true
}
