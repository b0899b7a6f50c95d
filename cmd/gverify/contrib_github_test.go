package main

import (
	"archive/zip"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
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
	report := "## ✅ Democoin: NOTHING WRONG\n\n@torvalds <img src=x> <!-- gverify review --> [good](http://evil.example) ![p](http://evil.example/p) [a][b]\n[b]: http://evil.example\n$(touch owned) &#64;torvalds &commat;torvalds example/other#1 #2 GH-3 \u202edoog\u2066 @\u200bx \x1b[2J\x00 \xff end\n"
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
			if bad := regexp.MustCompile(`@[a-zA-Z]|<[a-z]|\]\(|\]\[|\]:|[\x00-\x08\x1b]|&#|&c|#[0-9]|GH-[0-9]|[\x{202a}-\x{202e}\x{2066}-\x{2069}]`).FindString(strings.TrimPrefix(posted, "<!--")); bad != "" {
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
		{"on several lines", "7.7\n1.0\n", 3, []string{"1.0: DISPUTED", "has no release 7.7"}},
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
