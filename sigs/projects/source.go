package projects

import (
	"slices"
	"strings"

	"github.com/gverify/gverify/sigs"
)

// SameRepository reports whether two addresses are of one repository: scheme, user, ".git" and the case of letters do not count.
func SameRepository(a, b string) bool { return a != "" && identity(a) == identity(b) }

func identity(address string) string {
	s := strings.ToLower(address)
	if _, rest, ok := strings.Cut(s, "://"); ok {
		host, path, _ := strings.Cut(rest, "/")
		s = host[strings.LastIndexByte(host, '@')+1:] + "/" + path
	} else if user, rest, ok := strings.Cut(s, "@"); ok && !strings.Contains(user, "/") { // git@host:path
		s = strings.Replace(rest, ":", "/", 1)
	}
	return strings.TrimSuffix(strings.TrimRight(s, "/"), ".git")
}

// Owner returns the project whose source, or whose detached signatures, are at an address.
func (s *Set) Owner(address string) (Project, bool) {
	for _, name := range s.Names() {
		p := s.projects[name]
		if SameRepository(p.Source, address) || SameRepository(p.Descriptors.DetachedSignatures, address) {
			return p, true
		}
	}
	return Project{}, false
}

// TagOf returns the tag of a version's source.
func (p Project) TagOf(version string) string { return strings.ReplaceAll(p.Tag, "{version}", version) }

// Newest returns the newest version among tags that has descriptors: a final one if there is any.
func (p Project) Newest(tags []string) (string, bool) {
	before, after, ok := strings.Cut(p.Tag, "{version}")
	if !ok {
		return "", false
	}
	var versions []string
	for _, tag := range tags {
		version, isOurs := strings.CutPrefix(tag, before)
		if isOurs {
			version, isOurs = strings.CutSuffix(version, after)
		}
		if isOurs && isVersion(version) && p.HasDescriptors(version) {
			versions = append(versions, version)
		}
	}
	if len(versions) == 0 {
		return "", false
	}
	return slices.MaxFunc(versions, func(a, b string) int {
		if fa, fb := sigs.IsFinal(a), sigs.IsFinal(b); fa != fb {
			if fa {
				return 1
			}
			return -1
		}
		return sigs.CompareVersions(a, b)
	}), true
}

// HasDescriptors reports whether a version's source has Gitian descriptors.
func (p Project) HasDescriptors(version string) bool {
	return len(p.Descriptors.Files) > 0 && within(version, "", p.Descriptors.Until)
}
