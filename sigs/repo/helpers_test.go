package repo_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"maps"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/sigs/repo"
)

const (
	regular    = "100644"
	executable = "100755"
	directory  = "40000"
	symlink    = "120000"
	gitlink    = "160000"
)

var day = time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)

// origin is a repository that tests write to, object by object: git would refuse to make some of what is needed.
type origin struct {
	t   testing.TB
	dir string
	git *git.Repository
	now time.Time
}

// newOrigin makes an empty bare repository, whose default branch is to be main.
func newOrigin(t testing.TB, dir string) *origin {
	t.Helper()
	r, err := git.PlainInit(dir, true)
	if err != nil {
		t.Fatal(err)
	}
	o := &origin{t, dir, r, day}
	o.head("refs/heads/main")
	return o
}

func (o *origin) head(branch string) {
	o.t.Helper()
	ref := plumbing.NewSymbolicReference(plumbing.HEAD, plumbing.ReferenceName(branch))
	if err := o.git.Storer.SetReference(ref); err != nil {
		o.t.Fatal(err)
	}
}

func (o *origin) ref(name string, id plumbing.Hash) {
	o.t.Helper()
	if err := o.git.Storer.SetReference(plumbing.NewHashReference(plumbing.ReferenceName(name), id)); err != nil {
		o.t.Fatal(err)
	}
}

// object writes an object whose content is not looked at.
func (o *origin) object(kind plumbing.ObjectType, data string) plumbing.Hash {
	o.t.Helper()
	m := &plumbing.MemoryObject{}
	m.SetType(kind)
	if _, err := m.Write([]byte(data)); err != nil {
		o.t.Fatal(err)
	}
	id, err := o.git.Storer.SetEncodedObject(m)
	if err != nil {
		o.t.Fatal(err)
	}
	return id
}

func (o *origin) blob(data string) plumbing.Hash { return o.object(plumbing.BlobObject, data) }

// item is an entry of a tree.
type item struct {
	mode, name string
	id         plumbing.Hash
}

func (o *origin) tree(items ...item) plumbing.Hash {
	var b bytes.Buffer
	for _, i := range items {
		fmt.Fprintf(&b, "%s %s\x00%s", i.mode, i.name, i.id[:])
	}
	return o.object(plumbing.TreeObject, b.String())
}

// files makes a tree, and those below it, of paths and contents.
func (o *origin) files(files map[string]string) plumbing.Hash {
	below := map[string]map[string]string{}
	var items []item
	for name, content := range files {
		if dir, rest, ok := strings.Cut(name, "/"); ok {
			if below[dir] == nil {
				below[dir] = map[string]string{}
			}
			below[dir][rest] = content
			continue
		}
		items = append(items, item{regular, name, o.blob(content)})
	}
	for dir, files := range below {
		items = append(items, item{directory, dir, o.files(files)})
	}
	order := func(i item) string {
		if i.mode == directory {
			return i.name + "/"
		}
		return i.name
	}
	slices.SortFunc(items, func(a, b item) int { return strings.Compare(order(a), order(b)) })
	return o.tree(items...)
}

// commit writes a commit, one minute after the last.
func (o *origin) commit(tree plumbing.Hash, parents ...plumbing.Hash) plumbing.Hash {
	o.now = o.now.Add(time.Minute)
	var b strings.Builder
	fmt.Fprintf(&b, "tree %s\n", tree)
	for _, p := range parents {
		fmt.Fprintf(&b, "parent %s\n", p)
	}
	fmt.Fprintf(&b, "author A <a@example.org> %d +0000\ncommitter C <c@example.org> %[1]d +0000\n\nmessage\n", o.now.Unix())
	return o.object(plumbing.CommitObject, b.String())
}

// tag writes an annotated tag object.
func (o *origin) tag(kind string, target plumbing.Hash) plumbing.Hash {
	return o.object(plumbing.TagObject, fmt.Sprintf("object %s\ntype %s\ntag x\ntagger C <c@example.org> %d +0000\n\nm\n", target, kind, day.Unix()))
}

// push puts a commit of one file "a" on top of main and returns it.
func (o *origin) push(content string, parents ...plumbing.Hash) plumbing.Hash {
	id := o.commit(o.files(map[string]string{"a": content, "d/b": "below"}), parents...)
	o.ref("refs/heads/main", id)
	return id
}

// needGit returns the git program. A machine without it skips the test; continuous integration has to have it.
func needGit(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("git")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("git is not installed, and the tests that need it must not be left out here")
		}
		t.Skip("git is not installed")
	}
	return path
}

