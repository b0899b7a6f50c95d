package repo

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-git/go-git/v5/plumbing"

	"github.com/gverify/gverify/sigs"
)

// remembered compares the newest commit with the newest one that earlier runs saw, reports a history that lost it, and
// remembers the newer one. Serving an older or another history is how a dissenter would be hidden. What was lost stays
// remembered: the alarm is repeated until the history is back, or the user removes the file.
func (c clone) remembered(r *Repository) *Repository {
	if c.options.State == "" || r.head == nil {
		return r
	}
	file := filepath.Join(c.options.State, c.from.key()+".newest")
	now := r.head.commit
	before, when, err := readSeen(file)
	switch {
	case err == nil && before == now.Hash:
		return r
	case err == nil:
		lost, finding := r.lost(before, when)
		if lost {
			finding.Next = fmt.Sprintf("ask the repository's maintainers and compare with another clone; if this was intended, remove %s", file)
			r.findings = append(r.findings, finding)
			return r
		}
	case !errors.Is(err, fs.ErrNotExist):
		r.findings = append(r.findings, sigs.Finding{Code: "state-unreadable", Severity: sigs.Warning,
			Text: fmt.Sprintf("the newest commit seen before cannot be read (%v): whether the repository was rolled back is not known", err)})
	}
	err = os.MkdirAll(c.options.State, 0o700)
	if err == nil {
		err = replaceFile(file, now.Hash+" "+now.Time.UTC().Format(time.RFC3339)+"\n")
	}
	if err != nil {
		r.findings = append(r.findings, sigs.Finding{Code: "state-unwritable", Severity: sigs.Warning,
			Text: fmt.Sprintf("the newest commit cannot be remembered (%v): a later roll-back will not be noticed", err)})
	}
	return r
}

// readSeen reads the commit and its time from a state file.
func readSeen(file string) (hash string, when time.Time, err error) {
	text, err := readSmall(file)
	if err != nil {
		return "", time.Time{}, err
	}
	hash, date, _ := strings.Cut(text, " ")
	when, err = time.Parse(time.RFC3339, date)
	if !plumbing.IsHash(hash) || err != nil {
		return "", time.Time{}, fmt.Errorf("%s is malformed", file)
	}
	return hash, when, nil
}

// lost reports whether the default branch does not contain a commit that it contained before.
func (r *Repository) lost(before string, when time.Time) (bool, sigs.Finding) {
	old, now := plumbing.NewHash(before), plumbing.NewHash(r.head.commit.Hash)
	if r.contains(now, old) {
		return false, sigs.Finding{}
	}
	if r.objects.has(old) && r.contains(old, now) {
		return true, sigs.Finding{Code: "repository-rolled-back", Severity: sigs.Alarm, Text: fmt.Sprintf(
			"%s now ends at commit %s of %s, but an earlier run saw it end at %s of %s: newer attestations are hidden",
			r.location, now.String()[:12], r.head.commit.Time.Format(time.DateOnly), before[:12], when.Format(time.DateOnly))}
	}
	return true, sigs.Finding{Code: "history-rewritten", Severity: sigs.Alarm, Text: fmt.Sprintf(
		"%s no longer contains commit %s of %s, which an earlier run saw as its newest: its history was rewritten or cut off",
		r.location, before[:12], when.Format(time.DateOnly))}
}

// contains reports whether old is from or one of its ancestors. Commits that cannot be read end the search in their direction.
func (r *Repository) contains(from, old plumbing.Hash) bool {
	seen := map[plumbing.Hash]bool{from: true}
	for next := []plumbing.Hash{from}; len(next) > 0; {
		id := next[0]
		next = next[1:]
		if id == old {
			return true
		}
		data, err := r.objects.read(id, plumbing.CommitObject)
		if err != nil {
			continue
		}
		commit, err := parseCommit(id, data)
		if err != nil {
			continue
		}
		for _, parent := range commit.parents {
			if !seen[parent] {
				seen[parent] = true
				next = append(next, parent)
			}
		}
	}
	return false
}
