package verify

import (
	"cmp"
	"fmt"
	"path"
	"slices"

	"github.com/gverify/gverify/sigs"
)

// Standing says how a file stands to what the builders of a release attest. The zero Standing is nobody's word.
type Standing int

const (
	Unattested       Standing = iota // nobody attests its bytes, or anything under its name
	OfAnotherVersion                 // its name is that of another version, whoever attests its bytes
	Contradicted                     // under its name other bytes are attested
	Renamed                          // its bytes are attested, under another name only
	Attested                         // its bytes are attested under its name
)

var standingNames = [...]string{Unattested: "not attested", OfAnotherVersion: "of another version", Contradicted: "contradicted", Renamed: "renamed", Attested: "attested"}

// String returns the stable name, such as "attested" or "contradicted".
func (s Standing) String() string { return nameOf(standingNames[:], int(s)) }

// MarshalText returns the stable name; a value that has none is an error.
func (s Standing) MarshalText() ([]byte, error) {
	return marshalName("standing", standingNames[:], int(s))
}

// UnmarshalText reads a stable name.
func (s *Standing) UnmarshalText(text []byte) error {
	i, err := parseName("standing", standingNames[:], string(text))
	*s = Standing(i)
	return err
}

// File is a file that somebody holds.
type File struct {
	Name     string // as the user or a list calls it; empty: it has none and is looked for by its digest only
	Attested string // path under which the builders attest a file of this name, if the project says so: else empty
	Digest   sigs.Digest
}

// FileVerdict is the answer to "has anyone built this file?".
type FileVerdict struct {
	Standing  Standing
	Outcome   Outcome        // agreed only if voters who suffice attest its bytes and no voter attests others in their place
	Grounds   string         // one sentence
	Paths     []string       // attested paths that it was compared with, sorted
	Platforms []string       // on which these are, sorted
	Elsewhere []string       // where a contradicted file's bytes are attested instead, sorted
	Same      GroupVerdict   // everybody who attests its bytes, over all platforms
	Against   []GroupVerdict // everybody who attests other bytes in their place, most voters first
	Own       Own            // the user's own build and the signers, on these paths
	Built     []sigs.Digest  // by the user's own build, on these paths
}

// place is one artifact that a file is compared with, of one platform.
type place struct {
	Platform string
	Artifact ArtifactVerdict
	refused  string // why the policy disputes the platform as a whole, empty: it does not
}

// File answers for one file. Its name decides what it is compared with, and its digest whether it is that: a name is the whole
// path of an artifact, or the last element of one (a download keeps no directory), or what the project's rule says, or an artifact's
// whose builders shortened the release's version; never a part of a name. A file whose name is nobody's is looked for by its digest,
// and if its name is another version's it is never agreed: it would pass an old release off as a new one.
func (v Verdict) File(f File) FileVerdict {
	named, same := v.places(f)
	switch {
	case len(named) > 0:
		return judgeFile(f, Attested, named, same)
	case len(same) > 0 && f.Name == "":
		return judgeFile(f, Attested, same, nil)
	case len(same) > 0:
		if carried, ok := foreign(f.Name, v.Version, same); ok {
			return ofAnother(judgeFile(f, Renamed, same, nil), carried, v.Version)
		}
		return judgeFile(f, Renamed, same, nil)
	}
	if carried, ok := sigs.NamesVersion(f.Name); ok && !sigs.SameVersion(carried, v.Version) && !isStem(carried, v.Version) {
		return FileVerdict{Standing: OfAnotherVersion, Outcome: Insufficient,
			Grounds: fmt.Sprintf("its name says %s, and nobody attests it for %s", carried, v.Version)}
	}
	return FileVerdict{Standing: Unattested, Outcome: Insufficient, Grounds: "nobody attests a file of this name, or these bytes under any name"}
}

// places finds the artifacts of a file's name, and those of its digest. The most exact kind of name that there is counts: an
// artifact of the whole name, else what the rule says, else artifacts whose last element is the name, else those that it is but for
// the version, see [isLonger]. One that nobody with a vote
// lists hides no other: anyone could add it. Of several such artifacts (32/daemon and 64/daemon) those that are the file itself
// count, if there are any.
func (v Verdict) places(f File) (named, same []place) {
	var exact, ruled, last, longer []place
	for _, p := range v.Platforms {
		refused := ""
		if p.Outcome == Disputed && worstOf(p.Artifacts) != Disputed {
			refused = p.Grounds
		}
		for _, a := range p.Artifacts {
			place := place{p.Name, a, refused}
			if place.group(f.Digest) >= 0 {
				same = append(same, place)
			}
			switch {
			case f.Name == "":
			case a.Path == f.Name:
				exact = append(exact, place)
			case a.Path == f.Attested:
				ruled = append(ruled, place)
			case path.Base(a.Path) == path.Base(f.Name):
				last = append(last, place)
			case isLonger(path.Base(f.Name), path.Base(a.Path), v.Version):
				longer = append(longer, place)
			}
		}
	}
	kinds := [][]place{exact, ruled, last, longer}
	i := slices.IndexFunc(kinds, func(kind []place) bool { return slices.ContainsFunc(kind, place.voiced) })
	if i < 0 {
		i = slices.IndexFunc(kinds, func(kind []place) bool { return len(kind) > 0 })
	}
	if i < 0 {
		return nil, same
	}
	return thisFile(kinds[i], f.Digest), same
}

