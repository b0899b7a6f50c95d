package repo

import (
	"errors"
	"fmt"
	"strings"
)

// ErrOffline means that a repository is not in the cache, or only damaged, and the network may not be used.
var ErrOffline = errors.New("not in the cache, and the network may not be used")

// ErrCache means that the directory of clones cannot be made.
var ErrCache = errors.New("there is no place for clones")

// ErrEmpty means that a repository has no commit.
var ErrEmpty = errors.New("the repository is empty: it has no commit")

// ErrNotRepository means that a local path is no git repository.
var ErrNotRepository = errors.New("not a git repository")

// ErrDamaged means that a repository's files are not what git wrote: cut short, missing or changed.
var ErrDamaged = errors.New("the repository is damaged")

// UnreachableError is a remote that could not be read.
type UnreachableError struct {
	Location string // without user name and password
	Err      error
}

func (e *UnreachableError) Error() string {
	return fmt.Sprintf("%s could not be fetched: %v", e.Location, e.Err)
}

func (e *UnreachableError) Unwrap() error { return e.Err }

// RevisionError is a revision that names no commit, or more than one.
type RevisionError struct {
	Location string
	Revision string   // as asked, empty: the default branch
	Several  []string // full names or ids of what it could mean; empty where it means nothing
	Near     []string // branches and tags that are spelled alike, nearest first
	Err      error    // why what it names is no commit, or nil
}

func (e *RevisionError) Error() string {
	what := fmt.Sprintf("revision %q", e.Revision)
	if e.Revision == "" {
		what = "the default branch"
	}
	switch {
	case len(e.Several) > 0:
		return fmt.Sprintf("%s: %s is ambiguous: it may be %s", e.Location, what, quoted(e.Several))
	case e.Err != nil:
		return fmt.Sprintf("%s: %s: %v", e.Location, what, e.Err)
	case len(e.Near) > 0:
		return fmt.Sprintf("%s: %s is unknown; there is %s", e.Location, what, quoted(e.Near))
	}
	return fmt.Sprintf("%s: %s is unknown", e.Location, what)
}

func (e *RevisionError) Unwrap() error { return e.Err }

func quoted(names []string) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = fmt.Sprintf("%q", n)
	}
	return strings.Join(out, ", ")
}

// damage wraps what is wrong with the files of a repository.
func damage(err error) error { return fmt.Errorf("%w: %w", ErrDamaged, err) }
