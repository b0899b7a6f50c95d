package verify_test

import (
	"crypto/sha256"
	"slices"
	"strings"
	"testing"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/verify"
)

// claimed makes statements of builds: none is authentic, since only sigs.Check makes such.
func claimed(builds ...build) []*sigs.Statement {
	var out []*sigs.Statement
	for _, b := range builds {
		out = append(out, &sigs.Statement{Directory: b.Directory, Path: b.Path, Signer: b.Signer, Name: b.Name, Assertion: b.Assertion, Sum: b.Sum})
	}
	return out
}

func own(b build) verify.Observation {
	return verify.ObserveOwn(verify.OwnBuild{Name: "result/prog-res.yml", Assertion: b.Assertion})
}

// TestOwnBuildDiffers explains a user's build against the signers.
func TestOwnBuildDiffers(t *testing.T) {
	c := verify.Compare("1.0", claimed(three("1.0-linux")...))
	mine := own(made("1.0-linux", "me").broken().upgraded("gcc-8", "8.3.0-1"))
	e := verify.Explain(c, nil, verify.Inquiry{Subjects: []verify.Observation{mine}})
	if len(e.Platforms) != 1 || len(e.Platforms[0].Splits) != 0 || len(e.Platforms[0].Subjects) != 1 {
		t.Fatalf("%+v", e)
	}
	s := e.Platforms[0].Subjects[0]
	if want := []string{"src/prog-1.0.tar.gz"}; !slices.Equal(s.Matches, want) {
		t.Errorf("it matches in %v, want %v", s.Matches, want)
	}
	if len(s.Splits) != 1 || len(s.Splits[0].Pairs) != 1 {
		t.Fatalf("%d splits", len(s.Splits))
	}
	cause := s.Splits[0].Pairs[0].Causes[0]
	if cause.ID != verify.PackageDrift || !names(cause, "gcc-8") || !strings.Contains(cause.Title, "your build") || !cause.Claimed {
		t.Errorf("the first cause is %+v", cause)
	}
	if len(s.Harmless) > 0 {
		t.Errorf("it differs, and %v is called harmless", s.Harmless)
	}
}

// TestOwnBuildMatches says which differences turned out not to matter.
func TestOwnBuildMatches(t *testing.T) {
	c := verify.Compare("1.0", claimed(append(three("1.0-linux"), made("1.0-linux", "mallory").broken())...))
	mine := own(made("1.0-linux", "me").upgraded("tar", "1.30-1").input("sdk.tar.gz", "mine"))
	e := verify.Explain(c, nil, verify.Inquiry{Subjects: []verify.Observation{mine}})
	s := e.Platforms[0].Subjects[0]
	if len(s.Matches) != 2 || len(s.Splits) != 0 || len(e.Platforms[0].Splits) != 1 {
		t.Errorf("matches %v, %d splits of its own, %d of the signers", s.Matches, len(s.Splits), len(e.Platforms[0].Splits))
	}
	var harmless []string
	for _, h := range s.Harmless {
		harmless = append(harmless, h.Factor)
	}
	if slices.Sort(harmless); !slices.Equal(harmless, []string{"sdk.tar.gz", "tar"}) {
		t.Errorf("harmless are %v, want sdk.tar.gz and tar", harmless)
	}
}

// TestOwnBuildOfAnotherPlatform is not compared with files it shares by name only.
func TestOwnBuildOfAnotherPlatform(t *testing.T) {
	c := verify.Compare("1.0", claimed(three("1.0-linux")...))
	b := made("1.0-win", "me").broken()
	b.Assertion.Name = "prog-win"
	if e := verify.Explain(c, nil, verify.Inquiry{Subjects: []verify.Observation{own(b)}}); len(e.Platforms[0].Subjects) != 0 {
		t.Errorf("a build for win is compared with linux: %+v", e.Platforms[0].Subjects)
	}
}

// TestEarlierAssertions join the groups: who signed again is named, and what he did not change is exonerated.
func TestEarlierAssertions(t *testing.T) {
	later := made("1.0-linux", "alice").upgraded("tar", "1.30-1")
	earlier := made("1.0-linux", "alice").broken().upgraded("tar", "1.30-1").cached("stale", "boost", "qt")
	earlier.Sum, earlier.Time, earlier.Until = sha256.Sum256([]byte("earlier")), later.Time.AddDate(0, 0, -2), later.Time
	x := &verify.Index{}
	x.Add(later.Observation)
	c := verify.Compare("1.0", claimed(later, made("1.0-linux", "bob"), made("1.0-linux", "carol")))
	if e := verify.Explain(c, x, verify.Inquiry{}); len(e.Platforms[0].Splits) != 0 {
		t.Fatalf("without history nobody disagrees, and %v is explained", e.Platforms[0].Splits)
	}
	e := verify.Explain(c, x, verify.Inquiry{Earlier: []verify.Observation{earlier.Observation}})
	if len(e.Platforms[0].Splits) != 1 {
		t.Fatalf("%d splits", len(e.Platforms[0].Splits))
	}
	s := e.Platforms[0].Splits[0]
	p := s.Pairs[0]
	if !slices.Equal(p.Resigned, []string{"alice"}) || p.Later != -1 || !s.Groups[p.B].Earlier || s.Groups[p.A].Earlier {
		t.Errorf("signed again: %v, later %d; groups %+v", p.Resigned, p.Later, s.Groups)
	}
	if p.Causes[0].ID != verify.StaleCache {
		t.Errorf("the first cause is %s", p.Causes[0].ID)
	}
	found := false
	for _, x := range p.Exonerated {
		found = found || slices.Contains(x.Names, "tar") && slices.Equal(x.By, []string{"alice"})
	}
	if !found {
		t.Errorf("alice does not exonerate tar: %+v", p.Exonerated)
	}
}
