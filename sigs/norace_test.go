//go:build !race

package sigs_test

const raceEnabled = false
