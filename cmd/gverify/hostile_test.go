package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gverify/gverify/testdata/example"
)

// gitWriter writes raw objects into a bare repository, also those that git itself would not write.
type gitWriter struct {
	t   *testing.T
	dir string
}

func newGitWriter(t *testing.T) gitWriter {
	if _, err := exec.LookPath("git"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	g := gitWriter{t, filepath.Join(t.TempDir(), "sigs.git")}
	g.run(nil, "init", "-q", "--bare", "-b", "master", g.dir)
	return g
}

func (g gitWriter) run(stdin []byte, args ...string) string {
	g.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = filepath.Dir(g.dir)
	if args[0] != "init" {
		cmd.Dir = g.dir
	}
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_AUTHOR_NAME=x", "GIT_AUTHOR_EMAIL=x@example.org", "GIT_COMMITTER_NAME=x", "GIT_COMMITTER_EMAIL=x@example.org")
	cmd.Stdin = bytes.NewReader(stdin)
	out, err := cmd.Output()
	if err != nil {
		g.t.Fatalf("git %q: %v", args, err)
	}
	return strings.TrimSpace(string(out))
}

// entry is one line of a tree object.
type entry struct{ mode, name, hash string }

func (g gitWriter) blob(data []byte) string { return g.run(data, "hash-object", "-w", "--stdin") }

// tree writes a tree object as it is given but for the order, whatever the names are.
func (g gitWriter) tree(entries ...entry) string {
	slices.SortStableFunc(entries, func(a, b entry) int { return strings.Compare(sortName(a), sortName(b)) })
	var b bytes.Buffer
	for _, e := range entries {
		hash, err := hex.DecodeString(e.hash)
		if err != nil {
			g.t.Fatal(err)
		}
		b.WriteString(e.mode + " " + e.name + "\x00")
		b.Write(hash)
	}
	return g.run(b.Bytes(), "hash-object", "-w", "-t", "tree", "--literally", "--stdin")
}

func sortName(e entry) string {
	if e.mode == "40000" {
		return e.name + "/"
	}
	return e.name
}

// copyTree writes a directory of a file system, with more entries at given paths.
func (g gitWriter) copyTree(fsys fs.FS, dir string, more map[string][]entry) string {
	items, err := fs.ReadDir(fsys, dir)
	if err != nil {
		g.t.Fatal(err)
	}
	entries := slices.Clone(more[dir])
	for _, item := range items {
		at := item.Name()
		if dir != "." {
			at = dir + "/" + at
		}
		if item.IsDir() {
			entries = append(entries, entry{"40000", item.Name(), g.copyTree(fsys, at, more)})
			continue
		}
		data, err := fs.ReadFile(fsys, at)
		if err != nil {
			g.t.Fatal(err)
		}
		entries = append(entries, entry{"100644", item.Name(), g.blob(data)})
	}
	return g.tree(entries...)
}

// commit puts a tree on the branch.
func (g gitWriter) commit(tree string) {
	g.run(nil, "update-ref", "refs/heads/master", g.run([]byte("x"), "commit-tree", tree))
}

// A name can try to climb out of its directory, to hide, or to pass for another one (attack 12). Alice's attestation under such
// a name is never a further voice and never takes one away, and the reader is told; nothing is written anywhere.
func TestHostileNames(t *testing.T) {
	demo := example.FS()
	policy := filepath.Join(t.TempDir(), "policy.yaml")
	if err := os.WriteFile(policy, example.Policy(), 0o644); err != nil {
		t.Fatal(err)
	}
	g := newGitWriter(t)
	alice := g.copyTree(demo, "1.0-linux/alice", nil)
	assertion, err := fs.ReadFile(demo, "1.0-linux/alice/democoin-linux-1.0-build.assert")
	if err != nil {
		t.Fatal(err)
	}
	blob := g.blob(assertion)
	release := "1.0-linux"
	for _, c := range []struct {
		name string
		at   string
		entry
		want string // in the report
	}{
		{"nothing", "", entry{}, ""},
		{"parent", release, entry{"40000", "..", alice}, "invalid-name"},
		{"climbing", release, entry{"40000", "../../1.0-linux/zed", alice}, "invalid-name"},
		{"absolute", release, entry{"40000", "/tmp/zed", alice}, "invalid-name"},
		{"git's own", release, entry{"40000", ".git", alice}, "invalid-name"},
		{"case twin", release, entry{"40000", "Alice", alice}, "case-twins"},
		{"Unicode twin", release, entry{"40000", "a\u200blice", alice}, "odd-name"},
		{"trailing dot", release, entry{"40000", "alice.", alice}, "odd-name"},
		{"leading dash", release, entry{"40000", "-alice", alice}, "odd-name"},
		{"right to left", release, entry{"40000", "\u202eecila", alice}, "odd-name"},
		{"line break", release, entry{"40000", "zed\nAGREED", alice}, "odd-name"},
		{"not UTF-8", release, entry{"40000", "\xffalice", alice}, "invalid-name"},
		{"symbolic link", release, entry{"120000", "zed", g.blob([]byte("alice"))}, "symbolic-link"},
		{"submodule", release, entry{"160000", "zed", strings.Repeat("ab", 20)}, "not-a-file"},
		{"link as assertion", release + "/alice", entry{"120000", "democoin-linux-1.0-again-build.assert", g.blob([]byte("/etc/passwd"))}, "symbolic-link"},
		{"assertion of nobody", release, entry{"100644", "democoin-linux-1.0-build.assert", blob}, "assertion-without-signer"},
		{"name of 10,000 characters", release, entry{"40000", strings.Repeat("z", 10_000), alice}, "odd-name"},
	} {
		t.Run(c.name, func(t *testing.T) {
			more := map[string][]entry{}
			if c.at != "" {
				more[c.at] = []entry{c.entry}
			}
			g.commit(g.copyTree(demo, ".", more))
			home := t.TempDir()
			gverify := func(args ...string) (int, string) {
				var out, errs bytes.Buffer
				w := world{streams: streams{Out: &out, Err: &errs}, now: example.Day.Add(time.Hour), getenv: func(name string) string {
					return map[string]string{"HOME": home}[name]
				}}
				args = append([]string{"release", "1.0", "--sigs", g.dir, "--keys", "sigs:", "--policy", policy, "--platform", "linux"}, args...)
				return run(context.Background(), args, w), out.String() + errs.String()
			}
			if code, out := gverify("--threshold", "4"); code != exitAgreed {
				t.Errorf("four must still agree: exit code %d\n%s", code, out)
			}
			if code, out := gverify("--threshold", "5"); code != exitInsufficient {
				t.Errorf("a fifth voice: exit code %d\n%s", code, out)
			}
			_, out := gverify("--format", "json")
			if !strings.Contains(out, `"code": "`+c.want) && c.want != "" {
				t.Errorf("no finding %q:\n%s", c.want, out)
			}
			_, out = gverify("-v")
			if strings.ContainsAny(out, "\u202e\u200b\x1b") || strings.Contains(out, "\nAGREED") {
				t.Errorf("repository text reaches the terminal: %q", out)
			}
		})
	}
}
