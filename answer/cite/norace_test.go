//go:build !race

package cite

// everyChunk is which chunks of the documentation are tested.
const everyChunk = 1
