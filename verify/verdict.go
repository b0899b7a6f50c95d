package verify

import "github.com/gverify/gverify/sigs"

// Question is what is asked of a comparison.
type Question struct {
	Platforms []string // narrows the question; empty: all
	Due       []string // platforms that must be there; from the project
	Own       []OwnBuild
}

// OwnBuild is a build of the user's own: never a statement, an extra column.
type OwnBuild struct {
	Name      string // file it came from
	Assertion sigs.Assertion
}

// Verdict is an outcome and its grounds.
type Verdict struct {
	Version   string
	Outcome   Outcome
	Grounds   string // one sentence
	Own       Own
	Platforms []PlatformVerdict
	Voices    []Voice        // one per statement, in its order
	Findings  []sigs.Finding // of the comparison and of the decision
}

// PlatformVerdict is the worst of a platform's artifacts.
type PlatformVerdict struct {
	Name       string
	Release    string // directory, empty where it is absent
	Due        bool
	Asked      bool // counts for the outcome
	Outcome    Outcome
	Grounds    string
	Voters     []string // persons with a voice for at least one of its artifacts, sorted
	Artifacts  []ArtifactVerdict
	Own        Own
	Explaining []Shared
	Foreign    bool // a guix assertion of a name that guix builders do not use: compared, but no platform
}

// ArtifactVerdict is the decision on one artifact.
type ArtifactVerdict struct {
	Path      string
	Outcome   Outcome
	Grounds   string
	Groups    []GroupVerdict // most voters first, then most statements, then digest
	Abstained []string       // voters of the platform who do not list it, or contradict themselves
	Counts    bool           // false: listed by too few to bear on the platform, or set aside; a finding says so
	Own       Own
	OwnDigest sigs.Digest // where Own is not NotRun
}

// GroupVerdict is one group with names. A name stands in one of the three lists.
type GroupVerdict struct {
	Digest sigs.Digest
	Voters []string // persons whose voice counts
	Others []string // authentic, without a vote
	Claims []string // not verified
}

// Voice is who speaks in one statement and whether it counts.
type Voice struct {
	Statement   int // index into Comparison.Statements
	Platform    string
	Signer      string // shown name: the pinned name, else the directory's
	Person      string // pinned name; empty: not pinned
	Votes       bool
	Why         string // why it does not vote
	Fingerprint string // primary key of the signature that votes; empty where none does
}
