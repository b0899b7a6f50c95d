package sigs

import (
	"bytes"
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// maxEntries is the most lines one manifest may have; the largest real one has about 2,000.
const maxEntries = 100_000

// Entry is one line of a manifest: an artifact's path and its digest.
type Entry struct {
	Path   string `json:"path"`
	Digest Digest `json:"sha256"`
}

// Manifest is a list of entries in C byte order of path, then digest. One path can stand in it with several digests (the
// signer contradicts himself); the same path and digest twice is one entry.
type Manifest []Entry

// Commit is a source repository's commit as recorded in an in_manifest: "git:<40 hex> <dir>".
type Commit struct {
	Dir  string `json:"dir"`  // directory of the remote, "bitcoin"
	Hash string `json:"hash"` // 40 lower-case hexadecimal digits, or empty where the signer's file has none
}

// Base is the package files of one build environment: "bionic-amd64". It is apt's archive directory and may hold several
// versions of one package.
type Base struct {
	Name    string   `json:"name"` // as written, "<suite>-<arch>"
	Entries Manifest `json:"entries"`
	Noise   []string `json:"noise"` // lines that name no package: console output that was signed along
}

// parseLine reads "<64 hex><two spaces><path>"; sha256sum's binary mark "*" is read as the second space.
func parseLine(line string) (Entry, error) {
	const digits = 64
	if len(line) < digits+3 {
		return Entry{}, fmt.Errorf("no manifest line: want 64 hexadecimal digits, two spaces and a name, got %d bytes", len(line))
	}
	d, err := ParseDigest(line[:digits])
	if err != nil {
		return Entry{}, err
	}
	if sep := line[digits : digits+2]; sep != "  " && sep != " *" {
		return Entry{}, fmt.Errorf("no two spaces after the digest")
	}
	return Entry{Path: line[digits+2:], Digest: d}, nil
}

// sorted orders a manifest, drops exact repetitions, and returns it.
func (m Manifest) sorted() Manifest {
	slices.SortFunc(m, func(a, b Entry) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), bytes.Compare(a.Digest[:], b.Digest[:]))
	})
	return slices.Compact(m)
}

// Digests returns every digest the manifest gives a path: none, one, or several where the signer contradicts himself.
func (m Manifest) Digests(path string) []Digest {
	i, found := slices.BinarySearchFunc(m, path, func(e Entry, p string) int { return strings.Compare(e.Path, p) })
	if !found {
		return nil
	}
	var out []Digest
	for ; i < len(m) && m[i].Path == path; i++ {
		out = append(out, m[i].Digest)
	}
	return out
}

// parseStrict reads a manifest that decides: every line must be well formed and every name safe to join to a directory.
func parseStrict(text string) (Manifest, error) {
	var m Manifest
	for i, line := range strings.Split(text, "\n") {
		if line == "" {
			continue
		}
		e, err := parseLine(line)
		if err == nil {
			err = checkName(e.Path)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
		if len(m) == maxEntries {
			return nil, fmt.Errorf("line %d: more than %d entries", i+1, maxEntries)
		}
		m = append(m, e)
	}
	return m.sorted(), nil
}

// checkName refuses artifact names that could lead out of a directory or hide bytes.
func checkName(name string) error {
	switch {
	case strings.ContainsRune(name, 0) || strings.ContainsAny(name, "\r\n"):
		return fmt.Errorf("artifact name %q has control characters", name)
	case strings.HasPrefix(name, "/"):
		return fmt.Errorf("artifact name %q is absolute", name)
	case slices.Contains(strings.Split(name, "/"), ".."):
		return fmt.Errorf("artifact name %q has a .. in it", name)
	}
	return nil
}

// parseTolerant reads a manifest that only explains: lines that are no entries are set aside.
func parseTolerant(text string) (m Manifest, noise []string) {
	for _, line := range strings.Split(text, "\n") {
		if line == "" {
			continue
		}
		if e, err := parseLine(line); err == nil && len(m) < maxEntries {
			m = append(m, e)
		} else if len(noise) < maxEntries {
			noise = append(noise, line)
		}
	}
	return m.sorted(), noise
}

// gitLine finds the start of a commit in an in_manifest. gitian-builder ends these lines without a newline, so that two remotes
// stand glued: "git:<hex> signaturegit:<hex> signapple".
var gitLine = regexp.MustCompile(`git:(?:[0-9a-f]{40})? `)

// parseInputs reads an in_manifest: file entries, then commits.
func parseInputs(text string) (m Manifest, commits []Commit, noise []string) {
	var rest []string
	for _, line := range strings.Split(text, "\n") {
		if at := gitLine.FindAllStringIndex(line, -1); len(at) > 0 && isGitStart(line, at[0][0]) {
			if at[0][0] > 0 {
				rest = append(rest, line[:at[0][0]])
			}
			for i, span := range at {
				end := len(line)
				if i+1 < len(at) {
					end = at[i+1][0]
				}
				hash := strings.TrimSuffix(strings.TrimPrefix(line[span[0]:span[1]], "git:"), " ")
				commits = append(commits, Commit{Dir: line[span[1]:end], Hash: hash})
			}
			continue
		}
		rest = append(rest, line)
	}
	m, noise = parseTolerant(strings.Join(rest, "\n"))
	return m, commits, noise
}

// isGitStart reports whether a commit found at position i may begin there: at the line's start, or glued behind an entry.
func isGitStart(line string, i int) bool {
	if i == 0 {
		return true
	}
	_, err := parseLine(line[:i])
	return err == nil
}
