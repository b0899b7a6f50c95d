//go:build race

package sigs_test

const raceEnabled = true