// runGit runs git without the configuration of user or system.
func runGit(t testing.TB, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command(needGit(t), args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull,
		"GIT_AUTHOR_NAME=A", "GIT_AUTHOR_EMAIL=a@example.org", "GIT_COMMITTER_NAME=C", "GIT_COMMITTER_EMAIL=c@example.org")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// backend serves the repositories below a directory with git's own server.
func backend(t testing.TB, root string) http.Handler {
	t.Helper()
	path := filepath.Join(runGit(t, root, "--exec-path"), "git-http-backend")
	if runtime.GOOS == "windows" {
		path += ".exe"
	}
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("git-http-backend: %v", err)
		}
		t.Skipf("git-http-backend is not installed: %v", err)
	}
	return &cgi.Handler{Path: path, Stderr: io.Discard, Logger: log.New(io.Discard, "", 0),
		Env: []string{"GIT_PROJECT_ROOT=" + root, "GIT_HTTP_EXPORT_ALL=1", "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=" + os.DevNull}}
}

func start(t testing.TB, h http.Handler) *httptest.Server {
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

// served is an origin that a server gives out, and the options to open it with.
func served(t testing.TB) (o *origin, url string, options repo.Options) {
	t.Helper()
	root := t.TempDir()
	h := backend(t, root)
	return newOrigin(t, filepath.Join(root, "r.git")), start(t, h).URL + "/r.git", inCache(t)
}

func inCache(t testing.TB) repo.Options {
	return repo.Options{Cache: filepath.Join(t.TempDir(), "cache"), Now: day}
}

// open opens a repository that has to open.
func open(t testing.TB, location string, o repo.Options) *repo.Repository {
	t.Helper()
	r, err := repo.Open(t.Context(), location, o)
	if err != nil {
		t.Fatalf("Open: got error %v, want none", err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

// treeOf returns the tree of a revision that has to be there.
func treeOf(t testing.TB, r *repo.Repository, revision string) *repo.Tree {
	t.Helper()
	c, err := r.Resolve(revision)
	if err != nil {
		t.Fatalf("Resolve(%q): got error %v, want none", revision, err)
	}
	tree, err := r.Tree(c)
	if err != nil {
		t.Fatalf("Tree(%s): got error %v, want none", c.Hash, err)
	}
	return tree
}

// wantFile checks a file of the default branch.
func wantFile(t testing.TB, r *repo.Repository, name, want string) {
	t.Helper()
	got, err := fs.ReadFile(treeOf(t, r, ""), name)
	if err != nil || string(got) != want {
		t.Errorf("file %s: got %q, %v, want %q", name, got, err, want)
	}
}

// wantCodes checks the codes of findings, in any order.
func wantCodes(t testing.TB, what string, findings []sigs.Finding, want ...string) {
	t.Helper()
	got := []string{}
	for _, f := range findings {
		got = append(got, f.Code)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%s: got findings %q, want %q (%v)", what, got, want, findings)
	}
}

// wantIs checks that an error is all of the wanted ones.
func wantIs(t testing.TB, what string, err error, want ...error) {
	t.Helper()
	for _, w := range want {
		if !errors.Is(err, w) {
			t.Errorf("%s: got error %v, want one that is %q", what, err, w)
		}
	}
}

// cloneIn returns the one finished clone of a cache.
func cloneIn(t testing.TB, cache string) string {
	t.Helper()
	found := clones(cache)
	if len(found) != 1 {
		t.Fatalf("clones in the cache: got %q, want one", found)
	}
	return found[0]
}

func clones(cache string) []string {
	found, _ := filepath.Glob(filepath.Join(cache, "*.git"))
	return found
}

// only returns the one file that a pattern names.
func only(t testing.TB, pattern ...string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(pattern...))
	if err != nil || len(found) != 1 {
		t.Fatalf("%s: got %q, %v, want one file", filepath.Join(pattern...), found, err)
	}
	return found[0]
}

// overwrite replaces a file that may be read-only.
func overwrite(t testing.TB, path string, data []byte) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// snapshot describes every file below a directory.
func snapshot(t testing.TB, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		text := fmt.Sprint(info.Mode(), info.ModTime().UnixNano())
		if info.Mode().IsRegular() {
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			text += " " + string(data)
		}
		all[path] = text
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// wantUntouched checks that a directory is as it was.
func wantUntouched(t testing.TB, dir string, before map[string]string) {
	t.Helper()
	after := snapshot(t, dir)
	for _, path := range slices.Sorted(maps.Keys(before)) {
		if after[path] != before[path] {
			t.Errorf("%s: got %q, want %q as before", path, after[path], before[path])
		}
	}
	for _, path := range slices.Sorted(maps.Keys(after)) {
		if _, ok := before[path]; !ok {
			t.Errorf("%s: got a new file, want none", path)
		}
	}
}
