package review

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/verify"
)

// release describes the new attestations of one version and finds contradictions among them.
func (r *reviewer) release(release Release) {
	after := release.After
	var fresh []int
	for i, s := range after.Comparison.Statements {
		if r.isNew(s) {
			fresh = append(fresh, i)
		}
	}
	before, now := indexOf(release.Before), indexOf(after)
	for _, i := range fresh {
		a := r.attestation(release, i, before, now)
		r.copied(release, i, &a)
		r.filing(release, i, &a)
		r.out.Attestations = append(r.out.Attestations, a)
		if a.Verified == Different {
			r.note(false, finding("contradicts-verified", sigs.Alarm, after.Comparison.Statements[i], a,
				fmt.Sprintf("%s made another %s than the verified group: %s", a.Signer, files(a.Differing), list(a.Contradicts)),
				"do not merge before the signers have found the cause; being fewer does not make one wrong"))
		}
	}
	r.disagreements(release, fresh)
}

// isNew reports whether the change added or edited an assertion or one of its signatures.
func (r *reviewer) isNew(s *sigs.Statement) bool {
	return r.touched[s.Path] || slices.ContainsFunc(s.Signatures(), func(sig sigs.Signature) bool { return sig.Path != "" && r.touched[sig.Path] })
}

func finding(code string, severity sigs.Severity, s *sigs.Statement, a Attestation, text, next string) sigs.Finding {
	return sigs.Finding{Code: code, Severity: severity, Path: s.Path, Release: s.Directory.Path, Platform: a.Platform, Signer: a.Signer, Text: text, Next: next}
}

// attestation describes one new attestation.
func (r *reviewer) attestation(release Release, i int, before, now index) Attestation {
	after := release.After
	s, voice := after.Comparison.Statements[i], after.Verdict.Voices[i]
	best := s.Best()
	a := Attestation{
		Path: s.Path, Version: release.Version, Platform: voice.Platform, Signer: cmp.Or(voice.Signer, s.Signer, s.Path), Person: voice.Person,
		Status: best.Status, Fingerprint: cmp.Or(best.Primary, best.Fingerprint, best.KeyID), Votes: voice.Votes, Why: voice.Why,
		Artifacts: len(s.Assertion.Out), Verified: Nothing,
	}
	if key, ok := r.change.Brought[s.Path]; ok && !a.Votes {
		a.Why = "its key comes with this change, in " + key
	}
	same, differ, differing := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, e := range s.Assertion.Out {
		for _, g := range now.groups(s, voice.Platform, e.Path) {
			for _, name := range g.Voters {
				if name == a.Signer && a.Votes {
					continue
				}
				if g.Digest == e.Digest {
					same[name] = true
				} else {
					differ[name] = true
				}
			}
		}
		switch verified := verifiedGroups(before.groups(s, voice.Platform, e.Path)); {
		case len(verified) == 0:
		case slices.ContainsFunc(verified, func(g verify.GroupVerdict) bool { return g.Digest == e.Digest }):
			if a.Verified == Nothing {
				a.Verified = Same
			}
		default:
			a.Verified = Different
			if !differing[e.Path] {
				differing[e.Path] = true
				a.Differing = append(a.Differing, e.Path)
			}
		}
	}
	for name := range same {
		if !differ[name] {
			a.Agrees = append(a.Agrees, name)
		}
	}
	for name := range differ {
		a.Contradicts = append(a.Contradicts, name)
	}
	slices.Sort(a.Agrees)
	slices.Sort(a.Contradicts)
	return a
}

// index finds the groups of an artifact.
type index map[artifactKey][]verify.GroupVerdict

type artifactKey struct{ platform, path string }

// indexOf makes the index of one side. Guix forms its groups over a whole version, so that an artifact stands under any platform too.
func indexOf(side Side) index {
	out := index{}
	for _, p := range side.Verdict.Platforms {
		for _, a := range p.Artifacts {
			out[artifactKey{p.Name, a.Path}] = a.Groups
			out[artifactKey{anyPlatform, a.Path}] = a.Groups
		}
	}
	return out
}

// anyPlatform is no platform's name.
const anyPlatform = "\x00"

// groups returns the groups of an artifact that a statement lists.
func (x index) groups(s *sigs.Statement, platform, path string) []verify.GroupVerdict {
	if s.Directory.Layout == sigs.GuixLayout {
		platform = anyPlatform
	}
	return x[artifactKey{platform, path}]
}

// verifiedGroups returns the group with most voters; several where they are equal, none where nobody votes.
func verifiedGroups(groups []verify.GroupVerdict) []verify.GroupVerdict {
	most := 1
	for _, g := range groups {
		most = max(most, len(g.Voters))
	}
	var out []verify.GroupVerdict
	for _, g := range groups {
		if len(g.Voters) == most {
			out = append(out, g)
		}
	}
	return out
}

// disagreements are artifacts that the new attestations made disputed without contradicting anybody from before.
func (r *reviewer) disagreements(release Release, fresh []int) {
	for _, p := range release.After.Verdict.Platforms {
		for _, artifact := range p.Artifacts {
			if artifact.Outcome != verify.Disputed || r.wasDisputed(release, p, artifact.Path) {
				continue
			}
			for _, i := range fresh {
				s, voice := release.After.Comparison.Statements[i], release.After.Verdict.Voices[i]
				lists := slices.ContainsFunc(s.Assertion.Out, func(e sigs.Entry) bool { return e.Path == artifact.Path })
				if !voice.Votes || !lists || r.contradicts(s.Path) || voice.Platform != p.Name {
					continue
				}
				r.note(false, sigs.Finding{Code: "new-attestations-disagree", Severity: sigs.Alarm, Path: s.Path, Release: p.Release, Platform: p.Name, Signer: voice.Signer,
					Text: "with this change the voting signers contradict each other about " + artifact.Path, Next: "do not merge before the signers have found the cause"})
				return
			}
		}
	}
}

