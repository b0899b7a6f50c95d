package main

import (
	"archive/zip"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// ciFile is what the tests need of a workflow of GitHub's, or of GitLab's jobs.
type ciFile struct {
	On          yaml.Node            `yaml:"on"`
	Permissions map[string]string    `yaml:"permissions"`
	Jobs        map[string]githubJob `yaml:"jobs"`
	Defaults    struct {
		Run struct {
			Shell string `yaml:"shell"`
		} `yaml:"run"`
	} `yaml:"defaults"`
}

type githubJob struct {
	Permissions map[string]string `yaml:"permissions"`
	Env         map[string]string `yaml:"env"`
	If          string            `yaml:"if"`
	Steps       []githubStep      `yaml:"steps"`
}

type githubStep struct {
	Name string         `yaml:"name"`
	If   string         `yaml:"if"`
	Uses string         `yaml:"uses"`
	Run  string         `yaml:"run"`
	Dir  string         `yaml:"working-directory"`
	With map[string]any `yaml:"with"`
}

const contribDir = "../../contrib/ci"

func readWorkflow(t *testing.T, name string) ciFile {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(contribDir, "github", name))
	if err != nil {
		t.Fatal(err)
	}
	var f ciFile
	if err := yaml.Unmarshal(data, &f); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if len(f.Jobs) == 0 {
		t.Fatalf("%s has no jobs", name)
	}
	return f
}

var workflows = []string{"pull-request.yml", "comment.yml", "release-check.yml"}

