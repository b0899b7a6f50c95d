package verify

import (
	"slices"

	"github.com/gverify/gverify/sigs"
)

// harmlessPairs are values of packages that made no difference in other releases: signers had them and agreed on every output.
type harmlessPairs struct {
	x      *Index
	parent map[uint32]uint32 // package: another that made no difference
	where  map[uint32]string // release that showed it
}

// harmlessElsewhere collects what other releases of the same kind of build show about the packages of differences.
func (x *Index) harmlessElsewhere(kind, directory string, differences []difference) *harmlessPairs {
	if x == nil || len(differences) == 0 {
		return nil
	}
	h := &harmlessPairs{x: x, parent: map[uint32]uint32{}, where: map[uint32]string{}}
	wanted := x.wantedPackages(differences)
	if len(wanted) == 0 {
		return h
	}
	for _, cluster := range x.clustersOf() {
		r := x.records[cluster[0]]
		d := x.directories.list[r.directory]
		if x.texts.list[d.path] == directory || platformKind(x.texts.list[r.kind]) != kind {
			continue
		}
		first := map[uint32]uint32{} // name: package of the first that has one
		for _, i := range cluster {
			for _, base := range x.lists.at(x.records[i].bases) {
				for _, p := range x.lists.at(base) {
					series, ok := wanted[p]
					if !ok {
						continue
					}
					if one, ok := first[series]; !ok {
						first[series] = p
					} else if one != p {
						h.join(one, p, x.texts.list[d.release])
					}
				}
			}
		}
	}
	return h
}

// wantedPackages maps every package of the differences' suites and names to a number of the name within its suite.
func (x *Index) wantedPackages(differences []difference) map[uint32]uint32 {
	type series struct{ suite, name uint32 }
	numbers := map[series]uint32{}
	for _, d := range differences {
		suite, ok1 := x.texts.find(d.suite)
		name, ok2 := x.texts.find(d.name)
		if ok1 && ok2 && d.kind == PackageEvidence {
			numbers[series{suite, name}] = uint32(len(numbers))
		}
	}
	out := map[uint32]uint32{}
	if len(numbers) == 0 {
		return out
	}
	for i, p := range x.packages.list {
		if n, ok := numbers[series{p.suite, p.name}]; ok {
			out[uint32(i)] = n
		}
	}
	return out
}

func (h *harmlessPairs) root(p uint32) uint32 {
	for {
		next, ok := h.parent[p]
		if !ok {
			return p
		}
		p = next
	}
}

func (h *harmlessPairs) join(p, q uint32, release string) {
	a, b := h.root(p), h.root(q)
	if a != b {
		h.parent[b], h.where[b] = a, release
	}
}

// excused returns a release in which the versions of both sides made no difference.
func (h *harmlessPairs) excused(d difference) (release string, ok bool) {
	if h == nil {
		return "", false
	}
	roots := map[uint32]bool{}
	for _, v := range d.a {
		if p, ok := h.packageOf(d, v); ok {
			roots[h.root(p)] = true
		}
	}
	for _, v := range d.b {
		if p, ok := h.packageOf(d, v); ok && roots[h.root(p)] {
			return h.shownBy(d, h.root(p)), true
		}
	}
	return "", false
}

// shownBy names a release that joined a value of the difference to others.
func (h *harmlessPairs) shownBy(d difference, root uint32) string {
	for _, v := range slices.Concat(d.b, d.a) {
		p, ok := h.packageOf(d, v)
		for ok && p != root {
			if h.where[p] != "" {
				return h.where[p]
			}
			p, ok = h.parent[p]
		}
	}
	return ""
}

func (h *harmlessPairs) packageOf(d difference, v value) (uint32, bool) {
	suite, ok1 := h.x.texts.find(d.suite)
	name, ok2 := h.x.texts.find(d.name)
	version, ok3 := h.x.texts.find(v.shown)
	sum, err := sigs.ParseDigest(v.digest)
	if !ok1 || !ok2 || !ok3 || err != nil {
		return 0, false
	}
	digest, ok := h.x.digests.find(sum)
	if !ok {
		return 0, false
	}
	return h.x.packages.find(indexedPackage{suite, name, version, digest})
}