func (r *reviewer) contradicts(path string) bool {
	return slices.ContainsFunc(r.out.Attestations, func(a Attestation) bool { return a.Path == path && a.Verified == Different })
}

func (r *reviewer) wasDisputed(release Release, p verify.PlatformVerdict, path string) bool {
	for _, before := range release.Before.Verdict.Platforms {
		for _, a := range before.Artifacts {
			if before.Name == p.Name && a.Path == path {
				return a.Outcome == verify.Disputed
			}
		}
	}
	return false
}

// filing finds a new attestation in the directory of somebody who is known by another key, and says how its signer is to be called.
func (r *reviewer) filing(release Release, i int, a *Attestation) {
	s := release.After.Comparison.Statements[i]
	best := s.Best()
	key := cmp.Or(best.Primary, r.change.BroughtKey[s.Path], best.Fingerprint, best.KeyID)
	known := r.keysOf(release, s.Signer, best)
	his := func(f string) bool { return key != "" && strings.HasSuffix(f, key) } // an old signature names the end of a fingerprint only
	if len(known) == 0 || slices.ContainsFunc(known, his) || r.samePerson(key, known) {
		return
	}
	owner := fmt.Sprintf("the directory is that of %s, whose key is %s", s.Signer, list(known))
	switch {
	case best.Valid() && best.Primary != "":
		a.Signer = fmt.Sprintf("key %.8s… in the directory %s", key, s.Signer)
		r.note(true, finding("other-signers-directory", sigs.Alarm, s, *a, fmt.Sprintf("%s, but the key %s signed", owner, key),
			"ask both persons whose build this is; whoever has a new key adds it in a change of its own, signed by the old one"))
	case best.Status == sigs.UnknownKey:
		by := "a key that it does not name"
		if key != "" {
			by = "the key " + key + ", which was not at hand before this change"
		}
		a.Signer = "unnamed key in the directory " + s.Signer
		if key != "" {
			a.Signer = fmt.Sprintf("key %.8s… in the directory %s", key, s.Signer)
		}
		r.note(true, finding("other-signers-directory", sigs.Alarm, s, *a, fmt.Sprintf("%s, but the signature is said to be by %s", owner, by),
			"ask him over another channel whether this key is his; a new signing key of his own comes first, in a change of his key file"))
	}
}

// keysOf are the keys by which a directory's name was known before the change: those of the pinned person of exactly this name, or
// of one it can be taken for; else those of his key file; else those that signed in his directories of the same version. Where one
// pinned person signed in exactly another's directory there are none: verify calls that misfiled.
func (r *reviewer) keysOf(release Release, name string, best sigs.Signature) []string {
	if name == "" {
		return nil
	}
	var exact, like []string
	signerIsPinned := false
	for _, pin := range r.change.Pins {
		names := append([]string{pin.Name}, pin.Aliases...)
		signerIsPinned = signerIsPinned || best.Valid() && slices.Contains(pin.Fingerprints, best.Primary)
		switch {
		case slices.Contains(names, name):
			exact = append(exact, pin.Fingerprints...)
		case slices.ContainsFunc(names, func(n string) bool { return sigs.LookAlike(n, name) }):
			like = append(like, pin.Fingerprints...)
		}
	}
	known := r.change.Owners[name]
	switch {
	case len(exact) > 0 && signerIsPinned:
		return nil
	case len(exact) > 0:
		known = exact
	case len(like) > 0:
		known = like
	case len(known) == 0:
		for _, before := range release.Before.Comparison.Statements {
			if other := before.Best(); sigs.LookAlike(before.Signer, name) && other.Authentic() && other.Primary != "" {
				known = append(known, other.Primary)
			}
		}
	}
	known = slices.Clone(known)
	slices.Sort(known)
	return slices.Compact(known)
}

// copied finds a new attestation that is another one filed again, under another name: it is the same signature over the same list.
// It is nobody's second word and has no vote.
func (r *reviewer) copied(release Release, i int, a *Attestation) {
	all := release.After.Comparison.Statements
	s := all[i]
	best := s.Best()
	if !best.Valid() || best.Created.IsZero() {
		return
	}
	for j, other := range all {
		o := other.Best()
		if j == i || other.Path == s.Path || r.isNew(other) && j > i || o.Primary != best.Primary || o.Fingerprint != best.Fingerprint || !o.Created.Equal(best.Created) ||
			!slices.Equal(other.Assertion.Out, s.Assertion.Out) {
			continue
		}
		a.Votes, a.Why = false, "the same signature already stands at "+other.Path
		r.note(true, finding("same-signature", sigs.Alarm, s, *a, "this is no new word: the same signature over the same list already stands at "+other.Path,
			"take it out of the change; whoever built signs himself, in his own directory"))
		return
	}
}

// samePerson reports whether one pin holds both a key and one of others.
func (r *reviewer) samePerson(key string, others []string) bool {
	for _, pin := range r.change.Pins {
		if slices.Contains(pin.Fingerprints, key) && slices.ContainsFunc(others, func(o string) bool { return slices.Contains(pin.Fingerprints, o) }) {
			return true
		}
	}
	return false
}