// What a stranger can choose (titles, branch names, inputs) reaches the shell as a variable, never as a part of its text; no workflow
// has secrets or more rights than it needs, and none runs a pull request's code with rights.
func TestWorkflowsAreSafe(t *testing.T) {
	for _, name := range workflows {
		f := readWorkflow(t, name)
		data, err := os.ReadFile(filepath.Join(contribDir, "github", name))
		if err != nil {
			t.Fatal(err)
		}
		if regexp.MustCompile(`(?m)^[^#\n]*(secrets\.|pull_request_target)`).Match(data) {
			t.Errorf("%s uses secrets or pull_request_target", name)
		}
		if f.Defaults.Run.Shell != "bash" {
			t.Errorf("%s does not run bash, as the tests do", name)
		}
		if f.Permissions == nil {
			t.Errorf("%s does not say which rights it has", name)
		}
		runs := 0
		for jobName, job := range f.Jobs {
			rights := f.Permissions
			if job.Permissions != nil {
				rights = job.Permissions
			}
			for right, how := range rights {
				if how != "read" && how != "none" && !(name == "comment.yml" && right == "pull-requests") {
					t.Errorf("%s: job %s may %s %s", name, jobName, how, right)
				}
			}
			for _, step := range job.Steps {
				if step.Run != "" {
					runs++
				}
				if strings.Contains(step.Run, "${{") {
					t.Errorf("%s: step %q puts an expression into its script", name, step.Name)
				}
				if step.Uses != "" && !strings.HasPrefix(step.Uses, "actions/checkout@") && !strings.HasPrefix(step.Uses, "actions/upload-artifact@") {
					t.Errorf("%s: step %q uses %s", name, step.Name, step.Uses)
				}
				if strings.HasPrefix(step.Uses, "actions/checkout@") {
					if name != "pull-request.yml" {
						t.Errorf("%s checks out code", name)
					}
					if step.With["persist-credentials"] != false || step.With["fetch-depth"] != 0 {
						t.Errorf("%s: checkout with %v", name, step.With)
					}
				}
			}
		}
		if runs == 0 {
			t.Errorf("%s has no script", name)
		}
	}
}

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
		git rev-parse HEAD > ../merge; git rev-parse HEAD^1 > ../base; git branch -q -f main HEAD^1; git update-ref refs/remotes/origin/main main`)
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

// job runs the scripts of a job, with what the steps hand on to each other. env stands for the expressions of the workflow.
func (r runner) job(job githubJob, env map[string]string) (string, int) {
	r.t.Helper()
	for k, v := range job.Env {
		if !strings.Contains(v, "${{") {
			r.env[k] = v
		} else if _, ok := env[k]; !ok {
			r.t.Fatalf("the test does not say what %s=%s is", k, v)
		}
	}
	for k, v := range env {
		r.env[k] = v
	}
	r.env["GVERIFY_PROJECT"] = "democoin"
	r.env["GITHUB_ENV"], r.env["GITHUB_PATH"], r.env["GITHUB_STEP_SUMMARY"] = filepath.Join(r.dir, "env"), filepath.Join(r.dir, "path"), filepath.Join(r.dir, "summary.md")
	var all strings.Builder
	for _, step := range job.Steps {
		if step.Run == "" {
			continue
		}
		for _, line := range strings.Split(r.read("env"), "\n") {
			if k, v, ok := strings.Cut(line, "="); ok {
				r.env[k] = v
			}
		}
		if name, ok := strings.CutPrefix(step.If, "env."); ok {
			if variable, _, _ := strings.Cut(name, " "); r.env[variable] == "" {
				continue
			}
		} else if step.If != "" {
			r.t.Fatalf("step %q: the test does not know what %q means", step.Name, step.If)
		}
		out, code := r.bash(filepath.Join(r.dir, step.Dir), step.Run)
		all.WriteString(out)
		if code != 0 {
			return all.String(), code
		}
	}
	return all.String(), 0
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

func TestGitHubGate(t *testing.T) {
	for _, test := range contribChanges {
		t.Run(test.name, func(t *testing.T) {
			r := newRunner(t, test.change)
			out, code := r.job(readWorkflow(t, "pull-request.yml").Jobs["review"], map[string]string{
				"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "pull_request", "GITHUB_BASE_REF": "main", "GITHUB_SHA": strings.TrimSpace(r.read("merge")),
			})
			if code != test.gate || !strings.Contains(out, test.outcome) {
				t.Errorf("exit code %d, want %d and %s:\n%s", code, test.gate, test.outcome, out)
			}
			for name, content := range map[string]string{"the report": r.read("temp/review/review.md"), "the summary": r.read("summary.md")} {
				if !strings.Contains(content, "Democoin: "+test.outcome) {
					t.Errorf("%s: %q", name, content)
				}
			}
			if want := "go install github.com/gverify/gverify/cmd/gverify@v0.1.0 GOBIN=" + r.temp + "/gverify in " + r.dir + "\n"; r.read("calls.txt") != want {
				t.Errorf("calls: got %q, want %q", r.read("calls.txt"), want)
			}
			if r.read("path") != r.temp+"/gverify\n" {
				t.Errorf("PATH gets %q", r.read("path"))
			}
		})
	}
}

// fakeGH answers GitHub's API from files and records what it is asked.
const fakeGH = `#!/bin/sh
printf 'gh' >> "$CALLS"; printf ' <%s>' "$@" >> "$CALLS"; echo >> "$CALLS"
case "$*" in
	*"/pulls "*) cat "$WORK/answer-pulls" ;;
	*"/artifacts --jq"*) cat "$WORK/answer-artifacts" ;;
	*"/zip"*) cat "$WORK/answer.zip" ;;
	*"/comments --jq"*) cat "$WORK/answer-comments" ;;
	*body=@body.md*) cp body.md "$WORK/posted.md" ;;
	*) echo "unexpected: $*" >&2; exit 1 ;;
