package verify

import (
	"slices"

	"github.com/gverify/gverify/verify/deb"
)

// freshFor is how long after a package version was seen first an environment that holds it counts as just updated, in seconds.
const freshFor = 7 * 24 * 3600

// timeline is when the package versions of one suite were seen. Times are Unix seconds; 0 is never.
type timeline struct {
	series map[string][]sighting // by package name, in dpkg's order of versions
}

// sighting is one version of a package.
type sighting struct {
	version string
	first   int64 // the first commit that showed it
	after   int64 // the last commit before first with an environment that was just updated and still held an older version
}

// timelineOf works out the sightings of a suite.
func (x *Index) timelineOf(suite string) timeline {
	t := timeline{series: map[string][]sighting{}}
	id, ok := x.texts.find(suite)
	if !ok {
		return t
	}
	seen := x.basesOf(id)
	first := map[uint32]int64{} // package: when it was seen first
	for _, b := range seen {
		for _, p := range x.lists.at(b.packages) {
			if at, ok := first[p]; !ok || b.time < at {
				first[p] = b.time
			}
		}
	}
	v := x.versions(first)
	v.sweep(x, seen, first)
	for name, list := range v.byName {
		out := make([]sighting, len(list))
		for i, n := range list {
			out[i] = v.all[n]
		}
		t.series[x.texts.list[name]] = out
	}
	return t
}

// seenBase is an environment at a time.
type seenBase struct {
	time     int64
	packages uint32 // list
}

// basesOf returns the environments of a suite with the times of their assertions, in order of time, each pair once.
func (x *Index) basesOf(suite uint32) []seenBase {
	var out []seenBase
	for _, r := range x.records {
		if r.time == 0 {
			continue
		}
		for _, b := range x.lists.at(r.bases) {
			if list := x.lists.at(b); len(list) > 0 && x.packages.list[list[0]].suite == suite {
				out = append(out, seenBase{r.time, b})
			}
		}
	}
	slices.SortFunc(out, func(a, b seenBase) int {
		switch {
		case a.time != b.time:
			return int(min(max(a.time-b.time, -1), 1))
		default:
			return int(a.packages) - int(b.packages)
		}
	})
	return slices.Compact(out)
}

// versions are all versions of a suite's packages, one number per name and version.
type versions struct {
	all    []sighting
	byName map[uint32][]int // name: numbers in dpkg's order
	number map[uint32]int   // package: its number
	byTime []int            // numbers in order of first
}

func (x *Index) versions(first map[uint32]int64) *versions {
	v := &versions{byName: map[uint32][]int{}, number: make(map[uint32]int, len(first))}
	at := map[[2]uint32]int{}
	for p, when := range first {
		pkg := x.packages.list[p]
		n, ok := at[[2]uint32{pkg.name, pkg.version}]
		if !ok {
			n = len(v.all)
			at[[2]uint32{pkg.name, pkg.version}] = n
			v.all = append(v.all, sighting{version: x.texts.list[pkg.version], first: when})
			v.byName[pkg.name] = append(v.byName[pkg.name], n)
		}
		v.all[n].first = min(v.all[n].first, when)
		v.number[p] = n
	}
	for _, list := range v.byName {
		slices.SortFunc(list, func(a, b int) int { return deb.Compare(v.all[a].version, v.all[b].version) })
	}
	v.byTime = make([]int, len(v.all))
	for n := range v.all {
		v.byTime[n] = n
	}
	slices.SortFunc(v.byTime, func(a, b int) int { return int(min(max(v.all[a].first-v.all[b].first, -1), 1)) })
	return v
}

// sweep goes through the environments in order of time and finds out, for every version, when an older one was last seen in a
// just updated environment before the version itself was.
func (v *versions) sweep(x *Index, seen []seenBase, first map[uint32]int64) {
	older := make([][]int, len(v.all)) // numbers of the same package's lower versions
	for _, list := range v.byName {
		for i, n := range list {
			older[n] = list[:i]
		}
	}
	newest := map[uint32]int64{} // list: when its newest package was seen first
	last := make([]int64, len(v.all))
	next := 0
	for _, b := range seen {
		for ; next < len(v.byTime) && v.all[v.byTime[next]].first <= b.time; next++ {
			n := v.byTime[next]
			for _, o := range older[n] {
				v.all[n].after = max(v.all[n].after, last[o])
			}
		}
		at, ok := newest[b.packages]
		if !ok {
			for _, p := range x.lists.at(b.packages) {
				at = max(at, first[p])
			}
			newest[b.packages] = at
		}
		if b.time-at > freshFor {
			continue
		}
		for _, p := range x.lists.at(b.packages) {
			last[v.number[p]] = b.time
		}
	}
}
