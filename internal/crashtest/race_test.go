//go:build race

package crashtest

// points is how many runs are killed: the race detector makes each of them ten
// times as long.
const points = 6
