package verify

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/gverify/gverify/sigs"
)

// findOddities finds the assertions that do not fit their neighbours, judged by files and names, not by digests of what all list.
// directory is the release's.
func (p *panel) findOddities() []Oddity {
	o := odd{panel: p}
	for i := range p.members {
		if !p.members[i].Own {
			o.unreadable(i)
		}
	}
	o.formatting()
	o.empty()
	for _, family := range o.families() {
		for _, i := range family.strangers {
			o.stranger(i, family)
		}
		for _, i := range family.members {
			if !o.otherRelease(i, family) {
				o.names(i, family)
			}
		}
		o.owns(family)
	}
	slices.SortStableFunc(o.found, func(a, b Oddity) int { return cmp.Compare(a.Member, b.Member) })
	return o.found
}

type odd struct {
	*panel
	found []Oddity
}

func (o *odd) add(member int, id CauseID, confidence Confidence, title string, artifacts []string, e Evidence, a Advice) {
	m := &o.members[member]
	e.Claimed = !m.Verified && !m.Own
	e.Weight = float64(confidence)
	if a.To == nil {
		a.To = []string{m.Signer}
	}
	o.found = append(o.found, Oddity{Member: member, Cause: Cause{ID: id, Confidence: confidence, Title: title, Artifacts: artifacts,
		Evidence: []Evidence{e}, Concerns: []string{m.Signer}, Advice: []Advice{a}, Claimed: e.Claimed}})
}

// unreadable notes files that are no assertion.
func (o *odd) unreadable(i int) {
	m := &o.members[i]
	switch {
	case m.Unparsed == "" || strings.HasPrefix(m.Unparsed, "not parsed:"):
	case m.Unparsed == sigs.ErrNoOutput.Error():
		o.add(i, EmptyOutput, 0.99, "an assertion without outputs", nil,
			Evidence{Kind: FileEvidence, Factor: m.Path, Text: "its out_manifest is empty: the build gave nothing out"},
			Advice{Remedy: Rebuild, Do: "look at the build's log, rebuild and sign again"})
	case strings.HasPrefix(m.Unparsed, sigs.ErrTooLarge.Error()):
		o.add(i, CorruptFile, 0.99, "a file larger than gverify reads (4 MB)", nil,
			Evidence{Kind: FileEvidence, Factor: m.Path, Text: m.Unparsed},
			Advice{Remedy: SignAgain, Do: "publish an assertion of less than 4 MB and sign that"})
	default:
		o.add(i, CorruptFile, 0.99, "a file that is no assertion", nil,
			Evidence{Kind: FileEvidence, Factor: m.Path, Text: m.Unparsed},
			Advice{Remedy: SignAgain, Do: "replace the file by the assertion itself and sign that"})
	}
}

// formatting notes assertions that were replaced by others of equal content.
func (o *odd) formatting() {
	for i := range o.members {
		for j := i + 1; j < len(o.members); j++ {
			a, b := &o.members[i], &o.members[j]
			if a.Path != b.Path || a.Own || b.Own || a.Unparsed != "" || b.Unparsed != "" || a.Sum == b.Sum || !sameContent(a.Assertion, b.Assertion) {
				continue
			}
			o.add(i, FormattingOnly, 0.99, "two assertions that differ in their bytes only", nil,
				Evidence{Kind: FileEvidence, Factor: a.Path, A: []string{a.Sum.String()}, B: []string{b.Sum.String()},
					Text: "both say exactly the same; only spaces or quoting differ"},
				Advice{Remedy: Investigate, To: []string{}, Do: "nothing: the builds are the same; each file needs its own signature"})
		}
	}
}

// sameContent compares what assertions say, without noise.
func sameContent(a, b sigs.Assertion) bool { return reflect.DeepEqual(plain(a), plain(b)) }

func plain(a sigs.Assertion) sigs.Assertion {
	a.Noise = nil
	a.Bases = slices.Clone(a.Bases)
	for i := range a.Bases {
		a.Bases[i].Noise = nil
	}
	return a
}

