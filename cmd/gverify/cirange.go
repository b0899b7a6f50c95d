package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/sigs/repo"
)

// commitRange is the change that gverify ci looks at: what happened from fork to head, judged as a merge into base.
type commitRange struct {
	base, head repo.Commit
	fork       repo.Commit // where head branched off from base; zero: at base itself
	how        string      // where it was taken from, for the reader
	findings   []sigs.Finding
}

// revisions are the two ends of a --range.
type revisions struct {
	base, head string
	shared     bool // A...B: what B did since it branched off, brought into A
}

// parseRange reads A..B or A...B; an empty end is HEAD, as in git.
func parseRange(text string) (revisions, error) {
	base, head, ok := strings.Cut(text, "...")
	r := revisions{base, head, true}
	if !ok {
		base, head, ok = strings.Cut(text, "..")
		r = revisions{base, head, false}
	}
	if !ok || r.base == "" || strings.Contains(r.base, "..") || strings.Contains(r.head, "..") || strings.HasPrefix(r.head, ".") {
		return r, withHint(usagef("--range %q is no range", text), "want BASE..HEAD, such as origin/master..HEAD")
	}
	return r, nil
}

// chooseRange returns the range asked for; without one what the CI system says the change is; else the last commit.
func chooseRange(r *repo.Repository, asked string, getenv func(string) string) (commitRange, error) {
	switch {
	case asked != "":
		ends, err := parseRange(asked)
		if err != nil {
			return commitRange{}, err
		}
		return ends.resolve(r, "--range "+asked)
	case getenv("GITHUB_ACTIONS") == "true" && getenv("GITHUB_EVENT_NAME") == "pull_request_target":
		return commitRange{}, withHint(errors.New("on pull_request_target, GitHub names the base, not the change, as the commit to check"),
			"use on: pull_request, which has no secrets to lose; or name the change: --range BASE..HEAD")
	case getenv("GITHUB_ACTIONS") == "true" && getenv("GITHUB_BASE_REF") != "":
		return githubRange(r, getenv("GITHUB_BASE_REF"), getenv("GITHUB_SHA"))
	case getenv("GITHUB_ACTIONS") == "true" && (getenv("GITHUB_EVENT_NAME") == "push" || getenv("GITHUB_EVENT_NAME") == "merge_group"):
		return githubEvent(r, getenv("GITHUB_EVENT_NAME"), getenv("GITHUB_EVENT_PATH"))
	case getenv("GITLAB_CI") == "true" && (getenv("CI_MERGE_REQUEST_TARGET_BRANCH_NAME") != "" || getenv("CI_MERGE_REQUEST_DIFF_BASE_SHA") != ""):
		return gitlabRange(r, getenv("CI_MERGE_REQUEST_TARGET_BRANCH_NAME"), getenv("CI_MERGE_REQUEST_TARGET_BRANCH_SHA"), getenv("CI_COMMIT_SHA"))
	case getenv("GITLAB_CI") == "true" && getenv("CI_PIPELINE_SOURCE") == "push" && strings.Trim(getenv("CI_COMMIT_BEFORE_SHA"), "0") != "":
		return revisions{getenv("CI_COMMIT_BEFORE_SHA"), getenv("CI_COMMIT_SHA"), false}.resolve(r, "GitLab's push")
	}
	return lastCommit(r, "HEAD", "the last commit, since no --range was given")
}

// githubRange is a pull request's: what it adds to the branch it is for. GITHUB_SHA is the merge of both, which GitHub made.
func githubRange(r *repo.Repository, base, merge string) (commitRange, error) {
	if merge == "" {
		return commitRange{}, errors.New("GITHUB_BASE_REF is set and GITHUB_SHA is not")
	}
	if _, err := r.Resolve("refs/remotes/origin/" + base); err == nil {
		return revisions{"refs/remotes/origin/" + base, merge, true}.resolve(r, "GitHub's pull request to "+base)
	}
	head, err := resolveRevision(r, merge)
	if err != nil {
		return commitRange{}, err
	}
	parents, err := r.Parents(head)
	if err != nil {
		return commitRange{}, explainHistory(err)
	}
	if len(parents) < 2 {
		return commitRange{}, withHint(fmt.Errorf("%.12s is no merge into %s, and origin/%s is not in this clone", head.Hash, base, base), "actions/checkout: fetch-depth: 0")
	}
	return commitRange{base: parents[0], head: head, how: "GitHub's merge of the pull request"}, nil
}

// gitlabRange is a merge request's: what it adds to the branch it is for, as that is now. The base that GitLab names is where the
// request branched off, which its author chooses: evidence and keys that came since would not be seen.
func gitlabRange(r *repo.Repository, target, tip, head string) (commitRange, error) {
	if tip == "" { // GitLab gives it for merged results only
		tip = "refs/remotes/origin/" + target
		if _, err := r.Resolve(tip); err != nil || target == "" {
			return commitRange{}, withHint(fmt.Errorf("the branch %q that the merge request is for is not in this clone", target),
				`run first: git fetch origin "+refs/heads/$CI_MERGE_REQUEST_TARGET_BRANCH_NAME:refs/remotes/origin/$CI_MERGE_REQUEST_TARGET_BRANCH_NAME"`)
		}
	}
	return revisions{tip, head, true}.resolve(r, "GitLab's merge request to "+target)
}

