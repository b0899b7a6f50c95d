package repo_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gverify/gverify/sigs/repo"
)

// TestOpenLocal reads local repositories of every kind, and writes nothing to them.
func TestOpenLocal(t *testing.T) {
	root := t.TempDir()
	work := filepath.Join(root, "work")
	if err := os.Mkdir(work, 0o700); err != nil {
		t.Fatal(err)
	}
	runGit(t, work, "init", "-q", "-b", "main")
	var want string
	for i := range 40 { // enough for deltas of deltas
		want += strings.Repeat(fmt.Sprintf("line %d of a file that grows\n", i), 20)
		if err := os.WriteFile(filepath.Join(work, "a"), []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
		runGit(t, work, "add", "a")
		runGit(t, work, "commit", "-q", "-m", "x")
	}
	runGit(t, root, "clone", "-q", "--bare", "work", "bare.git")
	runGit(t, root, "clone", "-q", "--bare", "work", "packed.git")
	runGit(t, filepath.Join(root, "packed.git"), "repack", "-q", "-a", "-d", "-f", "--depth=50", "--window=50")
	runGit(t, root, "clone", "-q", "--shared", "work", "borrowing")
	runGit(t, work, "worktree", "add", "-q", "../linked", "-b", "side")
	before := snapshot(t, root)
	for _, test := range []struct{ name, path string }{
		{"work tree", "work"}, {"its .git", "work/.git"}, {"bare", "bare.git"}, {"packed", "packed.git"},
		{"borrowing objects", "borrowing"}, {"linked work tree", "linked"},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(root, filepath.FromSlash(test.path))
			r := open(t, path, repo.Options{Offline: true})
			wantFile(t, r, "a", want)
			wantCodes(t, "local", r.Findings())
			if got := r.Location(); got != path {
				t.Errorf("Location: got %q, want %q", got, path)
			}
			if when, network := r.Fetched(); !when.IsZero() || network {
				t.Errorf("Fetched: got %v, %v, want no time, false", when, network)
			}
			for i, id := range strings.Fields(runGit(t, work, "rev-list", "--reverse", "main")) {
				data, err := fs.ReadFile(treeOf(t, r, id), "a")
				if length := len(data); err != nil || !strings.HasPrefix(want, string(data)) || strings.Count(string(data), "\n") != 20*(i+1) {
					t.Errorf("commit %d: got %d bytes, %v, want the first %d lines", i, length, err, 20*(i+1))
				}
			}
		})
	}
	wantUntouched(t, root, before)
}

// TestOpenNotRepository opens local paths that hold no repository.
func TestOpenNotRepository(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{"file": "x", "odd/.git": "gitdir:", "lost/.git": "gitdir: ../nowhere", "half/HEAD": "ref: refs/heads/main"} {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	newOrigin(t, filepath.Join(root, "r.git")).push("one")
	overwrite(t, filepath.Join(root, "r.git", "HEAD"), []byte("garbage"))
	for _, test := range []struct {
		path string
		want error
	}{
		{"nothing", fs.ErrNotExist}, {".", repo.ErrNotRepository}, {"file", repo.ErrNotRepository}, {"odd", repo.ErrNotRepository},
		{"half", repo.ErrNotRepository}, {"lost", nil}, {"r.git", repo.ErrDamaged}, {"r.git/refs", repo.ErrNotRepository},
	} {
		r, err := repo.Open(t.Context(), filepath.Join(root, filepath.FromSlash(test.path)), repo.Options{})
		if err == nil {
			r.Close()
			t.Errorf("%s: got no error, want one", test.path)
		} else if test.want != nil {
			wantIs(t, test.path, err, test.want)
		}
	}
}