esac
`

func TestGitHubComment(t *testing.T) {
	const hostile = "`x; touch \"$WORK/owned\"`$(touch \"$WORK/owned\")';touch owned #"
	report := "## ✅ Democoin: NOTHING WRONG\n\n@torvalds <img src=x> <!-- gverify review --> [good](http://evil.example) ![p](http://evil.example/p) [a][b]\n[b]: http://evil.example\n$(touch owned) \x1b[2J\x00 \xff end\n"
	for _, test := range []struct {
		name, pulls, artifacts, comments, report string
		method, to                               string // empty: nothing is posted
	}{
		{"a first comment", "7\n", "99\n", "", report, "POST", "issues/7/comments"},
		{"a later one", "7\n", "99\n", "1234\n5678\n", report, "PATCH", "issues/comments/1234"},
		{"a long report", "7\n", "99\n", "", strings.Repeat("0123456789 @a\n", 20000), "POST", "issues/7/comments"},
		{"no such pull request", "", "99\n", "", report, "", ""},
		{"a number that is none", "7;id\n", "99\n", "", report, "", ""},
		{"no artifact, or one that is too large", "7\n", "", "", report, "", ""},
		{"an artifact without a number", "7\n", "../99\n", "", report, "", ""},
		{"an empty report", "7\n", "99\n", "", "", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRunner(t, `cp -r "$DEMO/1.0-linux/bob" 1.0-linux/`)
			r.write("bin/gh", fakeGH, 0o755)
			r.write("answer-pulls", test.pulls, 0o644)
			r.write("answer-artifacts", test.artifacts, 0o644)
			r.write("answer-comments", test.comments, 0o644)
			r.write("answer.zip", zipOf(t, "review.md", test.report), 0o644)
			out, code := r.job(readWorkflow(t, "comment.yml").Jobs["comment"], map[string]string{
				"GH_TOKEN": "none", "RUN": "42", "HEAD_SHA": strings.Repeat("ab", 20), "HEAD_OWNER": "mallory", "HEAD_BRANCH": hostile, "CONCLUSION": "success",
				"GITHUB_REPOSITORY": "example/gitian.sigs",
			})
			if code != 0 {
				t.Fatalf("exit code %d:\n%s", code, out)
			}
			calls, posted := r.read("calls.txt"), r.read("posted.md")
			if !strings.Contains(calls, "<head=mallory:"+hostile+">") {
				t.Errorf("the branch's name did not arrive as it is:\n%s", calls)
			}
			for _, dir := range []string{r.dir, filepath.Join(r.dir, "attestations")} {
				if _, err := os.Stat(filepath.Join(dir, "owned")); err == nil {
					t.Error("hostile text was run")
				}
			}
			if test.to == "" {
				if posted != "" {
					t.Errorf("posted %q", posted)
				}
				return
			}
			if want := fmt.Sprintf("gh <api> <--method> <%s> <repos/example/gitian.sigs/%s> <-F> <body=@body.md> <--silent>\n", test.method, test.to); !strings.Contains(calls, want) {
				t.Errorf("calls:\n%swant among them:\n%s", calls, want)
			}
			if !strings.HasPrefix(posted, "<!-- gverify review -->\n") || !strings.Contains(posted, "ended with: success") || len(posted) > 65000 {
				t.Errorf("posted %d bytes: %.300q", len(posted), posted)
			}
			if bad := regexp.MustCompile(`@[a-zA-Z]|<[a-z]|\]\(|\]\[|\]:|[\x00-\x08\x1b]`).FindString(strings.TrimPrefix(posted, "<!--")); bad != "" {
				t.Errorf("posted %q in %.500q", bad, posted)
			}
			if strings.Count(posted, "<!--") != 1 {
				t.Errorf("the report brings a marker of its own: %.500q", posted)
			}
		})
	}
}

func TestGitHubReleaseCheck(t *testing.T) {
	for _, test := range []struct {
		name, versions string
		code           int
		want           []string
	}{
		{"disputed", "1.0", 3, []string{"1.0: DISPUTED"}},
		{"an unknown version does not hide a dispute", "7.7 1.0", 3, []string{"1.0: DISPUTED", "has no release 7.7"}},
		{"an unknown version alone", "7.7", 1, []string{"has no release 7.7"}},
		{"hostile input", `1.0;touch${IFS}owned $(touch owned) * -h`, 2, []string{"is no version"}},
		{"nothing", " ", 2, []string{"no version to check"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRunner(t, `cp -r "$DEMO/1.0-win/erin" 1.0-win/`)
			out, code := r.job(readWorkflow(t, "release-check.yml").Jobs["releases"], map[string]string{
				"ASKED": test.versions, "GITHUB_ACTIONS": "true", "GVERIFY_SIGS": filepath.Join(r.dir, "attestations"), "GVERIFY_KEYS": r.env["DEMO"] + "/gitian-keys",
			})
			if code != test.code {
				t.Errorf("exit code %d, want %d:\n%s", code, test.code, out)
			}
			for _, want := range test.want {
				if !strings.Contains(out, want) {
					t.Errorf("want %q in:\n%s", want, out)
				}
			}
			if fileExists(filepath.Join(r.dir, "owned")) {
				t.Error("hostile text was run")
			}
		})
	}
}

