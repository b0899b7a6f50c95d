package verify_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/verify"
)

// TestExcuse makes sure that versions which made no difference in another release count for less, and that it is named.
func TestExcuse(t *testing.T) {
	weigh := func(elsewhere ...build) verify.Evidence {
		var members []verify.Observation
		for _, b := range append(three("1.0-linux"), made("1.0-linux", "mallory").broken().upgraded("gcc-8", "8.3.0-1")) {
			members = append(members, b.Observation)
		}
		x := indexOf(members)
		for _, b := range elsewhere {
			x.Add(b.Observation)
		}
		return about(explain(members, x), "mallory")[0].Evidence[0]
	}
	before := weigh()
	harmless := weigh(made("0.9-linux", "alice"), made("0.9-linux", "bob").upgraded("gcc-8", "8.3.0-1"))
	if before.Doubt != "" || !strings.Contains(harmless.Doubt, "0.9-linux") || harmless.Weight >= before.Weight {
		t.Errorf("weight %v and then %v, doubt %q", before.Weight, harmless.Weight, harmless.Doubt)
	}
	for name, other := range map[string]build{"another platform": made("0.9-win", "bob"), "who disagrees": made("0.9-linux", "bob").broken()} {
		release := other.Directory.Path
		if got := weigh(made(release, "alice"), other.upgraded("gcc-8", "8.3.0-1")); got.Doubt != "" || got.Weight != before.Weight {
			t.Errorf("%s: weight %v, doubt %q", name, got.Weight, got.Doubt)
		}
	}
}

// TestContradiction makes sure that somebody who gives a file two digests has no part in its groups, whichever comes first.
func TestContradiction(t *testing.T) {
	for at := range 2 {
		m := made("1.0-linux", "mallory")
		m.Assertion.Out = slices.Insert(slices.Clone(m.Assertion.Out), at, entry(m.Assertion.Out[0].Path, "another"))
		var members []verify.Observation
		for _, b := range append(three("1.0-linux"), m) {
			members = append(members, b.Observation)
		}
		if e := explain(members, nil); len(e.Splits) != 0 || len(e.Agreed) != 2 {
			t.Errorf("agreed %v, splits %+v", e.Agreed, e.Splits)
		}
	}
}

// TestVerifiedFirst makes sure that files nobody vouches for do not become the reference, however many there are.
func TestVerifiedFirst(t *testing.T) {
	members := []verify.Observation{made("1.0-linux", "alice").Observation, made("1.0-linux", "bob").Observation}
	for i := range 5 {
		b := made("1.0-linux", fmt.Sprint("sock", i))
		b.Verified = false
		b.Assertion.Out = made("1.0-linux", "sock").broken().Assertion.Out
		members = append(members, b.Observation)
	}
	s := explain(members, nil).Splits[0]
	if !slices.Equal(s.Groups[0].Signers, []string{"alice", "bob"}) || !s.Groups[1].Claimed || s.Groups[0].Claimed || !s.Pairs[0].Causes[0].Claimed {
		t.Errorf("groups %+v", s.Groups)
	}
}

// TestClaimedNames makes sure that claims do not make honest builds look partial.
func TestClaimedNames(t *testing.T) {
	var members []verify.Observation
	for _, b := range three("1.0-linux") {
		members = append(members, b.Observation)
	}
	for i := range 9 {
		b := made("1.0-linux", fmt.Sprint("sock", i))
		b.Verified = false
		b.Assertion.Out = append(slices.Clone(b.Assertion.Out), entry("zz-extra.tar.gz", "x"))
		members = append(members, b.Observation)
	}
	e := explain(members, nil)
	for _, o := range e.Oddities {
		if e.Members[o.Member].Verified {
			t.Errorf("%s is said of %s", o.Cause.ID, e.Members[o.Member].Signer)
		}
	}
	if len(e.Oddities) != 9 {
		t.Errorf("%d oddities, want one for each of 9 claims", len(e.Oddities))
	}
}

// TestEmptyManifest makes sure that an assertion without outputs, which no parser gives, is passed over.
func TestEmptyManifest(t *testing.T) {
	m := made("1.0-linux", "mallory")
	m.Assertion = sigs.Assertion{}
	var members []verify.Observation
	for _, b := range append(three("1.0-linux"), m) {
		members = append(members, b.Observation)
	}
	if e := explain(members, indexOf(members)); len(e.Splits) != 0 || len(e.Agreed) != 2 {
		t.Errorf("%+v", e)
	}
}

// TestManyClaims makes sure that hundreds of claims, each for itself, are listed and do not take for ever.
func TestManyClaims(t *testing.T) {
	members := []verify.Observation{made("1.0-linux", "alice").Observation, made("1.0-linux", "bob").Observation}
	for i := range 300 {
		b := made("1.0-linux", fmt.Sprint("sock", i)).broken()
		b.Verified = false
		members = append(members, b.Observation)
	}
	s := explain(members, nil).Splits[0]
	if len(s.Groups) != 301 || len(s.Pairs) != verify.MaxGroups-1 || s.Groups[0].Signers[0] != "alice" {
		t.Errorf("%d groups, %d pairs", len(s.Groups), len(s.Pairs))
	}
}
