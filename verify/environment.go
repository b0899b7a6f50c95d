package verify

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/verify/deb"
)

// Environment is when a build environment was put together, judged by its packages. All times are approximate: they are those
// of the commits that first showed a package.
type Environment struct {
	After, Before time.Time // the window; a zero end is open
	Mixed         bool      // its packages contradict each other: never upgraded as a whole. After and Before are not set
	AfterBy       Witness   // the package that sets the bound
	BeforeBy      Witness
}

// Known reports whether the environment could be dated at all.
func (e Environment) Known() bool { return e.Mixed || !e.After.IsZero() || !e.Before.IsZero() }

// Witness is a package that dates an environment.
type Witness struct {
	Suite, Package, Version string
	Successor               string // for the upper bound: the newer version that it lacks
	Seen                    time.Time
}

// robust is which of the ordered bounds of an environment's packages counts. With the outermost one (1) every third real
// environment contradicts itself, because single packages are held back or lag behind on a mirror; with the third none does.
const robust = 3

// Date finds out when an environment of the given suite was put together. A version of a package was released between the last
// assertion that still held an older one and the first that held it: the environment is not older than the robust latest of these,
// and not newer than the robust earliest release of a version it lacks.
func (x *Index) Date(suite string, packages map[string]string) Environment {
	return x.timeline(suite).date(suite, packages)
}

func (t timeline) date(suite string, packages map[string]string) Environment {
	var after, before []Witness
	for name, version := range packages {
		series := t.series[name]
		i, ok := slices.BinarySearchFunc(series, version, func(s sighting, v string) int { return deb.Compare(s.version, v) })
		if ok && series[i].after > 0 {
			after = append(after, Witness{Suite: suite, Package: name, Version: version, Seen: time.Unix(series[i].after, 0).UTC()})
			i++
		}
		if i >= len(series) {
			continue
		}
		if ok {
			i = min(i, len(series)-1)
		}
		soonest := Witness{}
		for _, s := range series[i:] {
			if deb.Compare(s.version, version) > 0 && (soonest.Successor == "" || s.first < soonest.Seen.Unix()) {
				soonest = Witness{Suite: suite, Package: name, Version: version, Successor: s.version, Seen: time.Unix(s.first, 0).UTC()}
			}
		}
		if soonest.Successor != "" {
			before = append(before, soonest)
		}
	}
	order := func(a, b Witness) int { return cmp.Or(a.Seen.Compare(b.Seen), strings.Compare(a.Package, b.Package)) }
	slices.SortFunc(after, func(a, b Witness) int { return order(b, a) })
	slices.SortFunc(before, order)
	e := Environment{}
	if len(after) >= robust {
		e.AfterBy = after[robust-1]
		e.After = e.AfterBy.Seen
	}
	if len(before) >= robust {
		e.BeforeBy = before[robust-1]
		e.Before = e.BeforeBy.Seen
	}
	if !e.After.IsZero() && !e.Before.IsZero() && e.Before.Before(e.After) {
		e.Mixed, e.After, e.Before = true, time.Time{}, time.Time{}
	}
	return e
}

// environments dates a group by its members: the oldest environment and the newest, as far as they can be dated. Where half of the
// members or more have mixed ones, both are mixed.
func (p *panel) environments(members []int) (oldest, newest Environment) {
	var dated []Environment
	mixed := 0
	for _, i := range members {
		e := p.dateMember(i)
		if e.Mixed {
			mixed++
		}
		if e.Known() {
			dated = append(dated, e)
		}
	}
	half := mixed > 0 && 2*mixed >= len(dated)
	dated = slices.DeleteFunc(dated, func(e Environment) bool { return e.Mixed != half })
	if len(dated) == 0 {
		return Environment{}, Environment{}
	}
	slices.SortFunc(dated, compareEnvironments)
	if half {
		return dated[0], dated[0]
	}
	return dated[0], dated[len(dated)-1]
}

// compareEnvironments orders by the beginning of the window, then by its end; an open end is the latest.
func compareEnvironments(a, b Environment) int {
	if a.Before.IsZero() != b.Before.IsZero() && a.After.Equal(b.After) {
		return compareBool(a.Before.IsZero(), b.Before.IsZero())
	}
	return cmp.Or(a.After.Compare(b.After), a.Before.Compare(b.Before), a.AfterBy.compare(b.AfterBy), a.BeforeBy.compare(b.BeforeBy))
}

func (w Witness) compare(v Witness) int {
	return cmp.Or(w.Seen.Compare(v.Seen), strings.Compare(w.Package, v.Package), strings.Compare(w.Version, v.Version), strings.Compare(w.Suite, v.Suite),
		strings.Compare(w.Successor, v.Successor))
}

// dateMember dates one member by its largest build environment.
func (p *panel) dateMember(i int) Environment {
	suite, most := "", 0
	for name, n := range p.facts[i].suites {
		if n > most || n == most && name < suite {
			suite, most = name, n
		}
	}
	if suite == "" || p.index == nil {
		return Environment{}
	}
	packages := map[string]string{}
	for k, v := range p.facts[i].values {
		if k.kind == PackageEvidence && k.suite == suite {
			packages[k.name] = v.shown
		}
	}
	return p.index.Date(suite, packages)
}

// direction is about how much older b's environments are than a's: from the middle of the window of the older group's newest
// environment to that of the other group's oldest. It is negative where b's are the newer ones, 0 where they are of one time, where
// the groups' times overlap, or where a window is open.
func direction(a, b *SplitGroup) time.Duration {
	between := func(older, newer Environment) time.Duration {
		if older.After.IsZero() || older.Before.IsZero() || newer.After.IsZero() || newer.Before.IsZero() || newer.After.Before(older.Before) {
			return 0
		}
		return newer.After.Add(newer.Before.Sub(newer.After) / 2).Sub(older.After.Add(older.Before.Sub(older.After) / 2))
	}
	if d := between(b.Newest, a.Environment); d > 0 {
		return d
	}
	return -between(a.Newest, b.Environment)
}

// DateBase dates the build environment of a base manifest.
func (x *Index) DateBase(b sigs.Base) Environment {
	packages := map[string]string{}
	for _, p := range effective(b) {
		packages[p.key] = p.version
	}
	return x.Date(b.Name, packages)
}
