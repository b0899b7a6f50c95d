package sigs

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxEntries   = 100_000 // lines of one manifest; the largest real one has some 2,000
	maxNoise     = 1000    // noise lines that are kept of one manifest
	maxNoiseLine = 200     // bytes that are kept of a noise line
	maxPath      = 4096    // bytes of an artifact's name
)

// ParseManifest reads a manifest that decides, as sha256sum writes it: "<64 hex digits><two spaces><path>" per line. One
// malformed line refuses it, with the line's number; empty lines are skipped. A path is refused if it could lead out of a
// directory it is joined to (absolute, with a .. element), has control characters, or holds another entry (the newlines of its
// file were lost). It returns the entries in order; none is no error.
func ParseManifest(text string) (Manifest, error) { return parseStrict(text) }

func parseStrict(text string) (Manifest, error) {
	m := make(Manifest, 0, roomFor(text))
	for n, rest := 1, text; rest != ""; n++ {
		var line string
		if line, rest, _ = strings.Cut(rest, "\n"); line == "" {
			continue
		}
		e, err := parseLine(line)
		if err == nil {
			err = checkPath(e.Path)
		}
		if err == nil && len(m) == maxEntries {
			err = fmt.Errorf("more than %d entries", maxEntries)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		m = append(m, e)
	}
	return m.finish(), nil
}

// parseTolerant reads a manifest that only explains. Lines that are no entry, or whose name is refused, are returned as
// "line 12: …", cut to a length and a number that can be shown.
func parseTolerant(text string, accept func(path string) bool) (Manifest, []string) {
	m := make(Manifest, 0, roomFor(text))
	var noise noiseLines
	for n, rest := 1, text; rest != ""; n++ {
		var line string
		if line, rest, _ = strings.Cut(rest, "\n"); line == "" {
			continue
		}
		if e, err := parseLine(line); err == nil && len(m) < maxEntries && accept(e.Path) {
			m = append(m, e)
		} else {
			noise.add(n, line)
		}
	}
	return m.finish(), noise.lines()
}

// roomFor is how many entries a text may hold: no more than it has lines, or bytes for them.
func roomFor(text string) int {
	return min(strings.Count(text, "\n")+1, len(text)/(digestDigits+3)+1)
}

// noiseLines keeps the first lines of what could not be read and counts the others.
type noiseLines struct {
	kept []string
	more int
}

func (l *noiseLines) add(n int, line string) {
	if len(l.kept) == maxNoise {
		l.more++
		return
	}
	if len(line) > maxNoiseLine {
		line = strings.ToValidUTF8(line[:maxNoiseLine], "") + "…"
	}
	l.kept = append(l.kept, fmt.Sprintf("line %d: %s", n, line))
}

func (l *noiseLines) lines() []string {
	if l.more > 0 {
		return append(l.kept, fmt.Sprintf("and %d more lines", l.more))
	}
	return l.kept
}

// digestDigits is the length of a digest in a manifest's line.
const digestDigits = 2 * len(Digest{})

// parseLine reads "<64 hex digits><two spaces><path>"; sha256sum's binary mark * may stand for the second space.
func parseLine(line string) (Entry, error) {
	var e Entry
	if len(line) < digestDigits || !decodeDigest(&e.Digest, line) || len(line) > digestDigits && hexValue[line[digestDigits]] != noHex {
		return Entry{}, fmt.Errorf("sha256 digest has %s, want %d", countDigits(line), digestDigits)
	}
	if rest := line[digestDigits:]; !strings.HasPrefix(rest, "  ") && !strings.HasPrefix(rest, " *") {
		return Entry{}, errors.New("no two spaces behind the digest")
	}
	if e.Path = line[digestDigits+2:]; e.Path == "" {
		return Entry{}, errors.New("no name behind the digest")
	}
	if holdsEntry(e.Path) {
		return Entry{}, errors.New("several entries on one line: the file's newlines were lost")
	}
	return e, nil
}

// decodeDigest reads the digest a line begins with; line has at least that many bytes.
func decodeDigest(d *Digest, line string) bool {
	var bad byte
	line = line[:digestDigits]
	for i := range d {
		hi, lo := hexValue[line[2*i]], hexValue[line[2*i+1]]
		bad |= hi | lo
		d[i] = hi<<4 | lo
	}
	return bad < noHex
}

// noHex is the value of what is no hexadecimal digit.
const noHex = 0x80

var hexValue = func() (table [256]byte) {
	for i := range table {
		table[i] = noHex
	}
	for i := range byte(10) {
		table['0'+i] = i
	}
	for i := range byte(6) {
		table['a'+i], table['A'+i] = 10+i, 10+i
	}
	return table
}()

// countDigits says how many hexadecimal digits a line begins with.
func countDigits(line string) string {
	digits := 0
	for digits < len(line) && hexValue[line[digits]] != noHex {
		if digits++; digits > digestDigits {
			return fmt.Sprintf("more than %d digits", digestDigits)
		}
	}
	return fmt.Sprintf("%d digits", digits)
}

// holdsEntry reports whether another line's digest and two spaces stand within a name.
func holdsEntry(path string) bool {
	for at := 0; ; {
		i := strings.Index(path[at:], "  ")
		if i < 0 {
			return false
		}
		at += i
		if at >= digestDigits && isDigest(path[at-digestDigits:at]) {
			return true
		}
		at++
	}
}

func isDigest(s string) bool {
	for i := range len(s) {
		if hexValue[s[i]] == noHex {
			return false
		}
	}
	return len(s) == digestDigits
}

// checkPath refuses artifact names that could lead out of a directory or that no file should have.
func checkPath(path string) error {
	switch {
	case len(path) > maxPath:
		return fmt.Errorf("artifact name of %d bytes, at most %d", len(path), maxPath)
	case !utf8.ValidString(path):
		return fmt.Errorf("artifact name %s is not UTF-8", quote(path))
	case strings.ContainsFunc(path, unicode.IsControl):
		return fmt.Errorf("artifact name %s has control characters", quote(path))
	case path[0] == '/' || path[0] == '\\' || len(path) > 1 && isLetter(path[0]) && path[1] == ':':
		return fmt.Errorf("artifact name %s is absolute", quote(path))
	case strings.Contains(path, "..") && slices.Contains(strings.FieldsFunc(path, isSlash), ".."):
		return fmt.Errorf("artifact name %s leads out of its directory", quote(path))
	}
	return nil
}

func isSlash(r rune) bool { return r == '/' || r == '\\' }

// isName accepts every name: those of manifests that only explain are shown and compared, never joined to a directory.
func isName(string) bool { return true }

// isPackage accepts the names dpkg gives to package files: name_version_arch.deb.
func isPackage(path string) bool {
	return strings.HasSuffix(path, ".deb") && strings.Count(path, "_") >= 2 && !strings.Contains(path, " ")
}

// finish orders a manifest, drops exact repetitions and copies its names, so that the text it was read from can be freed.
func (m Manifest) finish() Manifest {
	if len(m) == 0 {
		return nil
	}
	if order := compareEntries; !slices.IsSortedFunc(m, order) {
		slices.SortFunc(m, order)
	}
	m = slices.Clip(slices.Compact(m))
	size := 0
	for _, e := range m {
		size += len(e.Path)
	}
	var names strings.Builder
	names.Grow(size)
	for _, e := range m {
		names.WriteString(e.Path)
	}
	all := names.String()
	for i, at := 0, 0; i < len(m); i++ {
		n := len(m[i].Path)
		m[i].Path, at = all[at:at+n], at+n
	}
	return m
}

func compareEntries(a, b Entry) int {
	return cmp.Or(strings.Compare(a.Path, b.Path), bytes.Compare(a.Digest[:], b.Digest[:]))
}

// unfold gives a manifest its newlines back where YAML folded all of them to spaces, as happened to a real signer's file:
// "<digest>  a <digest>  b " is two lines. Every line but the first begins with a digest or a commit, so nothing has to be
// guessed. A manifest with a newline left inside, or of one line, is returned as it is.
func unfold(text string) (unfolded string, folded bool) {
	body := strings.TrimRight(text, " \n")
	if strings.Contains(body, "\n") {
		return text, false
	}
	lines := []byte(body)
	for i := range len(body) {
		if rest := body[i+1:]; body[i] == ' ' && (beginsEntry(rest) || beginsCommit(rest)) && i > digestDigits+1 {
			lines[i], folded = '\n', true
		}
	}
	if !folded {
		return text, false
	}
	return string(append(lines, '\n')), true
}

// beginsEntry reports whether s begins with a digest and two spaces.
func beginsEntry(s string) bool {
	return len(s) > digestDigits+2 && s[digestDigits:digestDigits+2] == "  " && isDigest(s[:digestDigits])
}
