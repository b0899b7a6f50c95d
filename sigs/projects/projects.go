// Package projects says what is known of each project from the start: where its attestations and keys are, which platforms a
// release owes, and which signers' fingerprints the project published itself. It holds no keys and no attestations, and it
// trusts nothing it was not given: the presets are part of the program, the rest is the user's own configuration.
package projects

import (
	"slices"
	"strings"

	"github.com/gverify/gverify/sigs"
)

// Default is the project meant where none is named.
const Default = "bitcoin"

// DefaultThreshold is how many pinned people must agree where a project of the user's does not say.
const DefaultThreshold = 3

// Project is what is known of one project.
type Project struct {
	Name         string       `yaml:"name"`  // as in --project
	Title        string       `yaml:"title"` // as people call it
	Threshold    int          `yaml:"threshold"`
	Source       string       `yaml:"source"` // source repository
	Tag          string       `yaml:"tag"`    // of a release; {version} stands for it
	Descriptors  Descriptors  `yaml:"descriptors"`
	Repositories []Repository `yaml:"repositories"` // ranges do not overlap
	Names        []Name       `yaml:"names"`        // files that go by another name than the builders gave them
	ReleaseKeys  []ReleaseKey `yaml:"release_keys"`
	Pins         []Pin        `yaml:"pins"`
}

// Descriptors are where a project's Gitian recipes lie in its source.
type Descriptors struct {
	Dir                string            `yaml:"dir"`
	Until              string            `yaml:"until"`               // first version without them; empty: all have them
	Files              map[string]string `yaml:"files"`               // by platform
	DetachedSignatures string            `yaml:"detached_signatures"` // repository the signed stages take their signatures from
}

// Repository is an attestation repository and the versions it covers: from From (inclusive) until Until (exclusive); empty is
// open. A candidate counts as its release, so 22.0rc1 is within from 22.0; where the bound itself is a candidate, 0.11.0rc3,
// candidates are compared as they are.
type Repository struct {
	URL    string      `yaml:"url"`
	Layout sigs.Layout `yaml:"layout"` // empty: found out per directory, as it is anyway
	From   string      `yaml:"from"`
	Until  string      `yaml:"until"`
	Newest string      `yaml:"newest"` // newest release seen in it: later ones are judged alike, but not offered by Knowing
	Keys   []KeySource `yaml:"keys"`
	Due    []Due       `yaml:"due"`

	Contributions Contributions `yaml:"contributions"` // what a change may add; left out: what the layout says
}

// KeySource is a directory of public keys.
type KeySource struct {
	URL string `yaml:"url"` // git repository; empty: the attestation repository itself
	Dir string `yaml:"dir"`
}

// Due is platforms that every release of a range owes. The ranges of one repository may overlap, their platforms add up.
type Due struct {
	From       string   `yaml:"from"`
	Until      string   `yaml:"until"`
	Platforms  []string `yaml:"platforms"`   // an empty name is the release directory without a suffix: Linux, before 0.10
	FinalsOnly bool     `yaml:"finals_only"` // candidates often lack them
}

// Pin is a person whose fingerprints the project published.
type Pin struct {
	Name         string   `yaml:"name"`
	Fingerprints []string `yaml:"fingerprints"` // primary keys, upper-case hexadecimal digits
	Aliases      []string `yaml:"aliases"`      // other directory names of the same person
	Published    []string `yaml:"published"`    // where
}

// Set is all projects known, the user's included.
type Set struct {
	projects map[string]Project
	mirrors  []mirror // longest prefix first
}

// Find returns the project of a name.
func (s *Set) Find(name string) (Project, bool) {
	p, ok := s.projects[name]
	return p, ok
}

// Names returns the names of all projects, sorted.
func (s *Set) Names() []string {
	var out []string
	for name := range s.projects {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// mirror is a beginning of URLs and what stands in its place.
type mirror struct{ prefix, replacement string }

// Rewrite applies the user's mirrors to a URL: the longest matching prefix is replaced, once.
func (s *Set) Rewrite(url string) string {
	for _, m := range s.mirrors {
		if rest, ok := strings.CutPrefix(url, m.prefix); ok {
			return m.replacement + rest
		}
	}
	return url
}