// stranger notes a member that shares no name with its neighbours.
func (o *odd) stranger(i int, f family) {
	m := &o.members[i]
	names := outNames(m)
	if o.misplaced(i) {
		return
	}
	for _, r := range o.index.sameOutputs(m.Assertion.Out, m.Directory.Path) {
		release := o.index.texts.list[o.index.directories.list[r.directory].release]
		o.addOtherRelease(i, f, release)
		return
	}
	if renamed, of := renamedOf(m, f); renamed != "" {
		o.add(i, RenamedArtifacts, 0.9, "the same files under another name", names,
			Evidence{Kind: NamesEvidence, Factor: renamed, A: []string{of}, B: []string{renamed}, Names: names, Text: "others call it " + of},
			Advice{Remedy: Rebuild, Do: "rebuild from the commit of the release's tag, so that the files get its name"})
		return
	}
	if guixName(m) != "" {
		return // parts of one build, by other names
	}
	mine, theirs := systemOf(cmp.Or(m.Assertion.Name, names[0])), systemOf(m.Directory.Platform)
	if theirs == "" {
		theirs = systemOf(sortedKeys(f.names)[0])
	}
	if mine != "" && theirs != "" && mine != theirs {
		o.add(i, WrongDirectory, 0.9, "an assertion in the wrong directory", names,
			Evidence{Kind: NamesEvidence, Factor: names[0], Names: names, A: []string{theirs}, B: []string{mine}, Text: fmt.Sprintf("it is a build for %s, its neighbours are for %s", mine, theirs)},
			Advice{Remedy: SignAgain, Do: "move it to the directory of its own platform"})
	}
}

// misplaced notes a member whose outputs are exactly those of the same version's other directory.
func (o *odd) misplaced(i int) bool {
	m := &o.members[i]
	for _, r := range o.index.sameOutputs(m.Assertion.Out, m.Directory.Path) {
		d := o.index.directories.list[r.directory]
		release := o.index.texts.list[d.release]
		if sigs.SameVersion(o.index.texts.list[d.version], m.Directory.Version) && release != m.Directory.Release {
			o.add(i, WrongDirectory, 0.97, "an assertion in the wrong directory", outNames(m),
				Evidence{Kind: ReleaseEvidence, Factor: release, Text: "its outputs are exactly those of " + release},
				Advice{Remedy: SignAgain, Do: "move it to " + release})
			return true
		}
	}
	return false
}

func outNames(m *Observation) []string {
	var out []string
	for _, e := range m.Assertion.Out {
		out = appendOnce(out, e.Path)
	}
	return out
}

// renamedOf finds an artifact that a family lists under another version's name.
func renamedOf(m *Observation, f family) (name, of string) {
	by := map[string]string{}
	for _, other := range sortedKeys(f.names) {
		if v, ok := withoutVersion(other); ok {
			by[v] = other
		}
	}
	for _, e := range m.Assertion.Out {
		if v, ok := withoutVersion(e.Path); ok && by[v] != "" && len(f.names[e.Path]) == 0 {
			return e.Path, by[v]
		}
	}
	return "", ""
}

// withoutVersion leaves the version out of an artifact's name.
func withoutVersion(artifact string) (string, bool) {
	v, ok := sigs.NamesVersion(artifact)
	if !ok {
		return "", false
	}
	return strings.Replace(artifact, v, "", 1), true
}

// otherRelease notes a member whose outputs are exactly another version's, while its neighbours have others of their own.
func (o *odd) otherRelease(i int, f family) bool {
	m := &o.members[i]
	if slices.ContainsFunc(f.members, func(j int) bool {
		return o.members[j].Signer != m.Signer && slices.Equal(o.members[j].Assertion.Out, m.Assertion.Out)
	}) {
		return false // somebody else built the same for this release
	}
	home := o.home(m, f)
	same := o.index.sameOutputs(m.Assertion.Out, home.Path)
	for _, r := range same {
		d := o.index.directories.list[r.directory]
		release, version := o.index.texts.list[d.release], o.index.texts.list[d.version]
		if sigs.SameVersion(version, home.Version) || o.saysItself(m, version) && o.index.texts.list[r.signer] == m.Signer {
			continue
		}
		neighbour := slices.IndexFunc(f.members, func(j int) bool { return o.members[j].Signer != m.Signer })
		if neighbour < 0 || slices.ContainsFunc(o.index.sameOutputs(o.members[f.members[neighbour]].Assertion.Out, home.Path), func(other record) bool { return other.directory == r.directory }) {
			continue // then both may stand in both: successive releases of equal content
		}
		o.addOtherRelease(i, f, release)
		return true
	}
	return false
}

