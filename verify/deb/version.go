package deb

import (
	"cmp"
	"strings"
)

// Compare orders two versions as dpkg --compare-versions does (deb-version(7)): first the epoch, then the upstream version, then
// the Debian revision. The result is negative, zero or positive. Versions that dpkg would refuse have a place in the order too.
func Compare(a, b string) int {
	aEpoch, aUpstream, aRevision := split(a)
	bEpoch, bUpstream, bRevision := split(b)
	return cmp.Or(comparePart(aEpoch, bEpoch), comparePart(aUpstream, bUpstream), comparePart(aRevision, bRevision))
}

// WithoutEpoch returns a version without its epoch: binary packages of one source differ in it.
func WithoutEpoch(version string) string {
	if epoch, rest, ok := strings.Cut(version, ":"); ok && isNumber(epoch) {
		return rest
	}
	return version
}

// split cuts a version at its first colon and its last hyphen. A missing epoch is 0 and a missing revision empty, which dpkg
// orders like 0.
func split(version string) (epoch, upstream, revision string) {
	upstream = version
	if head, rest, ok := strings.Cut(version, ":"); ok && isNumber(head) {
		epoch, upstream = head, rest
	}
	if i := strings.LastIndexByte(upstream, '-'); i >= 0 {
		upstream, revision = upstream[:i], upstream[i+1:]
	}
	return epoch, upstream, revision
}

func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// comparePart compares two strings in turns: a run of non-digits by [rank], then a run of digits as a number.
func comparePart(a, b string) int {
	for a != "" || b != "" {
		for a != "" && !isDigit(a[0]) || b != "" && !isDigit(b[0]) {
			if c := cmp.Compare(rank(a), rank(b)); c != 0 {
				return c
			}
			a, b = a[1:], b[1:] // equal ranks that are no digit's or end's: neither is empty
		}
		var aDigits, bDigits string
		aDigits, a = cutDigits(a)
		bDigits, b = cutDigits(b)
		if c := cmp.Or(cmp.Compare(len(aDigits), len(bDigits)), strings.Compare(aDigits, bDigits)); c != 0 {
			return c
		}
	}
	return 0
}

// rank orders what a string begins with: a tilde before the end, which a digit counts as, then letters, then everything else.
func rank(s string) int {
	switch {
	case s == "" || isDigit(s[0]):
		return 0
	case s[0] == '~':
		return -1
	case 'a' <= s[0]|0x20 && s[0]|0x20 <= 'z':
		return int(s[0])
	}
	return int(s[0]) + 256
}

// cutDigits cuts the leading digits off and drops their leading zeros.
func cutDigits(s string) (digits, rest string) {
	i := 0
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	return strings.TrimLeft(s[:i], "0"), s[i:]
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
