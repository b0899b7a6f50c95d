package verify

import (
	"slices"
	"strings"
)

// common says in words what both groups have in common.
func (w *pairing) common() []string {
	var out []string
	count := func(kind EvidenceKind) (same, differ int) {
		for k := range w.sep.same {
			if k.kind == kind {
				same++
			}
		}
		for _, list := range [][]difference{w.sep.apart, w.sep.exonerated} {
			for _, d := range list {
				if d.kind == kind {
					differ++
				}
			}
		}
		return same, differ
	}
	for _, k := range []struct {
		kind EvidenceKind
		word string
	}{{CommitEvidence, "commit"}, {DescriptorEvidence, "descriptor"}, {InputEvidence, "inputs"}, {PackageEvidence, "packages"}, {SourceEvidence, "cached sources"}, {CacheEvidence, "cached dependencies"}} {
		if same, differ := count(k.kind); same > 0 && differ == 0 {
			out = append(out, k.word)
		}
	}
	return out
}

// exonerations are the differences that cannot be the cause, packages by update event, cached dependencies together.
func (w *pairing) exonerations() []Exoneration {
	var out []Exoneration
	var packages []difference
	var cached Exoneration
	by := map[string][]int{}
	for _, d := range w.sep.exonerated {
		switch d.kind {
		case PackageEvidence:
			packages = append(packages, d)
			by[d.suite+"\n"+d.name] = d.by
		case CacheEvidence, SourceEvidence:
			cached.Kind = CacheEvidence
			cached.Names = append(cached.Names, dependency(d.name))
			cached.By = append(cached.By, w.signers(d.by)...)
		default:
			out = append(out, Exoneration{Kind: d.kind, Names: []string{d.name}, By: w.signers(d.by)})
		}
	}
	for _, e := range eventsOf(packages) {
		best := e.packages[0]
		out = append(out, Exoneration{Kind: PackageEvidence, Names: e.names(), Suite: e.suite, By: w.signers(by[best.suite+"\n"+best.name])})
	}
	if len(cached.Names) > 0 {
		slices.Sort(cached.Names)
		slices.Sort(cached.By)
		cached.Names, cached.By = slices.Compact(cached.Names), slices.Compact(cached.By)
		out = append(out, cached)
	}
	slices.SortStableFunc(out, func(x, y Exoneration) int { return compareExonerations(x, y) })
	return out
}

// compareExonerations puts what a reader would suspect first.
func compareExonerations(x, y Exoneration) int {
	weight := func(e Exoneration) float64 {
		if e.Kind == PackageEvidence {
			return kindOf(e.Names[0]).weight()
		}
		return commitWeight
	}
	if wx, wy := weight(x), weight(y); wx != wy {
		if wx > wy {
			return -1
		}
		return 1
	}
	return strings.Compare(x.Names[0], y.Names[0])
}

// moved returns the signers who are in both groups, and where their later assertions stand: -1 in a, 1 in b, 0 in both or untold.
func (w *pairing) moved() (signers []string, later int) {
	toA, toB := 0, 0
	for _, s := range w.signers(w.inA) {
		inA, inB := w.latest(w.inA, s), w.latest(w.inB, s)
		if inB == 0 {
			continue
		}
		signers = append(signers, s)
		switch {
		case inA > inB:
			toA++
		case inB > inA:
			toB++
		}
	}
	switch {
	case toA > 0 && toB == 0:
		return signers, -1
	case toB > 0 && toA == 0:
		return signers, 1
	}
	return signers, 0
}

// latest is when a signer's last assertion among members was committed, in Unix seconds; 0: he has none, 1: the time is unknown.
func (p *panel) latest(members []int, signer string) int64 {
	at := int64(0)
	for _, i := range members {
		if m := &p.members[i]; m.Signer == signer {
			at = max(at, 1)
			if !m.Time.IsZero() {
				at = max(at, m.Time.Unix())
			}
		}
	}
	return at
}
