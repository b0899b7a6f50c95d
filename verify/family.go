package verify

import (
	"slices"

	"github.com/gverify/gverify/sigs"
)

// family is members whose manifests share names, and those of the same assertion name that share none with them.
type family struct {
	members   []int
	strangers []int
	signers   int                        // who have a voice
	names     map[string]map[string]bool // artifact: signers who list it and have a voice
}

// families returns the largest family of every assertion name for guix, else of all members.
func (o *odd) families() []family {
	by := map[string][]int{}
	for i := range o.members {
		m := &o.members[i]
		if m.Unparsed == "" && !m.Own && len(m.Assertion.Out) > 0 {
			by[guixName(m)] = append(by[guixName(m)], i)
		}
	}
	var out []family
	for _, name := range sortedKeys(by) {
		if f := o.largestFamily(by[name]); f.signers > 0 {
			out = append(out, f)
		}
	}
	return out
}

func guixName(m *Observation) string {
	if m.Directory.Layout == sigs.GuixLayout {
		return m.Name
	}
	return ""
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// largestFamily joins members that share a name, as long as there are any, and returns the family of most signers.
func (o *odd) largestFamily(members []int) family {
	parent := map[string]string{} // artifact: another of the same family
	root := func(a string) string {
		for parent[a] != a {
			a = parent[a]
		}
		return a
	}
	for _, i := range members {
		first := ""
		for _, e := range o.members[i].Assertion.Out {
			if _, ok := parent[e.Path]; !ok {
				parent[e.Path] = e.Path
			}
			if first == "" {
				first = root(e.Path)
			} else if r := root(e.Path); r != first {
				parent[r] = first
			}
		}
	}
	voices := o.voices(members)
	by := map[string]*family{}
	for _, i := range members {
		r := root(o.members[i].Assertion.Out[0].Path)
		if by[r] == nil {
			by[r] = &family{names: map[string]map[string]bool{}}
		}
		f := by[r]
		f.members = append(f.members, i)
		if !voices(i) {
			continue
		}
		for _, e := range o.members[i].Assertion.Out {
			if f.names[e.Path] == nil {
				f.names[e.Path] = map[string]bool{}
			}
			f.names[e.Path][o.members[i].Signer] = true
		}
	}
	var best family
	bestName := ""
	for _, f := range by {
		f.signers = len(o.signers(slices.DeleteFunc(slices.Clone(f.members), func(i int) bool { return !voices(i) })))
		name := o.members[f.members[0]].Assertion.Out[0].Path
		if f.signers > best.signers || f.signers == best.signers && (len(f.members) > len(best.members) || len(f.members) == len(best.members) && name < bestName) {
			best, bestName = *f, name
		}
	}
	for _, i := range members {
		if !slices.Contains(best.members, i) {
			best.strangers = append(best.strangers, i)
		}
	}
	return best
}

// voices says whose lists count for what most list: the verified ones' where three signers or more are, else everybody's. Nobody
// shall make honest builds look partial by adding files that nobody vouches for.
func (o *odd) voices(members []int) func(member int) bool {
	verified := slices.DeleteFunc(slices.Clone(members), func(i int) bool { return !o.members[i].Verified })
	if len(o.signers(verified)) < 3 {
		return func(int) bool { return true }
	}
	return func(i int) bool { return o.members[i].Verified }
}

// home is where a member belongs: the user's own build to the family it is compared with.
func (o *odd) home(m *Observation, f family) sigs.Directory {
	if m.Own {
		return o.members[f.members[0]].Directory
	}
	return m.Directory
}
