package verify_test

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/verify"
)

func canonical(t *testing.T, p verify.Policy) string {
	t.Helper()
	data, err := p.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// The order of lists and defaults that are spelled out change no digest; whatever decides does.
func TestCanonical(t *testing.T) {
	data, err := os.ReadFile("testdata/policy.yaml")
	if err != nil {
		t.Fatal(err)
	}
	parse := func() verify.Policy {
		p, err := verify.ParsePolicy(bytes.Clone(data))
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	want := canonical(t, parse())
	if !strings.HasPrefix(want, `{"schema":"gverify.policy/v1","name":"two teams","threshold":3,`) {
		t.Errorf("Canonical() = %s", want)
	}
	same := map[string]func(*verify.Policy){
		"pins reversed":   func(p *verify.Policy) { slices.Reverse(p.Pins) },
		"groups reversed": func(p *verify.Policy) { slices.Reverse(p.Groups); slices.Reverse(p.Groups[0].Of) },
		"accept reversed": func(p *verify.Policy) { slices.Reverse(p.Accept) },
		"default dissent": func(p *verify.Policy) { p.Dissent = "" },
		"default accept":  func(p *verify.Policy) { p.Accept = nil },
	}
	for name, change := range same {
		p := parse()
		if change(&p); canonical(t, p) != want {
			t.Errorf("%s: Canonical() = %s, want %s", name, canonical(t, p), want)
		}
	}
	other := map[string]func(*verify.Policy){
		"threshold":     func(p *verify.Policy) { p.Threshold++ },
		"fingerprint":   func(p *verify.Policy) { p.Pins[0].Fingerprints[0] = strings.Repeat("A", 40) },
		"pin removed":   func(p *verify.Policy) { p.Pins = p.Pins[1:] },
		"pin's dates":   func(p *verify.Policy) { p.Pins[0].Until = day(2000, 1, 1) },
		"alias":         func(p *verify.Policy) { p.Pins[0].Aliases = []string{"other"} },
		"accept":        func(p *verify.Policy) { p.Accept = []sigs.Status{sigs.Good} },
		"accept none":   func(p *verify.Policy) { p.Accept = []sigs.Status{} },
		"labels":        func(p *verify.Policy) { p.RefuseLabels = nil },
		"dissent":       func(p *verify.Policy) { p.Dissent = verify.ReportDissent },
		"bad signature": func(p *verify.Policy) { p.BadSignature = verify.RefuseBadSignature },
		"required":      func(p *verify.Policy) { p.Required = nil },
		"vetoes":        func(p *verify.Policy) { p.Vetoes = nil },
		"group":         func(p *verify.Policy) { p.Groups[0].AtLeast++ },
		"any given":     func(p *verify.Policy) { p.AnyGiven = true },
	}
	for name, change := range other {
		p := parse()
		before := canonical(t, p)
		if change(&p); canonical(t, p) == before {
			t.Errorf("%s changes no digest", name)
		}
	}
}
