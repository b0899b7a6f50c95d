package verify

import (
	"fmt"
)

// weighChance weighs what nobody records: that the build gives other bytes each time, or that the machine it ran on matters. It
// is always possible, and all there is where nothing recorded tells the groups apart.
func (w *pairing) weighChance() {
	alone := 0
	for _, g := range w.split.Groups {
		if len(g.Signers) == 1 {
			alone++
		}
	}
	groups := len(w.split.Groups)
	if w.chance != nil {
		w.addChance(Nondeterminism, shownWeight, Evidence{Kind: GroupsEvidence, Factor: "groups", B: []string{itoa(groups)}, Who: w.chance.signers,
			Text: w.chance.text + " though nothing recorded tells them apart"})
		return
	}
	if groups >= 3 && alone == groups {
		w.addChance(Nondeterminism, allDifferWeight, Evidence{Kind: GroupsEvidence, Factor: "groups", B: []string{itoa(groups)},
			Text: fmt.Sprintf("all %d signers got other bytes", groups)})
		return
	}
	if !w.records(w.inA) || !w.records(w.inB) {
		w.addChance(Undetermined, chanceWeight, Evidence{Kind: GroupsEvidence, Factor: "groups", B: []string{itoa(groups)},
			Text: "these attestations do not record what went into the builds"})
		return
	}
	if unlisted := w.unlisted(); len(unlisted) > 0 {
		w.add(Undetermined, "its packages are not recorded, so the commonest cause cannot be checked", Evidence{Kind: GroupsEvidence, Factor: "groups", B: []string{itoa(groups)}, Weight: unlistedWeight,
			Text: join(unlisted) + " records no packages of the build environment: whether another version of a tool is the reason, nobody can tell"},
			Advice{Remedy: Rebuild, To: w.concerned(), Do: "rebuild from clean, and keep the list of packages (base_manifests) in the result"})
		return
	}
	share, signed, who := 0.0, 0, ""
	for _, s := range w.split.Groups[w.b].Signers {
		if odd, n := w.index.oddRate(s, w.directory); odd > share {
			share, signed, who = odd, n, s
		}
	}
	weight := chanceWeight * (1 + 6*share)
	e := Evidence{Kind: GroupsEvidence, Factor: "groups", B: []string{itoa(groups)}, Text: "nothing they recorded differs in a way that could explain it"}
	if w.candidates > 0 {
		e.Text = "builds also differ by chance: what they recorded need not be the reason"
	}
	if share > 0 {
		e = Evidence{Kind: HistoryEvidence, Factor: who, Who: []string{who},
			Text: fmt.Sprintf("%s also stood alone in %d of %d other releases", who, int(share*float64(signed)+0.5), signed)}
	}
	if len(w.split.Groups[w.b].Signers) > 1 {
		e = Evidence{Kind: GroupsEvidence, Factor: "groups", B: []string{itoa(groups)},
			Text: fmt.Sprintf("%d signers got the same other bytes, so it is no chance: they have something in common that nobody recorded", len(w.split.Groups[w.b].Signers))}
		w.addChance(Undetermined, weight, e)
		return
	}
	if groups > 2 && alone >= 2 {
		e = Evidence{Kind: GroupsEvidence, Factor: "groups", B: []string{itoa(groups)}, Text: fmt.Sprintf("those who differ also differ from each other: %d groups", groups)}
	}
	w.addChance(Nondeterminism, weight, e)
}

// unlisted is what the groups are called in which nobody lists the packages of the build environment.
func (w *pairing) unlisted() (out []string) {
	if len(w.suitesOf(w.inA)) == 0 {
		out = append(out, w.called(w.a))
	}
	if len(w.suitesOf(w.inB)) == 0 {
		out = append(out, w.called(w.b))
	}
	return out
}

// records reports whether anybody among members says what went into the build.
func (p *panel) records(members []int) bool {
	for _, i := range members {
		if len(p.facts[i].values) > 0 {
			return true
		}
	}
	return false
}

// chanceShown is two builds by single signers that differ though nothing recorded tells them apart.
type chanceShown struct {
	signers []string
	text    string
}

// shownChance looks for such builds among the groups of a split. Where they are, the build gives other bytes each time, and what
// tells other groups apart need not be the reason.
func (p *panel) shownChance(s *Split) *chanceShown {
	if len(s.Groups) < 3 {
		return nil
	}
	if p.chances == nil {
		p.chances = map[*SplitGroup]*chanceShown{}
	}
	key := &s.Groups[0]
	if c, ok := p.chances[key]; ok {
		return c
	}
	p.chances[key] = nil
	p.chances[key] = p.findChance(s)
	return p.chances[key]
}

// maxChances is how many pairs of groups are compared to find out whether a build is left to chance.
const maxChances = 30

func (p *panel) findChance(s *Split) *chanceShown {
	tried := 0
	for x := range s.Groups {
		for y := x + 1; y < len(s.Groups); y++ {
			one, other := s.Groups[x].Signers, s.Groups[y].Signers
			if len(one) != 1 || len(other) != 1 || one[0] == other[0] {
				continue
			}
			if tried++; tried > maxChances {
				return nil
			}
			if p.nothingBetween(s, x, y) {
				return &chanceShown{signers: []string{one[0], other[0]}, text: GroupLetter(x) + " and " + GroupLetter(y) + " differ"}
			}
		}
	}
	return nil
}

// nothingBetween reports whether no recorded difference of any weight tells two groups apart, and both record enough to tell.
func (p *panel) nothingBetween(s *Split, x, y int) bool {
	w := p.newPairing(s, x, y)
	if len(w.unlisted()) > 0 {
		return false
	}
	w.weighStructure()
	w.weighCommits()
	w.weighInputs()
	w.weighDescriptor()
	w.weighPackages()
	for _, c := range w.causes {
		for _, it := range c.items {
			if it.Weight >= headerPackage.weight() {
				return false
			}
		}
	}
	return true
}

func (w *pairing) addChance(id CauseID, weight float64, e Evidence) {
	e.Weight = weight
	title := "chance, or the machine it ran on"
	switch {
	case id == Undetermined && w.candidates > 0:
		title = "something that nobody recorded"
	case id == Undetermined:
		title = "nothing recorded explains it"
	case w.candidates == 0:
		title = "nothing recorded explains it: chance, or the machine it ran on"
	}
	w.add(id, title, e, Advice{Remedy: Investigate, To: w.concerned(), Do: "delete cache and base, rebuild once from clean; if it still differs, compare the files with diffoscope"})
	a, b := hosts(w.panel, w.inA), hosts(w.panel, w.inB)
	if len(a) == 0 || len(b) == 0 || id == Undetermined {
		return
	}
	for _, h := range a {
		for _, other := range b {
			if h == other {
				return
			}
		}
	}
	w.add(HostEnvironment, "another kind of machine in "+w.called(w.b), Evidence{Kind: HostEvidence, Factor: "host", A: a, B: b, Weight: weight / 2,
		Text: fmt.Sprintf("the packages speak of %s in %s and of %s in %s", join(a), w.called(w.a), join(b), w.called(w.b))},
		Advice{Remedy: Rebuild, To: w.signers(w.inB), Do: "rebuild on the kind of virtual machine or container that the others use"})
}
