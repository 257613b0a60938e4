// Package housetest checks the rules that the whole module follows.
//
// It has tests only. They check that imports go down the layers and that each
// third-party module is imported only where it belongs, that ARCHITECTURE.md and
// CONTRIBUTING.md describe the code, and that files have the size and form that
// readers rely on.
package housetest
