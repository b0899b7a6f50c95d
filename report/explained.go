package report

import (
	"slices"
	"strings"
	"time"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/verify"
)

// Explained is why the signers of a release differ. Slices are never null.
type Explained struct {
	Index     bool                `json:"index"`   // the whole history of the repository was at hand
	History   bool                `json:"history"` // replaced and removed assertions were asked too
	Platforms []ExplainedPlatform `json:"platforms"`
}

// ExplainedPlatform is why the signers of one platform differ.
type ExplainedPlatform struct {
	Platform string             `json:"platform"`
	Release  string             `json:"release"` // directory
	Agreed   []string           `json:"agreed"`  // files in which all who list them agree
	Oddities []ExplainedOddity  `json:"oddities"`
	Splits   []ExplainedSplit   `json:"splits"`
	Subjects []ExplainedSubject `json:"subjects"` // own builds, and the assertion that was asked for
}

// ExplainedOddity is one assertion that does not fit its neighbours.
type ExplainedOddity struct {
	Member Member `json:"member"`
	Cause  Cause  `json:"cause"`
}

// ExplainedSplit is files that divide the signers alike.
type ExplainedSplit struct {
	Artifacts []string         `json:"artifacts"`
	Class     string           `json:"class"`
	Groups    []ExplainedGroup `json:"groups"`
	Pairs     []ExplainedPair  `json:"pairs"`
}

// ExplainedGroup is everyone who got the same files.
type ExplainedGroup struct {
	Letter      string      `json:"letter"`
	Signers     []string    `json:"signers"`
	Members     []Member    `json:"members"`
	Digests     []string    `json:"sha256"`             // one per artifact of the split
	Earlier     bool        `json:"earlier"`            // all of them were replaced or removed since
	Claimed     bool        `json:"claimed"`            // nothing of it is verified
	Environment Environment `json:"environment"`        // the oldest of its members'
	Newest      Environment `json:"newest_environment"` // the newest
}

// Member is one assertion of a group.
type Member struct {
	Signer   string      `json:"signer"`
	Path     string      `json:"path,omitempty"`
	Digest   sigs.Digest `json:"sha256"`
	Blob     string      `json:"blob,omitempty"` // git id of its content
	Commit   string      `json:"commit,omitempty"`
	Came     time.Time   `json:"came,omitzero"`
	Replaced time.Time   `json:"replaced,omitzero"` // or removed
	Removed  bool        `json:"removed,omitempty"` // nothing took its place
	Verified bool        `json:"verified"`
	Bad      bool        `json:"bad_signature,omitempty"` // what it says is nobody's word: its signature is bad, or none
	Own      bool        `json:"own"`
}

// Environment is about when a build environment was put together.
type Environment struct {
	After    time.Time `json:"after,omitzero"`
	Before   time.Time `json:"before,omitzero"`
	Mixed    bool      `json:"mixed"` // its packages contradict each other
	AfterBy  *Witness  `json:"after_by,omitempty"`
	BeforeBy *Witness  `json:"before_by,omitempty"`
}

// Witness is the package that sets one end of an environment's time.
type Witness struct {
	Suite     string    `json:"suite"`
	Package   string    `json:"package"`
	Version   string    `json:"version"`
	Successor string    `json:"successor,omitempty"` // the newer version it lacks
	Seen      time.Time `json:"seen"`
}

// ExplainedPair is two groups and what tells them apart.
type ExplainedPair struct {
	A             string       `json:"a"` // letters
	B             string       `json:"b"`
	Causes        []Cause      `json:"causes"` // most likely first
	Candidates    int          `json:"candidates"`
	Same          []string     `json:"same"`
	Exonerated    []Exonerated `json:"exonerated"`
	DirectionDays int          `json:"direction_days"` // how much older all of B's environments are than A's at the least; negative: newer; 0: unknown, or the windows overlap
	OneToOne      bool         `json:"one_to_one"`
	Resigned      []string     `json:"resigned"`        // who stand in both at different times
	Later         string       `json:"later,omitempty"` // the group they are in now
}

// Cause is one ranked explanation. It is a lead, not a proof.
type Cause struct {
	ID         string     `json:"id"`
	Confidence int        `json:"confidence"` // per cent
	Word       string     `json:"word"`
	Title      string     `json:"title"`
	Artifacts  []string   `json:"artifacts"`
	Evidence   []Evidence `json:"evidence"`
	Concerns   []string   `json:"concerns"`
	Advice     []Advice   `json:"advice"`
	Claimed    bool       `json:"claimed"` // it rests on assertions that are not verified
}

