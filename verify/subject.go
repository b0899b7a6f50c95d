package verify

import (
	"slices"

	"github.com/gverify/gverify/sigs"
)

// explainSubject explains one build against the groups of the others. ok is false where it shares no artifact with them.
func (p *panel) explainSubject(subject Observation) (SubjectExplanation, bool) {
	if !p.concerns(subject) {
		return SubjectExplanation{}, false
	}
	q := newPanel(p.index, append(slices.Clone(p.members), subject))
	q.artifacts = p.artifacts
	at := slices.IndexFunc(q.members, func(o Observation) bool {
		return o.Own == subject.Own && o.Path == subject.Path && o.Sum == subject.Sum
	})
	e := SubjectExplanation{Subject: q.members[at], Members: q.members}
	agreed, splits := q.partition()
	for _, artifact := range agreed {
		if _, ok := q.asserts(at, artifact); ok && q.others(at, artifact) {
			e.Matches = append(e.Matches, artifact)
		}
	}
	q.oddities = q.findOddities()
	for _, o := range q.oddities {
		if o.Member == at {
			e.Oddities = append(e.Oddities, o.Cause)
		}
	}
	for _, s := range splits {
		mine := slices.IndexFunc(s.Groups, func(g SplitGroup) bool { return slices.Contains(g.Members, at) })
		switch {
		case mine < 0:
			continue
		case mine == 0 && len(s.Groups[0].Members) > 1:
			e.Matches = append(e.Matches, s.Artifacts...)
			continue
		}
		q.dateGroups(&s)
		for a := range s.Groups[:min(len(s.Groups), MaxGroups)] {
			if a != mine {
				s.Pairs = append(s.Pairs, q.pair(&s, a, mine))
			}
		}
		e.Splits = append(e.Splits, s)
	}
	slices.Sort(e.Matches)
	if len(e.Splits) == 0 {
		e.Harmless = q.harmlessDifferences(at)
	}
	return e, true
}

// concerns reports whether a subject is about the panel's release: an own build by the names of its files, an assertion by its
// directory.
func (p *panel) concerns(subject Observation) bool {
	for i := range p.members {
		m := &p.members[i]
		if !subject.Own {
			if m.Directory.Path == subject.Directory.Path {
				return true
			}
			continue
		}
		if system := systemOfBuild(subject.Assertion); system != "" && systemOf(m.Directory.Platform) != "" && system != systemOf(m.Directory.Platform) {
			continue
		}
		if slices.ContainsFunc(subject.Assertion.Out, func(e sigs.Entry) bool { return len(m.Assertion.Out.Digests(e.Path)) > 0 }) {
			return true
		}
	}
	return false
}

// others reports whether anybody besides a member asserts an artifact.
func (p *panel) others(member int, artifact string) bool {
	for i := range p.members {
		if i != member {
			if _, ok := p.asserts(i, artifact); ok {
				return true
			}
		}
	}
	return false
}

// harmlessDifferences are the factors in which a member differs from most who gave out the same: packages by update event.
func (p *panel) harmlessDifferences(at int) []Evidence {
	var like []int
	for i := range p.members {
		if i != at && p.sameOutputs(i, at) {
			like = append(like, i)
		}
	}
	if len(like) == 0 {
		return nil
	}
	var packages []difference
	var out []Evidence
	for _, k := range p.factorsOf(append(slices.Clone(like), at)) {
		a, aKnown := p.valuesIn(like, k)
		b, bKnown := p.valuesIn([]int{at}, k)
		switch {
		case !aKnown || !bKnown || !p.mostLack(like, k, b):
		case k.kind == PackageEvidence:
			packages = append(packages, difference{factor: k, a: a, b: b})
		case k.kind == CommitEvidence || k.kind == DescriptorEvidence || k.kind == InputEvidence:
			out = append(out, Evidence{Kind: k.kind, Factor: k.name, A: shown(a), B: shown(b), Text: "other contents, same outputs"})
		}
	}
	for _, e := range eventsOf(packages) {
		best := e.packages[0]
		out = append(out, Evidence{Kind: PackageEvidence, Factor: best.name, Suite: e.suite, A: shown(best.a), B: shown(best.b), Names: e.names(),
			Weight: kindOf(best.name).weight(), Text: "another version, same outputs"})
	}
	slices.SortStableFunc(out, func(x, y Evidence) int {
		switch {
		case x.Weight > y.Weight:
			return -1
		case x.Weight < y.Weight:
			return 1
		}
		return 0
	})
	return out
}

// mostLack reports whether most of the members that record a factor have none of the values.
func (p *panel) mostLack(members []int, k factor, values []value) bool {
	known, have := 0, 0
	for _, i := range members {
		if v, ok := p.valuesIn([]int{i}, k); ok {
			known++
			if overlap(v, values) {
				have++
			}
		}
	}
	return 2*have < known
}

// sameOutputs reports whether two members agree on every artifact both list, and list one at least.
func (p *panel) sameOutputs(i, j int) bool {
	shared := false
	for _, e := range p.members[i].Assertion.Out {
		a, ok1 := p.asserts(i, e.Path)
		b, ok2 := p.asserts(j, e.Path)
		if ok1 && ok2 {
			if a != b {
				return false
			}
			shared = true
		}
	}
	return shared
}
