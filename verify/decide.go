package verify

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/gverify/gverify/sigs"
)

// decision is one run of [Policy.Decide].
type decision struct {
	policy   Policy
	c        Comparison
	q        Question
	roll     roll
	speakers []speaker
	names    map[string]string // identity of a voter → shown name
	own      ownFiles
	splits   bundles // disputed artifacts by the way their signers split
	rest     bundles // artifacts listed by too few, or not by all
}

// Decide applies the policy. It fails only where the policy or question contradicts itself or an own build shares no artifact
// with the release.
func (p Policy) Decide(c Comparison, q Question) (Verdict, error) {
	if err := p.consistent(); err != nil {
		return Verdict{}, fmt.Errorf("policy %s: %w", p.Name, err)
	}
	if len(c.homes) != len(c.Statements) { // not made by Compare
		c.homes = homesOf(c.Statements)
	}
	d := &decision{policy: p, c: c, q: q, roll: newRoll(p.Pins)}
	if err := d.checkQuestion(); err != nil {
		return Verdict{}, err
	}
	var err error
	if d.own, err = readOwn(c, q.Own); err != nil {
		return Verdict{}, err
	}
	d.listen()
	v := Verdict{Version: c.Version}
	for _, sp := range d.speakers {
		v.Voices = append(v.Voices, sp.Voice)
	}
	for _, platform := range c.Platforms {
		v.Platforms = append(v.Platforms, d.platform(platform))
	}
	v.Platforms = append(v.Platforms, d.absent()...)
	slices.SortStableFunc(v.Platforms, func(a, b PlatformVerdict) int { return strings.Compare(a.Name, b.Name) })
	d.ask(&v)
	v.Outcome, v.Grounds = d.outcome(v.Platforms)
	sumOwn(&v)
	v.Findings = d.allFindings(v)
	return v, nil
}

// checkQuestion refuses platforms that are neither there nor due.
func (d *decision) checkQuestion() error {
	var there []string
	for _, p := range d.c.Platforms {
		there = append(there, p.Name)
	}
	there = append(there, d.q.Due...)
	slices.Sort(there)
	there = slices.Compact(there)
	for _, asked := range d.q.Platforms {
		if slices.Contains(there, asked) {
			continue
		}
		if len(there) == 0 {
			return fmt.Errorf("no platform %q: nobody has attested anything for %s", asked, d.c.Version)
		}
		return fmt.Errorf("no platform %q in %s, there are %s", asked, d.c.Version, quoted(there))
	}
	return nil
}

// listen finds out who speaks in every statement and whether it counts.
func (d *decision) listen() {
	for i, s := range d.c.Statements {
		d.speakers = append(d.speakers, d.speakerOf(i, s))
	}
	d.bind()
	d.nameVoters()
	for i := range d.speakers {
		sp := &d.speakers[i]
		if sp.Votes = sp.person != ""; sp.Votes {
			sp.Signer, sp.Why = d.names[sp.person], ""
		}
	}
}

// nameVoters gives every voter one shown name: a pinned person's name, else the first directory name of the key. Two keys filed
// under one name, or under a pinned person's, are told apart by the end of their fingerprints.
func (d *decision) nameVoters() {
	d.names = map[string]string{}
	taken := map[string]bool{}
	for _, sp := range d.speakers {
		if sp.person != "" && sp.pin != nil {
			d.names[sp.person] = sp.pin.Name
			taken[sp.pin.Name] = true
		}
	}
	for i, sp := range d.speakers {
		if sp.person == "" || d.names[sp.person] != "" {
			continue
		}
		name := d.c.Statements[i].Signer
		if name == "" || taken[name] {
			name = withKey(name, sp.Fingerprint)
		}
		if taken[name] {
			name = sp.Fingerprint
		}
		d.names[sp.person], taken[name] = name, true
	}
}

// shown returns the sorted names of voters.
func (d *decision) shown(persons map[string]bool) []string {
	out := make([]string, 0, len(persons))
	for person := range persons {
		out = append(out, d.names[person])
	}
	slices.Sort(out)
	return out
}

// absent returns a verdict for every platform that is due and not there at all.
func (d *decision) absent() []PlatformVerdict {
	var out []PlatformVerdict
	for _, name := range distinct(d.q.Due) {
		if slices.ContainsFunc(d.c.Platforms, func(p Platform) bool { return p.Name == name }) {
			continue
		}
		out = append(out, PlatformVerdict{Name: name, Outcome: Insufficient, Grounds: "nobody has attested this platform"})
	}
	return out
}

// ask marks which platforms are due and which count: the ones asked for, else those that are due or have a vote. What builders
// list under a name of their own is compared with the rest, but is no further platform.
func (d *decision) ask(v *Verdict) {
	for i := range v.Platforms {
		p := &v.Platforms[i]
		p.Due = slices.Contains(d.q.Due, p.Name)
		if len(d.q.Platforms) > 0 {
			p.Asked = slices.Contains(d.q.Platforms, p.Name)
		} else {
			p.Asked = p.Due || len(p.Voters) > 0 && !p.Foreign || p.Outcome == Disputed
		}
	}
	d.excuseTwins(v.Platforms)
}

// excuseTwins takes voteless platforms out of the question where another of the same name has votes (a guix assertion called
// as a gitian platform): else anyone could add one.
func (d *decision) excuseTwins(platforms []PlatformVerdict) {
	for i := range platforms {
		p := &platforms[i]
		if len(p.Voters) > 0 || p.Outcome == Disputed {
			continue
		}
		for j := range platforms {
			if i != j && platforms[j].Name == p.Name && len(platforms[j].Voters) > 0 {
				p.Asked = false
			}
		}
	}
}

// outcome is the worst of the platforms that count, with its grounds.
func (d *decision) outcome(platforms []PlatformVerdict) (Outcome, string) {
	var asked []PlatformVerdict
	for _, p := range platforms {
		if p.Asked {
			asked = append(asked, p)
		}
	}
	if len(d.policy.Pins) == 0 && !d.policy.AnyGiven {
		return Insufficient, "no signer is pinned, so nobody's voice counts"
	}
	if len(asked) == 0 {
		return Insufficient, "nobody whose voice counts has attested " + d.c.Version
	}
	o := Agreed
	for _, p := range asked {
		o = worse(o, p.Outcome)
	}
	return o, releaseGrounds(o, asked)
}

// bySeverity sorts findings: alarms, then warnings, then notes; within one severity the order stays.
func bySeverity(findings []sigs.Finding) {
	rank := map[sigs.Severity]int{sigs.Alarm: 0, sigs.Warning: 1, sigs.Note: 2}
	slices.SortStableFunc(findings, func(a, b sigs.Finding) int { return cmp.Compare(rank[a.Severity], rank[b.Severity]) })
}
