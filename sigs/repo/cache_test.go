package repo_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/sigs/repo"
)

// TestOpenRemote clones, refreshes, and uses the clone without the network.
func TestOpenRemote(t *testing.T) {
	from, url, o := served(t)
	o.Offline = true
	_, err := repo.Open(t.Context(), url, o)
	wantIs(t, "offline without a clone", err, repo.ErrOffline)

	o.Offline = false
	first := from.push("one")
	r := open(t, url, o)
	wantFile(t, r, "a", "one")
	wantCodes(t, "first clone", r.Findings())
	if when, network := r.Fetched(); !when.Equal(o.Now) || !network {
		t.Errorf("Fetched: got %v, %v, want %v, true", when, network, o.Now)
	}
	if got := r.Location(); got != url {
		t.Errorf("Location: got %q, want %q", got, url)
	}

	second := from.push("two", first)
	o.Now = day.Add(time.Hour)
	o.MaxAge = 2 * time.Hour
	r = open(t, url, o)
	wantFile(t, r, "a", "one")
	if when, network := r.Fetched(); !when.Equal(day) || network {
		t.Errorf("Fetched of a young clone: got %v, %v, want %v, false", when, network, day)
	}
	o.MaxAge = 0
	old := r
	r = open(t, url, o)
	wantFile(t, r, "a", "two")
	wantFile(t, old, "a", "one") // an open repository does not change
	if c, err := r.Resolve(first.String()); err != nil || c.Hash != first.String() {
		t.Errorf("Resolve of the first commit: got %v, %v, want it", c, err)
	}

	from.push("three", second)
	o.Offline = true
	r = open(t, url, o)
	wantFile(t, r, "a", "two")
	wantCodes(t, "offline", r.Findings())
	if when, network := r.Fetched(); !when.Equal(o.Now) || network {
		t.Errorf("Fetched offline: got %v, %v, want %v, false", when, network, o.Now)
	}
	if info, err := os.Stat(cloneIn(t, o.Cache)); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("clone: got %v, %v, want it closed to other users", info.Mode(), err)
	}
}

// TestOpenBranchesGone follows a remote that deletes and renames branches.
func TestOpenBranchesGone(t *testing.T) {
	from, url, o := served(t)
	first := from.push("one")
	from.ref("refs/heads/old", first)
	from.ref("refs/tags/v1", from.tag("commit", first))
	from.ref("refs/pull/1/head", first)
	r := open(t, url, o)
	for revision, want := range map[string]bool{"old": true, "v1": true, "refs/pull/1/head": false} {
		if _, err := r.Resolve(revision); (err == nil) != want {
			t.Errorf("Resolve(%q): got error %v, want found: %v", revision, err, want)
		}
	}
	if err := from.git.Storer.RemoveReference("refs/heads/old"); err != nil {
		t.Fatal(err)
	}
	from.ref("refs/heads/trunk", from.commit(from.files(map[string]string{"a": "trunk"}), first))
	from.head("refs/heads/trunk")
	r = open(t, url, o)
	wantFile(t, r, "a", "trunk")
	if _, err := r.Resolve("old"); err == nil {
		t.Error("Resolve of a deleted branch: got no error, want one")
	}
}

// TestOpenFileURL clones from a file URL.
func TestOpenFileURL(t *testing.T) {
	needGit(t)
	dir := filepath.Join(t.TempDir(), "r.git")
	first := newOrigin(t, dir).push("one")
	r := open(t, "file://"+filepath.ToSlash(dir), inCache(t))
	wantFile(t, r, "a", "one")
	if c, err := r.Resolve(""); err != nil || c.Hash != first.String() || !c.Time.Equal(day.Add(time.Minute)) {
		t.Errorf("Resolve: got %v, %v, want %s of %v", c, err, first, day.Add(time.Minute))
	}
}

// TestOpenAtOnce opens one URL many times at once, in an empty cache.
func TestOpenAtOnce(t *testing.T) {
	from, url, o := served(t)
	from.push("one")
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			r, err := repo.Open(t.Context(), url, o)
			if err != nil {
				t.Errorf("Open: got error %v, want none", err)
				return
			}
			defer r.Close()
			wantFile(t, r, "d/b", "below")
		})
	}
	wg.Wait()
}

