package repo_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"testing/iotest"

	"github.com/go-git/go-git/v5/plumbing"

	"github.com/gverify/gverify/sigs/repo"
)

// treeOnly opens a repository whose only commit has a tree.
func treeOnly(t testing.TB, o *origin, tree plumbing.Hash) *repo.Tree {
	t.Helper()
	o.ref("refs/heads/main", o.commit(tree))
	return treeOf(t, open(t, o.dir, repo.Options{}), "")
}

func TestTreeFS(t *testing.T) {
	o := newOrigin(t, t.TempDir())
	tree := treeOnly(t, o, o.files(map[string]string{"a": "one", "empty": "", "d.b": "x", "d/e/f": "deep", "d/g": strings.Repeat("long", 1e5), "d0": "y"}))
	if err := fstest.TestFS(tree, "a", "empty", "d.b", "d/e/f", "d/g", "d0"); err != nil {
		t.Errorf("TestFS: %v", err)
	}
	wantCodes(t, "honest tree", tree.Findings())
	f, err := tree.Open("d/g")
	if err != nil {
		t.Fatal(err)
	}
	if err := iotest.TestReader(f, []byte(strings.Repeat("long", 1e5))); err != nil {
		t.Errorf("TestReader: %v", err)
	}
	if info, err := tree.Stat("a"); err != nil || info.Size() != 3 || !info.ModTime().Equal(o.now) {
		t.Errorf("Stat: got %v, %v, want 3 bytes of %v", info, err, o.now)
	}
	for _, name := range []string{"", "/a", "../a", "a/", "./a", "d//g"} {
		if _, err := tree.Open(name); !errors.Is(err, fs.ErrInvalid) {
			t.Errorf("Open(%q): got error %v, want %q", name, err, fs.ErrInvalid)
		}
	}
	for _, name := range []string{"b", "a/b", "d/e/f/g", "A"} {
		if _, err := tree.Open(name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("Open(%q): got error %v, want %q", name, err, fs.ErrNotExist)
		}
	}
}