// Evidence is one difference, or observation, that speaks for a cause.
type Evidence struct {
	Kind    string   `json:"kind"`
	Factor  string   `json:"factor"`
	Suite   string   `json:"suite,omitempty"`
	A       []string `json:"a"`
	B       []string `json:"b"`
	Names   []string `json:"names"`
	Who     []string `json:"who"`
	Text    string   `json:"text"`
	Doubt   string   `json:"doubt,omitempty"`
	Weight  float64  `json:"weight"`
	Claimed bool     `json:"claimed"`
}

// Advice is one imperative sentence and whom it is for.
type Advice struct {
	Remedy string   `json:"remedy"`
	To     []string `json:"to"` // empty: the reader
	Do     string   `json:"do"`
	Like   string   `json:"like,omitempty"`
	About  string   `json:"about,omitempty"`
}

// Exonerated is what differs and cannot be the cause.
type Exonerated struct {
	Kind  string   `json:"kind"`
	Names []string `json:"names"`
	Suite string   `json:"suite,omitempty"`
	By    []string `json:"by"` // signers who show it
}

// ExplainedSubject is one build explained against every group.
type ExplainedSubject struct {
	Subject  Member           `json:"subject"`
	Matches  []string         `json:"matches"`
	Harmless []Evidence       `json:"harmless"` // differences that turned out not to matter
	Oddities []Cause          `json:"oddities"`
	Splits   []ExplainedSplit `json:"splits"`
}

// NewExplained makes the report's form of an explanation.
func NewExplained(e verify.Explanation, index, history bool) *Explained {
	out := &Explained{Index: index, History: history, Platforms: []ExplainedPlatform{}}
	for _, p := range e.Platforms {
		platform := ExplainedPlatform{Platform: p.Platform, Release: p.Release, Agreed: full(p.Agreed), Oddities: []ExplainedOddity{}, Subjects: []ExplainedSubject{}}
		for _, o := range p.Oddities {
			platform.Oddities = append(platform.Oddities, ExplainedOddity{memberOf(p.Members[o.Member]), causeOf(o.Cause)})
		}
		platform.Splits = explainedSplits(p.Splits, p.Members)
		for _, s := range p.Subjects {
			platform.Subjects = append(platform.Subjects, ExplainedSubject{memberOf(s.Subject), full(s.Matches), each(s.Harmless, evidenceOf), each(s.Oddities, causeOf), explainedSplits(s.Splits, s.Members)})
		}
		out.Platforms = append(out.Platforms, platform)
	}
	return out
}

// each applies f to every element; the result is never nil.
func each[T, U any](list []T, f func(T) U) []U {
	out := make([]U, len(list))
	for i, x := range list {
		out[i] = f(x)
	}
	return out
}

func explainedSplits(splits []verify.Split, members []verify.Observation) []ExplainedSplit {
	return each(splits, func(s verify.Split) ExplainedSplit {
		out := ExplainedSplit{Artifacts: full(s.Artifacts), Class: string(s.Class), Groups: []ExplainedGroup{}, Pairs: []ExplainedPair{}}
		for i, g := range s.Groups {
			out.Groups = append(out.Groups, ExplainedGroup{verify.GroupLetter(i), full(g.Signers), each(g.Members, func(m int) Member { return memberOf(members[m]) }),
				full(g.Digests), g.Earlier, g.Claimed, environmentOf(g.Environment), environmentOf(g.Newest)})
		}
		for _, p := range s.Pairs {
			pair := ExplainedPair{A: verify.GroupLetter(p.A), B: verify.GroupLetter(p.B), Causes: each(p.Causes, causeOf), Candidates: p.Candidates, Same: full(p.Same), Exonerated: []Exonerated{},
				DirectionDays: int(p.Direction.Round(24*time.Hour) / (24 * time.Hour)), OneToOne: p.OneToOne, Resigned: full(p.Resigned)}
			for _, e := range p.Exonerated {
				pair.Exonerated = append(pair.Exonerated, Exonerated{string(e.Kind), full(e.Names), e.Suite, full(e.By)})
			}
			if len(p.Resigned) > 0 && p.Later != 0 {
				pair.Later = map[int]string{-1: pair.A, 1: pair.B}[p.Later]
			}
			out.Pairs = append(out.Pairs, pair)
		}
		return out
	})
}

func memberOf(o verify.Observation) Member {
	return Member{Signer: o.Signer, Path: o.Path, Digest: o.Sum, Blob: o.Blob, Commit: o.Commit, Came: o.Time.UTC(), Replaced: o.Until.UTC(), Verified: o.Verified, Own: o.Own}
}

