package verify

import (
	"slices"
	"strings"
	"time"

	"github.com/gverify/gverify/sigs"
)

// speaker is who speaks in one statement, found out step by step: by the signatures, by the directory it is filed under, by its
// tie to the version.
type speaker struct {
	Voice
	person string // identity of a voter: pinned(name) or given(fingerprint); empty: no vote so far
	pin    *Pin   // of the voting signature, else of the first valid signature by a pinned key
	also   []string
	tie    tie
	lost   bool // the vote was lost for want of a tie

	owner    *Pin   // pinned person the directory names, if he is another
	foreign  *Pin   // pinned person the directory names, where the key that signed is nobody's that is pinned
	signedBy string // who signed instead
}

// pinned and given are the identities of voters. They cannot be equal, whatever a pin is called.
func pinned(name string) string       { return "pin " + name }
func given(fingerprint string) string { return "key " + fingerprint }

// roll looks pins up.
type roll struct {
	byKey  map[string]*Pin
	byName map[string]*Pin // names and aliases
	byFold map[string]*Pin
}

func newRoll(pins []Pin) roll {
	r := roll{map[string]*Pin{}, map[string]*Pin{}, map[string]*Pin{}}
	for i := range pins {
		pin := &pins[i]
		for _, fpr := range pin.Fingerprints {
			r.byKey[fpr] = pin
		}
		for _, name := range append([]string{pin.Name}, pin.Aliases...) {
			r.byName[name] = pin
			r.byFold[strings.ToLower(name)] = pin
		}
	}
	return r
}

// candidate is a signature that may vote.
type candidate struct {
	person      string
	pin         *Pin
	fingerprint string
}

// name is what a candidate is called: his pinned name, else his key's fingerprint.
func (c candidate) name() string {
	if c.pin != nil {
		return c.pin.Name
	}
	return c.fingerprint
}

// speakerOf finds out who speaks in a statement. Of several signatures the best one that votes decides, so that nobody silences
// a voter by signing beside him; where several voters signed, the one the directory names speaks, else the first.
func (d *decision) speakerOf(i int, s *sigs.Statement) speaker {
	sp := speaker{Voice: Voice{Statement: i, Platform: d.c.homes[i].name, Signer: s.Signer}}
	var voting []candidate
	for _, sig := range s.Signatures() {
		c, why := d.judge(sig)
		switch {
		case why != "":
			if sp.Why == "" || sp.pin == nil && c.pin != nil {
				sp.Why = why
			}
			if sp.pin == nil {
				sp.pin = c.pin
			}
		case !slices.ContainsFunc(voting, func(o candidate) bool { return o.person == c.person }):
			voting = append(voting, c)
		}
	}
	if len(voting) > 0 {
		d.elect(&sp, voting)
	}
	if sp.pin != nil {
		sp.Person, sp.Signer = sp.pin.Name, sp.pin.Name
	}
	owner := d.roll.byName[s.Signer]
	if best := s.Best(); owner != nil && sp.pin == nil && sp.person == "" && best.Valid() && isFingerprint(best.Primary) {
		sp.foreign, sp.Signer = owner, withKey(s.Signer, best.Primary)
	}
	if owner != nil && owner != sp.pin && sp.person != "" {
		sp.owner, sp.signedBy = owner, d.called(sp)
		sp.refuse("it is filed under the name of " + owner.Name + ", but " + sp.signedBy + " signed it")
	}
	if s.Unparsed != "" && sp.person != "" {
		sp.refuse("its content was not read: " + s.Unparsed)
	}
	return sp
}

// elect chooses among the voters who signed one assertion.
func (d *decision) elect(sp *speaker, voting []candidate) {
	chosen := voting[0]
	for _, c := range voting {
		if c.pin != nil && c.pin == d.roll.byName[sp.Signer] {
			chosen = c
			break
		}
	}
	for _, c := range voting {
		if c.person != chosen.person {
			sp.also = append(sp.also, c.name())
		}
	}
	sp.person, sp.pin, sp.Fingerprint, sp.Why = chosen.person, chosen.pin, chosen.fingerprint, ""
}

// refuse takes the vote away, for good.
func (sp *speaker) refuse(why string) {
	sp.person, sp.Fingerprint, sp.Why = "", "", why
}

// withKey is a directory's name, told apart from the person it names by the end of the key that signed.
func withKey(name, fingerprint string) string {
	return strings.TrimLeft(name+" ", " ") + "(key …" + fingerprint[len(fingerprint)-16:] + ")"
}

// called names a speaker who may be no pinned person.
func (d *decision) called(sp speaker) string {
	if sp.pin != nil {
		return sp.pin.Name
	}
	return "key " + sp.Fingerprint
}

// judge says whose signature this is and why it does not vote; an empty why means that it does.
func (d *decision) judge(sig sigs.Signature) (c candidate, why string) {
	if !sig.Valid() {
		if sig.Status == sigs.Missing {
			return c, "nobody signed it"
		}
		return c, "its signature is not verified: " + string(sig.Status)
	}
	if isFingerprint(sig.Primary) {
		c.fingerprint = sig.Primary
		c.pin = d.roll.byKey[sig.Primary]
	}
	switch {
	case c.fingerprint == "":
		return c, "its key has no full fingerprint"
	case d.policy.AnyGiven && !sig.Given:
		return c, "its key was not given with --keys"
	case !d.policy.AnyGiven && c.pin == nil:
		return c, "its key is not pinned"
	case !d.policy.accepts(sig.Status):
		return c, "the policy does not accept its signature: " + string(sig.Status)
	case c.pin != nil && !c.pin.covers(sig.Created):
		return c, "it was signed outside the dates for which " + c.pin.Name + " is pinned"
	}
	for _, label := range sig.Labels {
		if slices.Contains(d.policy.RefuseLabels, label) {
			return c, "the policy refuses its signature: " + string(label)
		}
	}
	c.person = given(c.fingerprint)
	if c.pin != nil {
		c.person = pinned(c.pin.Name)
	}
	return c, ""
}

// covers reports whether a signature of the given date may vote. A pin with dates covers no signature without one.
func (p *Pin) covers(created time.Time) bool {
	if p.From.IsZero() && p.Until.IsZero() {
		return true
	}
	return !created.IsZero() && !created.Before(p.From) && (p.Until.IsZero() || !created.After(p.Until))
}
