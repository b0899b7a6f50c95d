package build

import "github.com/gverify/gverify/sigs"

// Descriptor is a Gitian recipe: what is built, from what, where, and by which script.
type Descriptor struct {
	Name          string
	Distro        string   // "ubuntu" where the descriptor names none
	Suites        []string // at least one
	Architectures []string // at least one
	ImageDigests  []string // docker_image_digests: 64 hexadecimal digits each, one per suite, or none
	EnableCache   bool
	Sudo          bool
	Packages      []string
	Multiarch     []string // further architectures packages may be of
	Repositories  []Repository
	Alternatives  []Alternative
	Remotes       []Remote
	Files         []string
	// ReferenceTime is "2006-01-02 15:04:05" as the descriptor has it; empty: the last remote's author date.
	ReferenceTime string
	Script        string

	Digest   sigs.Digest    // of the descriptor's bytes
	Findings []sigs.Finding // keys that mean nothing to gitian, and the like
}

// Remote is a git repository the script works on, cloned to build/<Dir>.
type Remote struct {
	URL    string
	Dir    string
	Commit string // empty: whoever builds says
}

// Repository is an apt repository besides the suite's own.
type Repository struct {
	Source       string // a line of sources.list
	Distribution string // what apt-get -t is given
	Packages     []string
	Name, Key    string // file name and URL of its signing key; both or none
}

// Alternative is a choice of update-alternatives.
type Alternative struct {
	Package string // the alternative's name
	Path    string
}