// TestOpenUnreachable names remotes that cannot be read, with a password in the URL.
func TestOpenUnreachable(t *testing.T) {
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	answer := func(code int, kind, body string) string {
		return start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", kind)
			w.WriteHeader(code)
			_, _ = w.Write([]byte(body + r.Header.Get("Authorization")))
		})).URL
	}
	const refs = "application/x-git-upload-pack-advertisement"
	for _, test := range []struct{ name, url string }{
		{"closed port", closed.URL},
		{"not found", answer(404, "text/plain", "no")},
		{"unauthorized", answer(401, "text/plain", "no")},
		{"forbidden", answer(403, "text/plain", "no")},
		{"failure", answer(500, "text/plain", "no")},
		{"a web page", answer(200, "text/html", "<html>")},
		{"nothing", answer(200, refs, "")},
		{"not a pkt-line", answer(200, refs, "zzzz")},
		{"cut short", answer(200, refs, "001e# service=git-upload-pack\n0000")},
		{"a redirect in a circle", start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.Path+"?"+r.URL.RawQuery, http.StatusFound)
		})).URL},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := inCache(t)
			_, err := repo.Open(t.Context(), strings.Replace(test.url, "://", "://alice:hunter%402@", 1)+"/r.git", o)
			var unreachable *repo.UnreachableError
			if !errors.As(err, &unreachable) {
				t.Fatalf("Open: got error %T: %v, want an UnreachableError", err, err)
			}
			if want := test.url + "/r.git"; unreachable.Location != want {
				t.Errorf("Location: got %q, want %q", unreachable.Location, want)
			}
			wantNoSecrets(t, "error", err.Error())
			if got := clones(o.Cache); len(got) != 0 {
				t.Errorf("clones: got %q, want none", got)
			}
		})
	}
}

// wantNoSecrets checks that neither user name nor password, as they are or escaped, are in a text.
func wantNoSecrets(t *testing.T, what, text string) {
	t.Helper()
	for _, secret := range []string{"alice", "hunter"} {
		if strings.Contains(text, secret) {
			t.Errorf("%s: got %q, want it without %q", what, text, secret)
		}
	}
}

// TestOpenCredentials clones with a password, and looks for it wherever somebody could read it.
func TestOpenCredentials(t *testing.T) {
	root := t.TempDir()
	h := backend(t, root)
	s := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != "alice" || password != "hunter@2" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		h.ServeHTTP(w, r)
	}))
	newOrigin(t, filepath.Join(root, "r.git")).push("one")
	o := inCache(t)
	o.State = filepath.Join(t.TempDir(), "state")
	var said bytes.Buffer
	o.Progress = &said
	location := strings.Replace(s.URL, "://", "://alice:hunter%402@", 1) + "/r.git"
	r := open(t, location, o)
	wantFile(t, r, "a", "one")
	if got, want := r.Location(), s.URL+"/r.git"; got != want {
		t.Errorf("Location: got %q, want %q", got, want)
	}
	s.Close()
	o.Progress = nil
	r = open(t, location, o)
	wantCodes(t, "server gone", r.Findings(), "repository-not-refreshed")
	for _, f := range r.Findings() {
		wantNoSecrets(t, "finding", f.Text+f.Next)
	}
	_, err := r.Resolve("nothing")
	wantNoSecrets(t, "revision", err.Error())
	wantNoSecrets(t, "progress", said.String())
	for _, dir := range []string{o.Cache, o.State} {
		for path, content := range snapshot(t, dir) {
			wantNoSecrets(t, "file", path+content)
		}
	}
}

