package verify

import "time"

// Inquiry says what is to be explained besides a comparison's own statements.
type Inquiry struct {
	Platforms []string      // narrows it; empty: all
	Earlier   []Observation // replaced and removed assertions of the same releases: they join the groups
	Subjects  []Observation // each is explained against every group: own builds, or one assertion by its blob
}

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
	Listed   int           // artifacts anybody lists
	Agreed   []string      // artifacts on which all who list them agree
	Oddities []Oddity      // assertions that do not fit their neighbours, whatever their hashes
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
	Groups    []SplitGroup // most signers first; shown as A, B, …
	Pairs     []Pair       // every other group against the first
}

// SplitGroup is one group of a split.
type SplitGroup struct {
	Members     []int    // indexes, ascending
	Signers     []string // their names, sorted, each once
	Digests     []string // one per artifact of the split
	Earlier     bool     // all members were replaced or removed since
	Claimed     bool     // no member is verified
	Environment Environment
}

// Pair is two groups and what tells them apart.
type Pair struct {
	A, B       int           // indexes into the split's groups; A has at least as many signers
	Causes     []Cause       // most likely first; never empty, and never for artifacts both have in common
	Candidates int           // recorded differences (update events count once) that could be the cause
	Same       []string      // what both have in common: "commit bitcoin", "descriptor", "inputs"
	Exonerated []Exoneration // what differs and cannot be the cause
	Direction  time.Duration // how much older B's environment is than A's; negative: newer; zero: unknown or mixed
	OneToOne   bool          // one signer against one: nothing can be exonerated
	Resigned   []string      // signers who are in both groups at different times, sorted
	Later      int           // -1: the signers in both moved to A, 1: to B, 0: nobody moved or in both directions
}

// SubjectExplanation is one build explained against every group.
type SubjectExplanation struct {
	Subject  Observation
	Matches  []string      // artifacts that are the first group's
	Harmless []Evidence    // how the subject differs from every member it agrees with on all artifacts: this turned out not to matter
	Oddities []Cause       // how it does not fit: files missing, files of another release
	Splits   []Split       // artifacts in which it differs from a group; in each the pairs put the subject's group second
	Members  []Observation // what the splits' indexes point to: the platform's, then the subject
}

// Explain ranks the causes of every split of a comparison. The index says what the rest of the repository knows; nil means that
// nothing is known. It is pure: the order of statements and the signers' names change nothing.
func Explain(c Comparison, x *Index, q Inquiry) Explanation {
	e := Explanation{Version: c.Version}
	return e
}

// ExplainGroups ranks the causes that tell given groups of one release apart, each group a set of assertions: what [Explain]
// does for a platform. The groups are only a name for who is asked; who agrees with whom follows from the outputs.
func ExplainGroups(groups [][]Observation, x *Index) PlatformExplanation {
	return PlatformExplanation{}
}
