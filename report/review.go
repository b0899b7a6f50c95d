package report

import (
	"encoding/json"
	"io"
	"slices"
	"time"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/verify"
	"github.com/gverify/gverify/verify/review"
)

// ReviewSchema names the version of a [Review]. Fields may be added; a changed meaning is a new schema.
const ReviewSchema = "gverify.ci/v1"

// NotReviewed is what no review of a change shows; every report ends with it.
const NotReviewed = "A vote shows that the holder of a pinned key signed. It does not show that he built, or that his key was not stolen."

// Review is what is to be said of a change to an attestation repository. Slices are never null.
type Review struct {
	Schema       string              `json:"schema"`
	Tool         string              `json:"tool"`
	Project      Project             `json:"project"`
	Outcome      review.Outcome      `json:"outcome"`
	ExitCode     int                 `json:"exit_code"`
	Grounds      string              `json:"grounds"`
	AsOf         time.Time           `json:"as_of"`
	Location     string              `json:"repository"`
	Range        string              `json:"range"` // how it was chosen
	Base         Revision            `json:"base"`
	Head         Revision            `json:"head"`
	Rules        string              `json:"rules"` // the project's repository whose rules were applied
	Keys         []KeySource         `json:"keys"`
	Policy       Policy              `json:"policy"`
	Files        FileCounts          `json:"files"`
	Releases     []ReviewRelease     `json:"releases"`
	Attestations []ReviewAttestation `json:"attestations"` // added or edited
	KeyFiles     []ReviewKey         `json:"key_files"`    // added, changed or removed
	Findings     []review.Finding    `json:"findings"`     // those that break rules first
	NotProven    string              `json:"not_proven"`
}

// Revision is one end of a change.
type Revision struct {
	Commit string    `json:"commit"`
	Time   time.Time `json:"time,omitzero"`
}

// FileCounts are how many files a change touches.
type FileCounts struct {
	Added   int `json:"added"`
	Changed int `json:"changed"`
	Removed int `json:"removed"`
}

// ReviewRelease is the verdict on one version before and after the change.
type ReviewRelease struct {
	Version string     `json:"version"`
	Before  ReviewSide `json:"before"`
	After   ReviewSide `json:"after"`
}

// ReviewSide is one of the two. Where nobody attested the version its outcome is insufficient.
type ReviewSide struct {
	Attested  bool             `json:"attested"`
	Outcome   verify.Outcome   `json:"outcome"`
	Grounds   string           `json:"grounds"`
	Voters    []string         `json:"voters"` // of any platform
	Platforms []ReviewPlatform `json:"platforms"`
}

// ReviewPlatform is the verdict on one platform.
type ReviewPlatform struct {
	Name    string         `json:"name"`
	Asked   bool           `json:"asked"`
	Outcome verify.Outcome `json:"outcome"`
	Voters  []string       `json:"voters"`
}

// ReviewAttestation is a new or edited attestation.
type ReviewAttestation struct {
	Path        string      `json:"path"`
	Version     string      `json:"version"`
	Platform    string      `json:"platform"`
	Signer      string      `json:"signer"`
	Person      string      `json:"person,omitempty"`
	Status      sigs.Status `json:"status"`
	Fingerprint string      `json:"fingerprint,omitempty"`
	Votes       bool        `json:"votes"`
	Why         string      `json:"why,omitempty"` // why it does not vote
	Artifacts   int         `json:"artifacts"`
	Verified    string      `json:"verified_group"` // same, different, or none: nobody voted on these files before
	Agrees      []string    `json:"agrees_with"`
	Contradicts []string    `json:"contradicts"`
	Differing   []string    `json:"differing"`
}

// ReviewKey is a public key file that the change touches.
type ReviewKey struct {
	Path   string      `json:"path"`
	Signer string      `json:"signer"`
	Change review.Kind `json:"change"`
	Before []string    `json:"before"` // fingerprints
	After  []string    `json:"after"`
}

// ReviewSubject is everything a review's document is made from.
type ReviewSubject struct {
	Tool             string
	Project          Project
	Location, Range  string
	Base, Head       Revision
	Rules            string
	Keys             []KeySource
	Policy           verify.Policy
	Origin, PinsFrom string // of the policy
	AsOf             time.Time
	Change           review.Change
	Review           review.Review
	ExitCode         int
}

// Document makes the document of a review.
func (s ReviewSubject) Document() Review {
	d := Review{
		Schema: ReviewSchema, Tool: s.Tool, Project: s.Project, Outcome: s.Review.Outcome, ExitCode: s.ExitCode, Grounds: s.Review.Grounds,
		AsOf: s.AsOf.UTC(), Location: s.Location, Range: s.Range, Base: s.Base, Head: s.Head, Rules: s.Rules, Keys: full(s.Keys),
		Policy:   policyOf(Subject{Policy: s.Policy, Origin: s.Origin, PinsFrom: s.PinsFrom}),
		Releases: []ReviewRelease{}, Attestations: []ReviewAttestation{}, KeyFiles: []ReviewKey{}, Findings: full(s.Review.Findings), NotProven: NotReviewed,
	}
	for _, f := range s.Change.Files {
		switch f.Kind {
		case review.Added:
			d.Files.Added++
		case review.Removed:
			d.Files.Removed++
		default:
			d.Files.Changed++
		}
	}
	for _, r := range s.Change.Releases {
		d.Releases = append(d.Releases, ReviewRelease{r.Version, sideOf(r.Before), sideOf(r.After)})
	}
	for _, a := range s.Review.Attestations {
		d.Attestations = append(d.Attestations, ReviewAttestation{a.Path, a.Version, a.Platform, a.Signer, a.Person, a.Status, a.Fingerprint, a.Votes, a.Why,
			a.Artifacts, a.Verified, full(a.Agrees), full(a.Contradicts), full(a.Differing)})
	}
	for _, k := range s.Change.Keys {
		d.KeyFiles = append(d.KeyFiles, ReviewKey{k.Path, k.Signer, k.Kind, full(k.Before), full(k.After)})
	}
	return d
}

func sideOf(s review.Side) ReviewSide {
	out := ReviewSide{Attested: s.Present, Outcome: s.Verdict.Outcome, Grounds: s.Verdict.Grounds, Voters: []string{}, Platforms: []ReviewPlatform{}}
	for _, p := range s.Verdict.Platforms {
		out.Platforms = append(out.Platforms, ReviewPlatform{p.Name, p.Asked, p.Outcome, full(p.Voters)})
		for _, name := range p.Voters {
			if !slices.Contains(out.Voters, name) {
				out.Voters = append(out.Voters, name)
			}
		}
	}
	slices.Sort(out.Voters)
	return out
}

// ReviewJSON writes the whole document.
func ReviewJSON(w io.Writer, d Review) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(d)
}
