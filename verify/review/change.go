// Package review judges what a change to an attestation repository brings, such as a pull request: whether it keeps the
// repository's rules, whether what it adds can vote, and whether that contradicts what was verified before.
//
// Like package verify it is arithmetic on values. Everything is judged with the keys and pins from before the change: whoever
// gathers a [Change] sees to that. It never says that a contributor is who he says he is.
package review

import (
	"fmt"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/verify"
)

// Kind says how a file differs from before the change.
type Kind string

const (
	Added       Kind = "added"
	Removed     Kind = "removed"
	Edited      Kind = "changed"
	ModeChanged Kind = "mode changed"
)

// Part says what a file is there for, by its place.
type Part string

const (
	AssertionPart Part = "assertion"
	SignaturePart Part = "signature"
	KeyPart       Part = "key"
	CheckPart     Part = "check" // a definition of the checks that run on changes
	OtherPart     Part = "other"
	MisplacedPart Part = "misplaced"
)

// File is one file that the change touches.
type File struct {
	Path    string
	Kind    Kind
	Part    Part   // by the repository's rules
	Read    bool   // misplaced, and yet read as an assertion or signature before the change
	Want    string // of a misplaced file: what is due there
	MovedTo string // of a removed file: where the same bytes were added
}

// attested reports whether the file was evidence before the change.
func (f File) attested() bool { return f.Part == AssertionPart || f.Part == SignaturePart || f.Read }

// KeyFile is a public key file that the change touches.
type KeyFile struct {
	Path          string
	Signer        string // by its name
	Kind          Kind
	Before, After []string // fingerprints of its primary keys, sorted
	Lost          []string // signing keys of his that no key file of the repository has any more, or that end earlier though their owner did not say so
	Attestations  int      // before the change, that only those verify
	Versions      int      // that those are of
	Revoked       []string // fingerprints that were revoked before the change and are not after it
	Twins         []string // of an added file: key files from before the change whose names are or look like its name and that lack one of its keys
	Elsewhere     []string // other key files, before the change for an added one, after it for a removed one, with one of its keys
}

// Side is a version before or after the change.
type Side struct {
	Present    bool // there are attestations of it
	Comparison verify.Comparison
	Verdict    verify.Verdict
}

// Release is one version that the change touches. Both sides are judged with the same keys, pins and date.
type Release struct {
	Version       string
	Before, After Side
}

// Change is everything that a review is made of.
type Change struct {
	Files         []File // path order
	Keys          []KeyFile
	Releases      []Release
	Before, After []sigs.Finding      // about names, keys and signatures; what stands in both was there already
	Brought       map[string]string   // assertion file: the key file of this change that alone verifies it
	BroughtKey    map[string]string   // the same assertion files: the primary key's fingerprint
	Owners        map[string][]string // directory name: fingerprints of the key files of exactly that name before the change
	Pins          []verify.Pin        // those of the policy
	AnyGiven      bool                // the policy counts every key that was given with --keys
}

// Outcome is the answer to "may this change be merged?". The zero Outcome is no answer and never success.
type Outcome int

const (
	Undecided    Outcome = iota
	Clean                // nothing is wrong
	Broken               // it breaks a rule of the repository
	Contradicted         // something it adds contradicts what was verified, or itself
	Voiceless            // nothing is wrong, and nothing it adds can vote
)

var outcomeNames = [...]string{Undecided: "undecided", Clean: "nothing wrong", Broken: "rule broken", Contradicted: "contradiction", Voiceless: "cannot vote"}

// String returns the outcome's stable name.
func (o Outcome) String() string {
	if o < 0 || int(o) >= len(outcomeNames) {
		return "undecided"
	}
	return outcomeNames[o]
}

// MarshalText returns the stable name.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText reads a stable name.
func (o *Outcome) UnmarshalText(text []byte) error {
	for i, name := range outcomeNames {
		if name == string(text) {
			*o = Outcome(i)
			return nil
		}
	}
	return fmt.Errorf("outcome %q is not known, want one of %q", text, outcomeNames)
}

// Finding is a finding and whether it breaks a rule.
type Finding struct {
	sigs.Finding
	Breaks bool `json:"breaks_rule"`
}

// Attestation is what is to be said of one attestation that the change adds or edits.
type Attestation struct {
	Path        string
	Version     string
	Platform    string
	Signer      string // shown name
	Person      string // pinned name, empty: not pinned
	Status      sigs.Status
	Fingerprint string // primary key, or what the signature says of an unknown one
	Votes       bool
	Why         string   // why it does not vote
	Artifacts   int      // that it lists
	Agrees      []string // voters who made the same files, in all they share
	Contradicts []string // voters who made another file under one of its names
	Verified    string   // how it stands to the verified group: see the constants below
	Differing   []string // artifacts that differ from the verified group's
}

// How an attestation stands to the verified group: for each artifact the group that had most voters before the change.
const (
	Same      = "same"      // it made the same files
	Different = "different" // at least one of its files differs
	Nothing   = "none"      // no voter had said anything about its files
)

// Review is what is to be said of a change.
type Review struct {
	Outcome      Outcome
	Grounds      string // one sentence
	Attestations []Attestation
	Findings     []Finding // those that break rules first, then by severity
}
