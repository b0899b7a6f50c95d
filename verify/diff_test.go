package verify_test

import (
	"reflect"
	"testing"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/verify"
)

// files makes a manifest of names and one-byte digests.
func files(pairs ...any) sigs.Manifest {
	var m sigs.Manifest
	for i := 0; i < len(pairs); i += 2 {
		m = append(m, sigs.Entry{Path: pairs[i].(string), Digest: sigs.Digest{byte(pairs[i+1].(int))}})
	}
	return m
}

func TestDiffFiles(t *testing.T) {
	for _, c := range []struct {
		name    string
		a, b    sigs.Manifest
		same    int
		changed []string
		onlyA   []string
		onlyB   []string
		equal   bool
	}{
		{name: "equal", a: files("x", 1, "y", 2), b: files("x", 1, "y", 2), same: 2, equal: true},
		{name: "changed", a: files("x", 1, "y", 2), b: files("x", 1, "y", 3), same: 1, changed: []string{"y"}},
		{name: "one side", a: files("a", 1, "x", 1), b: files("x", 1, "z", 1), same: 1, onlyA: []string{"a"}, onlyB: []string{"z"}},
		{name: "contradiction", a: files("x", 1, "x", 2), b: files("x", 1), changed: []string{"x"}},
		{name: "the same contradiction", a: files("x", 1, "x", 2), b: files("x", 1, "x", 2), same: 1, equal: true},
		{name: "nothing in common", a: files("x", 1), b: files("y", 1), onlyA: []string{"x"}, onlyB: []string{"y"}},
		{name: "nothing at all"},
	} {
		d := verify.Diff(sigs.Assertion{Out: c.a}, sigs.Assertion{Out: c.b})
		var changed []string
		for _, f := range d.Out.Changed {
			changed = append(changed, f.Path)
		}
		if d.Out.Same != c.same || !equalNames(changed, c.changed) || !equalNames(d.Out.OnlyA, c.onlyA) || !equalNames(d.Out.OnlyB, c.onlyB) || d.Equal() != c.equal {
			t.Errorf("%s: got %+v, equal %v, want same %d, changed %q, only %q and %q, equal %v", c.name, d.Out, d.Equal(), c.same, c.changed, c.onlyA, c.onlyB, c.equal)
		}
		back := verify.Diff(sigs.Assertion{Out: c.b}, sigs.Assertion{Out: c.a})
		if back.Equal() != d.Equal() || !equalNames(back.Out.OnlyA, d.Out.OnlyB) || len(back.Out.Changed) != len(d.Out.Changed) {
			t.Errorf("%s: the other way round it is another difference: %+v", c.name, back.Out)
		}
	}
}

func equalNames(a, b []string) bool { return len(a) == 0 && len(b) == 0 || reflect.DeepEqual(a, b) }

func TestDiffPackages(t *testing.T) {
	base := func(pairs ...any) []sigs.Base { return []sigs.Base{{Name: "bionic-amd64", Entries: files(pairs...)}} }
	a := sigs.Assertion{Bases: base("bash_4_amd64.deb", 1, "gcc-8_8.2.0-1_amd64.deb", 2, "gcc-8_8.3.0-1_amd64.deb", 3, "g++-8_8.3.0-1_amd64.deb", 4, "libc6_2.9_amd64.deb", 5, "old_1_all.deb", 6)}
	b := sigs.Assertion{Bases: base("bash_4_amd64.deb", 9, "gcc-8_8.10.0-1_amd64.deb", 2, "g++-8_8.10.0-1_amd64.deb", 4, "libc6_2.9_amd64.deb", 5, "new_1_all.deb", 6)}
	d := verify.Diff(a, b)
	if len(d.Bases) != 1 {
		t.Fatalf("got bases %+v, want one", d.Bases)
	}
	got := d.Bases[0]
	if got.Same != 1 || len(got.Changed) != 2 || len(got.OnlyA) != 1 || len(got.OnlyB) != 1 {
		t.Fatalf("got %+v", got)
	}
	gcc, bash := got.Changed[0], got.Changed[1]
	if !equalNames(gcc.Names, []string{"gcc-8", "g++-8"}) || gcc.A != "8.3.0-1" || gcc.B != "8.10.0-1" || gcc.Newer != 1 || gcc.Bytes {
		t.Errorf("the compiler: got %+v, want gcc-8 and g++-8 from 8.3.0-1 to the newer 8.10.0-1, before everything else", gcc)
	}
	if !bash.Bytes || bash.Newer != 0 {
		t.Errorf("a package of one version and other content: got %+v", bash)
	}
	if !equalNames(got.SupersededA, []string{"gcc-8_8.2.0-1_amd64.deb"}) || len(got.SupersededB) > 0 {
		t.Errorf("superseded: got %q and %q, want the older gcc-8 of A", got.SupersededA, got.SupersededB)
	}
	other := verify.Diff(a, sigs.Assertion{Bases: []sigs.Base{{Name: "trusty-amd64"}}})
	if len(other.Bases) != 2 || other.Bases[0].InB || other.Bases[1].InA || len(other.Bases[0].OnlyA) > 0 {
		t.Errorf("other environments: got %+v, want one of each side, not compared", other.Bases)
	}
}

func TestDiffCommits(t *testing.T) {
	a := sigs.Assertion{Commits: []sigs.Commit{{Dir: "bitcoin", Hash: "1"}, {Dir: "signature", Hash: "2"}}, Release: "1.0-linux"}
	b := sigs.Assertion{Commits: []sigs.Commit{{Dir: "bitcoin", Hash: "3"}, {Dir: "signapple", Hash: "4"}}}
	want := []verify.ValueChange{{Name: "bitcoin", A: "1", B: "3"}, {Name: "signature", A: "2"}, {Name: "signapple", B: "4"}}
	d := verify.Diff(a, b)
	if !reflect.DeepEqual(d.Commits, want) || len(d.Labels) != 1 {
		t.Errorf("got commits %+v, labels %+v, want %+v and the release", d.Commits, d.Labels, want)
	}
}
