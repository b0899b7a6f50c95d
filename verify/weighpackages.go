package verify

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// weighPackages weighs update events, extra and missing packages, and another distribution.
func (w *pairing) weighPackages() {
	w.weighSuites()
	apart := w.apart(PackageEvidence)
	var extra, missing, moved []difference
	for _, d := range apart {
		switch {
		case onlyAbsent(d.a):
			extra = append(extra, d)
		case onlyAbsent(d.b):
			missing = append(missing, d)
		default:
			moved = append(moved, d)
		}
	}
	if w.polluted = w.weighExtra(extra, moved); !w.polluted {
		moved = append(moved, extra...)
	}
	if !w.weighMissing(missing) {
		moved = append(moved, missing...)
	}
	harmless := w.index.harmlessElsewhere(w.kind, w.directory, moved)
	for _, e := range eventsOf(moved) {
		w.weighEvent(e, harmless)
	}
}

// weighEvent weighs packages that moved together by the weightiest of them.
func (w *pairing) weighEvent(e event, harmless *harmlessPairs) {
	for _, d := range e.packages {
		kind := kindOf(d.name)
		weight, doubt := kind.weight()*kind.fit(w.split.Class), ""
		if strings.HasSuffix(w.kind, signerKind) && kind.compiles() {
			weight *= neverCompiled
		}
		if !compilesFor(d.name, w.split.Artifacts) {
			weight *= otherTarget
		}
		if d.gone() {
			weight *= merelyAbsent
			doubt = "one side merely lacks it"
		}
		if release, ok := harmless.excused(d); ok {
			weight *= excusedBy
			doubt = "in other releases it made no difference"
			if release != "" {
				doubt = "in " + release + " it made no difference"
			}
		}
		if w.chance != nil {
			weight *= excusedBy
			doubt = w.chance.text + " without it"
		}
		if weight > e.weight {
			e.weight, e.doubt, e.kind = weight, doubt, kind
		}
	}
	best := e.best()
	w.drift = max(w.drift, e.weight)
	w.countCandidate(e.weight)
	if best.sameVersion() {
		w.addFile(e)
		return
	}
	where := "in " + w.called(w.b)
	if w.oneToOne() {
		where = "between " + w.called(w.a) + " and " + w.called(w.b)
	}
	w.add(PackageDrift, e.kind.called()+" drift "+where, Evidence{Kind: PackageEvidence, Factor: best.name, Suite: e.suite, A: shown(best.a), B: shown(best.b),
		Names: e.names(), Doubt: e.doubt, Weight: e.weight, Text: "no version of it stands on both sides"}, w.driftAdvice(best)...)
}

// driftAdvice offers both ways out: to build with the packages of the others, and to have whoever has the older ones update.
func (w *pairing) driftAdvice(d difference) []Advice {
	a, b := w.signers(w.inA), w.signers(w.inB)
	like := w.exemplar(w.inA)
	pinned := Advice{Remedy: RebuildPinned, To: b, Do: "rebuild with the packages of " + like, Like: like}
	switch newer := d.newer(); {
	case newer < 0:
		return []Advice{{Remedy: Rebuild, To: b, Do: "update the base and rebuild"}, pinned}
	case newer > 0:
		pinned.Do += " (old packages have known vulnerabilities: use them for the comparison only)"
		return []Advice{pinned, {Remedy: AskToRebuild, To: a, Do: "rebuild with the newer packages", Like: w.exemplar(w.inB)}}
	}
	return []Advice{pinned, {Remedy: Rebuild, To: b, Do: "make a fresh base and rebuild"}}
}

// exemplar is the signer of a group whose environment to follow: verified, not replaced, the first to publish.
func (p *panel) exemplar(members []int) string {
	best := &p.members[members[0]]
	for _, i := range members[1:] {
		m := &p.members[i]
		if cmp.Or(compareBool(m.Verified, best.Verified), -compareBool(m.Replaced(), best.Replaced()), best.Time.Compare(m.Time), slices.Compare(m.Sum[:], best.Sum[:])) > 0 {
			best = m
		}
	}
	return best.Signer
}

