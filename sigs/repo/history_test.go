package repo_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"

	"github.com/gverify/gverify/sigs/repo"
)

// told is a history in words: path, contents' first line, what became of it.
func told(t *testing.T, h *repo.History, names map[string]string) []string {
	t.Helper()
	name := func(hash string) string {
		if n, ok := names[hash]; ok {
			return n
		}
		return hash
	}
	var out []string
	for _, v := range h.Versions {
		s := fmt.Sprintf("%s %s came %s", v.Path, name(v.Blob), name(v.Came.Hash))
		if v.Gone.Hash != "" {
			how := "gone"
			if v.Dropped {
				how = "dropped"
			}
			s += fmt.Sprintf(", %s %s", how, name(v.Gone.Hash))
			if v.By != "" {
				s += " by " + name(v.By)
			}
		}
		if v.Stands {
			s += ", stands"
		}
		out = append(out, s)
	}
	return out
}

// grown is an origin whose commits and blobs have names.
type grown struct {
	*origin
	names map[string]string
}

func newGrown(t *testing.T) grown {
	return grown{newOrigin(t, filepath.Join(t.TempDir(), "o.git")), map[string]string{}}
}

// is commits files (path=content) under a name and makes it the newest of main.
func (g grown) is(name, files string, parents ...plumbing.Hash) plumbing.Hash {
	g.t.Helper()
	tree := map[string]string{}
	for f := range strings.FieldsSeq(files) {
		path, content, _ := strings.Cut(f, "=")
		tree[path] = content
		g.names[g.blob(content).String()] = content
	}
	id := g.commit(g.files(tree), parents...)
	g.names[id.String()] = name
	g.ref("refs/heads/main", id)
	return id
}

func (g grown) want(what string, want ...string) {
	g.t.Helper()
	got := told(g.t.(*testing.T), historyOf(g.t, openAt(g.t, g.dir), "", nil), g.names)
	if !slices.Equal(got, want) {
		g.t.Errorf("%s:\ngot  %q\nwant %q", what, got, want)
	}
}

func TestHistory(t *testing.T) {
	g := newGrown(t)
	one := g.is("one", "d/a=1 d/b=1")
	two := g.is("two", "d/a=2 d/b=1", one)
	g.want("replaced", "d/a 1 came one, gone two by 2", "d/a 2 came two, stands", "d/b 1 came one, stands")
	three := g.is("three", "d/b=1", two)
	g.want("removed", "d/a 1 came one, gone two by 2", "d/a 2 came two, gone three", "d/b 1 came one, stands")
	g.is("four", "d/a=1 d/b=1", three)
	g.want("came back", "d/a 1 came one, gone two by 2, stands", "d/a 2 came two, gone three", "d/b 1 came one, stands")
}

func TestHistoryOfMerges(t *testing.T) {
	g := newGrown(t)
	base := g.is("base", "a=1 b=1 c=1")
	left := g.is("left", "a=2 b=1 c=1", base)
	right := g.is("right", "a=1 b=2 c=2 d=9", base)
	g.is("merge", "a=2 b=2 c=3", left, right)
	g.want("a merge takes sides, changes c itself, and loses d",
		"a 1 came base, gone left by 2", "a 2 came left, stands",
		"b 1 came base, gone right by 2", "b 2 came right, stands",
		"c 1 came base, gone merge by 3", "c 2 came right, gone merge by 3", "c 3 came merge, stands",
		"d 9 came right, dropped merge")
}

// A file becomes a directory and the other way round; links, submodules and impossible names are no content.
func TestHistoryOfOddTrees(t *testing.T) {
	g := newGrown(t)
	x, y := g.blob("x"), g.blob("y")
	g.names[x.String()], g.names[y.String()] = "x", "y"
	commit := func(name string, tree plumbing.Hash, parents ...plumbing.Hash) plumbing.Hash {
		id := g.commit(tree, parents...)
		g.names[id.String()] = name
		g.ref("refs/heads/main", id)
		return id
	}
	one := commit("one", g.tree(item{regular, "a", x}, item{symlink, "l", x}, item{gitlink, "m", x}, item{regular, "..", x}, item{regular, "t", x}, item{regular, "t", y}))
	g.want("odd entries", "a x came one, stands")
	two := commit("two", g.tree(item{directory, "a", g.tree(item{executable, "a", y})}, item{regular, "l", y}), one)
	g.want("file to directory", "a x came one, gone two", "a/a y came two, stands", "l y came two, stands")
	three := commit("three", g.tree(item{directory, "a", g.tree(item{regular, "a", y})}, item{symlink, "l", y}), two)
	g.want("another mode is no other content", "a x came one, gone two", "a/a y came two, stands", "l y came two, gone three")
	four := commit("four", g.tree(item{regular, "b", x}, item{regular, "a", x}, item{directory, "b", g.tree(item{regular, "c", x})}), three)
	g.want("unsorted, and one name as file and directory", "a x came one, gone two, stands", "a/a y came two, gone four", "l y came two, gone three")
	malformed := g.object(plumbing.TreeObject, "100644 cut")
	commit("five", malformed, four)
	g.want("a tree that git would not write is empty", "a x came one, gone five", "a/a y came two, gone four", "l y came two, gone three")
}

