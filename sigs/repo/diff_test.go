package repo_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"

	"github.com/gverify/gverify/sigs/repo"
)

// twoTrees opens a repository with two trees.
func twoTrees(t *testing.T, o *origin, from, to plumbing.Hash) (*repo.Tree, *repo.Tree) {
	t.Helper()
	first := o.commit(from)
	o.ref("refs/heads/from", first)
	o.ref("refs/heads/main", o.commit(to, first))
	r := open(t, o.dir, repo.Options{})
	return treeOf(t, r, "from"), treeOf(t, r, "")
}

func TestDiff(t *testing.T) {
	o := newOrigin(t, t.TempDir())
	a, b, link := o.blob("a"), o.blob("b"), o.blob("a/target")
	sub := func(items ...item) plumbing.Hash { return o.tree(items...) }
	for _, test := range []struct {
		name     string
		from, to []item
		want     string
	}{
		{"nothing", []item{{regular, "x", a}}, []item{{regular, "x", a}}, ""},
		{"added", nil, []item{{regular, "x", a}}, "added x"},
		{"removed", []item{{regular, "x", a}}, nil, "removed x"},
		{"changed", []item{{regular, "x", a}}, []item{{regular, "x", b}}, "changed x"},
		{"mode", []item{{regular, "x", a}}, []item{{executable, "x", a}}, "mode changed x"},
		{"became a link", []item{{regular, "x", a}}, []item{{symlink, "x", link}}, "changed x"},
		{"became a link to its own bytes", []item{{regular, "x", a}}, []item{{symlink, "x", a}}, "changed x"},
		{"submodule", nil, []item{{gitlink, "x", a}}, "added x"},
		{"renamed", []item{{regular, "x", a}}, []item{{regular, "y", a}}, "removed x, added y"},
		{"below", []item{{directory, "d", sub(item{regular, "x", a})}}, []item{{directory, "d", sub(item{regular, "x", b})}}, "changed d/x"},
		{"new directory", nil, []item{{directory, "d", sub(item{regular, "x", a}, item{directory, "e", sub(item{regular, "y", b})})}}, "added d/e/y, added d/x"},
		{"directory gone", []item{{directory, "d", sub(item{regular, "x", a})}}, nil, "removed d/x"},
		{"file became a directory", []item{{regular, "d", a}}, []item{{directory, "d", sub(item{regular, "x", a})}}, "removed d, added d/x"},
		{"directory became a file", []item{{directory, "d", sub(item{regular, "x", a})}}, []item{{regular, "d", a}}, "added d, removed d/x"},
		{"names in git's order, not in ours", []item{{regular, "a.b", a}, {directory, "a", sub(item{regular, "x", a})}, {regular, "a0", a}},
			[]item{{regular, "a.b", a}, {directory, "a", sub(item{regular, "x", b})}, {regular, "a0", b}}, "changed a/x, changed a0"},
		{"impossible names are in no diff", nil, []item{{regular, "..", a}, {regular, "x", b}}, "added x"},
	} {
		from, to := twoTrees(t, o, o.tree(test.from...), o.tree(test.to...))
		changes, err := repo.Diff(from, to)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		var got []string
		for _, c := range changes {
			got = append(got, string(c.Kind)+" "+c.Path)
			if (c.OldID == "") != (c.Kind == repo.Added) || (c.NewID == "") != (c.Kind == repo.Removed) {
				t.Errorf("%s: %s %s has the ids %q and %q", test.name, c.Kind, c.Path, c.OldID, c.NewID)
			}
		}
		if got := strings.Join(got, ", "); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

// TestDiffIsGit compares the last changes of real repositories with what git says.
func TestDiffIsGit(t *testing.T) {
	for _, name := range []string{"bitcoin-gitian.git", "bitcoin-guix.git", "monero-gitian.git", "bitpay-mixed.git"} {
		root := os.Getenv("GVERIFY_CORPUS")
		if root == "" {
			root = filepath.Join("..", "..", "..", "shared", "corpus")
		}
		dir := filepath.Join(root, name)
		if _, err := os.Stat(dir); err != nil {
			if os.Getenv("CI") == "true" {
				t.Fatal(err)
			}
			t.Skipf("no corpus (GVERIFY_CORPUS names its directory): %v", err)
		}
		r := open(t, dir, repo.Options{})
		at, err := r.Resolve("")
		if err != nil {
			t.Fatal(err)
		}
		to := treeOf(t, r, "")
		for range 5 {
			parents, err := r.Parents(at)
			if err != nil {
				t.Fatal(err)
			}
			from := treeOf(t, r, parents[0].Hash)
			changes, err := repo.Diff(from, to)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, c := range changes {
				got = append(got, fmt.Sprintf("%s\t%s", map[repo.Kind]string{repo.Added: "A", repo.Removed: "D", repo.Changed: "M", repo.ModeChanged: "M"}[c.Kind], c.Path))
			}
			want := strings.Split(runGit(t, dir, "-c", "safe.directory=*", "-c", "core.quotePath=false", "diff-tree", "-r", "--no-renames", "--name-status", parents[0].Hash, at.Hash), "\n")
			want = slices.DeleteFunc(want, func(line string) bool { return line == "" })
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("%s %.12s: got\n%s\nwant\n%s", name, at.Hash, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
			at, to = parents[0], from
		}
	}
}

func TestMergeBase(t *testing.T) {
	o := newOrigin(t, t.TempDir())
	root := o.push("1")
	left := o.push("2", root)
	right := o.push("3", root)
	merge := o.push("4", left, right)
	later := o.push("5", right)
	cross := o.push("6", right, left)
	alone := o.push("7")
	o.ref("refs/heads/main", merge)
	r := open(t, o.dir, repo.Options{})
	at := func(id plumbing.Hash) repo.Commit {
		c, err := r.Resolve(id.String())
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	parents, err := r.Parents(at(merge))
	if err != nil || len(parents) != 2 || parents[0].Hash != left.String() || parents[1].Hash != right.String() {
		t.Errorf("parents of the merge: %v, %v", parents, err)
	}
	if parents, err := r.Parents(at(root)); err != nil || len(parents) != 0 {
		t.Errorf("parents of the first commit: %v, %v", parents, err)
	}
	for _, test := range []struct{ a, b, want plumbing.Hash }{
		{left, right, root}, {left, merge, left}, {merge, left, left}, {merge, later, right}, {later, merge, right}, {root, root, root},
	} {
		if got, err := r.MergeBase(at(test.a), at(test.b)); err != nil || got.Hash != test.want.String() {
			t.Errorf("MergeBase(%.7s, %.7s): got %.7s, %v, want %.7s", test.a, test.b, got.Hash, err, test.want)
		}
	}
	if got, err := r.MergeBase(at(merge), at(cross)); err == nil {
		t.Errorf("histories that crossed: got %.7s, want an error", got.Hash)
	}
	if got, err := r.MergeBase(at(merge), at(alone)); err == nil {
		t.Errorf("unrelated histories: got %.7s, want an error", got.Hash)
	}
}

func TestShallowHistory(t *testing.T) {
	dir := t.TempDir()
	o := newOrigin(t, filepath.Join(dir, "full"))
	o.push("2", o.push("1"))
	runGit(t, dir, "clone", "-q", "--depth=1", "file://"+o.dir, "shallow")
	r := open(t, filepath.Join(dir, "shallow"), repo.Options{})
	head, err := r.Resolve("")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Parents(head); !errors.Is(err, repo.ErrShallow) {
		t.Errorf("Parents in a shallow clone: got %v, want ErrShallow", err)
	}
}
