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

// TestOwnOddities holds what is said of an own build whose files are those of the others as far as both list them.
func TestOwnOddities(t *testing.T) {
	const r = "1.0-linux"
	own := func(change func(*sigs.Assertion)) verify.OwnBuild {
		a := made(r, "me").Assertion
		a.Out = slices.Clone(a.Out)
		change(&a)
		return verify.OwnBuild{Name: "build-res.yml", Assertion: a}
	}
	for _, test := range []struct {
		name string
		own  verify.OwnBuild
		want []verify.CauseID
	}{
		{"nothing odd", own(func(*sigs.Assertion) {}), nil},
		{"a file is missing", own(func(a *sigs.Assertion) { a.Out = a.Out[1:] }), []verify.CauseID{verify.MissingArtifacts}},
		{"a file too many", own(func(a *sigs.Assertion) { a.Out = append(a.Out, entry("zzz.bak", "x")) }), []verify.CauseID{verify.LeftoverOutput}},
		{"labelled as another version", own(func(a *sigs.Assertion) { a.Release = "0.9-linux" }), []verify.CauseID{verify.OtherLabel}},
		{"labelled as the same version", own(func(a *sigs.Assertion) { a.Release = "v1.0-linux" }), nil},
		{"labelled by no version", own(func(a *sigs.Assertion) { a.Release = "linux" }), nil},
	} {
		c := verify.Comparison{Version: "1.0", Platforms: []verify.Platform{{Name: "linux", Release: r}}}
		for i, b := range three(r) {
			c.Statements = append(c.Statements, &sigs.Statement{Directory: b.Directory, Path: b.Path, Signer: b.Signer, Name: b.Name, Assertion: b.Assertion, Sum: b.Sum})
			c.Platforms[0].Statements = append(c.Platforms[0].Statements, i)
		}
		e := verify.Explain(c, nil, verify.Inquiry{Subjects: []verify.Observation{verify.ObserveOwn(test.own)}})
		if len(e.Platforms) != 1 || len(e.Platforms[0].Subjects) != 1 {
			t.Fatalf("%s: not explained: %+v", test.name, e)
		}
		var got []verify.CauseID
		for _, c := range e.Platforms[0].Subjects[0].Oddities {
			got = append(got, c.ID)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}
