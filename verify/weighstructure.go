package verify

import "slices"

// weighStructure takes over what is odd about every member of b: then the files differ because they are others.
func (w *pairing) weighStructure() {
	for _, id := range []CauseID{OtherRelease, WrongDirectory, EmptyOutput} {
		var found []Cause
		for _, i := range w.inB {
			if j := slices.IndexFunc(w.oddities, func(o Oddity) bool { return o.Member == i && o.Cause.ID == id }); j >= 0 {
				if id == EmptyOutput && !contains(w.oddities[j].Cause.Artifacts, w.split.Artifacts) {
					continue // other files are empty
				}
				found = append(found, w.oddities[j].Cause)
			}
		}
		if len(found) == 0 || len(found) < len(w.inB) {
			continue
		}
		e := found[0].Evidence[0]
		e.Weight = structureWeight
		w.candidates++
		w.add(id, found[0].Title+" in "+w.called(w.b), e, found[0].Advice...)
	}
}

// contains reports whether all of some are among names.
func contains(names, some []string) bool {
	return !slices.ContainsFunc(some, func(s string) bool { return !slices.Contains(names, s) })
}
