package projects

import (
	"regexp"
	"slices"
	"strings"

	"github.com/gverify/gverify/sigs"
)

// candidateMark is the end of a version that makes it a candidate, in every spelling sigs reads.
var candidateMark = regexp.MustCompile(`(?i)[-_.]?(?:rc|beta|alpha|pre)[.-]?[0-9]*$`)

// within reports whether a version lies in a range, as [Repository] describes it.
func within(version, from, until string) bool {
	return (from == "" || compare(version, from) >= 0) && (until == "" || compare(version, until) < 0)
}

// compare orders a version against a bound of a range.
func compare(version, bound string) int {
	if sigs.IsFinal(bound) {
		version = candidateMark.ReplaceAllString(version, "")
	}
	return sigs.CompareVersions(version, bound)
}

// isVersion reports whether a bound can be compared with versions.
func isVersion(s string) bool {
	version, platform, ok := sigs.SplitRelease(s)
	return ok && platform == "" && version == strings.TrimPrefix(s, "v")
}

// RepositoryFor returns the repository that covers a version.
func (p Project) RepositoryFor(version string) (Repository, bool) {
	for _, r := range p.Repositories {
		if within(version, r.From, r.Until) {
			return r, true
		}
	}
	return Repository{}, false
}

// Due returns the platforms that a release of this version owes, sorted.
func (p Project) Due(version string) []string {
	r, ok := p.RepositoryFor(version)
	if !ok {
		return nil
	}
	var out []string
	for _, d := range r.Due {
		if within(version, d.From, d.Until) && (!d.FinalsOnly || sigs.IsFinal(version)) {
			out = append(out, d.Platforms...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Knowing returns the projects that may have a release of this version, sorted: a repository of theirs covers it, and it is no
// later than the newest release seen there. It is meant for hints; nothing is concluded from it.
func (s *Set) Knowing(version string) []string {
	var out []string
	for _, name := range s.Names() {
		r, ok := s.projects[name].RepositoryFor(version)
		if ok && (r.Newest == "" || compare(version, r.Newest) <= 0) {
			out = append(out, name)
		}
	}
	return out
}
