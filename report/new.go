package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/verify"
)

// Subject is everything a document is made from.
type Subject struct {
	Tool       string
	Project    Project
	Repository Repository
	Keys       []KeySource
	Policy     verify.Policy
	Origin     string // of the policy
	PinsFrom   string
	AsOf       time.Time
	Comparison verify.Comparison
	Verdict    verify.Verdict
	ExitCode   int
	OwnBuilds  []string
	Findings   []sigs.Finding // besides the verdict's
	Others     []string       // other projects that know the version
}

// New makes the document of a verdict.
func New(s Subject) Document {
	d := Document{
		Schema: Schema, Tool: s.Tool, Project: s.Project, Version: s.Verdict.Version, Outcome: s.Verdict.Outcome,
		ExitCode: s.ExitCode, Grounds: s.Verdict.Grounds, Own: s.Verdict.Own, AsOf: s.AsOf.UTC(), Repository: s.Repository,
		Keys: full(s.Keys), Policy: policyOf(s), Platforms: []Platform{}, Signers: signersOf(s), OwnBuilds: full(s.OwnBuilds),
		Findings: mergeFindings(s.Verdict.Findings, s.Findings), Others: full(s.Others), NotProven: NotProven,
	}
	names := make([]string, len(s.Comparison.Statements))
	for _, v := range s.Verdict.Voices {
		if v.Statement < len(names) {
			names[v.Statement] = v.Signer
		}
	}
	for _, p := range s.Verdict.Platforms {
		d.Platforms = append(d.Platforms, platformOf(p, names))
	}
	return d
}

// full turns a nil slice into an empty one: JSON has no null.
func full[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

func policyOf(s Subject) Policy {
	p := Policy{
		Name: s.Policy.Name, Origin: s.Origin, PinsFrom: s.PinsFrom, Threshold: s.Policy.Threshold,
		Dissent: string(cmp.Or(s.Policy.Dissent, verify.RefuseDissent)), AnyGiven: s.Policy.AnyGiven, Pins: []Pin{},
		Required: full(s.Policy.Required), Vetoes: full(s.Policy.Vetoes), BadCounts: s.Policy.BadSignature == verify.RefuseBadSignature, GroupRules: []string{},
	}
	for _, pin := range s.Policy.Pins {
		p.Pins = append(p.Pins, Pin{pin.Name, full(pin.Fingerprints)})
	}
	for _, g := range s.Policy.Groups {
		p.GroupRules = append(p.GroupRules, fmt.Sprintf("%s: at least %d of %s", g.Name, g.AtLeast, strings.Join(g.Of, ", ")))
	}
	return p
}

func platformOf(p verify.PlatformVerdict, names []string) Platform {
	out := Platform{Name: p.Name, Release: p.Release, Due: p.Due, Asked: p.Asked, Outcome: p.Outcome, Grounds: p.Grounds, Own: p.Own, Voters: full(p.Voters), Artifacts: []Artifact{}, Shared: []Shared{}}
	for _, a := range p.Artifacts {
		artifact := Artifact{Path: a.Path, Outcome: a.Outcome, Grounds: a.Grounds, Counts: a.Counts, Groups: []Group{}, Abstained: full(a.Abstained), Own: a.Own}
		if a.Own != verify.NotRun {
			artifact.OwnDigest = a.OwnDigest.String()
		}
		for i, g := range a.Groups {
			artifact.Groups = append(artifact.Groups, Group{letter(i), g.Digest, full(g.Voters), full(g.Others), full(g.Claims)})
		}
		out.Artifacts = append(out.Artifacts, artifact)
	}
	for _, s := range p.Explaining {
		shared := Shared{Kind: s.Kind, Groups: []SharedGroup{}}
		for _, g := range s.Groups {
			group := SharedGroup{Value: g.Value, Signers: []string{}}
			for _, i := range g.Statements {
				if i >= 0 && i < len(names) && !slices.Contains(group.Signers, names[i]) {
					group.Signers = append(group.Signers, names[i])
				}
			}
			shared.Groups = append(shared.Groups, group)
		}
		out.Shared = append(out.Shared, shared)
	}
	return out
}

// letter names the nth group: A … Z, then AA, AB …
func letter(n int) string {
	if n < 26 {
		return string(rune('A' + n))
	}
	return letter(n/26-1) + string(rune('A'+n%26))
}

// signersOf gathers statements by shown name, voters first.
func signersOf(s Subject) []Signer {
	byName := map[string]*Signer{}
	var order []string
	for _, v := range s.Verdict.Voices {
		if v.Statement >= len(s.Comparison.Statements) {
			continue
		}
		signer := byName[v.Signer]
		if signer == nil {
			signer = &Signer{Name: v.Signer, Person: v.Person, Attestations: []Attestation{}}
			byName[v.Signer] = signer
			order = append(order, v.Signer)
		}
		signer.Votes = signer.Votes || v.Votes
		st := s.Comparison.Statements[v.Statement]
		a := Attestation{Path: st.Path, Platform: v.Platform, Digest: st.Sum, Votes: v.Votes, Why: v.Why, Unparsed: st.Unparsed, Signatures: []Signature{}}
		for _, sig := range st.Signatures() {
			a.Signatures = append(a.Signatures, signatureOf(sig))
		}
		signer.Attestations = append(signer.Attestations, a)
	}
	out := make([]Signer, 0, len(order))
	for _, name := range order {
		out = append(out, *byName[name])
	}
	slices.SortStableFunc(out, func(a, b Signer) int {
		if a.Votes != b.Votes {
			return boolOrder(a.Votes)
		}
		return cmp.Or(strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), strings.Compare(a.Name, b.Name))
	})
	return out
}

func signatureOf(s sigs.Signature) Signature {
	return Signature{s.Path, s.Status, s.Why, full(s.Labels), s.KeyID, s.Fingerprint, s.Primary,
		s.Created, s.Hash, s.Algorithm, s.KeyExpires, full(s.UserIDs), full(s.Sources), s.Given}
}

func boolOrder(first bool) int {
	if first {
		return -1
	}
	return 1
}

var severityOrder = []sigs.Severity{sigs.Alarm, sigs.Warning, sigs.Note}

// mergeFindings joins two lists without repetitions, most important first.
func mergeFindings(lists ...[]sigs.Finding) []sigs.Finding {
	out := []sigs.Finding{}
	seen := map[sigs.Finding]bool{}
	for _, f := range slices.Concat(lists...) {
		if !seen[f] {
			seen[f] = true
			out = append(out, f)
		}
	}
	slices.SortStableFunc(out, func(a, b sigs.Finding) int {
		return cmp.Compare(slices.Index(severityOrder, a.Severity), slices.Index(severityOrder, b.Severity))
	})
	return out
}
