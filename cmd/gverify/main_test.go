package main

import (
	"context"
	"fmt"
	"maps"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"gverify": main})
}

// Every command, exit code and hint in the words of a user. The scripts that need real repositories run where the corpus is.
func TestScripts(t *testing.T) {
	module, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	corpus := corpusDirectory(t, false)
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "script"),
		Setup: func(e *testscript.Env) error {
			e.Setenv("HOME", filepath.Join(e.WorkDir, "home"))
			e.Setenv("MODULE", module)
			e.Setenv("DEMO", filepath.Join(module, "testdata", "example", "repository"))
			e.Setenv("DEMOPOLICY", filepath.Join(module, "testdata", "example", "policy.yaml"))
			e.Setenv("CORPUS", corpus)
			e.Setenv("GNUPGHOME", throwawayGnuPG(e))
			e.Values[forgeKey{}] = forge{}
			if corpus != "" {
				e.Setenv("SERVER", serve(e, corpus))
			}
			return nil
		},
		Condition: func(c string) (bool, error) {
			if c == "corpus" {
				return corpus != "", nil
			}
			return false, fmt.Errorf("unknown condition %q", c)
		},
		Cmds: scriptCommands(),
	})
}

func scriptCommands() map[string]func(*testscript.TestScript, bool, []string) {
	commands := signingCommands()
	maps.Copy(commands, forgeCommands())
	commands["exitcode"], commands["flip"] = exitCode, flip
	return commands
}

// corpusDirectory returns the directory of real repositories, empty where it is missing; in CI that is a failure.
func corpusDirectory(t testing.TB, skip bool) string {
	dir := os.Getenv("GVERIFY_CORPUS")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "corpus")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "bitcoin-gitian.git")); err == nil {
		return dir
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("no corpus in %s: set GVERIFY_CORPUS", dir)
	}
	if skip {
		t.Skipf("no corpus in %s: set GVERIFY_CORPUS", dir)
	}
	t.Logf("no corpus in %s: scripts about real repositories are skipped (set GVERIFY_CORPUS)", dir)
	return ""
}

// throwawayGnuPG makes a home for gpg whose path is short enough for the agent's socket.
func throwawayGnuPG(e *testscript.Env) string {
	dir, err := os.MkdirTemp("", "g")
	if err != nil {
		return e.WorkDir
	}
	e.Defer(func() {
		kill := exec.Command("gpgconf", "--kill", "all")
		kill.Env = append(os.Environ(), "GNUPGHOME="+dir)
		kill.Run() // the agent of this home only, if one was started
		os.RemoveAll(dir)
	})
	return dir
}

// serve serves the corpus over git's smart HTTP protocol on loopback.
func serve(e *testscript.Env, corpus string) string {
	out, err := exec.Command("git", "--exec-path").Output()
	if err != nil {
		return ""
	}
	s := httptest.NewServer(&cgi.Handler{
		Path: filepath.Join(strings.TrimSpace(string(out)), "git-http-backend"),
		Env: []string{"GIT_PROJECT_ROOT=" + corpus, "GIT_HTTP_EXPORT_ALL=1", "HOME=" + e.WorkDir,
			"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=safe.directory", "GIT_CONFIG_VALUE_0=*"},
	})
	e.Defer(s.Close)
	return s.URL
}

// exitCode runs a command and compares its exit code: exitcode 3 gverify release 1.0.
func exitCode(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	got := 0
	if exit, ok := err.(*exec.ExitError); ok {
		got = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if fmt.Sprint(got) != args[0] {
		ts.Fatalf("%s: exit code %d, want %s", strings.Join(args[1:], " "), got, args[0])
	}
}

// flip changes one bit in the middle of a file.
func flip(ts *testscript.TestScript, _ bool, args []string) {
	name := ts.MkAbs(args[0])
	data, err := os.ReadFile(name)
	ts.Check(err)
	data[len(data)/2] ^= 1
	ts.Check(os.WriteFile(name, data, 0o644))
}

// A panic anywhere is an internal error with code 1: never 2, which Go's runtime uses too.
func TestPanicIsAnInternalError(t *testing.T) {
	var errors strings.Builder
	w := world{streams: streams{Err: &errors, Out: panicking{}}, now: time.Now(), getenv: func(string) string { return "" }}
	if code := run(context.Background(), []string{"--version"}, w); code != exitError {
		t.Errorf("exit code %d, want %d", code, exitError)
	}
	if !strings.Contains(errors.String(), "internal error") {
		t.Errorf("standard error %q", errors.String())
	}
}

type panicking struct{}

func (panicking) Write([]byte) (int, error) { panic("on purpose") }
