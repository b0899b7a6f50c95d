package verify_test

import (
	"testing"

	"github.com/gverify/gverify/verify"
)

// TestDoubted makes sure that nobody is sure of what is known to have made no difference elsewhere.
func TestDoubted(t *testing.T) {
	x := &verify.Index{}
	other := three("1.1-linux")
	other[0] = other[0].upgraded("gcc-8", "8.3.0-1")
	members := []verify.Observation{made("1.0-linux", "mallory").broken().upgraded("gcc-8", "8.3.0-1").Observation}
	for _, b := range three("1.0-linux") {
		members = append(members, b.Observation)
	}
	for _, b := range other {
		x.Add(b.Observation)
	}
	first := about(explain(members, x), "mallory")[0]
	if first.ID != verify.PackageDrift || first.Evidence[0].Doubt == "" || first.Confidence.Percent() > 55 {
		t.Errorf("%s with %d %%, doubt %q", first.ID, first.Confidence.Percent(), first.Evidence[0].Doubt)
	}
}

// TestTied makes sure that where as many stand on each side neither is told to follow the other.
func TestTied(t *testing.T) {
	for _, test := range []struct {
		others  []string
		first   verify.Remedy
		concern int
	}{
		{[]string{"mallory", "mike"}, verify.RebuildPinned, 2},
		{[]string{"mallory", "mike", "moe"}, verify.Investigate, 6},
	} {
		var members []verify.Observation
		for _, b := range three("1.0-linux") {
			members = append(members, b.Observation)
		}
		odd := made("1.0-linux", "mallory").broken().upgraded("gcc-8", "8.3.0-1")
		for _, s := range test.others {
			members = append(members, odd.by(s).Observation)
		}
		first := about(explain(members, nil), "mallory")[0]
		if first.ID != verify.PackageDrift || first.Advice[0].Remedy != test.first || len(first.Concerns) != test.concern {
			t.Errorf("%d others: %s concerns %v: %+v", len(test.others), first.ID, first.Concerns, first.Advice)
		}
	}
}
