package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gverify/gverify/report"
	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/sigs/repo"
	"github.com/gverify/gverify/testdata/example"
	"github.com/gverify/gverify/verify"
)

// grown is a git repository made of the demonstration's, one commit per signer.
type grown struct {
	t   *testing.T
	dir string
	day int
}

func newGrown(t *testing.T) *grown {
	if _, err := exec.LookPath("git"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	g := &grown{t: t, dir: t.TempDir()}
	g.git("init", "-q", "-b", "main")
	return g
}

func (g *grown) git(args ...string) string {
	g.t.Helper()
	g.day++
	cmd := exec.Command("git", args...)
	cmd.Dir = g.dir
	date := fmt.Sprintf("2025-06-%02dT12:00:00Z", min(g.day, 30))
	cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_AUTHOR_DATE="+date, "GIT_COMMITTER_DATE="+date,
		"GIT_AUTHOR_NAME=A", "GIT_AUTHOR_EMAIL=a@example.org", "GIT_COMMITTER_NAME=A", "GIT_COMMITTER_EMAIL=a@example.org")
	out, err := cmd.CombinedOutput()
	if err != nil {
		g.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// put writes a file and commits it.
func (g *grown) put(name string, data []byte) {
	g.t.Helper()
	file := filepath.Join(g.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		g.t.Fatal(err)
	}
	if err := os.WriteFile(file, data, 0o644); err != nil {
		g.t.Fatal(err)
	}
	g.git("add", "-A")
	g.git("commit", "-q", "-m", name)
}

// assertionOf is what a signer of the demonstration says of a platform.
func assertionOf(t *testing.T, platform, signer string) []byte {
	t.Helper()
	f, err := example.FS().Open("1.0-" + platform + "/" + signer + "/democoin-" + platform + "-1.0-build.assert")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(f); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const win = "1.0-win/%s/democoin-win-1.0-build.assert"

// planted commits the demonstration's windows builds; dave's first one is replaced.
func (g *grown) planted() {
	for _, signer := range []string{"alice", "bob", "carol"} {
		g.put(fmt.Sprintf(win, signer), assertionOf(g.t, "win", signer))
	}
	g.put(fmt.Sprintf(win, "dave"), assertionOf(g.t, "win", "dave"))
	g.put(fmt.Sprintf(win, "dave"), assertionOf(g.t, "win", "alice"))
	g.put("1.0-win/mallory/democoin-win-1.0-build.assert", []byte("<html>not found</html>"))
}

func (g *grown) index(cache string) *corpus { return indexed(g.t, g.dir, "", cache) }

// explained is what an index and a history say of the planted release, as JSON.
func explained(t *testing.T, x *corpus, dir string) string {
	t.Helper()
	return explainedAs(t, x, dir, "1.0-win")
}

// explainedAs is what an index and a history say of a release directory, as JSON.
func explainedAs(t *testing.T, x *corpus, dir, release string) string {
	t.Helper()
	r, err := repo.Open(context.Background(), dir, repo.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var versions []repo.Version
	for _, v := range x.history.Versions {
		if strings.HasPrefix(v.Path, release+"/") {
			versions = append(versions, v)
		}
	}
	places, err := placesOf(versions)
	if err != nil {
		t.Fatal(err)
	}
	var all []verify.Observation
	if err := (corpusReader{repository: r}).observe(context.Background(), versions, places, func(o verify.Observation) { all = append(all, o) }); err != nil {
		t.Fatal(err)
	}
	e := verify.Explanation{Version: "1.0", Platforms: []verify.PlatformExplanation{verify.ExplainGroups([][]verify.Observation{all}, x.index)}}
	data, err := json.MarshalIndent(report.NewExplained(e, true, true), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// An index that was kept, loaded, and extended commit by commit says what one that is read at once says.
func TestIndexExtended(t *testing.T) {
	g, cache := newGrown(t), t.TempDir()
	g.put("README", []byte("hello"))
	for i, signer := range []string{"alice", "bob", "carol", "dave"} {
		g.put(fmt.Sprintf(win, signer), assertionOf(t, "win", signer))
		if x := g.index(cache); x.index.Len() != i+1 || len(x.findings) > 0 {
			t.Fatalf("after %s: %d observations, findings %v", signer, x.index.Len(), x.findings)
		}
	}
	g.put(fmt.Sprintf(win, "dave"), assertionOf(t, "win", "alice"))
	g.put("1.0-win/mallory/democoin-win-1.0-build.assert", []byte("<html>not found</html>"))
	got := explained(t, g.index(cache), g.dir)
	want := explained(t, g.index(t.TempDir()), g.dir)
	if got != want {
		t.Errorf("extended:\n%s\nat once:\n%s", got, want)
	}
	for _, part := range []string{`"package-drift"`, `"binutils"`, `"replaced": "2025-06-`, `"corrupt-file"`} {
		if !strings.Contains(want, part) {
			t.Errorf("the explanation has no %s:\n%s", part, want)
		}
	}
	if kept := (indexCache{cache, g.dir}).kept(); len(kept) != keptIndexes {
		t.Errorf("%d indexes are kept, want %d", len(kept), keptIndexes)
	}
}

// A cached index that is damaged, of another version, or of another repository is noticed and made anew.
func TestIndexUnusable(t *testing.T) {
	g, cache := newGrown(t), t.TempDir()
	g.planted()
	want := explained(t, g.index(cache), g.dir)
	file := indexCache{cache, g.dir}.file(g.git("rev-parse", "HEAD"))
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	last := bytes.Clone(data)
	last[len(last)-1] ^= 1
	for name, broken := range map[string][]byte{
		"empty": {}, "cut": data[:len(data)/2], "flipped": last, "longer": append(bytes.Clone(data), 0),
		"other version": bytes.Replace(data, []byte("index 1"), []byte("index 0"), 1),
	} {
		if err := os.WriteFile(file, broken, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := (indexCache{cache, g.dir}).load(g.git("rev-parse", "HEAD")); !errors.Is(err, errIndexFile) {
			t.Errorf("%s: load: got error %v, want %v", name, err, errIndexFile)
		}
		x := g.index(cache)
		if !slices.ContainsFunc(x.findings, func(f sigs.Finding) bool { return f.Code == "index-unusable" }) {
			t.Errorf("%s: got findings %v, want index-unusable", name, x.findings)
		}
		if got := explained(t, x, g.dir); got != want {
			t.Errorf("%s: made anew it says something else", name)
		}
		if again := g.index(cache); len(again.findings) > 0 {
			t.Errorf("%s: made anew it is not kept: %v", name, again.findings)
		}
	}
}

// A history that lost the commit the index was made of is an alarm, and nothing of what was lost stays in the index.
func TestIndexOfARewrittenHistory(t *testing.T) {
	g, cache := newGrown(t), t.TempDir()
	g.planted()
	before := g.index(cache).index.Len()
	g.git("reset", "-q", "--hard", "HEAD~3")
	x := g.index(cache)
	if !slices.ContainsFunc(x.findings, func(f sigs.Finding) bool { return f.Code == "history-rewritten" && f.Severity == sigs.Alarm }) {
		t.Errorf("got findings %v, want an alarm history-rewritten", x.findings)
	}
	if x.index.Len() != 3 || before != 6 {
		t.Errorf("%d observations, %d before the loss, want 3 and 6", x.index.Len(), before)
	}
}

// What is read of a shallow clone is not kept: the same commit has more to tell once the rest was fetched.
func TestIndexOfAShallowClone(t *testing.T) {
	g := newGrown(t)
	g.planted()
	clone, cache := filepath.Join(t.TempDir(), "clone"), t.TempDir()
	g.git("clone", "-q", "--depth=2", "file://"+filepath.ToSlash(g.dir), clone)
	x := indexed(t, clone, "", cache)
	if !slices.ContainsFunc(x.findings, func(f sigs.Finding) bool { return f.Code == "history-shallow" }) {
		t.Errorf("got findings %v, want history-shallow", x.findings)
	}
	if kept := (indexCache{cache, clone}).kept(); len(kept) > 0 {
		t.Errorf("kept %v, want nothing", kept)
	}
}

// A cache that cannot be written costs time, nothing else.
func TestIndexWithoutCache(t *testing.T) {
	g := newGrown(t)
	g.planted()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	x := g.index(file)
	if x.index.Len() != 6 || len(x.findings) != 1 || x.findings[0].Code != "index-unwritable" {
		t.Errorf("%d observations, findings %v, want 6 and index-unwritable", x.index.Len(), x.findings)
	}
}

func TestTreeOfNames(t *testing.T) {
	tree := treeOfNames([]string{"a/b/c", "a/d", "a/d/e", "f"})
	for dir, want := range map[string]string{".": "[d a/ - f]", "a": "[d b/ d d/]", "a/b": "[- c]", "a/d": "[- e]"} {
		entries, err := tree.ReadDir(dir)
		if got := fmt.Sprint(entries); got != want || err != nil {
			t.Errorf("ReadDir(%s): got %s, %v, want %s", dir, got, err, want)
		}
	}
	if _, err := tree.ReadDir("x"); err == nil {
		t.Error("ReadDir(x): got no error")
	}
}
