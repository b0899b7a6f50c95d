package verify

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/verify/deb"
)

// Difference is how two assertions differ, part by part. Slices are never nil.
type Difference struct {
	Out          FileDifference   `json:"out"`     // decides
	Labels       []ValueChange    `json:"labels"`  // what they call themselves: release, name, type
	Commits      []ValueChange    `json:"commits"` // of source repositories
	In           FileDifference   `json:"in"`      // the descriptor and input files
	Bases        []BaseDifference `json:"bases"`   // build environments, in order of name
	CacheCommon  FileDifference   `json:"cache_common"`
	CachePackage FileDifference   `json:"cache_package"`
}

// Equal reports whether both list the same files with the same digests, and at least one: what was built is the same.
func (d Difference) Equal() bool { return d.Out.Equal() && d.Out.Same > 0 }

// FileDifference is how two manifests differ.
type FileDifference struct {
	Same    int          `json:"same"`    // entries that both have
	Changed []FileChange `json:"changed"` // in both, with other digests; path order
	OnlyA   []string     `json:"only_a"`
	OnlyB   []string     `json:"only_b"`
}

// Equal reports whether the manifests say the same. Two empty ones do.
func (d FileDifference) Equal() bool { return len(d.Changed)+len(d.OnlyA)+len(d.OnlyB) == 0 }

// Listed returns how many names there are in both together.
func (d FileDifference) Listed() int { return d.Same + len(d.Changed) + len(d.OnlyA) + len(d.OnlyB) }

// FileChange is one file with other contents. Several digests mean that its signer contradicts himself.
type FileChange struct {
	Path string        `json:"path"`
	A    []sigs.Digest `json:"a"`
	B    []sigs.Digest `json:"b"`
}

// ValueChange is one thing that has a value in each assertion; empty: none. Equal values are listed too.
type ValueChange struct {
	Name string `json:"name"`
	A    string `json:"a"`
	B    string `json:"b"`
}

// BaseDifference is how the packages of one build environment differ.
type BaseDifference struct {
	Name        string          `json:"name"`
	InA         bool            `json:"in_a"` // the environment stands in A
	InB         bool            `json:"in_b"`
	Same        int             `json:"same"` // packages
	Changed     []PackageChange `json:"changed"`
	OnlyA       []PackageChange `json:"only_a"`
	OnlyB       []PackageChange `json:"only_b"`
	SupersededA []string        `json:"superseded_a"` // files of versions that a newer one of the same manifest replaced: not counted
	SupersededB []string        `json:"superseded_b"`
}

// PackageChange is packages that changed together: an update of one source package, mostly.
type PackageChange struct {
	Names  []string `json:"names"`         // best known first
	A      string   `json:"a,omitempty"`   // version; empty: absent
	B      string   `json:"b,omitempty"`   //
	Newer  int      `json:"newer"`         // 1: B's version is the newer one, -1: A's, 0: neither
	Matter float64  `json:"-"`             // how plausible it is that such a package changes what is built
	Kind   string   `json:"kind"`          // what it is for, in a word: "compiler"
	Bytes  bool     `json:"other_content"` // the version is the same, the file is not
}

// Diff compares two assertions.
func Diff(a, b sigs.Assertion) Difference {
	d := Difference{
		Out: diffFiles(a.Out, b.Out), In: diffFiles(a.In, b.In), Labels: []ValueChange{}, Commits: []ValueChange{}, Bases: diffBases(a.Bases, b.Bases),
		CacheCommon: diffFiles(a.CacheCommon, b.CacheCommon), CachePackage: diffFiles(a.CachePackage, b.CachePackage),
	}
	for _, l := range []ValueChange{{"release", a.Release, b.Release}, {"name", a.Name, b.Name}, {"type", a.Type, b.Type}} {
		if l.A != "" || l.B != "" {
			d.Labels = append(d.Labels, l)
		}
	}
	for _, c := range a.Commits {
		d.Commits = append(d.Commits, ValueChange{Name: c.Dir, A: c.Hash})
	}
	for _, c := range b.Commits {
		i := slices.IndexFunc(d.Commits, func(v ValueChange) bool { return v.Name == c.Dir && v.B == "" })
		if i < 0 {
			d.Commits = append(d.Commits, ValueChange{Name: c.Dir, B: c.Hash})
			continue
		}
		d.Commits[i].B = c.Hash
	}
	return d
}