// TestOpenBadLocation names repositories in ways that make no sense. Errors must not repeat passwords.
func TestOpenBadLocation(t *testing.T) {
	for _, location := range []string{
		"", "ftp://alice:hunter2@example.org/r", "https://alice:hunter2@/r", "https://alice:hunter%zz@example.org/r",
		"https://alice:hunter#2@example.org/r", "https://alice:hunter/2@example.org/r", "https://alice:hunter?2@example.org/r",
		"https://alice:hunter 2@example.org/r", "https://alice:hunter2@example.org:port/r", "https://example.org:0x1/r",
		"file://example.org/r", "file://alice:hunter2@example.org/r", "https://-oProxyCommand=x/r", "ssh://-oProxyCommand=x/r",
		"-oProxyCommand=x:r", "git@example.org:-r", "ext::sh -c x://y", "alice:hunter2@example.org://r", "alice:hunter2@example.org:r",
		"view:https://alice:hunter2@example.org/r", "://x", "https://[::1/r",
	} {
		o := inCache(t)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		r, err := repo.Open(ctx, location, o)
		cancel()
		if err == nil {
			r.Close()
			t.Errorf("Open(%q): got no error, want one", location)
			continue
		}
		wantNoSecrets(t, location, err.Error())
		if _, e := os.Stat(o.Cache); e == nil {
			t.Errorf("Open(%q): got a cache directory (%v), want the location refused before", location, err)
		}
	}
}

// TestOpenNotRefreshed uses a clone although its remote fails, and says so.
func TestOpenNotRefreshed(t *testing.T) {
	root := t.TempDir()
	h := backend(t, root)
	var failing atomic.Pointer[string]
	s := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if f := failing.Load(); f != nil && strings.Contains(r.URL.String(), *f) {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		h.ServeHTTP(w, r)
	}))
	from := newOrigin(t, filepath.Join(root, "r.git"))
	last := from.push("one")
	o := inCache(t)
	open(t, s.URL+"/r.git", o)
	last = from.push("two", last)
	for _, part := range []string{"info/refs", "/git-upload-pack"} {
		failing.Store(&part)
		o.Now = day.Add(72 * time.Hour)
		r := open(t, s.URL+"/r.git", o)
		wantFile(t, r, "a", "one")
		wantCodes(t, part, r.Findings(), "repository-not-refreshed")
		if f := r.Findings(); len(f) == 1 && (f[0].Severity != sigs.Warning || !strings.Contains(f[0].Text, "3 days ago")) {
			t.Errorf("%s: got %v, want a warning that says 3 days ago", part, f[0])
		}
		if when, network := r.Fetched(); !when.Equal(day) || network {
			t.Errorf("%s: Fetched: got %v, %v, want %v, false", part, when, network, day)
		}
	}
	failing.Store(nil)
	r := open(t, s.URL+"/r.git", o)
	wantFile(t, r, "a", "two")
	wantCodes(t, "server back", r.Findings())
	if c, err := r.Resolve(""); err != nil || c.Hash != last.String() {
		t.Errorf("Resolve: got %v, %v, want %s", c, err, last)
	}
}

// TestOpenCancelled gives up on servers that never answer.
func TestOpenCancelled(t *testing.T) {
	stall := make(chan struct{})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			go func() { <-stall; c.Close() }()
		}
	}()
	root := t.TempDir()
	h := backend(t, root)
	newOrigin(t, filepath.Join(root, "r.git")).push("one")
	some := func(body string) string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodGet {
				h.ServeHTTP(w, r)
				return
			}
			w.Header().Set("Content-Type", "application/x-git-upload-pack-result")
			if body != "" {
				_, _ = w.Write([]byte(body))
				w.(http.Flusher).Flush()
			}
			<-stall
		}))
		t.Cleanup(s.Close)
		return s.URL
	}
	stalled := []struct{ name, url string }{
		{"accepts and says nothing", "http://" + listener.Addr().String()},
		{"never sends the pack", some("")},
		{"sends half a pack", some("0008NAK\n0015\x01PACK\x00\x00\x00\x02\x00\x00\x00\x09")},
	}
	t.Cleanup(func() { close(stall); listener.Close() })
	for _, test := range stalled {
		t.Run(test.name, func(t *testing.T) {
			o := inCache(t)
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			defer cancel()
			began := time.Now()
			_, err := repo.Open(ctx, test.url+"/r.git", o)
			wantIs(t, "Open", err, context.DeadlineExceeded)
			if took := time.Since(began); took > 3*time.Second {
				t.Errorf("Open: got an answer after %v, want one within 3 s", took)
			}
			o.Offline = true // waits for the lock: whatever went on in the background is over
			ctx, cancel = context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			_, err = repo.Open(ctx, test.url+"/r.git", o)
			wantIs(t, "Open afterwards", err, repo.ErrOffline)
			entries, err := os.ReadDir(o.Cache)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range entries {
				if e.IsDir() {
					t.Errorf("cache: got directory %q, want none", e.Name())
				}
			}
		})
	}
}

