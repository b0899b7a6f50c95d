package verify

import (
	"path"
	"slices"
	"strings"

	"github.com/gverify/gverify/sigs"
)

// factor is one recorded thing that may differ between two builds.
type factor struct {
	kind  EvidenceKind // commit, descriptor, input, package, cached source, cached dependency
	suite string       // of a package
	name  string
}

// value is what one build had of a factor. Two values are the same only if they are equal in both fields.
type value struct {
	shown  string // version of a package, else the commit or digest
	digest string // of the package file
}

// absent is the value of a factor that a build surely did not have.
var absent = value{}

// facts are the recorded factors of one build.
type facts struct {
	values map[factor]value
	suites map[string]int // packages per build environment; one without a readable line is not known and does not stand here
	inputs bool           // its in_manifest could be read
	cache  bool           // it has a cache_package_manifest
	ids    buildIDs
}

// factsOf reads what an assertion records.
func factsOf(a sigs.Assertion) facts {
	f := facts{values: map[factor]value{}, suites: map[string]int{}, inputs: len(a.In)+len(a.Commits) > 0, cache: len(a.CachePackage) > 0}
	for _, c := range a.Commits {
		if c.Hash != "" {
			f.values[factor{kind: CommitEvidence, name: c.Dir}] = value{shown: c.Hash}
		}
	}
	descriptors := 0
	for _, e := range a.In {
		if isRecipe(e.Path) {
			descriptors++
		}
	}
	for _, e := range a.In {
		k := factor{kind: InputEvidence, name: e.Path}
		if isRecipe(e.Path) {
			k = factor{kind: DescriptorEvidence}
			if descriptors > 1 {
				k.name = path.Base(e.Path)
			}
		}
		f.values[k] = value{shown: e.Digest.String()}
	}
	for _, b := range a.Bases {
		for _, p := range effective(b) {
			f.values[factor{PackageEvidence, b.Name, p.key}] = value{p.version, p.digest.String()}
			f.suites[b.Name]++
		}
	}
	for _, e := range a.CacheCommon {
		f.values[factor{kind: SourceEvidence, name: e.Path}] = value{shown: e.Digest.String()}
	}
	for _, e := range a.CachePackage {
		f.values[factor{kind: CacheEvidence, name: e.Path}] = value{shown: e.Digest.String()}
	}
	f.ids = buildIDsOf(a.CachePackage)
	return f
}

// isRecipe reports whether an input is a descriptor: bitcoin-linux-0.15-desc.yml, or in other projects gitian-linux.yml.
func isRecipe(name string) bool {
	return strings.HasSuffix(name, ".yml") || strings.HasSuffix(name, ".yaml")
}

// of returns the value of a factor. known is false where the assertion does not tell: an environment it lists no package of, an
// in_manifest or a cache it does not have.
func (f *facts) of(k factor) (v value, known bool) {
	if v, ok := f.values[k]; ok {
		return v, true
	}
	switch k.kind {
	case PackageEvidence:
		return absent, f.suites[k.suite] > 0
	case InputEvidence, CommitEvidence, DescriptorEvidence:
		return absent, f.inputs
	}
	return absent, false // a cache holds what happened to be needed: absence says nothing
}

// buildIDs are the cached dependencies of a build: "x86_64-linux-gnu/boost/boost-1_58_0" to its build ids.
type buildIDs map[string][]string

// buildIDsOf takes the build ids out of a cache_package_manifest, whose files are called
// <host>/<package>/<package>-<version>-<build id>.tar.gz. Lines that only repeat a file's hash are left out.
func buildIDsOf(m sigs.Manifest) buildIDs {
	out := buildIDs{}
	for _, e := range m {
		if name, id, ok := splitBuildID(e.Path); ok {
			out[name] = append(out[name], id)
		}
	}
	for _, ids := range out {
		slices.Sort(ids)
	}
	return out
}

// splitBuildID cuts a cached dependency's file name into its name and its build id.
func splitBuildID(file string) (name, id string, ok bool) {
	stem, ok := strings.CutSuffix(file, ".tar.gz")
	if !ok {
		return "", "", false
	}
	i := strings.LastIndexByte(stem, '-')
	if i < 0 || len(stem)-i-1 < 8 || strings.Trim(stem[i+1:], "0123456789abcdef") != "" {
		return "", "", false
	}
	return stem[:i], stem[i+1:], true
}

// dependency is what a reader calls a cached dependency: "boost" of x86_64-linux-gnu/boost/boost-1_58_0-….tar.gz.
func dependency(file string) string {
	dir := path.Dir(strings.TrimPrefix(file, "./"))
	if dir == "." || dir == "/" {
		return path.Base(file)
	}
	return path.Base(dir)
}
