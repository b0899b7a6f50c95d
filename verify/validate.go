package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gverify/gverify/sigs"
)

// Validate reports what keeps a policy from being used: a threshold below one, or anything in it that contradicts itself or
// names a person who is not pinned. A policy without pins is valid; nobody meets it.
func (p Policy) Validate() error {
	if p.Threshold < 1 {
		return fmt.Errorf("threshold is %d, want at least 1", p.Threshold)
	}
	return p.consistent()
}

// consistent is Validate without the threshold: the zero policy is consistent.
func (p Policy) consistent() error {
	for _, check := range []func() error{p.checkPins, p.checkNames, p.checkGroups, p.checkWords} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// flaw is an error in one part of a policy; where is the field's name, or "pin 3", "group 0".
type flaw struct {
	where string
	err   error
}

func (f *flaw) Error() string { return f.err.Error() }
func (f *flaw) Unwrap() error { return f.err }

// checkPins makes sure that a fingerprint and a directory name each lead to one person.
func (p Policy) checkPins() error {
	byKey, byName := map[string]string{}, map[string]string{}
	for i, pin := range p.Pins {
		if err := pin.check(byKey, byName); err != nil {
			return &flaw{fmt.Sprintf("pin %d", i), err}
		}
	}
	return nil
}

// check checks one pin against those before it, whose keys and names it adds its own to.
func (pin Pin) check(byKey, byName map[string]string) error {
	if pin.Name == "" {
		return fmt.Errorf("a pin has no name")
	}
	if len(pin.Fingerprints) == 0 {
		return fmt.Errorf("pin %q has no fingerprint", pin.Name)
	}
	if !pin.From.IsZero() && !pin.Until.IsZero() && pin.Until.Before(pin.From) {
		return fmt.Errorf("pin %q ends before it begins", pin.Name)
	}
	for _, fpr := range pin.Fingerprints {
		if !isFingerprint(fpr) {
			return fmt.Errorf("pin %q: %q is no fingerprint of a primary key, want 40 or 64 upper-case hexadecimal digits", pin.Name, fpr)
		}
		if other, ok := byKey[fpr]; ok {
			return fmt.Errorf("fingerprint %s stands twice, under %q and %q; one key is one person", fpr, other, pin.Name)
		}
		byKey[fpr] = pin.Name
	}
	if other, ok := byName[pin.Name]; ok {
		return fmt.Errorf("the name %q stands twice, under %q and as a pin; one name is one person", pin.Name, other)
	}
	byName[pin.Name] = pin.Name
	for _, alias := range pin.Aliases {
		if other, ok := byName[alias]; ok && other != pin.Name {
			return fmt.Errorf("the name %q stands twice, under %q and %q; one name is one person", alias, other, pin.Name)
		}
		if alias == "" {
			return fmt.Errorf("pin %q has an empty alias", pin.Name)
		}
		byName[alias] = pin.Name
	}
	return nil
}

// checkNames makes sure that every person a rule names is pinned.
func (p Policy) checkNames() error {
	for _, rule := range p.namingRules() {
		for _, name := range rule.names {
			if !slices.ContainsFunc(p.Pins, func(pin Pin) bool { return pin.Name == name }) {
				return &flaw{rule.where, fmt.Errorf("%s: %q is not the name of a pin%s", rule.what, name, p.pinHint(name))}
			}
		}
	}
	return nil
}

type namingRule struct {
	where string
	what  string
	names []string
}

func (p Policy) namingRules() []namingRule {
	rules := []namingRule{{"required", "required", p.Required}, {"vetoes", "vetoes", p.Vetoes}}
	for i, g := range p.Groups {
		rules = append(rules, namingRule{fmt.Sprintf("group %d", i), fmt.Sprintf("group %q", g.Name), g.Of})
	}
	return rules
}

// pinHint names the pin an alias or another spelling belongs to.
func (p Policy) pinHint(name string) string {
	for _, pin := range p.Pins {
		if strings.EqualFold(pin.Name, name) || slices.Contains(pin.Aliases, name) {
			return fmt.Sprintf(", do you mean %q?", pin.Name)
		}
	}
	if len(p.Pins) == 0 {
		return ": there are no pins"
	}
	return ""
}

func (p Policy) checkGroups() error {
	for i, g := range p.Groups {
		n := len(distinct(g.Of))
		if g.AtLeast < 1 || g.AtLeast > n {
			return &flaw{fmt.Sprintf("group %d", i), fmt.Errorf("group %q asks for at least %d of %d persons, want 1 to %d", g.Name, g.AtLeast, n, n)}
		}
	}
	return nil
}

func (p Policy) checkWords() error {
	if p.Accept != nil && len(p.Accept) == 0 {
		return fmt.Errorf("accept is empty: no signature would vote; leave it out for the default")
	}
	for _, s := range p.Accept {
		if !mayVote(s) {
			return fmt.Errorf("accept: %q may never vote, want some of %s", s, quoted(votable))
		}
	}
	for _, l := range p.RefuseLabels {
		if !slices.Contains(labels, l) {
			return fmt.Errorf("refuse_labels: %q is no label, want some of %s", l, quoted(labels))
		}
	}
	if !slices.Contains(dissents, p.Dissent) && p.Dissent != "" {
		return fmt.Errorf("dissent is %q, want one of %s", p.Dissent, quoted(dissents))
	}
	if !slices.Contains(badSignatures, p.BadSignature) && p.BadSignature != "" {
		return fmt.Errorf("bad_signature is %q, want one of %s", p.BadSignature, quoted(badSignatures))
	}
	return nil
}

var (
	labels        = []sigs.Label{sigs.WeakSHA1, sigs.WeakDSA1024, sigs.WeakRSA, sigs.VersionThree}
	dissents      = []Dissent{RefuseDissent, ReportDissent}
	badSignatures = []BadSignature{ReportBadSignature, RefuseBadSignature}
)

// isFingerprint reports whether s is a whole version 4, 5 or 6 fingerprint. Key ids and version 3 fingerprints can be forged.
func isFingerprint(s string) bool {
	if len(s) != 40 && len(s) != 64 {
		return false
	}
	for i := range len(s) {
		if !('0' <= s[i] && s[i] <= '9' || 'A' <= s[i] && s[i] <= 'F') {
			return false
		}
	}
	return true
}

func quoted[S ~string](words []S) string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = fmt.Sprintf("%q", string(w))
	}
	return strings.Join(out, ", ")
}

// distinct returns names in order, each once.
func distinct(names []string) []string {
	var out []string
	for _, name := range names {
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}