// TestOpenDamagedClone damages clones: offline that is an error, online they are made anew.
func TestOpenDamagedClone(t *testing.T) {
	from, url, _ := served(t)
	from.push("one")
	write := func(name, text string) func(*testing.T, string) {
		return func(t *testing.T, dir string) { overwrite(t, filepath.Join(dir, name), []byte(text)) }
	}
	remove := func(pattern string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			if err := os.RemoveAll(only(t, dir, pattern)); err != nil {
				t.Fatal(err)
			}
		}
	}
	cut := func(pattern string, part int64) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			path := only(t, dir, pattern)
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			overwrite(t, path, data[:int64(len(data))*part/10])
		}
	}
	for _, test := range []struct {
		name   string
		damage func(*testing.T, string)
	}{
		{"pack gone", remove("objects/pack/*.pack")},
		{"pack cut short", cut("objects/pack/*.pack", 5)},
		{"pack empty", cut("objects/pack/*.pack", 0)},
		{"index gone", remove("objects/pack/*.idx")},
		{"index cut short", cut("objects/pack/*.idx", 9)},
		{"index empty", cut("objects/pack/*.idx", 0)},
		{"objects gone", remove("objects")},
		{"HEAD garbage", write("HEAD", "\x00\xffgarbage")},
		{"HEAD empty", write("HEAD", "")},
		{"HEAD hostile", write("HEAD", "ref: ../../x\n")},
		{"HEAD gone", remove("HEAD")},
		{"HEAD of a commit that is not there", write("HEAD", strings.Repeat("1", 40)+"\n")},
		{"references garbage", write("packed-refs", "garbage")},
		{"references cut short", cut("packed-refs", 9)},
		{"references empty", write("packed-refs", "")},
		{"references gone", remove("packed-refs")},
		{"config of another format", write("config", "[extensions]\n\tobjectformat = sha256\n")},
		{"not a directory", func(t *testing.T, dir string) {
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(dir, []byte("x"), 0o600); err != nil {
				t.Fatal(err)
			}
		}},
		{"empty directory", func(t *testing.T, dir string) {
			if err := errors.Join(os.RemoveAll(dir), os.Mkdir(dir, 0o700)); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := inCache(t)
			open(t, url, o).Close()
			test.damage(t, cloneIn(t, o.Cache))
			o.Offline = true
			_, err := repo.Open(t.Context(), url, o)
			wantIs(t, "offline", err, repo.ErrOffline, repo.ErrDamaged)
			o.Offline = false
			r := open(t, url, o)
			wantFile(t, r, "a", "one")
			wantCodes(t, "online", r.Findings())
			o.Offline = true
			wantFile(t, open(t, url, o), "d/b", "below")
		})
	}
}

// TestOpenDamagedFile changes one byte of a file in a clone, which is noticed when the file is read, and mended by the next run.
func TestOpenDamagedFile(t *testing.T) {
	from, url, o := served(t)
	random := make([]byte, 64<<10)
	_, _ = rand.NewChaCha8([32]byte{}).Read(random)
	from.push(string(random))
	open(t, url, o).Close()
	path := only(t, cloneIn(t, o.Cache), "objects/pack/*.pack")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)/2] ^= 1
	overwrite(t, path, data)

	o.Offline = true
	r := open(t, url, o)
	if got, err := fs.ReadFile(treeOf(t, r, ""), "a"); !errors.Is(err, repo.ErrDamaged) {
		t.Errorf("ReadFile: got %d bytes, %v, want an error that is %q", len(got), err, repo.ErrDamaged)
	}
	_, err = repo.Open(t.Context(), url, o)
	wantIs(t, "next run, offline", err, repo.ErrOffline, repo.ErrDamaged)
	o.Offline = false
	wantFile(t, open(t, url, o), "a", string(random))
}