// voiced reports whether anybody's voice counts at a place.
func (p place) voiced() bool {
	return slices.ContainsFunc(p.Artifact.Groups, func(g GroupVerdict) bool { return len(g.Voters) > 0 })
}

// thisFile narrows places to the paths at which a voter attests the digest; where none does, all stay.
func thisFile(places []place, digest sigs.Digest) []place {
	paths := map[string]bool{}
	for _, p := range places {
		if i := p.group(digest); i >= 0 && len(p.Artifact.Groups[i].Voters) > 0 {
			paths[p.Artifact.Path] = true
		}
	}
	if len(paths) == 0 {
		return places
	}
	return slices.DeleteFunc(slices.Clone(places), func(p place) bool { return !paths[p.Artifact.Path] })
}

// group returns the index of the group that attests a digest, -1 where none does.
func (p place) group(digest sigs.Digest) int {
	return slices.IndexFunc(p.Artifact.Groups, func(g GroupVerdict) bool { return g.Digest == digest })
}

// judgeFile sums up what the places of a file say of its bytes. Elsewhere is where its bytes are, should they not be there.
func judgeFile(f File, standing Standing, places, elsewhere []place) FileVerdict {
	v := FileVerdict{Standing: standing, Outcome: Undecided, Same: GroupVerdict{Digest: f.Digest}}
	against := map[sigs.Digest]*GroupVerdict{}
	found, opposed := false, false
	for _, p := range places {
		v.Paths, v.Platforms = appendOnce(v.Paths, p.Artifact.Path), appendOnce(v.Platforms, p.Platform)
		v.Own = v.Own.and(p.Artifact.Own)
		if p.Artifact.Own != NotRun && !slices.Contains(v.Built, p.Artifact.OwnDigest) {
			v.Built = append(v.Built, p.Artifact.OwnDigest)
		}
		for _, g := range p.Artifact.Groups {
			into := &v.Same
			if g.Digest != f.Digest {
				if against[g.Digest] == nil {
					against[g.Digest] = &GroupVerdict{Digest: g.Digest}
				}
				into = against[g.Digest]
			} else {
				found = true
			}
			into.join(g)
		}
		outcome := p.outcome(f.Digest)
		opposed = opposed || outcome == Disputed
		v.Outcome = better(v.Outcome, outcome)
	}
	if opposed {
		v.Outcome = Disputed
	}
	for _, g := range against {
		v.Against = append(v.Against, *g)
	}
	slices.SortFunc(v.Against, func(x, y GroupVerdict) int {
		return cmp.Or(cmp.Compare(len(y.Voters), len(x.Voters)), cmp.Compare(y.size(), x.size()), slices.Compare(x.Digest[:], y.Digest[:]))
	})
	if !found || len(v.Same.Voters) == 0 && len(v.Against) > 0 && len(v.Against[0].Voters) > 0 {
		v.Standing = Contradicted
		for _, p := range elsewhere {
			if !slices.Contains(v.Paths, p.Artifact.Path) {
				v.Elsewhere = appendOnce(v.Elsewhere, p.Artifact.Path)
			}
		}
	}
	slices.Sort(v.Paths)
	slices.Sort(v.Platforms)
	slices.Sort(v.Elsewhere)
	v.Grounds = v.grounds(f, places)
	return v
}

// outcome says what one place makes of a digest: agreed if its group is the one the policy chose, insufficient if no voter says
// anything, disputed if voters stand behind other bytes or the policy disputes the platform.
func (p place) outcome(digest sigs.Digest) Outcome {
	i, a := p.group(digest), p.Artifact
	switch {
	case p.refused != "", a.Outcome == Disputed:
		return Disputed
	case a.Outcome == Agreed && i == 0:
		return Agreed
	case i >= 0 && len(a.Groups[i].Voters) > 0 && a.Outcome == Insufficient:
		return Insufficient
	}
	for j, g := range a.Groups {
		if j != i && len(g.Voters) > 0 {
			return Disputed
		}
	}
	return Insufficient
}

// better keeps agreement of one platform where others have too few voices: nobody there contradicts it.
func better(a, b Outcome) Outcome {
	if a == Agreed || b == Agreed {
		return Agreed
	}
	return Insufficient
}

// join adds another group's names, each in the best list it has a place in.
func (g *GroupVerdict) join(other GroupVerdict) {
	for _, name := range other.Voters {
		g.Voters = appendOnce(g.Voters, name)
	}
	for _, name := range other.Others {
		g.Others = appendOnce(g.Others, name)
	}
	for _, name := range other.Claims {
		g.Claims = appendOnce(g.Claims, name)
	}
	g.Others = slices.DeleteFunc(g.Others, func(name string) bool { return slices.Contains(g.Voters, name) })
	g.Claims = slices.DeleteFunc(g.Claims, func(name string) bool {
		return slices.Contains(g.Voters, name) || slices.Contains(g.Others, name)
	})
	slices.Sort(g.Voters)
	slices.Sort(g.Others)
	slices.Sort(g.Claims)
}
