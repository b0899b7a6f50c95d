package docker

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/gverify/gverify/build"
	"github.com/gverify/gverify/build/source"
	"github.com/gverify/gverify/sigs"
)

// engine returns the engine to test on. Without one the test is skipped; in CI that is a failure.
func engine(t *testing.T) *Engine {
	t.Helper()
	if testing.Short() {
		t.Skip("engine tests take minutes")
	}
	e, err := Connect(t.Context())
	if err != nil {
		without(t, "no Docker engine: %v", err)
	}
	t.Cleanup(func() { e.Close() })
	runs.Lock()
	runs.ids = append(runs.ids, e.run)
	runs.Unlock()
	return e
}

func without(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

// root is a small bookworm root, made once and kept in GVERIFY_TEST_BASE or the user's cache.
var root = sync.OnceValues(func() (string, error) {
	if name := os.Getenv("GVERIFY_TEST_BASE"); name != "" {
		return name, nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	name := filepath.Join(cache, "gverify", "test", "bookworm-amd64.tar")
	if _, err := os.Stat(name); err == nil {
		return name, nil
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return "", err
	}
	return name, Bootstrap(context.Background(), Root{Suite: "bookworm", Arch: "amd64"}, name, io.Discard)
})

// base returns the test root as a plan has it, and who opens it.
func base(t *testing.T) (build.Base, func(string) (io.ReadCloser, error)) {
	t.Helper()
	name, err := root()
	if err != nil {
		without(t, "no bookworm root to build in: %v", err)
	}
	f, err := os.Open(name)
	if err != nil {
		without(t, "no bookworm root to build in: %v", err)
	}
	defer f.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, f); err != nil {
		t.Fatal(err)
	}
	return build.Base{Tarball: fmt.Sprintf("sha256:%x", hash.Sum(nil))}, func(string) (io.ReadCloser, error) { return os.Open(name) }
}

// repository makes a git repository of a directory, with one commit and one tag, always the same.
func repository(t *testing.T, dir, tag string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), filepath.Base(dir))
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"init", "-q", "-b", "main"}, {"add", "-A"}, {"commit", "-q", "-m", "One"}, {"tag", "-m", tag, tag}} {
		c := exec.Command("git", args...)
		c.Dir = to
		c.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null",
			"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.org", "GIT_AUTHOR_DATE=2024-02-01T10:00:00Z",
			"GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.org", "GIT_COMMITTER_DATE=2024-02-01T10:00:00Z")
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	return to
}

// job is a build to run in a test.
type job struct {
	descriptor string
	urls       map[string]string
	commits    map[string]string
	inputs     []string
	jobs       int
	limits     build.Limits
	request    func(*build.Request)
	options    func(*Options)
}

// bench is what the builds of one test share.
type bench struct {
	engine *Engine
	base   build.Base
	open   func(string) (io.ReadCloser, error)
	cache  string
	store  source.Store
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{engine: engine(t), cache: t.TempDir(), store: source.Store{Dir: t.TempDir()}}
	b.base, b.open = base(t)
	t.Cleanup(func() {
		if left := b.containers(t); left > 0 {
			t.Errorf("%d containers were left behind", left)
		}
	})
	return b
}

func (b *bench) plan(t *testing.T, j job) build.Plan {
	t.Helper()
	data := []byte(j.descriptor)
	d, err := build.ParseDescriptor(data)
	if err != nil {
		t.Fatal(err)
	}
	r := build.Request{Commits: j.commits, URLs: j.urls, Jobs: j.jobs, Limits: j.limits, Sources: map[string]build.Source{}, Files: map[string]sigs.Digest{},
		Base: func(string, string) build.Base { return b.base }}
	for dir, url := range j.urls {
		s, err := b.store.Resolve(t.Context(), build.Source{URL: url, Ref: j.commits[dir]})
		if err != nil {
			t.Fatal(err)
		}
		r.Sources[dir] = s
	}
	for _, name := range d.Files {
		for _, dir := range j.inputs {
			if data, err := os.ReadFile(filepath.Join(dir, name)); err == nil {
				r.Files[name] = sha256.Sum256(data)
			}
		}
	}
	if j.request != nil {
		j.request(&r)
	}
	p, err := d.Plan(r)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (b *bench) run(t *testing.T, j job) (build.Result, string, error) {
	t.Helper()
	o := Options{Output: t.TempDir(), Inputs: j.inputs, Sources: b.store, OpenBase: b.open, CacheDir: b.cache, CacheScope: "test"}
	if j.options != nil {
		j.options(&o)
	}
	began := time.Now()
	result, err := b.engine.Runner(o).Run(t.Context(), b.plan(t, j), nil)
	var failed *build.FailedError
	if errors.As(err, &failed) {
		if data, err := os.ReadFile(failed.Log); err == nil {
			t.Logf("the log ends:\n%s", data[max(0, len(data)-1500):])
		}
	}
	for _, p := range result.Phases {
		t.Logf("%-15s %-8s %6.1f s %s", p.Unit, p.Phase, p.Took.Seconds(), p.Note)
	}
	t.Logf("in all %.1f s", time.Since(began).Seconds())
	return result, o.Output, err
}

func (b *bench) must(t *testing.T, j job) (build.Result, string) {
	t.Helper()
	result, output, err := b.run(t, j)
	if err != nil {
		t.Fatal(err)
	}
	return result, output
}

// containers counts those of this engine connection.
func (b *bench) containers(t *testing.T) int {
	t.Helper()
	ours, err := b.engine.containers(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, c := range ours {
		if c.Labels[labelRun] == b.engine.run {
			n++
		}
	}
	return n
}