// TestTreeHostile reads tree objects that no honest git writes.
func TestTreeHostile(t *testing.T) {
	o := newOrigin(t, t.TempDir())
	good, evil := o.blob("good"), o.blob("evil")
	sub := o.tree(item{regular, "x", evil})
	id := func(s string) string { return plumbing.NewHash(s).String() }
	absent := plumbing.NewHash(id(strings.Repeat("ab", 20)))
	for _, test := range []struct {
		name  string
		items []item
		kept  string            // names, with "!" for what is no regular file
		codes map[string]string // path to code
	}{
		{"parent", []item{{regular, "..", evil}}, "", map[string]string{"..": "invalid-name"}},
		{"parent directory", []item{{directory, "..", sub}}, "", map[string]string{"..": "invalid-name"}},
		{"itself", []item{{directory, ".", sub}}, "", map[string]string{".": "invalid-name"}},
		{"no name", []item{{regular, "", evil}}, "", map[string]string{"": "invalid-name"}},
		{"git's files", []item{{directory, ".git", sub}}, "", map[string]string{".git": "invalid-name"}},
		{"git's files in capitals", []item{{directory, ".GiT", sub}}, "", map[string]string{".GiT": "invalid-name"}},
		{"git's files, short", []item{{directory, "GIT~1", sub}}, "", map[string]string{"GIT~1": "invalid-name"}},
		{"slash", []item{{regular, "a/b", evil}}, "", map[string]string{"a/b": "invalid-name"}},
		{"absolute", []item{{regular, "/etc", evil}}, "", map[string]string{"/etc": "invalid-name"}},
		{"climbing", []item{{regular, "../../x", evil}}, "", map[string]string{"../../x": "invalid-name"}},
		{"not UTF-8", []item{{regular, "\xff", evil}}, "", map[string]string{"\xff": "invalid-name"}},
		{"symbolic link", []item{{symlink, "l", o.blob("/etc/passwd")}}, "l!", map[string]string{"l": "symbolic-link"}},
		{"submodule", []item{{gitlink, "m", absent}}, "m!", map[string]string{"m": "not-a-file"}},
		{"unknown mode", []item{{"150000", "m", evil}}, "m!", map[string]string{"m": "not-a-file"}},
		{"executable", []item{{executable, "z", good}}, "z", nil},
		{"twice", []item{{regular, "a", good}, {regular, "a", evil}}, "", map[string]string{"a": "duplicate-name"}},
		{"file and directory", []item{{regular, "a", good}, {regular, "a.b", good}, {directory, "a", sub}}, "a.b", map[string]string{"a": "duplicate-name"}},
		{"twins", []item{{regular, "B", good}, {regular, "b", evil}}, "B b", map[string]string{"b": "case-twins"}},
		{"backslash", []item{{regular, `a\b`, good}}, `a\b`, map[string]string{`a\b`: "odd-name"}},
		{"right to left", []item{{regular, "a\u202eb", good}}, "a\u202eb", map[string]string{"a\u202eb": "odd-name"}},
		{"line break", []item{{regular, "a\nb", good}}, "a\nb", map[string]string{"a\nb": "odd-name"}},
		{"out of order", []item{{regular, "y", good}, {regular, "x", good}}, "x y", nil},
		{"directory that is a file", []item{{directory, "d", good}}, "d!", map[string]string{"d": "malformed-tree"}},
		{"directory that is garbage", []item{{directory, "d", o.object(plumbing.TreeObject, "garbage")}}, "d!", map[string]string{"d": "malformed-tree"}},
		{"odd mode", []item{{directory, "d", o.tree(item{"1006x4", "x", good})}}, "d!", map[string]string{"d": "malformed-tree"}},
		{"below", []item{{directory, "d", o.tree(item{regular, "..", evil}, item{regular, "x", good})}}, "d!", map[string]string{"d/..": "invalid-name"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			tree := treeOnly(t, o, o.tree(append(test.items, item{regular, "zz", good})...))
			got := map[string]string{}
			for _, f := range tree.Findings() {
				got[strings.TrimPrefix(f.Path, "./")] = f.Code
			}
			if len(got) != len(test.codes) {
				t.Errorf("findings: got %v, want %v", got, test.codes)
			}
			for path, code := range test.codes {
				if got[path] != code {
					t.Errorf("findings: got %q about %q, want %q", got[path], path, code)
				}
			}
			entries, err := fs.ReadDir(tree, ".")
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, e := range entries {
				name := e.Name()
				_, err := fs.ReadFile(tree, name)
				if !e.Type().IsRegular() {
					name += "!"
				}
				if (err == nil) != e.Type().IsRegular() {
					t.Errorf("ReadFile(%q): got error %v, want one only for what is no file", name, err)
				}
				names = append(names, name)
			}
			if want := strings.TrimSpace(test.kept + " zz"); strings.Join(names, " ") != want {
				t.Errorf("names: got %q, want %q", names, want)
			}
			if !slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Type() == fs.ModeIrregular }) {
				// TestFS refuses backslashes, which fs.ValidPath does not.
				if err := fstest.TestFS(tree, "zz"); err != nil && !strings.ContainsAny(test.kept, `!\`) {
					t.Errorf("TestFS: %v", err)
				}
			}
		})
	}
}

// TestTreeDeep refuses trees that nest too deep, and trees that small objects make huge.
func TestTreeDeep(t *testing.T) {
	o := newOrigin(t, t.TempDir())
	deep := o.tree(item{regular, "x", o.blob("x")})
	for range 100 {
		deep = o.tree(item{directory, "d", deep})
	}
	wide := o.tree(item{regular, "x", o.blob("x")})
	for range 10 {
		var items []item
		for c := 'a'; c <= 'z'; c++ {
			items = append(items, item{directory, string(c), wide})
		}
		wide = o.tree(items...)
	}
	for name, tree := range map[string]plumbing.Hash{"deep": deep, "wide": wide} {
		o.ref("refs/heads/main", o.commit(tree))
		r := open(t, o.dir, repo.Options{})
		c, err := r.Resolve("")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Tree(c); err == nil || errors.Is(err, repo.ErrDamaged) {
			t.Errorf("%s: got error %v, want one that is not %q", name, err, repo.ErrDamaged)
		}
	}
}

// TestTreeDamaged changes loose objects behind git's back.
func TestTreeDamaged(t *testing.T) {
	loose := func(o *origin, id plumbing.Hash) string {
		return filepath.Join(o.dir, "objects", id.String()[:2], id.String()[2:])
	}
	for _, test := range []struct {
		name   string
		damage func(t *testing.T, o *origin, a, b plumbing.Hash)
	}{
		{"another blob's bytes", func(t *testing.T, o *origin, a, b plumbing.Hash) {
			data, err := os.ReadFile(loose(o, b))
			if err != nil {
				t.Fatal(err)
			}
			overwrite(t, loose(o, a), data)
		}},
		{"cut short", func(t *testing.T, o *origin, a, _ plumbing.Hash) {
			data, err := os.ReadFile(loose(o, a))
			if err != nil {
				t.Fatal(err)
			}
			overwrite(t, loose(o, a), data[:len(data)-6])
		}},
		{"empty", func(t *testing.T, o *origin, a, _ plumbing.Hash) { overwrite(t, loose(o, a), nil) }},
		{"garbage", func(t *testing.T, o *origin, a, _ plumbing.Hash) { overwrite(t, loose(o, a), []byte("garbage")) }},
		{"missing", func(t *testing.T, o *origin, a, _ plumbing.Hash) {
			if err := os.Remove(loose(o, a)); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := newOrigin(t, t.TempDir())
			a, b := o.blob("good"), o.blob("evil")
			o.ref("refs/heads/main", o.commit(o.tree(item{regular, "a", a}, item{regular, "b", b})))
			test.damage(t, o, a, b)
			tree := treeOf(t, open(t, o.dir, repo.Options{}), "")
			if data, err := fs.ReadFile(tree, "a"); !errors.Is(err, repo.ErrDamaged) || len(data) > 0 {
				t.Errorf("ReadFile: got %q, %v, want nothing and an error that is %q", data, err, repo.ErrDamaged)
			}
			f, err := tree.Open("a")
			if err != nil {
				t.Fatal(err)
			}
			if data, err := io.ReadAll(f); !errors.Is(err, repo.ErrDamaged) || len(data) > 0 {
				t.Errorf("ReadAll: got %q, %v, want nothing and an error that is %q", data, err, repo.ErrDamaged)
			}
			if data, err := fs.ReadFile(tree, "b"); err != nil || string(data) != "evil" {
				t.Errorf("ReadFile of the other file: got %q, %v, want %q", data, err, "evil")
			}
		})
	}
}
