package verify

import (
	"time"

	"github.com/gverify/gverify/sigs"
)

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
	AnyGiven     bool // every key the user gave is a person of its own (policy "any"); Pins still name them
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

// ParsePolicy reads a policy file: strict YAML, unknown fields refused.
func ParsePolicy(data []byte) (Policy, error) { return Policy{}, nil }
