package verify

import (
	"crypto/sha256"
	"fmt"
	"slices"

	"github.com/gverify/gverify/sigs"
)

// owns notes how the user's own builds do not fit a family that lists files of theirs.
func (o *odd) owns(f family) {
	first := &o.members[f.members[0]]
	for i := range o.members {
		m := &o.members[i]
		if !m.Own || !slices.ContainsFunc(m.Assertion.Out, func(e sigs.Entry) bool { return f.names[e.Path] != nil }) {
			continue
		}
		if other := o.otherRelease(i, f); !other && (guixName(first) == "" || guixName(first) == m.Name) {
			o.names(i, f)
		}
		o.label(i, f)
	}
}

// label notes an own build that says it is of another version than the family it is compared with.
func (o *odd) label(i int, f family) {
	m, home := &o.members[i], o.members[f.members[0]].Directory
	version, ok := releaseVersion(m.Assertion.Release)
	if !ok || home.Version == "" || sigs.SameVersion(version, home.Version) {
		return
	}
	o.add(i, OtherLabel, 0.95, "it says it is another release", nil, Evidence{Kind: ReleaseEvidence, Factor: m.Assertion.Release, A: []string{home.Release}, B: []string{m.Assertion.Release},
		Text: fmt.Sprintf("its release: line says %s, but its files are called as those of %s", m.Assertion.Release, home.Release)},
		Advice{Remedy: SignAgain, Do: fmt.Sprintf("before you sign it, make it anew with the release name of the others (%s)", home.Release)})
}

// addOtherRelease enters that a member has the outputs of another release. One that was built from the very commit its neighbours
// used needs no other source: the build takes its name from whichever tag of the commit was asked for.
func (o *odd) addOtherRelease(i int, f family, release string) {
	m := &o.members[i]
	e := Evidence{Kind: ReleaseEvidence, Factor: release, Text: "its outputs are exactly those of " + release}
	do := "build this release and sign that"
	sameCommit := func(j int) bool {
		return o.members[j].Signer != m.Signer && len(m.Assertion.Commits) > 0 && slices.Equal(o.members[j].Assertion.Commits, m.Assertion.Commits)
	}
	if version := o.home(m, f).Version; version != "" && slices.ContainsFunc(f.members, sameCommit) {
		e.Text += "; both releases were made from the same commit, and the name of the tag tells them apart"
		do = fmt.Sprintf("check out this release by the name of its own tag (v%s), build that and sign it", version)
	}
	o.add(i, OtherRelease, 0.95, "the outputs of another release", outNames(m), e, Advice{Remedy: Rebuild, Do: do})
}

// empty notes members that list files without content where somebody else's have some.
func (o *odd) empty() {
	filled := map[string]bool{}
	for i := range o.members {
		for _, e := range o.members[i].Assertion.Out {
			filled[e.Path] = filled[e.Path] || e.Digest != nothing
		}
	}
	for i := range o.members {
		m := &o.members[i]
		var names []string
		for _, e := range m.Assertion.Out {
			if e.Digest == nothing && filled[e.Path] {
				names = appendOnce(names, e.Path)
			}
		}
		if len(names) == 0 {
			continue
		}
		o.add(i, EmptyOutput, 0.99, "files without content", names, Evidence{Kind: NamesEvidence, Factor: names[0], Names: names,
			Text: plural(len(names), "file has", "files have") + " the digest of an empty file: the build stopped before it wrote them, or the wrong files were hashed"},
			Advice{Remedy: Rebuild, Do: "look at the build's log, rebuild and sign again"})
	}
}

// nothing is the digest of no bytes at all.
var nothing = sigs.Digest(sha256.Sum256(nil))
