package sigs

import (
	"strconv"
	"strings"
)

// versionDistance is how unlike two versions are, for hints: the position of the first differing part weighs most.
func versionDistance(a, b string) int {
	x, y := strings.Split(strings.TrimPrefix(a, "v"), "."), strings.Split(strings.TrimPrefix(b, "v"), ".")
	distance, weight := 0, 1000000
	for i := range max(len(x), len(y)) {
		distance += weight * partDistance(x, y, i)
		weight = max(weight/30, 1)
	}
	return distance
}

func partDistance(x, y []string, i int) int {
	if i >= len(x) || i >= len(y) {
		return 2
	}
	if x[i] == y[i] {
		return 0
	}
	m, errM := strconv.Atoi(leadingDigits(x[i]))
	n, errN := strconv.Atoi(leadingDigits(y[i]))
	if errM != nil || errN != nil {
		return 20
	}
	return 1 + min(max(m-n, n-m), 20)
}

func leadingDigits(s string) string {
	for i, r := range s {
		if r < '0' || r > '9' {
			return s[:i]
		}
	}
	return s
}
