package sigs

import (
	"io/fs"
	"iter"
)

// Attestation is an assertion file and its signatures as found: untrusted bytes.
type Attestation struct {
	Directory  Directory // the release directory; Files is nil
	Path       string    // assertion file; empty for signatures without an assertion
	Signer     string    // directory name
	Name       string    // assertion name
	Data       []byte
	Signatures []SignatureFile // path order; empty: unsigned
	Problem    string          // why Data could not be read (too large, not a regular file), empty: read
}

// SignatureFile is a signature file as found.
type SignatureFile struct {
	Path    string
	Data    []byte
	Problem string // why Data could not be read
}

// Scan reads the attestations of the given directories in path order. It stops at the first error of the tree itself; a file
// that is too large or is no regular file is an Attestation with a Problem.
func Scan(fsys fs.FS, dirs []Directory) iter.Seq2[Attestation, error] {
	return func(yield func(Attestation, error) bool) {}
}
