// Package housetest holds the code to the rules of the house.
//
// It has tests only: that imports go down the layers and third-party modules stay
// at home, that ARCHITECTURE.md says what is there, and that files are of the
// size and form that every reader of this code may count on.
package housetest
