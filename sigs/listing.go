package sigs

import "io/fs"

// Layout is how a release directory is organised.
type Layout string

const (
	GitianLayout Layout = "gitian" // <release>/<signer>/<name>-build.assert
	ResultLayout Layout = "result" // <name>/<signer>/<name>-res.yml, the docker-based builder's
	GuixLayout   Layout = "guix"   // <version>/<signer>/<assertion>.SHA256SUMS
)

// Directory is one release directory of a repository, known from names alone.
type Directory struct {
	Path     string // "archive/19.3.0-win-signed"
	Release  string // its last element, "19.3.0-win-signed"
	Version  string // "19.3.0", without a leading v; in the result layout the descriptor's version ("0.15"), which is not the release's
	Platform string // "win-signed"; empty for guix and for releases without a suffix
	Layout   Layout
	Files    []AssertionFile // path order
}

// AssertionFile is one assertion's place in a tree and the signature files that stand beside it.
type AssertionFile struct {
	Path       string   // assertion; empty for signatures without an assertion
	Signer     string   // directory name; empty where the assertion lies directly in the release directory
	Name       string   // assertion name: "bitcoin-linux-0.15-build", "noncodesigned"
	Signatures []string // paths of signature files
}

// Listing is what a tree's names tell: no file was opened to make it.
type Listing struct {
	Directories []Directory // path order
	KeyFiles    []string    // public key files (builder-keys/, gitian-keys/, gitian-pubkeys/ …), path order
	Findings    []Finding
}

// List reads the names of a tree. Directories whose layout it does not recognise are passed over; every oddity of a recognised
// one is a finding.
func List(fsys fs.FS) (Listing, error) { return Listing{}, nil }
