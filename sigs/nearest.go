package sigs

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Nearest returns up to n versions that resemble the one given, most alike first, for a hint when there is no such version.
func (l Listing) Nearest(version string, n int) []string {
	var all []string
	for _, v := range l.Versions() {
		all = append(all, v.Version)
	}
	slices.SortStableFunc(all, func(a, b string) int {
		return cmp.Or(likeness(a, version).compare(likeness(b, version)), CompareVersions(b, a))
	})
	return all[:min(n, len(all))]
}

// alike says how much a version resembles another one; the zero value is the closest.
type alike struct {
	noSuffix bool // 0.15.2 for 15.2: a part was left out
	missing  int  // numbers of the wanted version that are not the same at its beginning
	stage    int  // 0: a candidate of the same numbers was wanted and is, or a final release; 1: a candidate
	distance int  // of the first number that differs
	longer   int  // numbers more or less than wanted
}

func likeness(version, wanted string) alike {
	v, ok := parseVersion(version)
	w, wantedOK := parseVersion(wanted)
	if !ok || !wantedOK {
		return alike{noSuffix: !strings.HasPrefix(version, wanted), missing: 1000}
	}
	same := 0
	for same < min(len(v.numbers), len(w.numbers)) && compareNumbers(v.numbers[same], w.numbers[same]) == 0 {
		same++
	}
	a := alike{noSuffix: !strings.HasSuffix(version, "."+dropV(wanted)), missing: len(w.numbers) - same, longer: max(len(v.numbers)-len(w.numbers), len(w.numbers)-len(v.numbers))}
	if isCandidate := v.stage != ""; isCandidate != (w.stage != "" && slices.Equal(v.numbers, w.numbers)) {
		a.stage = 1
	}
	if same < min(len(v.numbers), len(w.numbers)) {
		x, errX := strconv.Atoi(v.numbers[same])
		y, errY := strconv.Atoi(w.numbers[same])
		if a.distance = max(x-y, y-x); errX != nil || errY != nil {
			a.distance = 1 << 30
		}
	}
	return a
}

func (a alike) compare(b alike) int {
	return cmp.Or(compareBools(a.noSuffix, b.noSuffix), cmp.Compare(a.missing, b.missing), cmp.Compare(a.stage, b.stage),
		cmp.Compare(a.distance, b.distance), cmp.Compare(a.longer, b.longer))
}

func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}
