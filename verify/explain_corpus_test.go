package verify_test

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/verify"
)

// TestRealReleases explains releases of real repositories, at their newest commit. Nothing may be said of an artifact on which all
// agree, no package may be named of which both groups have a version in common, and the order of statements may change nothing.
func TestRealReleases(t *testing.T) {
	for _, test := range []struct {
		name  string
		also  []string // versions that are known to be in dispute
		least int      // pairs
	}{
		{"bitcoin-gitian.git", []string{"0.10.0rc2", "0.18.0", "0.19.1", "0.20.1"}, 10},
		{"monero-gitian.git", nil, 0}, // nobody disagrees there any more
		{"bitcoin-guix.git", []string{"26.0rc1"}, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			tree, listing := corpusTree(t, test.name)
			all := listing.Versions()
			var versions []string
			for i := 0; i < len(all); i += stepOf(len(all), 12) {
				versions = append(versions, all[i].Version)
			}
			for _, v := range test.also {
				if !slices.Contains(versions, v) {
					versions = append(versions, v)
				}
			}
			x := &verify.Index{}
			var comparisons []verify.Comparison
			for _, v := range versions {
				c := verify.Compare(v, checkAll(t, tree, listing.Find(v), stranger{}))
				comparisons = append(comparisons, c)
				for _, s := range c.Statements {
					x.Add(verify.Observe(s))
				}
			}
			agreed, pairs, named := 0, 0, 0
			for _, c := range comparisons {
				e := verify.Explain(c, x, verify.Inquiry{})
				for i, p := range e.Platforms {
					n, err := equalPackages(p)
					if err != nil {
						t.Errorf("%s %s: %v", c.Version, p.Platform, err)
					}
					named += n
					agreed += len(p.Agreed)
					for _, s := range p.Splits {
						pairs += len(s.Pairs)
					}
					checkAgreed(t, c, c.Platforms[i], p)
				}
			}
			t.Logf("%d versions: %d artifacts agreed without a cause, %d pairs of groups, %d packages named", len(versions), agreed, pairs, named)
			if agreed == 0 || pairs < test.least {
				t.Errorf("only %d agreed artifacts and %d pairs", agreed, pairs)
			}
			if pairs > 0 {
				shuffleReal(t, comparisons, x)
			}
		})
	}
}

// checkAgreed compares an explanation with the comparison's own groups: an artifact that has one group is agreed on and nothing
// else is said of it. Signers who contradict themselves have a part in several groups and none in an explanation.
func checkAgreed(t *testing.T, c verify.Comparison, platform verify.Platform, e verify.PlatformExplanation) {
	t.Helper()
	for _, a := range platform.Artifacts {
		if len(a.Groups) != 1 || a.Set {
			continue
		}
		for _, s := range e.Splits {
			if slices.Contains(s.Artifacts, a.Path) {
				t.Errorf("%s %s: %s is explained though all agree on it", c.Version, e.Platform, a.Path)
			}
			for _, p := range s.Pairs {
				for _, cause := range p.Causes {
					if slices.Contains(cause.Artifacts, a.Path) {
						t.Errorf("%s %s: %s is said of %s, on which all agree", c.Version, e.Platform, cause.ID, a.Path)
					}
				}
			}
		}
		for _, o := range e.Oddities {
			lists := len(e.Members[o.Member].Assertion.Out.Digests(a.Path)) > 0
			if slices.Contains(o.Cause.Artifacts, a.Path) && lists && len(a.Groups[0].Claims)+len(a.Groups[0].Statements) > 1 && o.Cause.ID == verify.MissingArtifacts {
				t.Errorf("%s %s: %s is called missing and is there", c.Version, e.Platform, a.Path)
			}
		}
	}
}

// shuffleReal explains the disputed releases again with their statements in other orders.
func shuffleReal(t *testing.T, comparisons []verify.Comparison, x *verify.Index) {
	t.Helper()
	random := rand.New(rand.NewPCG(11, 12))
	tried := 0
	for _, c := range comparisons {
		want := verify.Explain(c, x, verify.Inquiry{})
		if !slices.ContainsFunc(want.Platforms, func(p verify.PlatformExplanation) bool { return len(p.Splits) > 0 }) || tried == 4 {
			continue
		}
		tried++
		shuffled := slices.Concat(c.Statements, []*sigs.Statement{nil}, c.Statements[:1])
		random.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if got := verify.Explain(verify.Compare(c.Version, shuffled), x, verify.Inquiry{}); !reflect.DeepEqual(want, got) { // cmp is slow on so much
			t.Errorf("%s in another order (-want +got):\n%.2000s", c.Version, cmp.Diff(want, got))
		}
	}
	if tried == 0 {
		t.Error("nothing was in dispute")
	}
}
