package verify

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// CanonicalSchema names the form that [Policy.Canonical] writes.
const CanonicalSchema = "gverify.policy/v1"

// canonicalPolicy is a policy with every default spelled out and every list in order, so that policies that decide alike have
// one text.
type canonicalPolicy struct {
	Schema       string           `json:"schema"`
	Name         string           `json:"name"`
	Threshold    int              `json:"threshold"`
	Groups       []canonicalGroup `json:"groups"`
	Required     []string         `json:"required"`
	Vetoes       []string         `json:"vetoes"`
	Accept       []string         `json:"accept"`
	RefuseLabels []string         `json:"refuse_labels"`
	Dissent      string           `json:"dissent"`
	BadSignature string           `json:"bad_signature"`
	AnyGiven     bool             `json:"any_given"`
	Pins         []canonicalPin   `json:"pins"`
}

type canonicalGroup struct {
	Name    string   `json:"name"`
	AtLeast int      `json:"at_least"`
	Of      []string `json:"of"`
}

type canonicalPin struct {
	Name         string    `json:"name"`
	Fingerprints []string  `json:"fingerprints"`
	Aliases      []string  `json:"aliases"`
	From         time.Time `json:"from,omitzero"`
	Until        time.Time `json:"until,omitzero"`
}

// Canonical returns the policy as JSON that is the same whatever the order in which its lists were written. Its digest names the
// policy.
func (p Policy) Canonical() ([]byte, error) {
	accept := p.Accept
	if accept == nil {
		for _, status := range votable {
			if p.accepts(status) {
				accept = append(accept, status)
			}
		}
	}
	c := canonicalPolicy{
		Schema: CanonicalSchema, Name: p.Name, Threshold: p.Threshold, Groups: []canonicalGroup{},
		Required: inOrder(p.Required), Vetoes: inOrder(p.Vetoes), Accept: inOrder(accept), RefuseLabels: inOrder(p.RefuseLabels),
		Dissent: string(cmp.Or(p.Dissent, RefuseDissent)), BadSignature: string(cmp.Or(p.BadSignature, ReportBadSignature)),
		AnyGiven: p.AnyGiven, Pins: []canonicalPin{},
	}
	for _, g := range p.Groups {
		c.Groups = append(c.Groups, canonicalGroup{g.Name, g.AtLeast, inOrder(g.Of)})
	}
	slices.SortFunc(c.Groups, func(a, b canonicalGroup) int { return strings.Compare(a.Name, b.Name) })
	for _, pin := range p.Pins {
		c.Pins = append(c.Pins, canonicalPin{pin.Name, inOrder(pin.Fingerprints), inOrder(pin.Aliases), pin.From.UTC(), pin.Until.UTC()})
	}
	slices.SortFunc(c.Pins, func(a, b canonicalPin) int { return strings.Compare(a.Name, b.Name) })
	return json.Marshal(c)
}

// inOrder returns the distinct words of a list, sorted; never nil.
func inOrder[S ~string](words []S) []string {
	out := make([]string, 0, len(words))
	for _, w := range words {
		out = append(out, string(w))
	}
	slices.Sort(out)
	return slices.Compact(out)
}
