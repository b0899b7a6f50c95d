package repo

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/gverify/gverify/sigs"
)

// Options say where things are kept and what is allowed. They matter for repositories named by URL; local ones need none.
type Options struct {
	Cache    string        // directory of clones; needed for URLs
	State    string        // directory that remembers the newest commit seen of each remote; empty: nothing is remembered
	Offline  bool          // never use the network
	MaxAge   time.Duration // a clone refreshed less than this ago is used as it is; zero: always refreshed
	Progress io.Writer     // what git says while it fetches, made safe for a terminal; nil: discarded
	Now      time.Time     // for the age of clones
}

// Repository is an open attestation repository. It is safe for concurrent use, and does not change while it is open.
type Repository struct {
	location string
	objects  *objects
	refs     references
	head     *Tree           // of the default branch where it was read already, or nil
	shallow  map[string]bool // commits whose parents are not here
	fetched  time.Time
	network  bool
	findings []sigs.Finding
	damaged  func(error) // told about objects that cannot be read, or nil
}

// Commit is one commit of a repository.
type Commit struct {
	Hash     string    // 40 lower-case hexadecimal digits
	Time     time.Time // the committer's, as claimed
	Authored time.Time // the author's, as claimed; zero where it cannot be read
}

// Open opens a repository by URL (https, http, ssh, file, or user@host:path) or local path (bare, or with a work tree).
//
// A URL is cloned into o.Cache and refreshed by later calls; if that is not possible the clone is used as it is and
// [Repository.Findings] says so. Processes that open the same URL wait for each other. Cancelling ctx returns promptly, though
// a transfer that go-git cannot interrupt may go on in the background; it never touches a finished clone.
//
// A clone has no limit but that of one transfer, 4 GiB. What a commit may hold is limited: see [Tree].
//
// Errors: ErrOffline, ErrEmpty, ErrNotRepository, ErrDamaged, *UnreachableError, or one of the file system.
func Open(ctx context.Context, location string, o Options) (*Repository, error) {
	from, err := parseLocation(location)
	if err != nil {
		return nil, err
	}
	if from.remote() {
		return openRemote(ctx, from, o)
	}
	r, err := openLocal(from.path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", from.shown, err)
	}
	r.location = from.shown
	return r, nil
}

// Location returns where the repository came from, without user name and password.
func (r *Repository) Location() string { return r.location }

// Fetched returns when the clone of a remote was last brought up to date, and whether that happened now, over the network. The
// time is zero for a local repository.
func (r *Repository) Fetched() (when time.Time, network bool) { return r.fetched, r.network }

// Findings returns what was noticed about the repository as a whole: a clone that could not be refreshed
// ("repository-not-refreshed"), history that was rolled back or rewritten ("repository-rolled-back", "history-rewritten"),
// references with impossible names ("invalid-reference"), and a memory of earlier runs that cannot be used
// ("state-unreadable", "state-unwritable").
func (r *Repository) Findings() []sigs.Finding { return r.findings }

// Tags returns the short names of all tags, sorted.
func (r *Repository) Tags() []string {
	var out []string
	for name := range r.refs.named {
		if short, ok := strings.CutPrefix(name, "refs/tags/"); ok {
			out = append(out, short)
		}
	}
	slices.Sort(out)
	return out
}

// Close gives back files. Trees of the repository cannot be read afterwards.
func (r *Repository) Close() error { return r.objects.close() }
