package verify

import (
	"cmp"
	"slices"
)

// ballot is who votes for what on one artifact.
type ballot struct {
	artifact Artifact
	votes    []map[string]bool // identities per group of the artifact
	lists    map[string]bool   // voters who list the artifact at all, self-contradicting ones included
	here     map[string]bool   // those of them who list it in a statement of the platform; for guix the votes span other platforms
	split    map[string]bool   // voters who give it several digests: no voice
}

// ballotOf counts the voices for one artifact of a platform, whose statements are given. A person speaks once, through however many keys and assertions; one who gives two
// answers has no voice.
func (d *decision) ballotOf(a Artifact, platform map[int]bool) ballot {
	b := ballot{artifact: a, votes: make([]map[string]bool, len(a.Groups)),
		lists: map[string]bool{}, here: map[string]bool{}, split: map[string]bool{}}
	for g, group := range a.Groups {
		b.votes[g] = map[string]bool{}
		for _, i := range slices.Concat(group.Statements, group.Claims) {
			person := d.speakers[i].person
			if person == "" || isLeftover(d.c.Statements[i], a.Path, d.c.Version) {
				continue
			}
			if b.lists[person] && !b.votes[g][person] {
				b.split[person] = true
			}
			b.lists[person], b.votes[g][person] = true, true
			if platform[i] {
				b.here[person] = true
			}
		}
	}
	for person := range b.split {
		for g := range b.votes {
			delete(b.votes[g], person)
		}
	}
	return b
}

// voters returns everyone with a voice on the artifact.
func (b ballot) voters() map[string]bool {
	out := map[string]bool{}
	for _, group := range b.votes {
		for person := range group {
			out[person] = true
		}
	}
	return out
}

// parties returns the indexes of the groups that have voters.
func (b ballot) parties() []int {
	var out []int
	for g, group := range b.votes {
		if len(group) > 0 {
			out = append(out, g)
		}
	}
	return out
}

// decideArtifact applies the policy to one artifact of a platform with the given voters. One that no voter of the platform lists
// there, or that too few list to bear on it, does not count.
func (d *decision) decideArtifact(b ballot, platformVoters map[string]bool) ArtifactVerdict {
	v := ArtifactVerdict{Path: b.artifact.Path, Outcome: Insufficient, Groups: d.groups(b), Abstained: d.abstained(b, platformVoters)}
	v.Counts = moreThanHalf(len(b.here), len(platformVoters))
	lacking := ""
	switch parties := b.parties(); len(parties) {
	case 0:
	case 1:
		var ok bool
		if ok, lacking = d.policy.met(b.votes[parties[0]]); ok {
			v.Outcome, v.Counts = Agreed, len(b.here) > 0
		}
	default:
		v.Outcome, v.Counts = Disputed, len(b.here) > 0
		if d.overruled(b) {
			v.Outcome = Agreed
		}
	}
	v.Grounds = artifactGrounds(v, b.artifact.Set, lacking)
	return v
}

// overruled reports whether the policy lets a majority agree although somebody dissents.
func (d *decision) overruled(b ballot) bool {
	if d.policy.Dissent != ReportDissent {
		return false
	}
	all := len(b.voters())
	for g, group := range b.votes {
		ok, _ := d.policy.met(group)
		if ok && moreThanHalf(len(group), all) && !d.vetoed(b, g) {
			return true
		}
	}
	return false
}

// vetoed reports whether a person with a veto votes for another group than g.
func (d *decision) vetoed(b ballot, g int) bool {
	for other, group := range b.votes {
		for _, name := range d.policy.Vetoes {
			if other != g && group[pinned(name)] {
				return true
			}
		}
	}
	return false
}

func moreThanHalf(n, of int) bool { return n > 0 && 2*n > of }

// abstained returns the platform's voters who have no voice on the artifact.
func (d *decision) abstained(b ballot, platformVoters map[string]bool) []string {
	silent := map[string]bool{}
	voting := b.voters()
	for _, people := range []map[string]bool{platformVoters, b.split} {
		for person := range people {
			if !voting[person] {
				silent[person] = true
			}
		}
	}
	return d.shown(silent)
}

// groups puts names to an artifact's groups: most voters first, then most statements, then digest.
func (d *decision) groups(b ballot) []GroupVerdict {
	out := make([]GroupVerdict, 0, len(b.artifact.Groups))
	size := map[string]int{}
	for g, group := range b.artifact.Groups {
		v := GroupVerdict{Digest: group.Digest, Voters: d.shown(b.votes[g])}
		named := map[string]bool{}
		for _, name := range v.Voters {
			named[name] = true
		}
		v.Others = d.signersOf(group.Statements, named)
		v.Claims = d.signersOf(group.Claims, named)
		size[string(group.Digest[:])] = len(group.Statements) + len(group.Claims)
		out = append(out, v)
	}
	slices.SortFunc(out, func(x, y GroupVerdict) int {
		return cmp.Or(cmp.Compare(len(y.Voters), len(x.Voters)),
			cmp.Compare(size[string(y.Digest[:])], size[string(x.Digest[:])]), slices.Compare(x.Digest[:], y.Digest[:]))
	})
	return out
}

// signersOf returns the sorted shown names of statements that are not in named yet, and adds them to it.
func (d *decision) signersOf(indexes []int, named map[string]bool) []string {
	out := []string{}
	for _, i := range indexes {
		name := d.signer(i)
		if !named[name] {
			named[name] = true
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// signer is the shown name of a statement's signer, never empty: an assertion without a signer's directory is called by its path.
func (d *decision) signer(i int) string {
	return cmp.Or(d.speakers[i].Signer, d.c.Statements[i].Path)
}
