// Package memorytest keeps the temporary files of tests in memory where the system has
// a file system for that. Databases wait for the disk at each commit, and a test of
// what a killed process leaves behind does not need it: only a machine without power
// loses what was not on the disk.
//
// It is imported for its effect: it sets TMPDIR, which [testing.T.TempDir] and child
// processes use, unless it is set.
package memorytest
