package sigs

import "strings"

// version is a version's parts: 0.9.2-rc.1 is {0 9 2} rc 1.
type version struct {
	numbers   []string
	stage     string // "rc", "beta" …, empty for a final release
	candidate string // the stage's number, may be empty
}

// stages are the words that mark a candidate, in the order in which they are tried.
var stages = [...]string{"rc", "beta", "alpha", "pre"}

// parseVersion reads a whole string as a version, with or without a leading v.
func parseVersion(s string) (version, bool) {
	s = dropV(s)
	n := scanVersion(s, nil)
	if n == 0 || n != len(s) {
		return version{}, false
	}
	digits := scanNumbers(s)
	v := version{numbers: strings.Split(s[:digits], ".")}
	v.stage, v.candidate, _ = scanStage(s[digits:])
	return v, true
}

// scanVersion returns the length of the version s begins with, 0 where there is none. A version ends where s ends or where
// ends says that the rest may follow one; where it may not, the last number is given back and the question asked again, so
// that "0.15.7z" in a file's name is 0.15 and an archive.
func scanVersion(s string, ends func(rest string) bool) int {
	may := func(n int) bool { return n == len(s) || ends != nil && ends(s[n:]) }
	for digits := scanNumbers(s); strings.Contains(s[:digits], "."); digits = strings.LastIndexByte(s[:digits], '.') {
		if _, _, n := scanStage(s[digits:]); n > 0 && may(digits+n) {
			return digits + n
		}
		if may(digits) {
			return digits
		}
		if ends == nil || !strings.Contains(s[:strings.LastIndexByte(s[:digits], '.')], ".") {
			return 0
		}
	}
	return 0
}

// scanNumbers returns the length of the digits with dots s begins with.
func scanNumbers(s string) int {
	i := 0
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	for i > 0 && i+1 < len(s) && s[i] == '.' && isDigit(s[i+1]) {
		for i++; i < len(s) && isDigit(s[i]); i++ {
		}
	}
	return i
}

// scanStage reads a candidate: "rc1", "-rc1", "-rc.1", "-beta.2", "_rc1", "-beta". n is its length, 0 where there is none.
func scanStage(s string) (stage, candidate string, n int) {
	rest := strings.TrimLeft(s, "-_.")
	if len(s)-len(rest) > 1 {
		return "", "", 0
	}
	for _, stage := range stages {
		if len(rest) < len(stage) || !strings.EqualFold(rest[:len(stage)], stage) {
			continue
		}
		i := len(stage)
		if i+1 < len(rest) && (rest[i] == '.' || rest[i] == '-') && isDigit(rest[i+1]) {
			i++
		}
		start := i
		for i < len(rest) && isDigit(rest[i]) {
			i++
		}
		if i < len(rest) && isLetter(rest[i]) { // "-prerelease", "-rcs"
			return "", "", 0
		}
		return stage, rest[start:i], len(s) - len(rest) + i
	}
	return "", "", 0
}

// NamesVersion returns the version an artifact's name carries: bitcoin-0.15.2-win64.zip carries 0.15.2 and nothing shorter,
// bitcoin-29.0rc1-x86_64-linux-gnu.tar.gz carries 29.0rc1. The file's own name is asked before its directories.
func NamesVersion(path string) (version string, ok bool) {
	for path != "" {
		dir, name := "", path
		if i := strings.LastIndexByte(path, '/'); i >= 0 {
			dir, name = path[:i], path[i+1:]
		}
		if v := versionWithin(name); v != "" {
			return v, true
		}
		path = dir
	}
	return "", false
}

func versionWithin(name string) string {
	if len(name) > maxName {
		return ""
	}
	for i := range len(name) {
		if i > 0 && name[i-1] != '-' && name[i-1] != '_' {
			continue
		}
		rest := dropV(name[i:])
		if n := scanVersion(rest, isVersionEnd); n > 0 {
			return rest[:n]
		}
	}
	return ""
}

// isPlatformMark reports whether a version of a release's name may be followed by rest.
func isPlatformMark(rest string) bool { return rest[0] == '-' || rest[0] == '_' }

// isVersionEnd reports whether a version of a file's name may be followed by rest: another word, or an extension.
func isVersionEnd(rest string) bool {
	if rest[0] == '-' || rest[0] == '_' || rest[0] == '+' {
		return true
	}
	return rest[0] == '.' && len(rest) > 1 && (isLetter(rest[1]) || len(rest) == 3 && rest[1:] == "7z")
}

func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// isCommit reports whether s is 40 lower-case hexadecimal digits.
func isCommit(s string) bool {
	if len(s) != 40 {
		return false
	}
	for i := range len(s) {
		if !isDigit(s[i]) && (s[i] < 'a' || s[i] > 'f') {
			return false
		}
	}
	return true
}
