package sigs

import (
	"cmp"
	"strings"
)

// SplitRelease reads a release's name: a version, then what it is for. The version is digits with dots (at least one dot) and
// an optional candidate in any spelling ("rc1", "-rc.1", "-beta.2"), or a 40-digit commit; what follows behind - or _ is the
// platform. A leading v is left out. The docker-based builder puts the version last ("bitcoin-linux-0.15" is 0.15 for linux).
// ok is false where the name carries no version.
//
//	0.15.2-win-signed       0.15.2       win-signed
//	v0.12.1-bitcore-2-linux 0.12.1       bitcore-2-linux
//	19.3.0-rc.1-osx         19.3.0-rc.1  osx
//	v6.3.0_bullseye         6.3.0        bullseye
func SplitRelease(dir string) (version, platform string, ok bool) {
	if len(dir) > maxName {
		return "", "", false
	}
	if len(dir) >= 40 && isCommit(dir[:40]) {
		if platform, ok := cutPlatform(dir[40:]); ok {
			return dir[:40], platform, true
		}
	}
	rest := dropV(dir)
	if n := scanVersion(rest, isPlatformMark); n > 0 {
		platform, ok := cutPlatform(rest[n:])
		if !ok {
			return "", "", false
		}
		return rest[:n], platform, true
	}
	return splitInfix(dir)
}

// isInfix reports whether a release's name has the docker-based builder's form, version last: only the contents of such a
// directory tell which release it is.
func isInfix(name string) bool {
	version, _, ok := SplitRelease(name)
	return ok && !strings.HasPrefix(dropV(name), version)
}

// IsFinal reports whether a version is no candidate.
func IsFinal(s string) bool {
	v, ok := parseVersion(s)
	return ok && v.stage == ""
}

// maxName is the longest name that is looked at for a version: git and file systems hold no longer ones.
const maxName = 255

// splitInfix reads a name that ends with its version: "bitcoin-core-linux-0.19".
func splitInfix(dir string) (version, platform string, ok bool) {
	for i := range len(dir) {
		if dir[i] != '-' && dir[i] != '_' {
			continue
		}
		rest := dropV(dir[i+1:])
		if n := scanVersion(rest, nil); n > 0 && n == len(rest) {
			return rest, infixPlatform(dir[:i]), true
		}
	}
	return "", "", false
}

// infixPlatform takes the platform out of a build's name: everything from the first word that names one, "" where none does.
func infixPlatform(name string) string {
	for i := 0; i < len(name); {
		word := name[i:]
		if j := strings.IndexAny(word, "-_"); j >= 0 {
			word = word[:j]
		}
		if family(word) != "" {
			return name[i:]
		}
		i += len(word) + 1
	}
	return ""
}

// family names the operating system a word of a name stands for, "" where it stands for none.
func family(word string) string {
	switch strings.ToLower(word) {
	case "linux", "linux32", "linux64":
		return "linux"
	case "win", "win32", "win64", "windows", "mingw", "mingw32":
		return "win"
	case "osx", "osx64", "mac", "macos", "darwin", "dmg":
		return "osx"
	case "android":
		return "android"
	case "freebsd":
		return "freebsd"
	}
	return ""
}

func cutPlatform(s string) (string, bool) {
	switch {
	case s == "":
		return "", true
	case s[0] == '-' || s[0] == '_':
		return s[1:], len(s) > 1
	}
	return "", false
}

// dropV leaves out a v before a digit.
func dropV(s string) string {
	if len(s) > 1 && (s[0] == 'v' || s[0] == 'V') && isDigit(s[1]) {
		return s[1:]
	}
	return s
}

// SameVersion reports whether two spellings name exactly one version: 0.15 is not 0.15.2 and not 0.15.0, 1.0 is not 1.0rc1,
// but 1.0-rc.1 is 1.0rc1 and v1.0 is 1.0. Names that are no versions are the same only if they are equal.
func SameVersion(a, b string) bool { return CompareVersions(a, b) == 0 }

// CompareVersions orders versions by their numbers, fewer numbers first (0.15 before 0.15.0), candidates before the final
// release in the order alpha, beta, pre, rc. Names that are no versions come last, in byte order.
func CompareVersions(a, b string) int {
	x, xok := parseVersion(a)
	y, yok := parseVersion(b)
	switch {
	case !xok && !yok:
		return strings.Compare(a, b)
	case !xok:
		return 1
	case !yok:
		return -1
	}
	for i := range min(len(x.numbers), len(y.numbers)) {
		if c := compareNumbers(x.numbers[i], y.numbers[i]); c != 0 {
			return c
		}
	}
	return cmp.Or(
		cmp.Compare(len(x.numbers), len(y.numbers)),
		cmp.Compare(stageRank(x.stage), stageRank(y.stage)),
		compareNumbers(x.candidate, y.candidate),
		strings.Compare(strings.Join(x.numbers, "."), strings.Join(y.numbers, ".")), // leading zeros
		strings.Compare(x.candidate, y.candidate),
	)
}

// isPrefixVersion reports whether every number of short begins long: 0.15 begins 0.15.0.1. A candidate begins only itself.
func isPrefixVersion(short, long string) bool {
	x, xok := parseVersion(short)
	y, yok := parseVersion(long)
	if !xok || !yok || len(x.numbers) > len(y.numbers) {
		return SameVersion(short, long)
	}
	for i, n := range x.numbers {
		if compareNumbers(n, y.numbers[i]) != 0 {
			return false
		}
	}
	return x.stage == "" || SameVersion(short, long)
}

// compareNumbers compares two runs of digits of any length.
func compareNumbers(a, b string) int {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}

func stageRank(stage string) int {
	switch stage {
	case "alpha":
		return 1
	case "beta":
		return 2
	case "pre":
		return 3
	case "rc":
		return 4
	}
	return 5 // final
}
