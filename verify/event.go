package verify

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gverify/gverify/verify/deb"
)

// event is packages that moved together: one update of one source package, mostly ("gcc 8.2.0 → 8.3.0, 80 debs").
type event struct {
	suite    string
	packages []difference // best known first
	weight   float64
	doubt    string // why it may not matter
	kind     packageKind
}

// eventsOf groups packages that have the same versions on both sides, but for epochs and the suffixes of cross compilers.
func eventsOf(packages []difference) []event {
	var out []event
	at := map[string]int{}
	for _, d := range packages {
		key := d.suite + "\n" + versionKey(d.a) + "\n" + versionKey(d.b)
		if d.sameVersion() {
			key = d.suite + "\n\n" // no update, but of one kind
		}
		i, ok := at[key]
		if !ok {
			i = len(out)
			at[key] = i
			out = append(out, event{suite: d.suite})
		}
		out[i].packages = append(out[i].packages, d)
	}
	for i := range out {
		slices.SortFunc(out[i].packages, func(x, y difference) int {
			return cmp.Or(cmp.Compare(kindOf(y.name).weight(), kindOf(x.name).weight()), cmp.Compare(fame(x.name), fame(y.name)),
				cmp.Compare(len(x.name), len(y.name)), strings.Compare(x.name, y.name))
		})
		out[i].kind = kindOf(out[i].packages[0].name)
	}
	return out
}

// famous are the packages of an update that most readers have heard of, the best known first.
var famous = []string{"gcc", "g++", "binutils", "libc6", "clang", "python", "perl", "git"}

// fame is low for packages that readers know.
func fame(name string) int {
	for i, f := range famous {
		rest, ok := strings.CutPrefix(name, f)
		switch {
		case ok && strings.Trim(rest, "-.0123456789") == "":
			return i
		case ok && rest[0] == '-' && !strings.HasSuffix(rest, "-base"): // gcc-8-arm-linux-gnueabihf
			return len(famous) + i
		}
	}
	return 2 * len(famous)
}

// best is the package that an event is called after: the best known of the kind that matters most.
func (e event) best() difference {
	for _, d := range e.packages {
		if kindOf(d.name) == e.kind {
			return d
		}
	}
	return e.packages[0]
}

// sameVersion reports whether a version of a package stands on both sides: then only its file differs.
func (d difference) sameVersion() bool {
	return slices.ContainsFunc(d.a, func(x value) bool {
		return x != absent && slices.ContainsFunc(d.b, func(y value) bool { return x.shown == y.shown })
	})
}

// versionKey is equal for versions of binary packages of one source.
func versionKey(values []value) string {
	var keys []string
	for _, v := range values {
		version := deb.WithoutEpoch(v.shown)
		if i := strings.LastIndex(version, "cross"); i >= 0 && strings.Trim(version[i+len("cross"):], "0123456789.") == "" {
			version = version[:i]
		}
		keys = append(keys, version)
	}
	slices.Sort(keys)
	return strings.Join(slices.Compact(keys), " ")
}

// names are the event's packages, best known first.
func (e event) names() []string {
	out := make([]string, len(e.packages))
	for i, d := range e.packages {
		out[i] = d.name
	}
	return out
}

// gone reports whether one side merely lacks the packages.
func (d difference) gone() bool { return onlyAbsent(d.a) || onlyAbsent(d.b) }

func onlyAbsent(values []value) bool { return len(values) == 1 && values[0] == absent }

// newer reports in which direction a package moved: 1 if every version of b is higher than every version of a, -1 if lower, else 0.
func (d difference) newer() int {
	if d.gone() || len(d.a) == 0 || len(d.b) == 0 || slices.Contains(d.a, absent) || slices.Contains(d.b, absent) {
		return 0
	}
	switch { // both are in order
	case deb.Compare(d.a[len(d.a)-1].shown, d.b[0].shown) < 0:
		return 1
	case deb.Compare(d.b[len(d.b)-1].shown, d.a[0].shown) < 0:
		return -1
	}
	return 0
}

// shown returns values as a reader sees them; absent is "".
func shown(values []value) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = v.shown
	}
	return slices.Compact(out)
}
