package sigs

import "testing"

// CompareCut compares the two ways to parse and returns how many bytes the YAML parser has to read on the fast one.
func CompareCut(t testing.TB, data []byte) int {
	compareCut(t, data)
	return len(cut(data).skeleton)
}
