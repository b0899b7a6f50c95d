package verify

import (
	"time"

	"github.com/gverify/gverify/sigs"
)

// DefaultThreshold is how many persons must agree where nobody says otherwise.
const DefaultThreshold = 3

// Policy says who votes and what suffices. The zero Policy is met by nobody.
type Policy struct {
	Name         string
	Threshold    int           // distinct persons that must agree; 0 is met by nobody
	Groups       []GroupRule   // each must be met too
	Required     []string      // pinned names that must agree
	Vetoes       []string      // pinned names whose dissent disputes whatever Dissent says
	Accept       []sigs.Status // statuses that vote; nil: good, key expired since, key superseded since
	RefuseLabels []sigs.Label  // labels that take the vote away
	Dissent      Dissent
	BadSignature BadSignature
	Pins         []Pin
	AnyGiven     bool // every key the user gave is a person of its own, and no other key votes (policy "any"); Pins still name them
}

// GroupRule asks for at least AtLeast of the named persons.
type GroupRule struct {
	Name    string
	AtLeast int
	Of      []string
}

// Pin is a person whose voice counts.
type Pin struct {
	Name         string
	Fingerprints []string  // primary keys, upper-case hexadecimal, full length
	Aliases      []string  // other directory names he signs under
	From, Until  time.Time // signatures made outside do not vote; zero: unlimited
}

// Dissent says what a dissenting voter does to a majority.
type Dissent string

const (
	RefuseDissent Dissent = "refuse" // two groups of voters are a dispute; the default, also when empty
	ReportDissent Dissent = "report" // a group with the threshold and more than half of the voters agrees all the same
)

// BadSignature says what a bad signature does to the outcome.
type BadSignature string

const (
	ReportBadSignature BadSignature = "report" // a finding; the default, also when empty
	RefuseBadSignature BadSignature = "refuse" // the release is disputed
)

// AnyPolicy is the built-in policy "any": every good signature by a key the user gave is a voice of its own. The pins only name
// people and keep them apart: nobody vetted these keys, and a finding says so.
func AnyPolicy(pins []Pin) Policy {
	return Policy{Name: "any", Threshold: DefaultThreshold, Pins: pins, AnyGiven: true}
}

// accepts reports whether signatures of a status may vote.
func (p Policy) accepts(status sigs.Status) bool {
	accepted := p.Accept
	if accepted == nil {
		accepted = []sigs.Status{sigs.Good, sigs.KeyExpiredSince, sigs.KeySuperseded}
	}
	for _, s := range accepted {
		if s == status {
			return mayVote(status)
		}
	}
	return false
}

// votable are the statuses a policy may accept: in all of them the mathematics hold and nobody took the key back.
var votable = []sigs.Status{sigs.Good, sigs.KeyExpiredSince, sigs.KeySuperseded, sigs.ExpiredAtSigning, sigs.SignatureExpired}

func mayVote(status sigs.Status) bool {
	for _, s := range votable {
		if s == status {
			return true
		}
	}
	return false
}

// met reports whether the given persons suffice, by name, and what is lacking where they do not.
func (p Policy) met(persons map[string]bool) (ok bool, lacking string) {
	if p.Threshold < 1 {
		return false, "the policy sets no threshold, so nobody can meet it"
	}
	if len(persons) < p.Threshold {
		return false, plural(p.Threshold, "voting signer is", "voting signers are") + " needed"
	}
	for _, name := range p.Required {
		if !persons[pinned(name)] {
			return false, name + " is required"
		}
	}
	for _, g := range p.Groups {
		n := 0
		for _, name := range distinct(g.Of) {
			if persons[pinned(name)] {
				n++
			}
		}
		if n < g.AtLeast || g.AtLeast < 1 {
			return false, "group " + g.Name + " needs " + plural(g.AtLeast, "person", "persons") + " and has " + itoa(n)
		}
	}
	return true, ""
}
