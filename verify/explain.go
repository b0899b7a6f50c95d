package verify

import (
	"slices"
	"time"

	"github.com/gverify/gverify/sigs"
)

// Inquiry says what is to be explained besides a comparison's own statements.
type Inquiry struct {
	Platforms []string      // narrows it; empty: all
	Earlier   []Observation // replaced and removed assertions of the same releases: they join the groups
	Unread    []Observation // what stands in for statements whose content was not parsed because their signature is bad; never Verified
	Subjects  []Observation // each is explained against every group: own builds, or one assertion by its blob
}

// MaxGroups is how many groups of a split are explained. The rest are listed: anyone can add claims, each a group of its own.
const MaxGroups = 24

// Explanation is why the signers of a version differ.
type Explanation struct {
	Version   string
	Platforms []PlatformExplanation // in the comparison's order
}

// PlatformExplanation is why the signers of one platform differ.
type PlatformExplanation struct {
	Platform string
	Release  string        // directory
	Members  []Observation // everyone who was asked, in order of path, then time; the indexes below point here
	Agreed   []string      // artifacts on which all who list them agree
	Oddities []Oddity      // assertions that do not fit their neighbours, whatever their digests
	Splits   []Split       // most artifacts first
	Subjects []SubjectExplanation
}

// Oddity is one assertion that does not fit its neighbours: corrupt, empty, misplaced, of another release, partial.
type Oddity struct {
	Member int
	Cause  Cause
}

// Split is a set of artifacts that divide the signers in the same way.
type Split struct {
	Artifacts []string // path order
	Class     ArtifactClass
	Groups    []SplitGroup // most verified signers first, then most signers; called A, B, … (see [GroupLetter])
	Pairs     []Pair       // every other of the first MaxGroups groups against the first; for a subject, its group against every other
}

// SplitGroup is one group of a split.
type SplitGroup struct {
	Members     []int       // indexes, ascending
	Signers     []string    // their names, sorted, each once
	Digests     []string    // one per artifact of the split
	Earlier     bool        // all members were replaced or removed since
	Claimed     bool        // no member is verified
	Environment Environment // of the member whose environment is the oldest
	Newest      Environment // of the member whose environment is the newest
}

// Pair is two groups and what tells them apart.
type Pair struct {
	A, B       int           // indexes into the split's groups
	Causes     []Cause       // most likely first; never empty, and never for artifacts both have in common
	Candidates int           // recorded differences that could be the cause, packages that moved together counted once
	Same       []string      // what both have in common: "commit", "descriptor", "inputs", "packages" …
	Exonerated []Exoneration // what differs and cannot be the cause
	Direction  time.Duration // how much older all of B's environments are than A's at the least; negative: newer; zero: unknown, mixed or overlapping
	OneToOne   bool          // one signer against one: nothing can be exonerated
	Resigned   []string      // signers who are in both groups at different times, sorted
	Later      int           // where their later assertions stand: -1 in A, 1 in B, 0 in both or untold
}

// SubjectExplanation is one build explained against every group.
type SubjectExplanation struct {
	Subject  Observation
	Members  []Observation // what the splits' indexes point to: the platform's members and the subject
	Matches  []string      // artifacts in which it is in the first group, or everybody agrees with it
	Harmless []Evidence    // how it differs from most who gave out the same in every artifact both list: this turned out not to matter
	Oddities []Cause       // how it does not fit: files missing, files of another release
	Splits   []Split       // artifacts in which it is not in the first group; in each pair its group is B
}

// Explain ranks the causes of every split of a comparison. The index says what the rest of the repository knows; nil means that
// nothing is known. It is pure: the order of statements and the signers' names change nothing.
func Explain(c Comparison, x *Index, q Inquiry) Explanation {
	e := Explanation{Version: c.Version}
	explained := map[string]bool{} // guix artifacts: several assertions list the same ones
	for _, platform := range c.Platforms {
		if len(q.Platforms) > 0 && !slices.Contains(q.Platforms, platform.Name) {
			continue
		}
		p := newPanel(x, membersOf(c, platform, q))
		if isGuix(c, platform) {
			p.artifacts = listedBy(c, platform, explained)
		}
		e.Platforms = append(e.Platforms, p.explain(platform.Name, platform.Release, q.Subjects))
	}
	return e
}

// ExplainGroups ranks the causes that tell given sets of assertions of one release apart: what [Explain] does for a platform. The
// sets only say who is asked; who agrees with whom follows from the outputs.
func ExplainGroups(groups [][]Observation, x *Index) PlatformExplanation {
	p := newPanel(x, slices.Concat(groups...))
	release, platform := "", ""
	for i := range p.members {
		if d := p.members[i].Directory; d.Path != "" {
			release, platform = d.Path, d.Platform
			break
		}
	}
	return p.explain(platform, release, nil)
}

// explain does the work for one platform.
func (p *panel) explain(platform, release string, subjects []Observation) PlatformExplanation {
	e := PlatformExplanation{Platform: platform, Release: release, Members: p.members}
	e.Agreed, e.Splits = p.partition()
	p.oddities = p.findOddities()
	e.Oddities = p.oddities
	for i := range e.Splits {
		s := &e.Splits[i]
		p.dateGroups(s)
		for b := 1; b < min(len(s.Groups), MaxGroups); b++ {
			s.Pairs = append(s.Pairs, p.pair(s, 0, b))
		}
	}
	for _, subject := range subjects {
		if s, ok := p.explainSubject(subject); ok {
			e.Subjects = append(e.Subjects, s)
		}
	}
	return e
}

func (p *panel) dateGroups(s *Split) {
	for i := range s.Groups {
		g := &s.Groups[i]
		g.Environment, g.Newest = p.environments(g.Members)
	}
}

// membersOf returns the observations of a platform: of its statements, for guix of the whole version's, and those that the
// inquiry adds.
func membersOf(c Comparison, platform Platform, q Inquiry) []Observation {
	indexes := platform.Statements
	if isGuix(c, platform) {
		indexes = nil
		for i, s := range c.Statements {
			if s.Directory.Layout == sigs.GuixLayout {
				indexes = append(indexes, i)
			}
		}
	}
	var out []Observation
	for _, i := range indexes {
		s := c.Statements[i]
		j := slices.IndexFunc(q.Unread, func(o Observation) bool { return o.Path == s.Path && o.Sum == s.Sum })
		if s.Unparsed != "" && j >= 0 {
			out = append(out, q.Unread[j])
		} else {
			out = append(out, Observe(s))
		}
	}
	for _, o := range q.Earlier {
		if slices.ContainsFunc(indexes, func(i int) bool { return c.Statements[i].Directory.Path == o.Directory.Path }) {
			out = append(out, o)
		}
	}
	return out
}

func isGuix(c Comparison, platform Platform) bool {
	return len(platform.Statements) > 0 && c.Statements[platform.Statements[0]].Directory.Layout == sigs.GuixLayout
}

// listedBy returns the artifacts that a guix platform's assertions list and that were not explained yet.
func listedBy(c Comparison, platform Platform, explained map[string]bool) map[string]bool {
	out := map[string]bool{}
	for _, path := range listedPaths(c, platform.Statements) {
		if !explained[path] {
			out[path] = true
			explained[path] = true
		}
	}
	return out
}
