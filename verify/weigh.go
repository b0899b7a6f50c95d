package verify

import (
	"cmp"
	"slices"
	"strings"
)

// What recorded differences weigh against each other. They come from the mismatches whose cause the history of public
// repositories tells.
const (
	commitWeight     = 1000
	upstreamWeight   = 900
	structureWeight  = 5000
	inputWeight      = 300
	sourceWeight     = 150 // a cached source file
	staleWeight      = 200
	descriptorWeight = 60
	suiteWeight      = 80
	noisyWeight      = 1  // a cache that differs from the others', which differ among each other
	singleWeight     = 40 // exactly one cached dependency differs
	hostWeight       = 12
	buildIDWeight    = 5
	shownWeight      = 100 // two other builds differ though nothing recorded does
	chanceWeight     = 3   // nothing recorded, before it is known how often the signer stands alone
	allDifferWeight  = 8
	unlistedWeight   = 15 // one side does not list its packages

	oneSided      = 0.1  // only one side has the factor at all
	sourceOnly    = 0.1  // an input of an archive of sources
	neverCompiled = 0.1  // a compiler, where nothing is compiled
	otherTarget   = 0.01 // a cross compiler, where nothing is built for its machine
	merelyAbsent  = 0.15 // a package that one side lacks
	excusedBy     = 0.25 // another release shows that it made no difference there
	explained     = 0.1  // a follow-up of another difference

	strongDrift  = 30 // from this weight on a package explains what it does to cached dependencies
	minExtra     = 10 // packages of use to a build that make a base polluted
	minMissing   = 25
	minCandidate = 1 // below it a difference is no candidate

	capped            = 0.99
	cappedUnrecorded  = 0.55 // nobody can be surer of what nobody recorded
	cappedDoubted     = 0.55 // everything that speaks for it made no difference elsewhere
	cappedOneAgainst1 = 0.85 // nothing can be exonerated between two builds
)

// pairing is two groups of a split while their causes are weighed.
type pairing struct {
	*panel
	split     *Split
	groups    [][]int
	a, b      int // groups
	inA, inB  []int
	sep       separation
	kind      string // of build, see platformKind
	directory string

	chance *chanceShown // two builds that differ though nothing recorded does, or nil

	causes     []weighed
	candidates int
	drift      float64 // weight of the strongest package event
	polluted   bool
}

// weighed is a cause while its evidence is gathered.
type weighed struct {
	Cause
	weight float64
	items  []item
}

// item is evidence with the title and the advice that it would give its cause; the strongest gives them.
type item struct {
	Evidence
	title  string
	advice []Advice
}

// pair explains group b of a split against group a.
func (p *panel) pair(s *Split, a, b int) Pair {
	w := p.newPairing(s, a, b)
	w.weighStructure()
	w.weighCommits()
	w.weighInputs()
	w.weighDescriptor()
	w.weighPackages()
	w.weighCache()
	w.weighChance()

	out := Pair{A: a, B: b, Candidates: w.candidates, Causes: w.ranked(), Same: w.common(), Exonerated: w.exonerations(),
		Direction: direction(&s.Groups[a], &s.Groups[b]), OneToOne: w.oneToOne()}
	out.Resigned, out.Later = w.moved()
	return out
}

func (p *panel) newPairing(s *Split, a, b int) *pairing {
	w := &pairing{panel: p, split: s, a: a, b: b}
	for _, g := range s.Groups {
		w.groups = append(w.groups, g.Members)
	}
	w.inA, w.inB = w.groups[a], w.groups[b]
	w.sep = p.separate(w.groups, a, b)
	w.directory, w.kind = p.place(w.inA)
	w.chance = p.shownChance(s)
	return w
}

// place returns the release directory and the kind of build of a group.
func (p *panel) place(members []int) (directory, kind string) {
	for _, i := range members {
		if m := &p.members[i]; !m.Own {
			return m.Directory.Path, platformKind(cmp.Or(m.Assertion.Name, m.Directory.Platform))
		}
	}
	return "", ""
}

func (w *pairing) oneToOne() bool {
	return len(w.signers(w.inA)) == 1 && len(w.signers(w.inB)) == 1
}

