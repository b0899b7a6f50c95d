package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const contribDir = "../../contrib/ci"

// runner runs the scripts of CI files as they are.
type runner struct {
	t    *testing.T
	dir  string // working directory
	env  map[string]string
	temp string
}

// newRunner makes an attestation repository with a pull request's merge checked out, and stand-ins for the programs that use the network.
func newRunner(t *testing.T, change string) runner {
	t.Helper()
	for _, program := range []string{"bash", "git", "unzip", "iconv"} {
		if _, err := exec.LookPath(program); err != nil {
			if os.Getenv("CI") == "true" {
				t.Fatal(err)
			}
			t.Skip(err)
		}
	}
	work := t.TempDir()
	demo, err := filepath.Abs("../../testdata/example/repository")
	if err != nil {
		t.Fatal(err)
	}
	r := runner{t: t, dir: work, temp: filepath.Join(work, "temp"), env: map[string]string{
		"HOME": filepath.Join(work, "home"), "GIT_CONFIG_GLOBAL": os.DevNull, "RUNNER_TEMP": filepath.Join(work, "temp"),
		"PATH": filepath.Join(work, "bin") + ":" + os.Getenv("PATH"), "CALLS": filepath.Join(work, "calls.txt"), "WORK": work, "DEMO": demo,
		"GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.org", "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.org",
		"GVERIFY_AS_OF": "2026-11-01", "GVERIFY_OFFLINE": "true",
	}}
	script, err := os.ReadFile("testdata/script/ci.txtar")
	if err != nil {
		t.Fatal(err)
	}
	_, config, _ := strings.Cut(string(script), "-- config.yaml --\n")
	r.write("home/.config/gverify/config.yaml", config, 0o644)
	r.write("bin/go", "#!/bin/sh\necho \"go $* GOBIN=$GOBIN in $(pwd)\" >> \"$CALLS\"\n", 0o755)
	r.write("temp/placeholder", "", 0o644)
	out, code := r.bash(work, `
		cp -r "$DEMO" attestations; chmod -R u+w attestations; cd attestations
		rm -r 1.0-linux/bob 1.0-linux/dave 1.0-linux/erin 1.0-win/dave 1.0-win/erin 1.0-osx/mallory gitian-keys/dave.pgp
		git init -q -b main; git add -A; git commit -qm base
		git checkout -q -b change
		`+change+`
		git add -A; git commit -qm change
		git checkout -q main; git merge -q --no-ff -m merge change; git checkout -q --detach
		git rev-parse HEAD > ../merge; git rev-parse HEAD^1 > ../base; git branch -q -f main HEAD^1; git update-ref refs/remotes/origin/main main
		git remote add origin "$PWD"`)
	if code != 0 {
		t.Fatal(out)
	}
	return r
}

func (r runner) write(name, content string, mode os.FileMode) {
	r.t.Helper()
	name = filepath.Join(r.dir, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), mode); err != nil {
		r.t.Fatal(err)
	}
}

func (r runner) read(name string) string {
	data, err := os.ReadFile(filepath.Join(r.dir, name))
	if err != nil {
		return ""
	}
	return string(data)
}

// bash runs a script as GitHub's runner does.
func (r runner) bash(dir, script string) (string, int) {
	r.t.Helper()
	cmd := exec.Command("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script)
	cmd.Dir = dir
	for k, v := range r.env {
		cmd.Env = append(cmd.Env, k+"="+v)
	}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	if exit, ok := err.(*exec.ExitError); ok {
		return out.String(), exit.ExitCode()
	}
	if err != nil {
		r.t.Fatal(err)
	}
	return out.String(), 0
}

var contribChanges = []struct {
	name, change string
	outcome      string
	gate, gitlab int
}{
	{"a vote", `cp -r "$DEMO/1.0-linux/bob" 1.0-linux/`, "NOTHING WRONG", 0, 0},
	{"a new signer", `cp -r "$DEMO/1.0-linux/dave" 1.0-linux/; cp "$DEMO/gitian-keys/dave.pgp" gitian-keys/`, "CANNOT VOTE", 0, 4},
	{"a contradiction", `cp -r "$DEMO/1.0-win/erin" 1.0-win/`, "CONTRADICTION", 3, 3},
	{"a removal", `rm -r 1.0-win/bob`, "RULE BROKEN", 1, 1},
}

func fileExists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}
