//go:build race

package cite

// everyChunk is which chunks of the documentation are tested. The race detector makes
// a test twenty times as slow; .ci/run tests this package without it, too.
const everyChunk = 10
