//go:build !race

package crashtest

// points is how many runs are killed.
const points = 20