// maxEvent is the largest description of an event that is read.
const maxEvent = 64 << 20

// githubEvent is what was pushed to a branch, with all its commits, or what a merge queue is about to merge.
func githubEvent(r *repo.Repository, name, file string) (commitRange, error) {
	var event struct {
		Before string `json:"before"`
		After  string `json:"after"`
		Group  struct {
			Base string `json:"base_sha"`
			Head string `json:"head_sha"`
		} `json:"merge_group"`
	}
	in, err := os.Open(file)
	if err == nil {
		defer in.Close()
		err = json.NewDecoder(io.LimitReader(in, maxEvent)).Decode(&event)
	}
	ends, how := revisions{event.Before, event.After, false}, "GitHub's push"
	if name == "merge_group" {
		ends, how = revisions{event.Group.Base, event.Group.Head, false}, "GitHub's merge queue"
	}
	switch {
	case err != nil:
		err = fmt.Errorf("what GitHub says of the %s cannot be read: %w", name, err)
	case strings.Trim(ends.base, "0") == "":
		err = fmt.Errorf("GitHub does not say what was there before the %s: a new branch, or one that was deleted", name)
	case strings.Trim(ends.head, "0") == "":
		err = fmt.Errorf("GitHub does not say what the %s brings", name)
	default:
		return ends.resolve(r, how)
	}
	return commitRange{}, withHint(err, "name the change: --range BASE..HEAD")
}

// lastCommit is a commit against its first parent.
func lastCommit(r *repo.Repository, revision, how string) (commitRange, error) {
	head, err := resolveRevision(r, revision)
	if err != nil {
		return commitRange{}, err
	}
	parents, err := r.Parents(head)
	if err != nil {
		return commitRange{}, explainHistory(err)
	}
	if len(parents) == 0 {
		return commitRange{}, withHint(fmt.Errorf("%.12s is the first commit: there is nothing before it to compare with", head.Hash), "name the change: --range BASE..HEAD")
	}
	return commitRange{base: parents[0], head: head, how: how}, nil
}

func (ends revisions) resolve(r *repo.Repository, how string) (commitRange, error) {
	base, err := resolveRevision(r, ends.base)
	if err != nil {
		return commitRange{}, err
	}
	head, err := resolveRevision(r, ends.head)
	if err != nil {
		return commitRange{}, err
	}
	if ends.shared {
		fork, err := r.MergeBase(base, head)
		if err != nil {
			return commitRange{}, explainHistory(err)
		}
		return commitRange{base: base, head: head, fork: fork, how: how}, nil
	}
	between := commitRange{base: base, head: head, how: how}
	if shared, err := r.MergeBase(base, head); err != nil || shared.Hash != base.Hash { // a clone without history may not tell
		between.findings = []sigs.Finding{{Code: "not-on-base", Severity: sigs.Warning,
			Text: fmt.Sprintf("the change is not known to build on %s: what only that side has looks as if the change took it away", ends.base),
			Next: "to see what was added since the two parted, name it as " + ends.base + "..." + ends.head}}
	}
	return between, nil
}

// resolveRevision is [repo.Repository.Resolve] with HEAD, and with ^ and ~N behind a name for first parents.
func resolveRevision(r *repo.Repository, text string) (repo.Commit, error) {
	name, steps := text, 0
	for {
		i := strings.LastIndexAny(name, "^~")
		if i < 0 {
			break
		}
		n, digits := 1, name[i+1:]
		if digits != "" {
			var err error
			if n, err = strconv.Atoi(digits); err != nil || n < 0 || n > 1<<20 || name[i] == '^' && n != 1 {
				return repo.Commit{}, usagef("revision %q: want a name, with ^ or ~N behind it for its first parents", text)
			}
		}
		name, steps = name[:i], steps+n
	}
	if name == "HEAD" || name == "@" {
		name = ""
	}
	c, err := r.Resolve(name)
	if err != nil {
		return c, withHint(err, "in CI the whole history is needed: actions/checkout with fetch-depth: 0, GitLab with GIT_DEPTH: 0")
	}
	for range steps {
		parents, err := r.Parents(c)
		if err != nil {
			return c, explainHistory(err)
		}
		if len(parents) == 0 {
			return c, usagef("revision %q goes back beyond the first commit", text)
		}
		c = parents[0]
	}
	return c, nil
}

// explainHistory adds the next thing to do where a clone has no history.
func explainHistory(err error) error {
	if errors.Is(err, repo.ErrShallow) {
		return withHint(err, "fetch the whole history: actions/checkout with fetch-depth: 0, GitLab with GIT_DEPTH: 0, elsewhere git fetch --unshallow")
	}
	return err
}
