package report

import (
	"slices"
	"strings"

	"github.com/gverify/gverify/verify"
)

// Unrecorded is what each side says nothing about: inputs, packages, caches. What one side does not record is not a difference.
type Unrecorded struct {
	A []string `json:"a"`
	B []string `json:"b"`
}

// unrecorded finds the parts of which one side has nothing at all.
func unrecorded(d verify.Difference) Unrecorded {
	u := Unrecorded{[]string{}, []string{}}
	part := func(name string, inA, inB bool) {
		if !inA {
			u.A = append(u.A, name)
		}
		if !inB {
			u.B = append(u.B, name)
		}
	}
	listed := func(all ...verify.FileDifference) (inA, inB bool) {
		for _, d := range all {
			both := d.Same+len(d.Changed) > 0
			inA, inB = inA || both || len(d.OnlyA) > 0, inB || both || len(d.OnlyB) > 0
		}
		return inA, inB
	}
	inA, inB := listed(d.In)
	for _, c := range d.Commits {
		inA, inB = inA || c.A != "", inB || c.B != ""
	}
	part("inputs", inA, inB)
	part("packages", slices.ContainsFunc(d.Bases, func(b verify.BaseDifference) bool { return b.InA }),
		slices.ContainsFunc(d.Bases, func(b verify.BaseDifference) bool { return b.InB }))
	inA, inB = listed(d.CacheCommon, d.CachePackage)
	part("caches", inA, inB)
	return u
}

// recorded leaves out of a difference what one side says nothing about.
func (d Diff) recorded() verify.Difference {
	x := d.Difference
	for _, part := range slices.Concat(d.Lacks.A, d.Lacks.B) {
		switch part {
		case "inputs":
			x.In, x.Commits = verify.FileDifference{}, nil
		case "packages":
			x.Bases = nil
		case "caches":
			x.CacheCommon, x.CachePackage = verify.FileDifference{}, verify.FileDifference{}
		}
	}
	return x
}

// says writes what only one of the sides does not record, and which side is a mere list.
func (w *writer) says(u Unrecorded) {
	say := func(side string, parts, others []string) {
		only := slices.DeleteFunc(slices.Clone(parts), func(p string) bool { return slices.Contains(others, p) })
		switch {
		case len(parts) == 3:
			w.line("%s is a list of digests: it records no inputs, packages or caches", side)
		case len(only) > 0:
			w.line("%s records no %s: they cannot be compared", side, strings.Join(only, " or "))
		}
	}
	say("A", u.A, u.B)
	say("B", u.B, u.A)
}
