package sigs

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"
)

// versionPattern is digits with dots and an optional candidate: rc1, -rc.1, -beta.2.
const versionPattern = `\d+(?:\.\d+)*(?:-?(?:rc|beta|alpha)\.?\d+)?`

var (
	suffixRelease = regexp.MustCompile(`^v?(` + versionPattern + `)(?:[-_](.+))?$`)
	commitRelease = regexp.MustCompile(`^([0-9a-f]{40})(?:[-_](.+))?$`)
	infixRelease  = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]*-([A-Za-z][A-Za-z0-9-]*)-v?(` + versionPattern + `)$`)
	namedVersion  = regexp.MustCompile(`(?:^|[-_/])v?(\d+(?:\.\d+)+(?:-?(?:rc|beta|alpha)\.?\d+)?)(?:[-_.][A-Za-z]|[-_]\d|/|$)`)
	wholeVersion  = regexp.MustCompile(`^v?(` + versionPattern + `)$`)
	versionParts  = regexp.MustCompile(`^(\d+(?:\.\d+)*)(?:-?(rc|beta|alpha)\.?(\d+))?$`)
)

// SplitRelease splits a release directory's name into version and platform: "v0.18.4.0-android" is 0.18.4.0 and android,
// "bitcoin-linux-0.15" (the docker-based builder's form) is 0.15 and linux. A commit of 40 digits serves as a version.
func SplitRelease(name string) (version, platform string, ok bool) {
	if m := commitRelease.FindStringSubmatch(name); m != nil {
		return m[1], m[2], true
	}
	if m := suffixRelease.FindStringSubmatch(name); m != nil {
		return m[1], m[2], true
	}
	if m := infixRelease.FindStringSubmatch(name); m != nil {
		return m[2], m[1], true
	}
	return "", "", false
}

// isInfix reports whether a directory name has the docker-based builder's form, platform before version.
func isInfix(name string) bool {
	return infixRelease.MatchString(name) && !suffixRelease.MatchString(name)
}

// SameVersion reports whether two spellings name one version. It is exact: 0.15 is not 0.15.2; only a leading v may differ.
func SameVersion(a, b string) bool {
	return a != "" && strings.TrimPrefix(a, "v") == strings.TrimPrefix(b, "v")
}

// NamesVersion returns the version that an artifact's name carries: "src/bitcoin-0.15.2.tar.gz" carries 0.15.2.
func NamesVersion(path string) (version string, ok bool) {
	m := namedVersion.FindStringSubmatch(path)
	if m == nil {
		return "", false
	}
	return m[1], true
}

// CompareVersions orders versions: numbers part by part, a candidate before its final release. Spellings that are no version
// come first, in byte order.
func CompareVersions(a, b string) int {
	x, y := versionParts.FindStringSubmatch(strings.TrimPrefix(a, "v")), versionParts.FindStringSubmatch(strings.TrimPrefix(b, "v"))
	if x == nil || y == nil {
		return cmp.Or(cmp.Compare(boolInt(x != nil), boolInt(y != nil)), strings.Compare(a, b))
	}
	return cmp.Or(compareNumbers(x[1], y[1]), cmp.Compare(stage(x[2]), stage(y[2])), compareNumbers(x[3], y[3]), strings.Compare(a, b))
}

// IsFinal reports whether a version is no candidate.
func IsFinal(version string) bool {
	m := versionParts.FindStringSubmatch(strings.TrimPrefix(version, "v"))
	return m != nil && m[2] == ""
}

func compareNumbers(a, b string) int {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(x), len(y)) {
		m, n := strings.TrimLeft(x[i], "0"), strings.TrimLeft(y[i], "0")
		if c := cmp.Or(cmp.Compare(len(m), len(n)), strings.Compare(m, n)); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(x), len(y))
}

func stage(name string) int {
	switch name {
	case "alpha":
		return 1
	case "beta":
		return 2
	case "rc":
		return 3
	}
	return 4
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

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