// add enters evidence for a cause.
func (w *pairing) add(id CauseID, title string, e Evidence, advice ...Advice) {
	e.Claimed = w.claimed()
	i := slices.IndexFunc(w.causes, func(c weighed) bool { return c.ID == id })
	if i < 0 {
		i = len(w.causes)
		w.causes = append(w.causes, weighed{Cause: Cause{ID: id, Artifacts: w.split.Artifacts, Concerns: w.concerned(), Claimed: w.claimed()}})
	}
	w.causes[i].items = append(w.causes[i].items, item{e, title, advice})
	w.causes[i].weight += e.Weight
}

// claimed reports whether one of the groups rests on assertions that are not verified alone.
func (w *pairing) claimed() bool { return w.split.Groups[w.a].Claimed || w.split.Groups[w.b].Claimed }

// concerned are the signers whose build is in question: the other group's, or both where as many stand on each side.
func (w *pairing) concerned() []string {
	if w.oneToOne() || w.tied() {
		return w.signers(slices.Concat(w.inA, w.inB))
	}
	return w.signers(w.inB)
}

// apart returns the separating differences of a kind.
func (w *pairing) apart(kind EvidenceKind) []difference {
	var out []difference
	for _, d := range w.sep.apart {
		if d.kind == kind {
			out = append(out, d)
		}
	}
	return out
}

// ranked turns weights into confidences, most likely first.
func (w *pairing) ranked() []Cause {
	total := 0.0
	for _, c := range w.causes {
		total += c.weight
	}
	slices.SortStableFunc(w.causes, func(x, y weighed) int {
		return cmp.Or(cmp.Compare(y.weight, x.weight), strings.Compare(string(x.ID), string(y.ID)))
	})
	out := make([]Cause, len(w.causes))
	for i, c := range w.causes {
		limit := capped
		switch {
		case c.ID == Undetermined || c.ID == Nondeterminism || c.ID == HostEnvironment:
			limit = cappedUnrecorded
		case c.ID == PackageDrift && c.doubted():
			limit = cappedDoubted
		case w.oneToOne() && (c.ID == PackageDrift || c.ID == PackageFile || c.ID == StaleCache || c.ID == PollutedBase):
			limit = cappedOneAgainst1
		}
		c.Confidence = Confidence(min(c.weight/total, limit))
		slices.SortStableFunc(c.items, func(x, y item) int {
			return cmp.Or(cmp.Compare(y.Weight, x.Weight), cmp.Compare(len(y.Names), len(x.Names)), strings.Compare(x.Factor, y.Factor), strings.Compare(x.Suite, y.Suite))
		})
		c.Title, c.Advice = c.items[0].title, c.items[0].advice
		for _, it := range c.items {
			c.Evidence = append(c.Evidence, it.Evidence)
		}
		if w.tied() && blames(c.ID) {
			c.Advice = append([]Advice{{Remedy: Investigate, Do: "find out which side is right first: as many signers stand on each, so build it yourself or ask somebody else to"}}, c.Advice...)
		}
		out[i] = c.Cause
	}
	return out
}

// doubted reports whether something is known against all evidence of a cause, but for what hardly weighs beside the strongest.
func (c weighed) doubted() bool {
	strongest := 0.0
	for _, it := range c.items {
		strongest = max(strongest, it.Weight)
	}
	return !slices.ContainsFunc(c.items, func(it item) bool { return it.Doubt == "" && it.Weight >= strongest/8 })
}

// blames reports whether the advice for a cause takes for granted that the other group is the one to build again.
func blames(id CauseID) bool {
	switch id {
	case OtherCommit, OtherDescriptor, InputFile, PackageDrift, PackageFile, StaleCache, PollutedBase, Toolchain:
		return true
	}
	return false
}

// tied reports whether the groups have equally many signers, two or more each, and nobody moved from one to the other: then neither
// is the odd one.
func (w *pairing) tied() bool {
	a, b := w.split.Groups[w.a], w.split.Groups[w.b]
	if _, later := w.moved(); later != 0 {
		return false
	}
	return len(a.Signers) == len(b.Signers) && len(a.Signers) > 1 && a.Claimed == b.Claimed && a.Earlier == b.Earlier
}
