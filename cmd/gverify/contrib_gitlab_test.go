package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

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
				"CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main", "CI_COMMIT_SHA": strings.TrimSpace(r.read("merge"))} {
				r.env[k] = v
			}
			out, code := run(r, "gverify review")
			if code != test.gitlab || !strings.Contains(out, test.outcome) || !strings.Contains(out, "GitLab's merge request") {
				t.Errorf("exit code %d, want %d and %s:\n%s", code, test.gitlab, test.outcome, out)
			}
			if report := r.read("attestations/gverify-report/review.md"); !strings.Contains(report, "Democoin: "+test.outcome) {
				t.Errorf("the report: %q", report)
			}
			red := strings.Contains(r.read("attestations/gverify-report/review.xml"), "<failure")
			if red != (test.gitlab != 0) {
				t.Errorf("the JUnit report: %s", r.read("attestations/gverify-report/review.xml"))
			}
			if calls := r.read("calls.txt"); calls != "go install github.com/gverify/gverify/cmd/gverify@v0.1.0 GOBIN=/usr/local/bin in /\n" {
				t.Errorf("calls: %q", calls)
			}
		})
	}
	// The request brings a report of its own, and a directory or link where ours is due.
	for name, change := range map[string]string{
		"a report": `mkdir gverify-report; echo "all good" > gverify-report/review.md; echo "<testsuites/>" > gverify-report/review.xml`,
		"a place":  `mkdir -p gverify-report/review.md gverify-report/review.markdown; echo x > gverify-report/review.md/x; echo x > gverify-report/review.markdown/x`,
		"a link":   `mkdir ../elsewhere; ln -s ../elsewhere gverify-report`,
	} {
		t.Run("a forgery of "+name, func(t *testing.T) {
			r := newRunner(t, `rm -r 1.0-win/bob; `+change)
			for k, v := range map[string]string{"GITLAB_CI": "true", "GVERIFY_PROJECT": "democoin", "TOOL_VERSION": "v0.1.0",
				"CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main", "CI_COMMIT_SHA": strings.TrimSpace(r.read("merge"))} {
				r.env[k] = v
			}
			out, code := run(r, "gverify review")
			if code != 1 || !strings.Contains(r.read("attestations/gverify-report/review.md"), "Democoin: RULE BROKEN") || !strings.Contains(r.read("attestations/gverify-report/review.xml"), "<failure") {
				t.Errorf("exit code %d, report %q:\n%s", code, r.read("attestations/gverify-report/review.md"), out)
			}
			if fileExists(filepath.Join(r.dir, "elsewhere", "review.md")) {
				t.Error("the report went where the request's link leads")
			}
		})
	}
	t.Run("no releases", func(t *testing.T) {
		r := newRunner(t, `cp -r "$DEMO/1.0-linux/bob" 1.0-linux/`)
		r.env["GVERIFY_PROJECT"], r.env["TOOL_VERSION"], r.env["VERSIONS"] = "democoin", "v0.1.0", " "
		if out, code := run(r, "gverify releases"); code != 2 || !strings.Contains(out, "no version to check") {
			t.Errorf("exit code %d:\n%s", code, out)
		}
	})
	t.Run("releases", func(t *testing.T) {
		r := newRunner(t, `cp -r "$DEMO/1.0-win/erin" 1.0-win/`)
		r.env["GVERIFY_PROJECT"], r.env["TOOL_VERSION"], r.env["VERSIONS"] = "democoin", "v0.1.0", "7.7 1.0"
		r.env["GVERIFY_SIGS"] = filepath.Join(r.dir, "attestations")
		out, code := run(r, "gverify releases")
		if code != 3 || !strings.Contains(out, "1.0: DISPUTED") || !strings.Contains(r.read("attestations/gverify-report/release-2.xml"), "<failure") {
			t.Errorf("exit code %d:\n%s", code, out)
		}
	})
}