func fileExists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// gitlabJob is what the tests need of one of GitLab's jobs.
type gitlabJob struct {
	Before    []string          `yaml:"before_script"`
	Script    []string          `yaml:"script"`
	Extends   string            `yaml:"extends"`
	Variables map[string]string `yaml:"variables"`
	Allow     struct {
		Codes []int `yaml:"exit_codes"`
	} `yaml:"allow_failure"`
}

func TestGitLab(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(contribDir, "gitlab", "gitlab-ci.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var nodes map[string]yaml.Node
	if err := yaml.Unmarshal(data, &nodes); err != nil {
		t.Fatal(err)
	}
	jobs := map[string]gitlabJob{}
	for _, name := range []string{".gverify", "gverify review", "gverify releases"} {
		node, ok := nodes[name]
		var j gitlabJob
		if err := node.Decode(&j); err != nil || !ok {
			t.Fatalf("%s: %v", name, err)
		}
		jobs[name] = j
	}
	if review := jobs["gverify review"]; review.Extends != ".gverify" || !slices.Equal(review.Allow.Codes, []int{4}) || review.Variables["GIT_DEPTH"] != "0" {
		t.Errorf("the job that reviews: %+v", review)
	}
	run := func(r runner, name string) (string, int) {
		script := strings.Join(append(slices.Clone(jobs[".gverify"].Before), jobs[name].Script...), "\n")
		return r.bash(filepath.Join(r.dir, "attestations"), script)
	}
	for _, test := range contribChanges {
		t.Run(test.name, func(t *testing.T) {
			r := newRunner(t, test.change)
			for k, v := range map[string]string{"GITLAB_CI": "true", "GVERIFY_PROJECT": "democoin", "TOOL_VERSION": "v0.1.0",
				"CI_MERGE_REQUEST_DIFF_BASE_SHA": strings.TrimSpace(r.read("base")), "CI_COMMIT_SHA": strings.TrimSpace(r.read("merge"))} {
				r.env[k] = v
			}
			out, code := run(r, "gverify review")
			if code != test.gitlab || !strings.Contains(out, test.outcome) || !strings.Contains(out, "GitLab's merge request") {
				t.Errorf("exit code %d, want %d and %s:\n%s", code, test.gitlab, test.outcome, out)
			}
			if report := r.read("attestations/gverify-review.md"); !strings.Contains(report, "Democoin: "+test.outcome) {
				t.Errorf("the report: %q", report)
			}
			red := strings.Contains(r.read("attestations/gverify-review.xml"), "<failure")
			if red != (test.gitlab != 0) {
				t.Errorf("the JUnit report: %s", r.read("attestations/gverify-review.xml"))
			}
			if calls := r.read("calls.txt"); calls != "go install github.com/gverify/gverify/cmd/gverify@v0.1.0 GOBIN=/usr/local/bin in /\n" {
				t.Errorf("calls: %q", calls)
			}
		})
	}
	t.Run("releases", func(t *testing.T) {
		r := newRunner(t, `cp -r "$DEMO/1.0-win/erin" 1.0-win/`)
		r.env["GVERIFY_PROJECT"], r.env["TOOL_VERSION"], r.env["VERSIONS"] = "democoin", "v0.1.0", "7.7 1.0"
		r.env["GVERIFY_SIGS"] = filepath.Join(r.dir, "attestations")
		out, code := run(r, "gverify releases")
		if code != 3 || !strings.Contains(out, "1.0: DISPUTED") || !strings.Contains(r.read("attestations/gverify-1.0.xml"), "<failure") {
			t.Errorf("exit code %d:\n%s", code, out)
		}
	})
}

// zipOf is a zip archive of one file.
func zipOf(t *testing.T, name, content string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	f, err := z.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
