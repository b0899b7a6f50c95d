package sigs

import (
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Layout is how a release directory is organised.
type Layout string

const (
	GitianLayout Layout = "gitian" // <release>/<signer>/<name>-build.assert
	ResultLayout Layout = "result" // <name>/<signer>/<name>-res.yml, the docker-based builder's
	GuixLayout   Layout = "guix"   // <version>/<signer>/<assertion>.SHA256SUMS
)

// maxListed is the most names List reads; the largest real repository has 25,000.
const maxListed = 2_000_000

// maxLevels is how deep List looks for release directories; the deepest real one lies three levels down.
const maxLevels = 6

// Directory is one release directory of a repository, known from names alone.
type Directory struct {
	Path     string // "archive/19.3.0-win-signed"
	Release  string // its last element, "19.3.0-win-signed"
	Version  string // "19.3.0", without a leading v; where Descriptor is true the descriptor's version, which is not the release's
	Platform string // "win-signed"; empty for guix and for releases without a suffix
	Layout   Layout
	Files    []AssertionFile // path order

	Descriptor bool // named after a descriptor ("bitcoin-linux-0.15"): only the contents tell the release
}

// AssertionFile is one assertion's place in a tree and the signature files that stand beside it.
type AssertionFile struct {
	Path       string   // assertion
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

// VersionSummary is one version of a listing.
type VersionSummary struct {
	Version   string
	Platforms []string // sorted; for guix the assertion names
	Signers   int      // distinct directory names
}

// Versions returns the versions of a listing, oldest first. Directories named after a descriptor are listed under its version.
func (l Listing) Versions() []VersionSummary {
	type sets struct{ platforms, signers map[string]bool }
	byVersion := map[string]sets{}
	for _, d := range l.Directories {
		s, ok := byVersion[d.Version]
		if !ok {
			s = sets{map[string]bool{}, map[string]bool{}}
			byVersion[d.Version] = s
		}
		for _, f := range d.Files {
			s.signers[f.Signer] = true
			s.platforms[d.PlatformOf(f.Name)] = true
		}
	}
	var out []VersionSummary
	for version, s := range byVersion {
		out = append(out, VersionSummary{Version: version, Platforms: sortedNames(s.platforms), Signers: len(s.signers)})
	}
	slices.SortFunc(out, func(a, b VersionSummary) int { return CompareVersions(a.Version, b.Version) })
	return out
}

// PlatformOf returns the platform of an assertion of this directory: the directory's, or for guix the assertion's name.
func (d Directory) PlatformOf(assertion string) string {
	if d.Layout == GuixLayout {
		return assertion
	}
	return d.Platform
}

// Find returns the directories of exactly this version.
func (l Listing) Find(version string) []Directory {
	var out []Directory
	for _, d := range l.Directories {
		if !d.Descriptor && SameVersion(d.Version, version) {
			out = append(out, d)
		}
	}
	return out
}

// Candidates returns the directories named after a descriptor whose contents could be of this version: 0.15 begins 0.15.0.1.
func (l Listing) Candidates(version string) []Directory {
	var out []Directory
	for _, d := range l.Directories {
		if d.Descriptor && isPrefixVersion(d.Version, version) {
			out = append(out, d)
		}
	}
	return out
}

// List reads the names of a tree. Directories whose layout it does not recognise are passed over; every oddity of a recognised
// one is a finding. It fails only where a directory cannot be read or the tree has more than two million names.
func List(fsys fs.FS) (Listing, error) {
	l := lister{fsys: fsys}
	if err := l.walk(".", 0); err != nil {
		return Listing{}, err
	}
	l.twins()
	slices.SortFunc(l.out.Directories, func(a, b Directory) int { return strings.Compare(a.Path, b.Path) })
	slices.Sort(l.out.KeyFiles)
	return l.out, nil
}

// isKeyDirectory reports whether repositories keep public keys under this name.
func isKeyDirectory(name string) bool {
	return strings.HasSuffix(name, "-keys") || strings.HasSuffix(name, "-pubkeys") || name == "keys" || name == "pubkeys"
}

// IsKeyFile reports whether a file name is one under which public keys are kept.
func IsKeyFile(name string) bool {
	switch path.Ext(strings.ToLower(name)) {
	case ".asc", ".gpg", ".pgp", ".key", ".pub":
		return true
	}
	return false
}