// TestOpenHistory shows remotes whose newest commit is not what it was.
func TestOpenHistory(t *testing.T) {
	from, url, o := served(t)
	o.State = filepath.Join(t.TempDir(), "state")
	fresh := o
	fresh.Cache = filepath.Join(t.TempDir(), "other")
	first := from.push("one")
	second := from.push("two", first)
	wantCodes(t, "first", open(t, url, o).Findings())
	for _, step := range []struct {
		name string
		set  func()
		o    repo.Options
		want []string
	}{
		{"unchanged", func() {}, o, nil},
		{"rolled back", func() { from.ref("refs/heads/main", first) }, o, []string{"repository-rolled-back"}},
		{"still rolled back", func() {}, o, []string{"repository-rolled-back"}},
		{"rolled back, no clone of the newer commit", func() {}, fresh, []string{"history-rewritten"}},
		{"back again", func() { from.ref("refs/heads/main", second) }, o, nil},
		{"another branch's history", func() { from.push("three", first) }, o, []string{"history-rewritten"}},
		{"nothing in common", func() { from.push("four") }, o, []string{"history-rewritten"}},
		{"still nothing in common", func() {}, o, []string{"history-rewritten"}},
		{"merged", func() { from.push("five", from.commit(from.files(nil)), second) }, o, nil},
	} {
		step.set()
		r := open(t, url, step.o)
		wantCodes(t, step.name, r.Findings(), step.want...)
		for _, f := range r.Findings() {
			if f.Severity != sigs.Alarm || f.Next == "" {
				t.Errorf("%s: got %v, want an alarm that says what to do", step.name, f)
			}
		}
	}
	overwrite(t, only(t, o.State, "*"), []byte("garbage"))
	wantCodes(t, "memory damaged", open(t, url, o).Findings(), "state-unreadable")
	wantCodes(t, "memory mended", open(t, url, o).Findings())
	o.State = filepath.Join(only(t, o.State, "*"), "below")
	codes := open(t, url, o).Findings()
	if len(codes) == 0 || codes[len(codes)-1].Code != "state-unwritable" {
		t.Errorf("memory impossible: got %v, want state-unwritable", codes)
	}
}

// TestOpenEmpty opens repositories without a commit.
func TestOpenEmpty(t *testing.T) {
	from, url, o := served(t)
	_, err := repo.Open(t.Context(), url, o)
	wantIs(t, "remote", err, repo.ErrEmpty)
	if got := clones(o.Cache); len(got) != 0 {
		t.Errorf("clones: got %q, want none", got)
	}
	_, err = repo.Open(t.Context(), from.dir, repo.Options{})
	wantIs(t, "local", err, repo.ErrEmpty)

	first := from.push("one")
	open(t, url, o)
	if err := from.git.Storer.RemoveReference("refs/heads/main"); err != nil {
		t.Fatal(err)
	}
	r := open(t, url, o)
	wantFile(t, r, "a", "one")
	wantCodes(t, "emptied", r.Findings(), "repository-rolled-back")

	from.ref("refs/heads/other", first) // HEAD names a branch that is not there
	r = open(t, url, o)
	var revision *repo.RevisionError
	if c, err := r.Resolve(""); !errors.As(err, &revision) {
		t.Errorf("Resolve of a missing default branch: got %v, %v, want a RevisionError", c, err)
	}
	if _, err := r.Resolve("other"); err != nil {
		t.Errorf("Resolve(other): got error %v, want none", err)
	}
}

// TestOpenSweeps removes what a killed run left in the cache, and nothing else.
func TestOpenSweeps(t *testing.T) {
	from, location, o := served(t)
	from.push("one")
	open(t, location, o)
	clone := cloneIn(t, o.Cache)
	left := strings.TrimSuffix(clone, ".git") + ".tmp-123"
	mine := filepath.Join(o.Cache, "mine.tmp-1")
	for _, dir := range []string{left, mine} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	open(t, location, o)
	if _, err := os.Stat(left); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s: got %v, want it removed", filepath.Base(left), err)
	}
	if _, err := os.Stat(mine); err != nil {
		t.Errorf("%s: got %v, want it untouched", filepath.Base(mine), err)
	}
	if u, err := url.Parse(location); err != nil || !strings.HasPrefix(filepath.Base(clone), strings.ReplaceAll(u.Host, ":", "_")+"_r-") {
		t.Errorf("clone: got name %q, want one that says the host", filepath.Base(clone))
	}
}
