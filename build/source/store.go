package source

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/config"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/gofrs/flock"

	"github.com/gverify/gverify/build"
)

// Store is a directory with clones of source repositories.
type Store struct {
	Dir      string
	Offline  bool      // only what is there already is used
	Progress io.Writer // what remotes say; nil discards it
}

var wholeHash = regexp.MustCompile(`^[0-9a-f]{40}$`)

// NotFoundError is a tag, branch or commit that a repository has not.
type NotFoundError struct {
	URL, Ref string
	Offline  bool // the remote was not asked
}

func (e *NotFoundError) Error() string {
	if e.Offline {
		return fmt.Sprintf("%s: no tag, branch or commit %q in the clone that is here, and the network may not be used", e.URL, e.Ref)
	}
	return fmt.Sprintf("%s has no tag, branch or commit %q", e.URL, e.Ref)
}

// Resolve fetches the repository where that is needed and looks a source's Ref up: Commit and AuthorDate of what is returned are
// set. A commit that is here already is not asked for again. A path is fetched from like a remote: files that are not committed
// there are not built.
func (s Store) Resolve(ctx context.Context, src build.Source) (build.Source, error) {
	ref := src.Ref
	if ref == "" {
		ref = src.Commit
	}
	c, err := s.open(ctx, src.URL)
	if err != nil {
		return src, err
	}
	defer c.close()
	commit, err := c.commit(ref)
	if !s.Offline && (err != nil || !wholeHash.MatchString(ref)) {
		if err := c.fetch(ctx, s.Progress, ref); err != nil {
			return src, err
		}
		commit, err = c.commit(ref)
	}
	if err != nil {
		return src, &NotFoundError{c.shown, ref, s.Offline}
	}
	src.Commit = commit.Hash.String()
	src.AuthorDate = commit.Author.When.UTC().Format(time.DateTime)
	return src, nil
}

// clone is one repository of the store, locked.
type clone struct {
	dir   string
	url   string
	shown string // without a password
	repo  *git.Repository
	lock  *flock.Flock
}

const lockRetry = 50 * time.Millisecond

func (s Store) open(ctx context.Context, address string) (*clone, error) {
	where := address
	if build.IsLocal(address) {
		path, err := filepath.Abs(strings.TrimPrefix(address, "file://"))
		if err != nil {
			return nil, err
		}
		where = path
	}
	c := &clone{url: where, shown: redact(address)}
	c.dir = filepath.Join(s.Dir, fmt.Sprintf("%x", sha256.Sum256([]byte(where)))[:24])
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return nil, err
	}
	c.lock = flock.New(c.dir+".lock", flock.SetPermissions(0o600))
	if _, err := c.lock.TryLockContext(ctx, lockRetry); err != nil {
		return nil, fmt.Errorf("%s: waiting for another process to finish with %s: %w", c.shown, c.lock.Path(), err)
	}
	repo, err := git.PlainOpen(c.dir)
	if errors.Is(err, git.ErrRepositoryNotExists) {
		repo, err = git.PlainInit(c.dir, true)
	}
	if err == nil {
		c.repo = repo
		_, err = repo.CreateRemote(&config.RemoteConfig{Name: "origin", URLs: []string{where}})
		if errors.Is(err, git.ErrRemoteExists) {
			err = nil
		}
	}
	if err != nil {
		c.close()
		return nil, fmt.Errorf("%s: %w", c.shown, err)
	}
	return c, nil
}

func (c *clone) close() { _ = c.lock.Unlock() }

// fetch brings branches and tags to the remote's state. A whole commit that is on none of them is asked for by its hash.
func (c *clone) fetch(ctx context.Context, progress io.Writer, ref string) error {
	specs := []config.RefSpec{"+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*"}
	err := c.repo.FetchContext(ctx, &git.FetchOptions{RemoteName: "origin", RefSpecs: specs, Tags: git.NoTags, Force: true, Progress: progress})
	if errors.Is(err, git.NoErrAlreadyUpToDate) {
		err = nil
	}
	if err == nil && wholeHash.MatchString(ref) {
		if _, missing := c.commit(ref); missing != nil {
			exact := config.RefSpec(ref + ":refs/gverify/" + ref)
			_ = c.repo.FetchContext(ctx, &git.FetchOptions{RemoteName: "origin", RefSpecs: []config.RefSpec{exact}, Tags: git.NoTags, Progress: progress})
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("%s could not be fetched: %s", c.shown, strings.ReplaceAll(err.Error(), c.url, c.shown))
	}
	return nil
}

// commit returns what a tag, a branch or a whole hash names, in git's order of precedence.
func (c *clone) commit(ref string) (*object.Commit, error) {
	if wholeHash.MatchString(ref) {
		return c.repo.CommitObject(plumbing.NewHash(ref))
	}
	for _, name := range []string{"refs/tags/" + ref, "refs/remotes/origin/" + ref} {
		found, err := c.repo.Reference(plumbing.ReferenceName(name), true)
		if err != nil {
			continue
		}
		hash, err := c.repo.ResolveRevision(plumbing.Revision(found.Hash().String() + "^{commit}"))
		if err != nil {
			return nil, err
		}
		return c.repo.CommitObject(*hash)
	}
	return nil, plumbing.ErrReferenceNotFound
}

// redact leaves out the password of an address.
func redact(address string) string {
	if u, err := url.Parse(address); err == nil && u.User != nil {
		return u.Redacted()
	}
	return address
}
