package verify

import (
	"cmp"
	"slices"
	"strings"
	"time"

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

// environment dates a group: each member by its largest build environment, then the middle of their bounds.
func (p *panel) environment(members []int) Environment {
	var dated []Environment
	mixed := 0
	for _, i := range members {
		e := p.dateMember(i)
		switch {
		case e.Mixed:
			mixed++
			dated = append(dated, e)
		case e.Known():
			dated = append(dated, e)
		}
	}
	if mixed > 0 && 2*mixed >= len(dated) {
		return dated[slices.IndexFunc(dated, func(e Environment) bool { return e.Mixed })]
	}
	dated = slices.DeleteFunc(dated, func(e Environment) bool { return e.Mixed })
	var out Environment
	out.After, out.AfterBy = middle(dated, func(e Environment) (time.Time, Witness) { return e.After, e.AfterBy })
	out.Before, out.BeforeBy = middle(dated, func(e Environment) (time.Time, Witness) { return e.Before, e.BeforeBy })
	if !out.After.IsZero() && !out.Before.IsZero() && out.Before.Before(out.After) {
		out.After, out.Before = out.Before, out.After // the middles of different members' bounds
		out.AfterBy, out.BeforeBy = Witness{}, Witness{}
	}
	return out
}

// middle is the median of the bounds that are set.
func middle(dated []Environment, bound func(Environment) (time.Time, Witness)) (time.Time, Witness) {
	set := slices.DeleteFunc(slices.Clone(dated), func(e Environment) bool { t, _ := bound(e); return t.IsZero() })
	if len(set) == 0 {
		return time.Time{}, Witness{}
	}
	slices.SortFunc(set, func(a, b Environment) int {
		x, xw := bound(a)
		y, yw := bound(b)
		return cmp.Or(x.Compare(y), strings.Compare(xw.Package, yw.Package))
	})
	return bound(set[(len(set)-1)/2])
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

// direction is how much older b's environment is than a's, by the middles of their windows; 0 where it cannot be told.
func direction(a, b Environment) time.Duration {
	at, aok := a.middle()
	bt, bok := b.middle()
	if !aok || !bok {
		return 0
	}
	return at.Sub(bt)
}

// middle is the middle of a window that has both ends, or its lower end.
func (e Environment) middle() (time.Time, bool) {
	switch {
	case e.Mixed || e.After.IsZero():
		return time.Time{}, false
	case e.Before.IsZero():
		return e.After, true
	}
	return e.After.Add(e.Before.Sub(e.After) / 2), true
}
