//go:build race

package draft

// share is the share of the random texts that are tested: one in so many. The race
// detector makes a test twenty times as slow; .ci/run tests this package without it, too.
const share = 20
