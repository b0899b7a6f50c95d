package verify

import (
	"time"

	"github.com/gverify/gverify/sigs"
)

// Observation is one assertion as it was seen: in a repository at some time, or as a build of the user's own. It is what an
// [Index] is made of and what [Explain] compares.
type Observation struct {
	Directory sigs.Directory // of the release; Files is nil
	Path      string         // assertion file
	Signer    string         // directory name
	Name      string         // assertion name, from the file's
	Assertion sigs.Assertion // zero where Unparsed says why
	Unparsed  string         // why it could not be parsed, empty: parsed
	Sum       sigs.Digest    // of the file's bytes
	Blob      string         // its git id, empty where it has none

	Commit string    // that brought it first, empty where there is no history
	Time   time.Time // of that commit; zero: unknown
	Until  time.Time // of the commit that replaced or removed it; zero: it is still there

	Verified bool // its signature was judged and is authentic
	Own      bool // the user's own build
}

// Replaced reports whether another assertion took its place, or none.
func (o *Observation) Replaced() bool { return !o.Until.IsZero() }

// Observe turns a statement into an observation without a history.
func Observe(s *sigs.Statement) Observation {
	return Observation{Directory: s.Directory, Path: s.Path, Signer: s.Signer, Name: s.Name, Assertion: s.Assertion,
		Unparsed: s.Unparsed, Sum: s.Sum, Verified: s.Authentic()}
}

// ObserveOwn turns a build of the user's own into an observation.
func ObserveOwn(b OwnBuild) Observation {
	return Observation{Path: b.Name, Signer: "your build", Name: b.Assertion.Name, Assertion: b.Assertion, Own: true}
}
