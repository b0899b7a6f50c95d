package verify

import (
	"slices"
	"strings"

	"github.com/gverify/gverify/verify/deb"
)

// separation is what the recorded factors say of two groups.
type separation struct {
	apart      []difference    // factors whose values tell the groups apart without exception
	exonerated []difference    // factors that differ somewhere, but not between the groups as wholes
	same       map[factor]bool // factors with one value in both
}

// difference is one factor and the values each group has.
type difference struct {
	factor
	a, b []value // distinct, in order
	by   []int   // members who exonerate it
}

// separate finds which factors could be why groups a and b of a split differ. A factor could only if no value stands in both groups,
// and none that members of ONE group share between them: what differs among those who agree does not change the output.
func (p *panel) separate(groups [][]int, a, b int) separation {
	out := separation{same: map[factor]bool{}}
	for _, k := range p.factorsOf(slices.Concat(groups[a], groups[b])) {
		av, aKnown := p.valuesIn(groups[a], k)
		bv, bKnown := p.valuesIn(groups[b], k)
		if !aKnown || !bKnown {
			continue
		}
		d := difference{factor: k, a: av, b: bv}
		switch {
		case len(av) == 1 && len(bv) == 1 && av[0] == bv[0]:
			out.same[k] = true
		case overlap(av, bv):
			d.by = p.holders(groups[a], groups[b], d)
			out.exonerated = append(out.exonerated, d)
		default:
			if by := p.linked(groups, k, av, bv); len(by) > 0 {
				d.by = by
				out.exonerated = append(out.exonerated, d)
			} else {
				out.apart = append(out.apart, d)
			}
		}
	}
	return out
}

// factorsOf returns all factors of members, in order.
func (p *panel) factorsOf(members []int) []factor {
	seen := map[factor]bool{}
	var out []factor
	for _, i := range members {
		for k := range p.facts[i].values {
			if !seen[k] {
				seen[k] = true
				out = append(out, k)
			}
		}
	}
	slices.SortFunc(out, compareFactors)
	return out
}

func compareFactors(x, y factor) int {
	if c := strings.Compare(string(x.kind), string(y.kind)); c != 0 {
		return c
	}
	if c := strings.Compare(x.suite, y.suite); c != 0 {
		return c
	}
	return strings.Compare(x.name, y.name)
}

// valuesIn returns the distinct values members have of a factor. known is false where none of them tells.
func (p *panel) valuesIn(members []int, k factor) (values []value, known bool) {
	for _, i := range members {
		if v, ok := p.facts[i].of(k); ok {
			known = true
			if !slices.Contains(values, v) {
				values = append(values, v)
			}
		}
	}
	slices.SortFunc(values, func(x, y value) int { return compareValues(k, x, y) })
	return values, known
}

// compareValues orders values: absent first, versions of packages as dpkg does.
func compareValues(k factor, x, y value) int {
	if k.kind == PackageEvidence && x != absent && y != absent {
		if c := deb.Compare(x.shown, y.shown); c != 0 {
			return c
		}
	}
	if c := strings.Compare(x.shown, y.shown); c != 0 {
		return c
	}
	return strings.Compare(x.digest, y.digest)
}

func overlap(a, b []value) bool {
	return slices.ContainsFunc(a, func(v value) bool { return slices.Contains(b, v) })
}

// holders returns who exonerates a factor whose values overlap: one group's members that hold the other's values. The smaller
// set of them is named.
func (p *panel) holders(a, b []int, d difference) []int {
	hold := func(members []int, values []value) (out []int) {
		for _, i := range members {
			if v, ok := p.facts[i].of(d.factor); ok && slices.Contains(values, v) {
				out = append(out, i)
			}
		}
		return out
	}
	inA, inB := hold(a, d.b), hold(b, d.a)
	if len(inB) < len(inA) {
		return inB
	}
	return inA
}

// linked returns the members of a group that have, between them, values that join those of a to those of b; nil where no group
// does.
func (p *panel) linked(groups [][]int, k factor, a, b []value) []int {
	joined := slices.Clone(a)
	var by []int
	for changed := true; changed && !overlap(joined, b); {
		changed = false
		for _, members := range groups {
			values, _ := p.valuesIn(members, k)
			if !overlap(values, joined) {
				continue
			}
			for _, v := range values {
				if !slices.Contains(joined, v) {
					joined = append(joined, v)
					changed = true
					for _, i := range members {
						if got, ok := p.facts[i].of(k); ok && got == v && !slices.Contains(by, i) {
							by = append(by, i)
						}
					}
				}
			}
		}
	}
	if !overlap(joined, b) {
		return nil
	}
	slices.Sort(by)
	return by
}
