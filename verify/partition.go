package verify

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/gverify/gverify/sigs"
)

// panel is the assertions that are compared with each other, and what they record.
type panel struct {
	index     *Index
	members   []Observation // in order of path, then time, then digest
	facts     []facts
	artifacts map[string]bool              // those asked about; nil: all
	oddities  []Oddity                     // once they are found
	chances   map[*SplitGroup]*chanceShown // by the first group of a split
}

// newPanel orders observations. The same one twice is one.
func newPanel(index *Index, members []Observation) *panel {
	p := &panel{index: index, members: slices.Clone(members)}
	for i := range p.members {
		index.date(&p.members[i])
	}
	slices.SortStableFunc(p.members, func(a, b Observation) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), a.Time.Compare(b.Time), slices.Compare(a.Sum[:], b.Sum[:]), compareBool(a.Own, b.Own))
	})
	p.members = slices.CompactFunc(p.members, func(a, b Observation) bool {
		return a.Path == b.Path && a.Sum == b.Sum && a.Own == b.Own && !a.Own
	})
	p.facts = make([]facts, len(p.members))
	for i, m := range p.members {
		p.facts[i] = factsOf(m.Assertion)
	}
	return p
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// asserts returns the one digest a member gives an artifact. A member that gives it several contradicts itself and has no part.
func (p *panel) asserts(member int, artifact string) (sigs.Digest, bool) {
	m := &p.members[member]
	if m.Unparsed != "" || isLeftoverOf(m, artifact) {
		return sigs.Digest{}, false
	}
	d := m.Assertion.Out.Digests(artifact)
	if len(d) != 1 {
		return sigs.Digest{}, false
	}
	return d[0], true
}

// isLeftoverOf is [isLeftover] for an observation.
func isLeftoverOf(m *Observation, artifact string) bool {
	if m.Assertion.Format != sigs.ResultFormat || m.Own {
		return false
	}
	return isOtherSystem(artifact, systemOf(m.Directory.Platform))
}

// listed returns the artifacts the members list, in order.
func (p *panel) listed() []string {
	seen := map[string]bool{}
	for i := range p.members {
		for _, e := range p.members[i].Assertion.Out {
			if p.artifacts == nil || p.artifacts[e.Path] {
				if _, ok := p.asserts(i, e.Path); ok {
					seen[e.Path] = true
				}
			}
		}
	}
	return sortedNames(seen)
}

// partition finds out which artifacts all agree on and collects those that divide the members in the same way.
func (p *panel) partition() (agreed []string, splits []Split) {
	byPattern := map[string]int{}
	for _, artifact := range p.listed() {
		groups := p.groups(artifact)
		if len(groups) == 1 {
			agreed = append(agreed, artifact)
			continue
		}
		key := patternOf(groups)
		i, ok := byPattern[key]
		if !ok {
			i = len(splits)
			byPattern[key] = i
			s := Split{}
			for _, g := range groups {
				s.Groups = append(s.Groups, p.splitGroup(g.members))
			}
			splits = append(splits, s)
		}
		splits[i].Artifacts = append(splits[i].Artifacts, artifact)
		for j, g := range groups {
			splits[i].Groups[j].Digests = append(splits[i].Groups[j].Digests, g.digest.String())
		}
	}
	for i := range splits {
		splits[i].Class = classOf(splits[i].Artifacts)
	}
	slices.SortStableFunc(splits, func(a, b Split) int { return cmp.Compare(len(b.Artifacts), len(a.Artifacts)) })
	return agreed, splits
}

// assertedGroup is the members that give an artifact one digest.
type assertedGroup struct {
	digest   sigs.Digest
	members  []int
	verified int // signers with an assertion that is verified and stands
	signers  int
}

// groups returns the groups of an artifact: most verified signers first, so that nobody becomes the reference by adding files that
// nobody vouches for; then most signers, current assertions, assertions. Names have no part in it.
func (p *panel) groups(artifact string) []assertedGroup {
	var out []assertedGroup
	at := map[sigs.Digest]int{}
	for i := range p.members {
		d, ok := p.asserts(i, artifact)
		if !ok {
			continue
		}
		j, ok := at[d]
		if !ok {
			j = len(out)
			at[d] = j
			out = append(out, assertedGroup{digest: d})
		}
		out[j].members = append(out[j].members, i)
	}
	for i := range out {
		out[i].signers = len(p.signers(out[i].members))
		out[i].verified = len(p.signers(slices.DeleteFunc(slices.Clone(out[i].members), func(m int) bool { return !p.members[m].Verified || p.members[m].Replaced() })))
	}
	slices.SortFunc(out, func(a, b assertedGroup) int {
		return cmp.Or(cmp.Compare(b.verified, a.verified), cmp.Compare(b.signers, a.signers), cmp.Compare(p.current(b.members), p.current(a.members)),
			cmp.Compare(len(b.members), len(a.members)), p.compareOldest(a.members, b.members))
	})
	return out
}

// compareOldest compares groups by their oldest assertions, then by the least digest of the members' files: by nothing of the
// artifact's, so that groups stand in the same order for every artifact that divides the members alike.
func (p *panel) compareOldest(a, b []int) int {
	oldest := func(members []int) (at time.Time, sum sigs.Digest) {
		for n, i := range members {
			m := &p.members[i]
			if n == 0 || m.Time.Before(at) {
				at = m.Time
			}
			if n == 0 || slices.Compare(m.Sum[:], sum[:]) < 0 {
				sum = m.Sum
			}
		}
		return at, sum
	}
	aTime, aSum := oldest(a)
	bTime, bSum := oldest(b)
	return cmp.Or(aTime.Compare(bTime), slices.Compare(aSum[:], bSum[:]))
}

// current counts the members that were not replaced.
func (p *panel) current(members []int) int {
	n := 0
	for _, i := range members {
		if !p.members[i].Replaced() {
			n++
		}
	}
	return n
}

// patternOf is equal for artifacts that divide the members in the same way, whatever their digests.
func patternOf(groups []assertedGroup) string {
	parts := make([]string, len(groups))
	for i, g := range groups {
		list := make([]uint32, len(g.members))
		for j, m := range g.members {
			list[j] = uint32(m)
		}
		parts[i] = listKey(list)
	}
	return strings.Join(parts, "|")
}

// signers returns the names of members, sorted, each once.
func (p *panel) signers(members []int) []string {
	set := map[string]bool{}
	for _, i := range members {
		set[p.members[i].Signer] = true
	}
	return sortedNames(set)
}

func (p *panel) splitGroup(members []int) SplitGroup {
	g := SplitGroup{Members: members, Signers: p.signers(members), Earlier: true, Claimed: true}
	for _, i := range members {
		m := &p.members[i]
		g.Earlier = g.Earlier && m.Replaced()
		g.Claimed = g.Claimed && !m.Verified && !m.Own
	}
	return g
}
