package verify

import (
	"slices"

	"github.com/gverify/gverify/sigs"
)

// platform decides every artifact of a platform; the worst of those that count is the platform's outcome.
func (d *decision) platform(p Platform) PlatformVerdict {
	v := PlatformVerdict{Name: p.Name, Release: p.Release, Explaining: p.Explaining}
	here := map[int]bool{}
	for _, i := range p.Statements {
		here[i] = true
		v.Foreign = d.c.homes[i].guix && !slices.Contains(guixNames, p.Name)
	}
	ballots := make([]ballot, len(p.Artifacts))
	for i, a := range p.Artifacts {
		ballots[i] = d.ballotOf(a, here)
	}
	voters := platformVoters(ballots)
	v.Voters = d.shown(voters)
	for _, b := range ballots {
		a := d.decideArtifact(b, voters)
		a.Own, a.OwnDigest = d.own.against(a, p.Name)
		v.Artifacts = append(v.Artifacts, a)
	}
	v.Outcome = worstOf(v.Artifacts)
	if len(voters) == 0 && v.Outcome == Agreed { // guix: others agree on these files, but nobody who votes signed them here
		v.Outcome = Insufficient
	}
	if bad := d.badSignatures(p); len(bad) > 0 && d.policy.BadSignature == RefuseBadSignature {
		v.Outcome = Disputed
		v.Grounds = "the policy refuses a release with a bad signature: " + listNames(bad)
	} else {
		v.Grounds = platformGrounds(v)
	}
	d.reportPlatform(p, v, ballots)
	return v
}

// platformVoters returns the persons with a voice for at least one artifact that their statements of this platform list.
func platformVoters(ballots []ballot) map[string]bool {
	out := map[string]bool{}
	for _, b := range ballots {
		for person := range b.voters() {
			if b.here[person] {
				out[person] = true
			}
		}
	}
	return out
}

// worstOf is the worst outcome of the artifacts that count. Where none counts nothing was agreed on.
func worstOf(artifacts []ArtifactVerdict) Outcome {
	counted := false
	o := Agreed
	for _, a := range artifacts {
		if a.Counts {
			counted = true
			o = worse(o, a.Outcome)
		}
	}
	if !counted {
		return Insufficient
	}
	return o
}

// badSignatures returns the paths of the platform's signatures that do not match their bytes.
func (d *decision) badSignatures(p Platform) []string {
	var out []string
	for _, i := range p.Statements {
		for _, sig := range d.c.Statements[i].Signatures() {
			if sig.Status == sigs.Bad {
				out = append(out, sig.Path)
			}
		}
	}
	return out
}
