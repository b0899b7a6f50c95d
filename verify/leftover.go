package verify

import (
	"path"
	"strings"

	"github.com/gverify/gverify/sigs"
)

// isLeftover reports whether a line of a statement's manifest is there only because the docker-based builder's output directory
// is never emptied: the file is another platform's or another version's. Other builders empty theirs, so nothing they list is.
func isLeftover(s *sigs.Statement, file, version string) bool {
	if s.Assertion.Format != sigs.ResultFormat {
		return false
	}
	return isOtherSystem(file, systemOf(s.Directory.Platform)) || isOtherVersion(file, version)
}

// isOtherSystem reports whether a file's name names an operating system other than the given one. A name or a platform that
// names none is not other.
func isOtherSystem(file, system string) bool {
	named := systemOf(path.Base(file))
	return named != "" && system != "" && named != system
}

// isOtherVersion reports whether a file's name carries a version under which the given version's files do not go: 0.15.0.1's
// real files are named 0.15.0, and a candidate's after the final release.
func isOtherVersion(file, version string) bool {
	carried, ok := sigs.NamesVersion(file)
	return ok && !sigs.SameVersion(carried, version) && !isStem(carried, version)
}

// isStem reports whether version is stem with more numbers or a candidate behind it.
func isStem(stem, version string) bool {
	rest, ok := strings.CutPrefix(trimV(version), trimV(stem))
	return ok && rest != "" && !('0' <= rest[0] && rest[0] <= '9')
}

func trimV(version string) string { return strings.TrimLeft(version, "vV") }

// systems are the words by which file names name an operating system, in the order in which they are tried: Android's and
// FreeBSD's compilers carry "linux" or "unknown" in their names, and darwin ends with "win".
var systems = []struct {
	name     string
	prefixes []string
}{
	{"android", []string{"android"}},
	{"freebsd", []string{"freebsd"}},
	{"osx", []string{"osx", "macos", "mac", "darwin", "apple", "dmg"}},
	{"win", []string{"win", "mingw", "exe"}},
	{"linux", []string{"linux"}},
}

// systemOf returns the operating system a name is about, "" where it names none.
func systemOf(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return !('a' <= r && r <= 'z' || '0' <= r && r <= '9')
	})
	for _, system := range systems {
		for _, word := range words {
			for _, prefix := range system.prefixes {
				if isSystemWord(word, prefix) {
					return system.name
				}
			}
		}
	}
	return ""
}

// isSystemWord reports whether word is prefix with nothing but digits behind it ("win64", "darwin11"), or for Android an ABI
// ("androideabi").
func isSystemWord(word, prefix string) bool {
	rest, ok := strings.CutPrefix(word, prefix)
	if !ok {
		return false
	}
	return strings.Trim(rest, "0123456789") == "" || rest == "eabi" || rest == "dows"
}