// weighExtra weighs packages that only b has. It reports whether they are a cause of their own: many, or a few that a build can find
// and nothing else of any weight.
func (w *pairing) weighExtra(extra, moved []difference) bool {
	useful := 0
	for _, d := range extra {
		if kindOf(d.name).weight() >= headerPackage.weight() {
			useful++
		}
	}
	weight := 15 + 0.8*float64(useful)
	if useful < minExtra {
		if useful == 0 || slices.ContainsFunc(moved, func(d difference) bool { return kindOf(d.name).weight() >= headerPackage.weight() }) {
			return false
		}
		weight = headerPackage.weight() + 0.8*float64(useful)
	}
	names := bestFirst(extra)
	w.candidates++
	w.add(PollutedBase, "extra packages in "+w.called(w.b)+"'s build environment",
		Evidence{Kind: ExtraEvidence, Factor: names[0], Suite: extra[0].suite, A: []string{""}, B: []string{itoa(len(names))}, Names: names, Weight: weight,
			Text: fmt.Sprintf("%s had %s installed that nobody in %s has, %d of use to a build", w.called(w.b), plural(len(names), "package", "packages"), w.called(w.a), useful)},
		Advice{Remedy: Rebuild, To: w.signers(w.inB), Do: "make a fresh base and rebuild; other versions are not needed"})
	return true
}

// weighMissing weighs packages that b lacks. So many come from another kind of base image.
func (w *pairing) weighMissing(missing []difference) bool {
	if len(missing) < minMissing {
		return false
	}
	names := bestFirst(missing)
	w.candidates++
	w.add(HostEnvironment, "another kind of base image in "+w.called(w.b),
		Evidence{Kind: MissingEvidence, Factor: names[0], Suite: missing[0].suite, A: hosts(w.panel, w.inA), B: hosts(w.panel, w.inB), Names: names, Weight: hostWeight,
			Text: fmt.Sprintf("%s lacks %d packages that all of %s have", w.called(w.b), len(names), w.called(w.a))},
		Advice{Remedy: Rebuild, To: w.signers(w.inB), Do: "rebuild on the kind of virtual machine or container that the others use"})
	return true
}

// bestFirst names packages, those of most use to a build first.
func bestFirst(list []difference) []string {
	names := make([]string, len(list))
	for i, d := range list {
		names[i] = d.name
	}
	slices.SortFunc(names, func(x, y string) int {
		return cmp.Or(cmp.Compare(kindOf(y).weight(), kindOf(x).weight()), strings.Compare(x, y))
	})
	return names
}

// weighSuites weighs another distribution: no package can be compared then.
func (w *pairing) weighSuites() {
	a, b := w.suitesOf(w.inA), w.suitesOf(w.inB)
	if len(a) == 0 || len(b) == 0 || slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) }) {
		return
	}
	for _, g := range w.groups { // somebody who has both shows that it makes no difference
		if all := w.suitesOf(g); slices.ContainsFunc(a, func(s string) bool { return slices.Contains(all, s) }) &&
			slices.ContainsFunc(b, func(s string) bool { return slices.Contains(all, s) }) {
			return
		}
	}
	w.candidates++
	w.drift = max(w.drift, suiteWeight)
	w.add(PackageDrift, "another distribution in "+w.called(w.b), Evidence{Kind: SuiteEvidence, Factor: "suite", A: a, B: b, Weight: suiteWeight,
		Text: fmt.Sprintf("%s built in %s, %s in %s", w.called(w.a), join(a), w.called(w.b), join(b))},
		Advice{Remedy: Rebuild, To: w.signers(w.inB), Do: "rebuild in " + join(a)})
}

// suitesOf returns the build environments of members, sorted.
func (p *panel) suitesOf(members []int) []string {
	set := map[string]bool{}
	for _, i := range members {
		for s := range p.facts[i].suites {
			set[s] = true
		}
	}
	return sortedNames(set)
}

// hosts returns what kinds of machine the packages of members speak of, sorted.
func hosts(p *panel, members []int) []string {
	set := map[string]bool{}
	for _, i := range members {
		if h := hostOf(&p.facts[i]); h != "" {
			set[h] = true
		}
	}
	return sortedNames(set)
}

// hostOf is the kind of machine a base was made for: one with a kernel of its own (KVM, VirtualBox), a container (LXC), or a
// minimal image; "" where the base is not known.
func hostOf(f *facts) string {
	kernel, container := false, false
	for k := range f.values {
		if k.kind != PackageEvidence {
			continue
		}
		kernel = kernel || strings.HasPrefix(k.name, "linux-image-")
		container = container || k.name == "lxc" || k.name == "liblxc1" || k.name == "lxcguest"
	}
	switch {
	case len(f.suites) == 0:
		return ""
	case kernel && container:
		return "kernel and LXC"
	case kernel:
		return "own kernel (KVM, VirtualBox)"
	case container:
		return "LXC container"
	}
	return "minimal image"
}
