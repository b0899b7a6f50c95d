package verify

import "github.com/gverify/gverify/sigs"

// Comparison is what the statements of one version say, before any policy: groups per artifact.
type Comparison struct {
	Version    string
	Statements []*sigs.Statement // path order; the indexes below point here
	Platforms  []Platform        // in order of name
	Findings   []sigs.Finding
}

// Platform is one release directory (gitian, result layouts) or one assertion name of it (guix).
type Platform struct {
	Name       string // "linux", "win-signed", "noncodesigned"; "" is shown as the project says (linux of old)
	Release    string // directory
	Statements []int
	Artifacts  []Artifact // path order
	Explaining []Shared   // input, base and cache manifests: who shares them
}

// Artifact is one file and the groups its signers form.
type Artifact struct {
	Path   string
	Groups []Group // most statements first, then digest
	Set    bool    // set aside: a leftover of another platform or version in a cumulative result directory
}

// Group is everyone who asserts one digest for one artifact.
type Group struct {
	Digest     sigs.Digest
	Statements []int // authentic
	Claims     []int // not verified
}

// Shared is one explaining manifest or commit and who holds it.
type Shared struct {
	Kind   string // "commit bitcoin", "descriptor", "input MacOSX10.11.sdk.tar.gz", "base trusty-amd64", "cache common", "cache package"
	Groups []SharedGroup
}

// SharedGroup is the statements, claims included, that hold the same value.
type SharedGroup struct {
	Value      string // the commit or digest; for manifests a digest over its lines
	Statements []int
}

// Compare groups the statements of one version. It knows no policy: whose voice counts is [Policy.Decide]'s business.
func Compare(version string, statements []*sigs.Statement) Comparison { return Comparison{} }
