package repo_test

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"

	"github.com/gverify/gverify/sigs/repo"
)

// revisions makes a repository with references of every kind.
func revisions(t testing.TB) (o *origin, first, second plumbing.Hash) {
	o = newOrigin(t, filepath.Join(t.TempDir(), "r.git"))
	first = o.push("one")
	second = o.push("two", first)
	blob := o.blob("a file")
	o.ref("refs/heads/old/one", first)
	o.ref("refs/tags/v1.0", first)
	o.ref("refs/tags/v1.1", o.tag("commit", second))
	o.ref("refs/tags/v1.2", o.tag("tag", o.tag("commit", second)))
	o.ref("refs/heads/both", first)
	o.ref("refs/tags/both", second)
	o.ref("refs/heads/same", second)
	o.ref("refs/tags/same", o.tag("commit", second))
	o.ref("refs/tags/blob", blob)
	o.ref("refs/tags/odd", o.object(plumbing.TagObject, "garbage"))
	o.ref("refs/tags/bad", o.object(plumbing.CommitObject, "garbage"))
	deep := first
	for i := range 20 {
		deep = o.object(plumbing.TagObject, "object "+deep.String()+"\ntype commit\ntag "+strings.Repeat("x", i)+"\n\n")
	}
	o.ref("refs/tags/deep", deep)
	o.ref("refs/remotes/origin/far", first)
	o.ref("refs/heads/"+first.String()[:7], second) // named like an abbreviation
	return o, first, second
}

func TestResolve(t *testing.T) {
	o, first, second := revisions(t)
	r := open(t, o.dir, repo.Options{})
	blob := o.blob("a file").String()
	for _, test := range []struct {
		revision string
		want     plumbing.Hash // zero: an error
		several  int
		near     string // one that is suggested
	}{
		{revision: "", want: second},
		{revision: "HEAD", want: second},
		{revision: "main", want: second},
		{revision: "refs/heads/main", want: second},
		{revision: "old/one", want: first},
		{revision: "v1.0", want: first},
		{revision: "v1.1", want: second},
		{revision: "v1.2", want: second},
		{revision: "refs/tags/v1.1", want: second},
		{revision: "same", want: second},
		{revision: "far", want: first},
		{revision: "origin/far", want: first},
		{revision: first.String(), want: first},
		{revision: strings.ToUpper(first.String()), want: first},
		{revision: second.String()[:7], want: second},
		{revision: strings.ToUpper(second.String()[:12]), want: second},
		{revision: first.String()[:7], want: second}, // as in git, a name goes before digits
		{revision: first.String()[:8], want: first},
		{revision: "both", several: 2},
		{revision: "refs/heads/both", want: first},
		{revision: "mian", near: "main"},
		{revision: "v1.o", near: "v1.0"},
		{revision: "nothing at all"},
		{revision: second.String()[:3]},
		{revision: strings.Repeat("0", 40)},
		{revision: strings.Repeat("0", 39)},
		{revision: first.String() + "0"},
		{revision: blob},
		{revision: blob[:10]},
		{revision: "blob"},
		{revision: "odd"},
		{revision: "bad"},
		{revision: "deep"},
		{revision: "main~1"},
		{revision: "../config"},
		{revision: "\x00"},
		{revision: "-x"},
	} {
		c, err := r.Resolve(test.revision)
		if !test.want.IsZero() {
			if err != nil || c.Hash != test.want.String() {
				t.Errorf("Resolve(%q): got %v, %v, want %s", test.revision, c, err, test.want)
			}
			continue
		}
		var revision *repo.RevisionError
		if !errors.As(err, &revision) {
			t.Errorf("Resolve(%q): got %v, error %v, want a RevisionError", test.revision, c, err)
			continue
		}
		if revision.Revision != test.revision || len(revision.Several) != test.several {
			t.Errorf("Resolve(%q): got %+v, want %d meanings", test.revision, revision, test.several)
		}
		if test.near != "" && !slices.Contains(revision.Near, test.near) {
			t.Errorf("Resolve(%q): got %q suggested, want %q among them", test.revision, revision.Near, test.near)
		}
	}
}

// FuzzResolve resolves arbitrary revisions: a commit that can be read, or a RevisionError.
func FuzzResolve(f *testing.F) {
	o, first, second := revisions(f)
	r := open(f, o.dir, repo.Options{})
	for _, s := range []string{"", "main", "both", "v1.1", first.String(), second.String()[:4], second.String()[:5], "HEAD", "a/../b", "\xff", "refs/", "~", "deep", "G000", "abc"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := r.Resolve(s)
		var revision *repo.RevisionError
		if err != nil {
			if !errors.As(err, &revision) || c != (repo.Commit{}) {
				t.Errorf("Resolve(%q): got %v, %T: %v, want no commit and a RevisionError", s, c, err, err)
			}
			return
		}
		if again, err := r.Resolve(c.Hash); err != nil || again != c {
			t.Errorf("Resolve(%q): got %v, which resolves to %v, %v", s, c, again, err)
		}
		if _, err := r.Tree(c); err != nil {
			t.Errorf("Resolve(%q): got %v, whose tree has error %v", s, c, err)
		}
	})
}
