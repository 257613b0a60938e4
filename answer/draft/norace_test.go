//go:build !race

package draft

// share is the share of the random texts that are tested: one in so many.
const share = 1
