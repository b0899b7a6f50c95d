package verify

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gverify/gverify/sigs"
)

// signerKind marks builds that attach signatures to what another build made: they compile nothing.
const signerKind = " signer"

// platformKind is equal for builds whose outputs depend on the same things: the operating system, and whether it only attaches
// signatures.
func platformKind(name string) string {
	kind := systemOf(name)
	if strings.Contains(name, "signer") {
		kind += signerKind
	}
	return kind
}

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

// activity is how likely an input of a name is the same wherever outputs are: near 0 for SDK archives, which nearly everybody
// has packed for himself, near 1 for files that end up in the outputs.
func (x *Index) activity(name, directory string) float64 {
	if x == nil {
		return 1
	}
	path, ok := x.texts.find(name)
	if !ok {
		return 1
	}
	same, differ := 0, 0
	for _, cluster := range x.clustersOf() {
		if x.texts.list[x.directories.list[x.records[cluster[0]].directory].path] == directory {
			continue
		}
		values := map[uint32]bool{}
		for _, i := range cluster {
			for _, f := range x.lists.at(x.records[i].in) {
				if x.files.list[f].path == path {
					values[x.files.list[f].digest] = true
				}
			}
		}
		switch {
		case len(values) > 1:
			differ++
		case len(values) == 1:
			same++
		}
	}
	return float64(same+1) / float64(same+differ+1)
}

// origin is where a file is an output.
type origin struct {
	directory, release, artifact, signer string
}

// originsOf finds which of some digests are outputs anywhere.
func (x *Index) originsOf(wanted []string) map[string][]origin {
	out := map[string][]origin{}
	if x == nil {
		return out
	}
	ids := map[uint32]string{}
	for _, w := range wanted {
		if d, err := sigs.ParseDigest(w); err == nil {
			if id, ok := x.digests.find(d); ok {
				ids[id] = w
			}
		}
	}
	if len(ids) == 0 {
		return out
	}
	for _, r := range x.records {
		for _, f := range x.lists.at(r.out) {
			file := x.files.list[f]
			if w, ok := ids[file.digest]; ok {
				d := x.directories.list[r.directory]
				out[w] = append(out[w], origin{x.texts.list[d.path], x.texts.list[d.release], x.texts.list[file.path], x.texts.list[r.signer]})
			}
		}
	}
	for w := range out {
		slices.SortFunc(out[w], func(a, b origin) int {
			if c := strings.Compare(a.directory, b.directory); c != 0 {
				return c
			}
			return strings.Compare(a.signer, b.signer)
		})
		out[w] = slices.Compact(out[w])
	}
	return out
}

// commitReleases names the releases, other than a directory's, that were built from a commit.
func (x *Index) commitReleases(dir, hash, directory string) []string {
	if x == nil {
		return nil
	}
	d, ok1 := x.texts.find(dir)
	h, ok2 := x.texts.find(hash)
	if !ok1 || !ok2 {
		return nil
	}
	releases := map[string]bool{}
	for _, r := range x.records {
		at := x.directories.list[r.directory]
		if x.texts.list[at.path] == directory {
			continue
		}
		for _, c := range x.lists.at(r.commits) {
			if x.commits.list[c] == (indexedCommit{d, h}) {
				releases[x.texts.list[at.release]] = true
			}
		}
	}
	return sortedNames(releases)
}

// sameOutputs returns the observations in other directories that give out exactly a manifest.
func (x *Index) sameOutputs(m sigs.Manifest, directory string) []record {
	if x == nil || len(m) == 0 {
		return nil
	}
	list := make([]uint32, len(m))
	for i, e := range m {
		path, ok1 := x.texts.find(e.Path)
		digest, ok2 := x.digests.find(e.Digest)
		file, ok3 := x.files.find(indexedFile{path, digest})
		if !ok1 || !ok2 || !ok3 {
			return nil
		}
		list[i] = file
	}
	id, ok := x.lists.ids[listKey(list)]
	if !ok {
		return nil
	}
	var out []record
	for _, r := range x.records {
		if r.out == id && x.texts.list[x.directories.list[r.directory].path] != directory {
			out = append(out, r)
		}
	}
	return out
}

// oddRate is the share of other releases in which a signer stood against a group at least twice as large, and in how many he signed.
func (x *Index) oddRate(signer, directory string) (share float64, signed int) {
	if x == nil {
		return 0, 0
	}
	id, ok := x.texts.find(signer)
	if !ok {
		return 0, 0
	}
	var r rate
	x.with(func(d *derived) {
		if d.rates == nil {
			d.rates = x.findRates()
		}
		r = d.rates[id]
	})
	odd := 0
	for d := range r.signed {
		if x.texts.list[x.directories.list[d].path] == directory {
			continue
		}
		signed++
		if r.odd[d] {
			odd++
		}
	}
	if signed == 0 {
		return 0, 0
	}
	return float64(odd) / float64(signed), signed
}

// said is one line of an out_manifest: who gave an artifact which digest.
type said struct{ directory, path, digest, signer uint32 }

func (a said) compare(b said) int {
	return cmp.Or(cmp.Compare(a.directory, b.directory), cmp.Compare(a.path, b.path), cmp.Compare(a.digest, b.digest), cmp.Compare(a.signer, b.signer))
}

func (x *Index) findRates() map[uint32]rate {
	rates := map[uint32]rate{}
	var all []said
	for _, r := range x.records {
		if rates[r.signer].signed == nil {
			rates[r.signer] = rate{map[uint32]bool{}, map[uint32]bool{}}
		}
		rates[r.signer].signed[r.directory] = true
		for _, f := range x.lists.at(r.out) {
			file := x.files.list[f]
			all = append(all, said{r.directory, file.path, file.digest, r.signer})
		}
	}
	slices.SortFunc(all, said.compare)
	all = slices.Compact(all)
	for len(all) > 0 {
		artifact := 1
		for artifact < len(all) && all[artifact].directory == all[0].directory && all[artifact].path == all[0].path {
			artifact++
		}
		oddOnes(all[:artifact], rates)
		all = all[artifact:]
	}
	return rates
}

// oddOnes notes who stands against a group at least twice as large; all is what was said of one artifact, in order of digest.
func oddOnes(all []said, rates map[uint32]rate) {
	var groups [][]said
	largest := 0
	for rest := all; len(rest) > 0; {
		n := 1
		for n < len(rest) && rest[n].digest == rest[0].digest {
			n++
		}
		groups = append(groups, rest[:n])
		largest = max(largest, n)
		rest = rest[n:]
	}
	for _, g := range groups {
		if largest < 2*len(g) {
			continue
		}
		for _, s := range g {
			rates[s.signer].odd[s.directory] = true
		}
	}
}
