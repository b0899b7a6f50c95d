package repo

import (
	"errors"
	"fmt"
	"slices"

	"github.com/go-git/go-git/v5/plumbing"
)

// ErrShallow means that a clone was made without the history that is asked for.
var ErrShallow = errors.New("the clone is shallow: this part of its history was not fetched")

// maxHistory is the most commits that are looked at for a common ancestor.
const maxHistory = 1 << 20

// Parents returns the parents of a commit, the branch it was merged into first. The error wraps ErrShallow where they were not
// fetched.
func (r *Repository) Parents(c Commit) ([]Commit, error) {
	own, err := r.readCommit(plumbing.NewHash(c.Hash))
	if err != nil {
		return nil, err
	}
	var out []Commit
	for _, id := range own.parents {
		parent, err := r.readCommit(id)
		if err != nil {
			return nil, err
		}
		out = append(out, parent.Commit)
	}
	return out, nil
}

// readCommit reads a commit that another one names.
func (r *Repository) readCommit(id plumbing.Hash) (commit, error) {
	if !r.objects.has(id) && len(r.shallow) > 0 {
		return commit{}, fmt.Errorf("%s: commit %s: %w", r.location, id, ErrShallow)
	}
	data, err := r.objects.read(id, plumbing.CommitObject)
	if err != nil {
		return commit{}, r.broken(fmt.Errorf("commit %s: %w", id, err))
	}
	c, err := parseCommit(id, data)
	if err != nil {
		return commit{}, r.broken(err)
	}
	return c, nil
}

// MergeBase returns the newest commit that both histories share: where b branched off from a. Histories that share none, or
// several that are none of the others' ancestors, are errors.
func (r *Repository) MergeBase(a, b Commit) (Commit, error) {
	known, err := r.ancestors(nil, plumbing.NewHash(a.Hash))
	if err != nil {
		return Commit{}, err
	}
	var meeting []plumbing.Hash
	_, err = r.ancestors(func(id plumbing.Hash) bool {
		if known[id] {
			meeting = append(meeting, id)
		}
		return known[id]
	}, plumbing.NewHash(b.Hash))
	if err != nil {
		return Commit{}, err
	}
	older := map[plumbing.Hash]bool{}
	if len(meeting) > 1 {
		for _, id := range meeting {
			c, err := r.readCommit(id)
			if err != nil {
				return Commit{}, err
			}
			if err := r.mark(older, nil, c.parents); err != nil {
				return Commit{}, err
			}
		}
	}
	meeting = slices.DeleteFunc(meeting, func(id plumbing.Hash) bool { return older[id] })
	switch len(meeting) {
	case 0:
		return Commit{}, fmt.Errorf("%s: commits %.12s and %.12s share no history", r.location, a.Hash, b.Hash)
	case 1:
		c, err := r.readCommit(meeting[0])
		return c.Commit, err
	}
	return Commit{}, fmt.Errorf("%s: the histories of %.12s and %.12s met several times, last at %.12s and %.12s: name the base yourself",
		r.location, a.Hash, b.Hash, meeting[0].String(), meeting[1].String())
}

// ancestors returns a commit and everything before it. It does not go beyond commits for which stop is true.
func (r *Repository) ancestors(stop func(plumbing.Hash) bool, of plumbing.Hash) (map[plumbing.Hash]bool, error) {
	seen := map[plumbing.Hash]bool{}
	return seen, r.mark(seen, stop, []plumbing.Hash{of})
}

// mark adds commits and everything before them to seen.
func (r *Repository) mark(seen map[plumbing.Hash]bool, stop func(plumbing.Hash) bool, next []plumbing.Hash) error {
	next = slices.Clone(next)
	for len(next) > 0 {
		id := next[len(next)-1]
		next = next[:len(next)-1]
		if seen[id] {
			continue
		}
		if len(seen) == maxHistory {
			return fmt.Errorf("%s: more than %d commits: not an attestation repository", r.location, maxHistory)
		}
		seen[id] = true
		if stop != nil && stop(id) {
			continue
		}
		c, err := r.readCommit(id)
		if err != nil {
			return err
		}
		next = append(next, c.parents...)
	}
	return nil
}
