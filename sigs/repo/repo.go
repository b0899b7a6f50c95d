// Package repo reads attestation repositories in git: as an fs.FS at one commit, never checked out.
//
// Repositories named by URL are cloned bare into a cache and fetched on later runs; local ones are read in place and never
// written to. It runs no hooks, follows no symbolic links and no submodules.
package repo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/go-git/go-billy/v5/osfs"
	git "github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/storage/filesystem"

	"github.com/gverify/gverify/sigs"
)

// objectCache is how much of unpacked objects is kept in memory, in bytes.
const objectCache = 96 * cache.MiByte

// ErrOffline means that a repository is not in the cache and the network may not be used.
var ErrOffline = errors.New("not in the cache, and the network may not be used")

// ErrEmpty means that a repository has no commit.
var ErrEmpty = errors.New("the repository is empty: it has no commit")

// UnreachableError is a remote that could not be read.
type UnreachableError struct {
	Location string // without user name and password
	Err      error
}

func (e *UnreachableError) Error() string {
	return fmt.Sprintf("%s could not be fetched: %v", e.Location, e.Err)
}
func (e *UnreachableError) Unwrap() error { return e.Err }

// Options say where things are kept and what is allowed.
type Options struct {
	Cache    string    // directory of clones; needed for URLs
	State    string    // directory that remembers the newest commit seen of each remote; empty: nothing is remembered
	Offline  bool      // never use the network
	Progress io.Writer // what go-git says while it fetches; nil: discarded
	Now      time.Time // for the age of a clone that could not be refreshed
}

// Repository is an open attestation repository. It is safe for concurrent use.
type Repository struct {
	location string
	git      *git.Repository
	storage  *filesystem.Storage
	objects  sync.Mutex // go-git's object storage is not safe for concurrent reads
	findings []sigs.Finding
	release  func() error
}

// Commit is one commit of a repository.
type Commit struct {
	Hash string    // 40 lower-case hexadecimal digits
	Time time.Time // the committer's, as claimed
}

// Open opens a repository by URL (https, http, ssh, git, file, or host:path with a user) or local path. Cancelling ctx returns
// promptly, whatever go-git is doing.
func Open(ctx context.Context, location string, o Options) (*Repository, error) {
	if isURL(location) {
		return openRemote(ctx, location, o)
	}
	r, err := openBare(location)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", location, err)
	}
	r.location = location
	return r, nil
}

// isURL reports whether a location names a remote: a scheme, or user@host:path.
func isURL(location string) bool {
	if strings.Contains(location, "://") {
		return true
	}
	host, path, ok := strings.Cut(location, ":")
	return ok && path != "" && strings.Contains(host, "@") && !strings.ContainsAny(host, `/\`)
}

// openBare opens a bare repository or the .git of a work tree, for reading.
func openBare(dir string) (*Repository, error) {
	gitDir := dir
	if info, err := os.Stat(filepath.Join(dir, ".git")); err == nil && info.IsDir() {
		gitDir = filepath.Join(dir, ".git")
	}
	if _, err := os.Stat(dir); err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(gitDir, "objects")); err != nil {
		return nil, errors.New("not a git repository")
	}
	storage := filesystem.NewStorageWithOptions(osfs.New(gitDir, osfs.WithBoundOS()), cache.NewObjectLRU(objectCache), filesystem.Options{KeepDescriptors: true})
	g, err := git.Open(storage, nil)
	if err != nil {
		return nil, fmt.Errorf("not a git repository that can be read: %w", err)
	}
	return &Repository{git: g, storage: storage, release: func() error { return nil }}, nil
}

// Location returns where the repository came from, without user name and password.
func (r *Repository) Location() string { return r.location }

// Findings returns what was noticed about the repository as a whole: a clone that could not be refreshed, rewritten history.
func (r *Repository) Findings() []sigs.Finding { return r.findings }

// Close gives back files and the lock on the clone.
func (r *Repository) Close() error {
	return errors.Join(r.storage.Close(), r.release())
}

// Resolve returns the commit a revision names: a branch, a tag, a full or an abbreviated commit; empty means the newest commit
// of the default branch.
func (r *Repository) Resolve(revision string) (Commit, error) {
	r.objects.Lock()
	defer r.objects.Unlock()
	if revision == "" {
		head, err := r.head()
		if err != nil {
			return Commit{}, fmt.Errorf("%s: %w", r.location, err)
		}
		return r.commit(head)
	}
	if strings.HasPrefix(revision, "-") || strings.ContainsAny(revision, " \x00") {
		return Commit{}, fmt.Errorf("%s: %q is no revision", r.location, revision)
	}
	for _, name := range []string{"refs/remotes/origin/" + revision, "refs/heads/" + revision, "refs/tags/" + revision} {
		if hash, err := r.git.ResolveRevision(plumbing.Revision(name)); err == nil {
			return r.commit(*hash)
		}
	}
	hash, err := r.git.ResolveRevision(plumbing.Revision(revision))
	if err != nil {
		return Commit{}, fmt.Errorf("%s has no revision %q", r.location, revision)
	}
	return r.commit(*hash)
}

func (r *Repository) commit(hash plumbing.Hash) (Commit, error) {
	c, err := r.git.CommitObject(hash)
	if err != nil {
		return Commit{}, fmt.Errorf("%s: commit %s: %w", r.location, hash, err)
	}
	return Commit{Hash: hash.String(), Time: c.Committer.When.UTC()}, nil
}

// head returns the commit of the default branch.
func (r *Repository) head() (plumbing.Hash, error) {
	ref, err := r.git.Reference(plumbing.HEAD, true)
	if err == nil {
		return ref.Hash(), nil
	}
	if !errors.Is(err, plumbing.ErrReferenceNotFound) {
		return plumbing.ZeroHash, err
	}
	return plumbing.ZeroHash, ErrEmpty
}
