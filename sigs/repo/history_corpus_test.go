package repo_test

import (
	"bufio"
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gverify/gverify/sigs/repo"
)

// corpusRepository opens a real repository, if there are any.
func corpusRepository(t testing.TB, name string) (*repo.Repository, string) {
	t.Helper()
	dir := filepath.Join(cmp.Or(os.Getenv("GVERIFY_CORPUS"), filepath.Join("..", "..", "..", "shared", "corpus")), name)
	if _, err := os.Stat(dir); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("no corpus: %v; set GVERIFY_CORPUS", err)
		}
		t.Skipf("no corpus: %v; set GVERIFY_CORPUS", err)
	}
	return openAt(t, dir), dir
}

func openAt(t testing.TB, dir string) *repo.Repository {
	t.Helper()
	r, err := repo.Open(t.Context(), dir, repo.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func historyOf(t testing.TB, r *repo.Repository, revision string, before *repo.History) *repo.History {
	t.Helper()
	c, err := r.Resolve(revision)
	if err != nil {
		t.Fatal(err)
	}
	h, err := r.History(t.Context(), c, before, nil)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// moment is a commit as git prints it.
type moment struct {
	time int64
	hash string
}

func (m moment) before(other moment) bool {
	return m.time < other.time || m.time == other.time && m.hash < other.hash
}

// gitVersion is what git log says of one content of a path.
type gitVersion struct{ came, gone moment }

// gitHistory asks git for every change; a merge changes only what differs from all its parents.
func gitHistory(t *testing.T, dir string) map[string]*gitVersion {
	t.Helper()
	out, err := exec.Command(needGit(t), "-C", dir, "-c", "core.quotePath=false", "log", "-c", "--raw", "--no-abbrev", "--no-renames", "--format=%H %ct", "HEAD").Output()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]*gitVersion{}
	at := func(path, blob string) *gitVersion {
		key := path + " " + blob
		if all[key] == nil {
			all[key] = &gitVersion{}
		}
		return all[key]
	}
	var now moment
	lines := bufio.NewScanner(strings.NewReader(string(out)))
	for lines.Scan() {
		line := lines.Text()
		if !strings.HasPrefix(line, ":") {
			if hash, seconds, ok := strings.Cut(line, " "); ok {
				n, _ := strconv.ParseInt(seconds, 10, 64)
				now = moment{n, hash}
			}
			continue
		}
		head, path, _ := strings.Cut(line, "\t")
		parents := len(head) - len(strings.TrimLeft(head, ":"))
		fields := strings.Fields(head) // parents+1 modes, parents+1 ids, status
		ids := fields[parents+1 : 2*parents+2]
		if blob := ids[parents]; strings.Trim(blob, "0") != "" {
			if v := at(path, blob); v.came.hash == "" || now.before(v.came) {
				v.came = now
			}
		}
		for _, blob := range ids[:parents] {
			if v := at(path, blob); strings.Trim(blob, "0") != "" && blob != ids[parents] && (v.gone.hash == "" || v.gone.before(now)) {
				v.gone = now
			}
		}
	}
	for key := range all {
		if strings.HasSuffix(key, " "+strings.Repeat("0", 40)) {
			delete(all, key)
		}
	}
	return all
}

// The history of every real repository is the one that git log --raw tells, content by content.
func TestHistoryIsGits(t *testing.T) {
	for _, name := range []string{"bitcoin-gitian.git", "bitcoin-guix.git", "monero-gitian.git", "bitpay-mixed.git"} {
		t.Run(name, func(t *testing.T) {
			r, dir := corpusRepository(t, name)
			h := historyOf(t, r, "", nil)
			want := gitHistory(t, dir)
			standing := map[string]bool{}
			out, err := exec.Command(needGit(t), "-C", dir, "ls-tree", "-r", "-z", "HEAD").Output()
			if err != nil {
				t.Fatal(err)
			}
			for line := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
				head, path, _ := strings.Cut(line, "\t")
				standing[path+" "+strings.Fields(head)[2]] = true
			}
			replaced := 0
			for _, v := range h.Versions {
				key := v.Path + " " + v.Blob
				w := want[key]
				if w == nil {
					t.Errorf("%s: git knows no such content", key)
					continue
				}
				if got := (moment{v.Came.Time.Unix(), v.Came.Hash}); got != w.came {
					t.Errorf("%s came with %v, git says %v", key, got, w.came)
				}
				if v.Stands != standing[key] {
					t.Errorf("%s: stands %v, git says %v", key, v.Stands, standing[key])
				}
				if got := (moment{v.Gone.Time.Unix(), v.Gone.Hash}); got.hash != w.gone.hash && !(v.Dropped && w.gone.hash == "") {
					t.Errorf("%s was replaced by %v (dropped %v), git says %v", key, got, v.Dropped, w.gone)
				}
				if !v.Stands {
					replaced++
					if v.Gone.Hash == "" {
						t.Errorf("%s does not stand, and nothing says when it ended", key)
					}
				}
				delete(want, key)
			}
			for key := range want {
				t.Errorf("git knows %s, the history does not", key)
			}
			t.Logf("%d contents, %d of them replaced or removed", len(h.Versions), replaced)
			if len(h.Versions) == 0 || replaced == 0 {
				t.Error("nothing was tested")
			}
		})
	}
}

// A history that was extended, from any commit and in several steps, is the one that is read at once.
func TestHistoryExtends(t *testing.T) {
	r, dir := corpusRepository(t, "monero-gitian.git")
	out, err := exec.Command(needGit(t), "-C", dir, "rev-list", "HEAD").Output()
	if err != nil {
		t.Fatal(err)
	}
	commits := strings.Fields(string(out))
	want := historyOf(t, r, "", nil)
	for i := 1; i < len(commits); i += 41 {
		first := historyOf(t, r, commits[len(commits)-1-i/2], nil)
		middle := historyOf(t, r, commits[i], first)
		if len(middle.Findings) > 0 && i/2+i < len(commits)-1 {
			t.Logf("%d: %v", i, middle.Findings[0].Text)
		}
		got := historyOf(t, r, "", middle)
		if !equalVersions(got.Versions, want.Versions) {
			t.Errorf("extended from %s (%d commits back): not equal to the history read at once: %s", commits[i], i, firstDifference(got.Versions, want.Versions))
		}
	}
}

func equalVersions(a, b []repo.Version) bool { return firstDifference(a, b) == "" }

func firstDifference(a, b []repo.Version) string {
	for i := range max(len(a), len(b)) {
		if i >= len(a) || i >= len(b) {
			return fmt.Sprintf("%d contents, want %d", len(a), len(b))
		}
		x, y := a[i], b[i]
		if x.Came.Time.Equal(y.Came.Time) && x.Gone.Time.Equal(y.Gone.Time) {
			x.Came.Time, x.Gone.Time, y.Came.Time, y.Gone.Time = time.Time{}, time.Time{}, time.Time{}, time.Time{}
		}
		if x != y {
			return fmt.Sprintf("got %+v, want %+v", a[i], b[i])
		}
	}
	return ""
}
