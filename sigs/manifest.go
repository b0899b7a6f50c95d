package sigs

import (
	"slices"
	"strings"
)

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