func environmentOf(e verify.Environment) Environment {
	out := Environment{After: e.After, Before: e.Before, Mixed: e.Mixed}
	witness := func(w verify.Witness) *Witness {
		if w.Package == "" {
			return nil
		}
		return &Witness{w.Suite, w.Package, w.Version, w.Successor, w.Seen}
	}
	out.AfterBy, out.BeforeBy = witness(e.AfterBy), witness(e.BeforeBy)
	return out
}

func causeOf(c verify.Cause) Cause {
	return Cause{string(c.ID), c.Confidence.Percent(), c.Word(), c.Title, full(c.Artifacts), each(c.Evidence, evidenceOf), full(c.Concerns),
		each(c.Advice, func(a verify.Advice) Advice { return Advice{string(a.Remedy), full(a.To), a.Do, a.Like, a.About} }), c.Claimed}
}

func evidenceOf(e verify.Evidence) Evidence {
	return Evidence{string(e.Kind), e.Factor, e.Suite, full(e.A), full(e.B), full(e.Names), full(e.Who), e.Text, e.Doubt, e.Weight, e.Claimed}
}

// Each calls f for every assertion of an explanation, so that more can be noted about it.
func (e *Explained) Each(f func(*Member)) {
	splits := func(all []ExplainedSplit) {
		for i := range all {
			for j := range all[i].Groups {
				for k := range all[i].Groups[j].Members {
					f(&all[i].Groups[j].Members[k])
				}
			}
		}
	}
	for i := range e.Platforms {
		p := &e.Platforms[i]
		splits(p.Splits)
		for j := range p.Oddities {
			f(&p.Oddities[j].Member)
		}
		for j := range p.Subjects {
			f(&p.Subjects[j].Subject)
			splits(p.Subjects[j].Splits)
		}
	}
}

// whole reports whether an explanation that was read has everything that one that was made has: members in every group, pairs in
// every split, causes in every pair, evidence for every cause. No explanation is whole.
func (e *Explained) whole() bool {
	if e == nil {
		return true
	}
	for _, p := range e.Platforms {
		splits := slices.Clone(p.Splits)
		for _, o := range p.Oddities {
			if len(o.Cause.Evidence) == 0 {
				return false
			}
		}
		for _, s := range p.Subjects {
			splits = append(splits, s.Splits...)
		}
		if slices.ContainsFunc(splits, func(s ExplainedSplit) bool { return !s.whole() }) {
			return false
		}
	}
	return true
}

func (s ExplainedSplit) whole() bool {
	if len(s.Groups) == 0 || len(s.Pairs) == 0 || slices.ContainsFunc(s.Groups, func(g ExplainedGroup) bool { return len(g.Members) == 0 || !isLetter(g.Letter) }) {
		return false
	}
	return !slices.ContainsFunc(s.Pairs, func(p ExplainedPair) bool {
		return !isLetter(p.A) || !isLetter(p.B) || p.Later != "" && !isLetter(p.Later) || len(p.Causes) == 0 || slices.ContainsFunc(p.Causes, func(c Cause) bool { return len(c.Evidence) == 0 }) ||
			slices.ContainsFunc(p.Exonerated, func(e Exonerated) bool { return len(e.Names) == 0 })
	})
}

// isLetter reports whether a text is what a group is called: A, B1.
func isLetter(s string) bool {
	return s != "" && len(s) < 8 && s[0] >= 'A' && s[0] <= 'Z' && strings.Trim(s[1:], "0123456789") == ""
}

// Only keeps what concerns one signer: the splits he stands in, and of these the pairs of his groups.
func (e *Explained) Only(signer string) {
	for i := range e.Platforms {
		p := &e.Platforms[i]
		p.Oddities = slices.DeleteFunc(p.Oddities, func(o ExplainedOddity) bool { return o.Member.Signer != signer })
		p.Splits = slices.DeleteFunc(p.Splits, func(s ExplainedSplit) bool { return !slices.ContainsFunc(s.Groups, hasSigner(signer)) })
		for j := range p.Splits {
			s := &p.Splits[j]
			if slices.Contains(s.Groups[0].Signers, signer) {
				continue // everybody else is compared with his group
			}
			s.Pairs = slices.DeleteFunc(s.Pairs, func(p ExplainedPair) bool {
				return !slices.ContainsFunc(s.Groups, func(g ExplainedGroup) bool {
					return (g.Letter == p.A || g.Letter == p.B) && hasSigner(signer)(g)
				})
			})
		}
	}
}

func hasSigner(signer string) func(ExplainedGroup) bool {
	return func(g ExplainedGroup) bool { return slices.Contains(g.Signers, signer) }
}