func TestHistoryKeeps(t *testing.T) {
	g := newGrown(t)
	g.is("one", "d/a=1 d/b=1")
	r := openAt(t, g.dir)
	c, err := r.Resolve("")
	if err != nil {
		t.Fatal(err)
	}
	h, err := r.History(t.Context(), c, nil, func(path string) bool { return path == "d/b" })
	if err != nil || len(h.Versions) != 1 || h.Versions[0].Path != "d/b" {
		t.Errorf("got %v, %v, want d/b only", h, err)
	}
	again, err := r.History(t.Context(), c, h, nil)
	if again != h || err != nil {
		t.Errorf("the same commit: got %v, %v, want what was there", again, err)
	}
}

// A history that does not contain the commit that was read before is an alarm, whether it was rolled back or rewritten.
func TestHistoryRewritten(t *testing.T) {
	g := newGrown(t)
	one := g.is("one", "a=1")
	two := g.is("two", "a=2", one)
	before := historyOf(t, openAt(t, g.dir), "", nil)
	g.is("other", "a=3", one)
	for _, c := range []struct{ what, revision string }{{"rewritten", ""}, {"rolled back", one.String()}} {
		h := historyOf(t, openAt(t, g.dir), c.revision, before)
		wantCodes(t, c.what, h.Findings, "history-rewritten")
		for _, v := range h.Versions {
			if g.names[v.Blob] == "2" {
				t.Errorf("%s: content of a lost commit is still there: %v", c.what, v)
			}
		}
	}
	g.ref("refs/heads/main", two)
	h := historyOf(t, openAt(t, g.dir), "", before)
	wantCodes(t, "unchanged", h.Findings)
	unknown := *before
	unknown.Commit.Hash = strings.Repeat("1", 40)
	wantCodes(t, "an unknown commit", historyOf(t, openAt(t, g.dir), "", &unknown).Findings, "history-rewritten")
}

// Commit times that go backwards neither lose nor invent anything.
func TestHistoryWithWrongClocks(t *testing.T) {
	g := newGrown(t)
	one := g.is("one", "a=1 b=1")
	two := g.is("two", "a=2 b=1", one)
	g.now = g.now.AddDate(-5, 0, 0)
	side := g.is("side", "a=1 b=2", one)
	known := g.is("known", "a=2 b=2", two, side)
	g.now = g.now.AddDate(-5, 0, 0)
	late := g.is("late", "a=1 b=1 c=1", one)
	g.is("tip", "a=2 b=2 c=1", known, late)
	r := openAt(t, g.dir)
	before := historyOf(t, r, known.String(), nil)
	got, want := historyOf(t, r, "", before), historyOf(t, r, "", nil)
	if !equalVersions(got.Versions, want.Versions) {
		t.Errorf("extended: %s", firstDifference(got.Versions, want.Versions))
	}
	wantCodes(t, "wrong clocks", got.Findings)
}

// A shallow clone says that it is one; a parent that is missing otherwise is damage.
func TestHistoryShallow(t *testing.T) {
	g := newGrown(t)
	one := g.is("one", "a=1")
	g.is("two", "a=2", one)
	dir := filepath.Join(t.TempDir(), "shallow.git")
	runGit(t, t.TempDir(), "clone", "-q", "--bare", "--depth=1", "file://"+filepath.ToSlash(g.dir), dir)
	h := historyOf(t, openAt(t, dir), "", nil)
	wantCodes(t, "shallow", h.Findings, "history-shallow")
	if len(h.Versions) != 1 || g.names[h.Versions[0].Blob] != "2" {
		t.Errorf("shallow: got %q, want a 2", told(t, h, g.names))
	}
	g.is("three", "a=3", plumbing.NewHash(strings.Repeat("1", 40)))
	r := openAt(t, g.dir)
	c, err := r.Resolve("")
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.History(t.Context(), c, nil, nil)
	wantIs(t, "missing parent", err, repo.ErrDamaged)
}

func TestHistoryCancelled(t *testing.T) {
	g := newGrown(t)
	g.is("one", "a=1")
	r := openAt(t, g.dir)
	c, err := r.Resolve("")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.History(ctx, c, nil, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want %v", err, context.Canceled)
	}
}

// Trees that contain each other many times over are refused, not walked.
func TestHistoryOfATreeBomb(t *testing.T) {
	g := newGrown(t)
	tree := g.tree(item{regular, "x", g.blob("x")})
	for range 40 {
		tree = g.tree(item{directory, "a", tree}, item{directory, "b", tree}, item{directory, "c", tree})
	}
	c := repo.Commit{Hash: g.commit(tree).String()}
	g.is("main", "a=1")
	if _, err := openAt(t, g.dir).History(t.Context(), c, nil, nil); err == nil || !strings.Contains(err.Error(), "not an attestation repository") {
		t.Errorf("got error %v, want one about its size", err)
	}
}