// diffFiles walks two sorted manifests side by side.
func diffFiles(a, b sigs.Manifest) FileDifference {
	d := FileDifference{Changed: []FileChange{}, OnlyA: []string{}, OnlyB: []string{}}
	for len(a) > 0 || len(b) > 0 {
		order := 0
		switch {
		case len(a) == 0:
			order = 1
		case len(b) == 0:
			order = -1
		default:
			order = strings.Compare(a[0].Path, b[0].Path)
		}
		var path string
		var inA, inB []sigs.Digest
		if order <= 0 {
			path = a[0].Path
			inA, a = cutPath(a)
		}
		if order >= 0 {
			path = b[0].Path
			inB, b = cutPath(b)
		}
		switch {
		case order < 0:
			d.OnlyA = append(d.OnlyA, path)
		case order > 0:
			d.OnlyB = append(d.OnlyB, path)
		case slices.Equal(inA, inB):
			d.Same++
		default:
			d.Changed = append(d.Changed, FileChange{path, inA, inB})
		}
	}
	return d
}

// cutPath cuts the digests of the first path off.
func cutPath(m sigs.Manifest) (digests []sigs.Digest, rest sigs.Manifest) {
	path := m[0].Path
	for len(m) > 0 && m[0].Path == path {
		digests = append(digests, m[0].Digest)
		m = m[1:]
	}
	return digests, m
}

func diffBases(a, b []sigs.Base) []BaseDifference {
	out := []BaseDifference{}
	at := map[string]int{}
	of := func(name string) *BaseDifference {
		i, ok := at[name]
		if !ok {
			i = len(out)
			at[name] = i
			out = append(out, BaseDifference{Name: name, Changed: []PackageChange{}, OnlyA: []PackageChange{}, OnlyB: []PackageChange{}, SupersededA: []string{}, SupersededB: []string{}})
		}
		return &out[i]
	}
	packagesA, packagesB := map[string]map[string]installed{}, map[string]map[string]installed{}
	for _, base := range a {
		d := of(base.Name)
		d.InA = true
		d.SupersededA = append(d.SupersededA, packagesOf(base, packagesA)...)
	}
	for _, base := range b {
		d := of(base.Name)
		d.InB = true
		d.SupersededB = append(d.SupersededB, packagesOf(base, packagesB)...)
	}
	for i := range out {
		if out[i].InA && out[i].InB {
			out[i].packages(packagesA[out[i].Name], packagesB[out[i].Name])
		}
	}
	slices.SortFunc(out, func(x, y BaseDifference) int { return strings.Compare(x.Name, y.Name) })
	return out
}

// packagesOf enters the packages of an environment under their names, and returns the files of superseded versions.
func packagesOf(base sigs.Base, into map[string]map[string]installed) (superseded []string) {
	packages := into[base.Name]
	if packages == nil {
		packages = map[string]installed{}
		into[base.Name] = packages
	}
	counts := map[sigs.Digest]bool{}
	for _, p := range effective(base) {
		packages[p.key] = p
		counts[p.digest] = true
	}
	for _, e := range base.Entries {
		if _, ok := deb.ParseFile(e.Path); ok && !counts[e.Digest] {
			superseded = append(superseded, e.Path)
		}
	}
	return superseded
}

// packages compares the packages of one environment.
func (d *BaseDifference) packages(a, b map[string]installed) {
	var changed, onlyA, onlyB []difference
	for _, name := range sortedPackages(a, b) {
		x, inA := a[name]
		y, inB := b[name]
		k := factor{PackageEvidence, d.Name, name}
		switch {
		case !inB:
			onlyA = append(onlyA, difference{factor: k, a: []value{{x.version, ""}}, b: []value{absent}})
		case !inA:
			onlyB = append(onlyB, difference{factor: k, a: []value{absent}, b: []value{{y.version, ""}}})
		case x.version == y.version && x.digest == y.digest:
			d.Same++
		default:
			changed = append(changed, difference{factor: k, a: []value{{x.version, x.digest.String()}}, b: []value{{y.version, y.digest.String()}}})
		}
	}
	d.Changed, d.OnlyA, d.OnlyB = packageChanges(changed), packageChanges(onlyA), packageChanges(onlyB)
}

func sortedPackages(a, b map[string]installed) []string {
	names := map[string]bool{}
	for name := range a {
		names[name] = true
	}
	for name := range b {
		names[name] = true
	}
	return sortedNames(names)
}

// packageChanges gathers packages that changed together, those that matter most first.
func packageChanges(all []difference) []PackageChange {
	out := []PackageChange{}
	for _, e := range eventsOf(all) {
		first := e.packages[0]
		c := PackageChange{Names: e.names(), A: first.a[0].shown, B: first.b[0].shown, Newer: first.newer(), Matter: e.kind.weight(), Kind: e.kind.called()}
		c.Bytes = c.A == c.B
		out = append(out, c)
	}
	slices.SortStableFunc(out, func(x, y PackageChange) int {
		return cmp.Or(cmp.Compare(y.Matter, x.Matter), cmp.Compare(len(y.Names), len(x.Names)), strings.Compare(x.Names[0], y.Names[0]))
	})
	return out
}
