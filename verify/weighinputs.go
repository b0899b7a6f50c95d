package verify

import (
	"cmp"
	"fmt"
	"slices"
)

// weighCommits weighs other commits of source repositories.
func (w *pairing) weighCommits() {
	for _, d := range w.apart(CommitEvidence) {
		weight := float64(commitWeight)
		if d.gone() {
			weight *= oneSided
		}
		w.candidates++
		length := tellingLength(d)
		text := fmt.Sprintf("%s built %s from %s, %s from %s", w.called(w.a), d.name, shortList(d.a, length), w.called(w.b), shortList(d.b, length))
		for _, v := range d.b {
			if used := w.index.commitReleases(d.name, v.shown, w.directory); len(used) > 0 {
				text += fmt.Sprintf("; that is the commit of %s", listNames(used))
			}
		}
		w.add(OtherCommit, "another commit of "+d.name+" in "+w.called(w.b),
			Evidence{Kind: CommitEvidence, Factor: d.name, A: shown(d.a), B: shown(d.b), Text: text, Weight: weight},
			Advice{Remedy: Rebuild, To: w.signers(w.inB), Do: fmt.Sprintf("check out the commit of the release's tag (%s has %s) and rebuild", w.called(w.a), shortList(d.a, length))})
	}
}

// weighDescriptor weighs another recipe.
func (w *pairing) weighDescriptor() {
	for _, d := range w.apart(DescriptorEvidence) {
		weight := float64(descriptorWeight)
		if d.gone() {
			weight = descriptorWeight / 3
		}
		w.candidates++
		w.add(OtherDescriptor, "another descriptor in "+w.called(w.b),
			Evidence{Kind: DescriptorEvidence, Factor: d.name, A: shown(d.a), B: shown(d.b), Weight: weight,
				Text: "the recipe itself has other contents"},
			Advice{Remedy: Rebuild, To: w.signers(w.inB), Do: "rebuild with the descriptor from the release's tag"})
	}
}

// weighInputs weighs other input files. A file that is another build's output is the strongest evidence there is; one that the
// agreeing signers have in several forms is hardly any.
func (w *pairing) weighInputs() {
	inputs := w.apart(InputEvidence)
	var digests []string
	for _, d := range inputs {
		digests = append(append(digests, shown(d.a)...), shown(d.b)...)
	}
	origins := w.index.originsOf(digests)
	for _, d := range inputs {
		if w.weighUpstream(d, origins) {
			continue
		}
		inert := 0.3
		if len(w.signers(w.inA)) > 1 {
			inert = 1 / (1 + 3*float64(len(d.a)-1))
		}
		activity := w.index.activity(d.name, w.directory)
		weight := inputWeight * inert * activity
		if w.split.Class == SourceClass {
			weight *= sourceOnly // dependencies do not go into the source archive
		}
		if d.gone() {
			weight *= oneSided
		}
		e := Evidence{Kind: InputEvidence, Factor: d.name, A: shown(d.a), B: shown(d.b), Weight: weight, Text: "the input file has other contents"}
		if len(d.a) > 1 {
			e.Doubt = fmt.Sprintf("%s itself has %d forms of it", w.called(w.a), len(d.a))
		} else if activity < 0.5 {
			e.Doubt = "in other releases signers who had it in several forms agreed all the same"
		}
		w.countCandidate(weight)
		w.add(InputFile, "another input file in "+w.called(w.b)+": "+d.name, e,
			Advice{Remedy: Rebuild, To: w.signers(w.inB), Do: fmt.Sprintf("compare %s with that of %s, fetch it anew and rebuild", d.name, listNames(w.signers(w.inA)))})
	}
	w.weighSources()
}

func (w *pairing) countCandidate(weight float64) {
	if weight >= minCandidate {
		w.candidates++
	}
}

// shortList writes commits or digests by their beginnings of a length.
func shortList(values []value, length int) string {
	out := make([]string, 0, len(values))
	for _, v := range values {
		out = append(out, cmp.Or(v.shown[:min(len(v.shown), length)], "none"))
	}
	return join(out)
}

// tellingLength is how much of its values has to be shown to tell them apart.
func tellingLength(d difference) int {
	n := 12
	all := slices.Concat(d.a, d.b)
	for i := range all {
		for j := range i {
			a, b := all[i].shown, all[j].shown
			for a != b && n < max(len(a), len(b)) && a[:min(len(a), n)] == b[:min(len(b), n)] {
				n++
			}
		}
	}
	return n
}

// called is what a group is called in a sentence: its letter, or "your build".
func (w *pairing) called(group int) string {
	for _, i := range w.groups[group] {
		if w.members[i].Own {
			return "your build"
		}
	}
	return GroupLetter(group)
}

// GroupLetter is what group i of a split is called: A, B, … Z, then A1, B1 ….
func GroupLetter(i int) string {
	letter := string(rune('A' + i%26))
	if i >= 26 {
		letter += itoa(i / 26)
	}
	return letter
}