// saysItself reports whether an assertion is labelled as its own directory's version and not as another: then its signer may have
// put a copy in the other's directory.
func (o *odd) saysItself(m *Observation, other string) bool {
	named, ok := releaseVersion(m.Assertion.Release)
	return ok && sigs.SameVersion(named, m.Directory.Version) && !sigs.SameVersion(named, other)
}

// names notes a member that lacks files most others list, or lists files hardly anybody does.
func (o *odd) names(i int, f family) {
	m := &o.members[i]
	others := f.signers
	if !m.Own && o.voices(slices.Concat(f.members, f.strangers))(i) {
		others--
	}
	if others < 2 {
		return // one against one: nobody knows which of the two is whole
	}
	var missing, extra []string
	shared := 0
	all := append(sortedKeys(f.names), outNames(m)...)
	slices.Sort(all)
	for _, name := range slices.Compact(all) {
		by := len(f.names[name])
		listed := len(m.Assertion.Out.Digests(name)) > 0
		if !m.Own && f.names[name][m.Signer] {
			by--
		}
		switch {
		case !listed && 2*by > others:
			missing = append(missing, name)
		case listed && 4*by <= others && !isLeftoverOf(m, name):
			extra = append(extra, name)
		case listed:
			shared++
		}
	}
	switch {
	case len(missing) > 0 && len(extra) > 0 && o.misplaced(i):
		return
	case len(missing) > 0 && len(extra) > 0 && o.renames(m, f, missing, extra):
		o.add(i, RenamedArtifacts, 0.9, "the same files under another name", extra,
			Evidence{Kind: NamesEvidence, Factor: extra[0], A: missing, B: extra, Names: extra, Text: "others call it " + missing[0]},
			Advice{Remedy: Rebuild, Do: "rebuild from the commit of the release's tag, so that the files get its name"})
	case len(extra) > shared:
		return // another part of the build, not the same one with more files
	case len(extra) > 0:
		text := plural(len(extra), "file", "files") + " that hardly anybody else lists"
		if !slices.ContainsFunc(extra, func(name string) bool {
			return len(f.names[name]) > 1 || len(f.names[name]) == 1 && !f.names[name][m.Signer]
		}) {
			text = plural(len(extra), "file", "files") + " that nobody else lists"
		}
		if slices.ContainsFunc(extra, isJunk) {
			text += "; macOS leaves such files in any directory it shows"
		}
		o.add(i, LeftoverOutput, 0.9, "files that the others do not list", extra, Evidence{Kind: NamesEvidence, Factor: extra[0], Names: extra, B: extra, Text: text},
			Advice{Remedy: Rebuild, Do: "empty the output directory, rebuild and sign again"})
	}
	if len(missing) > 0 && !o.renames(m, f, missing, extra) {
		o.add(i, MissingArtifacts, 0.9, "files missing that the others list", missing, Evidence{Kind: NamesEvidence, Factor: missing[0], Names: missing, A: missing,
			Text: plural(len(missing), "file is", "files are") + " missing that most others list: a partial build, or an older descriptor"},
			Advice{Remedy: Rebuild, Do: "build all of it and sign again"})
	}
}

// renames reports whether half of the extra files or more are missing ones under another name: equal bytes, or a name that differs
// in the version only.
func (o *odd) renames(m *Observation, f family, missing, extra []string) bool {
	n := 0
	for _, e := range extra {
		if slices.ContainsFunc(missing, func(other string) bool { return o.isRename(m, f, e, other) }) {
			n++
		}
	}
	return n > 0 && 2*n >= len(extra)
}

func (o *odd) isRename(m *Observation, f family, mine, theirs string) bool {
	v, ok1 := withoutVersion(mine)
	w, ok2 := withoutVersion(theirs)
	if ok1 && ok2 && v == w {
		return true
	}
	digests := m.Assertion.Out.Digests(mine)
	return slices.ContainsFunc(f.members, func(i int) bool {
		return slices.ContainsFunc(o.members[i].Assertion.Out.Digests(theirs), func(d sigs.Digest) bool { return slices.Contains(digests, d) })
	})
}
