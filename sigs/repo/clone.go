package repo

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	git "github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/config"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/transport"
	"github.com/gofrs/flock"

	"github.com/gverify/gverify/sigs"
)

// staleTemporary is how old a half-made clone must be before another run removes it.
const staleTemporary = time.Hour

// mirrorSpecs fetch every branch and tag as the remote has them, rewritten or not.
var mirrorSpecs = []config.RefSpec{"+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"}

// openRemote opens the cached clone of a URL, cloning or refreshing it first unless offline.
func openRemote(ctx context.Context, location string, o Options) (*Repository, error) {
	name := redacted(location)
	if o.Cache == "" {
		return nil, fmt.Errorf("%s: no cache directory to clone into", name)
	}
	if err := os.MkdirAll(o.Cache, 0o700); err != nil {
		return nil, err
	}
	dir := filepath.Join(o.Cache, cacheName(location))
	lock := flock.New(dir + ".lock")
	if ok, err := lock.TryLockContext(ctx, 100*time.Millisecond); err != nil || !ok {
		return nil, fmt.Errorf("%s: waiting for another gverify that holds %s: %w", name, dir+".lock", errors.Join(err, ctx.Err()))
	}
	removeStale(o.Cache, o.Now)
	r, err := refreshed(ctx, location, name, dir, o)
	if err != nil {
		return nil, errors.Join(err, lock.Unlock())
	}
	r.location, r.release = name, lock.Unlock
	if o.State != "" {
		r.findings = append(r.findings, r.remember(filepath.Join(o.State, "newest", cacheName(location)))...)
	}
	return r, nil
}

// refreshed returns the clone in dir, brought up to date where that is possible. A clone that is damaged is made anew.
func refreshed(ctx context.Context, location, name, dir string, o Options) (*Repository, error) {
	r, damage := openClone(dir)
	if damage == nil {
		if o.Offline {
			return r, nil
		}
		err := interruptible(ctx, func() error { return fetch(ctx, r, location, o) })
		if err == nil {
			if err := r.intact(); err == nil {
				return r, nil
			}
		} else if ctx.Err() != nil {
			return nil, ctx.Err()
		} else if r.intact() == nil {
			r.findings = append(r.findings, sigs.Finding{Code: "stale-clone", Severity: sigs.Warning,
				Text: fmt.Sprintf("%s could not be refreshed (%v); the clone of %s is used", name, err, age(dir, o.Now)),
				Next: "newer attestations may be missing: try again with a network"})
			return r, nil
		}
		r.storage.Close()
	}
	if o.Offline {
		if errors.Is(damage, os.ErrNotExist) {
			return nil, fmt.Errorf("%s: %w", name, ErrOffline)
		}
		return nil, fmt.Errorf("%s: the clone in the cache is damaged (%v): %w", name, damage, ErrOffline)
	}
	if err := clone(ctx, location, name, dir, o); err != nil {
		return nil, err
	}
	r, err := openClone(dir)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return r, nil
}

// openClone opens a clone and makes sure that its default branch can be read.
func openClone(dir string) (*Repository, error) {
	r, err := openBare(dir)
	if err != nil {
		return nil, err
	}
	if err := r.intact(); err != nil {
		r.storage.Close()
		return nil, err
	}
	return r, nil
}

// intact reports whether every tree and blob name of the newest commit can be found in the object store.
func (r *Repository) intact() (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the clone is damaged: %v", p)
		}
	}()
	head, err := r.head()
	if errors.Is(err, ErrEmpty) {
		return nil
	}
	if err != nil {
		return err
	}
	c, err := r.git.CommitObject(head)
	if err != nil {
		return err
	}
	t, err := r.Tree(Commit{Hash: c.Hash.String()})
	if err != nil {
		return err
	}
	return t.present()
}

// clone clones into a temporary directory beside dir and renames it when it is whole.
func clone(ctx context.Context, location, name, dir string, o Options) error {
	tmp, err := os.MkdirTemp(o.Cache, "tmp-clone-*")
	if err != nil {
		return err
	}
	err = interruptible(ctx, func() error {
		_, err := git.PlainCloneContext(ctx, tmp, true, &git.CloneOptions{URL: location, Progress: o.Progress, Tags: git.AllTags, Mirror: true})
		if errors.Is(err, transport.ErrEmptyRemoteRepository) {
			return fmt.Errorf("%s: %w", name, ErrEmpty)
		}
		if err != nil {
			return &UnreachableError{Location: name, Err: cleaned(err, location, name)}
		}
		return nil
	})
	if err != nil {
		os.RemoveAll(tmp)
		return err
	}
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	return os.Rename(tmp, dir)
}

// fetch brings a clone up to date. History that the remote rewrote is followed; remember reports it.
func fetch(ctx context.Context, r *Repository, location string, o Options) error {
	remote, err := r.git.CreateRemoteAnonymous(&config.RemoteConfig{Name: "anonymous", URLs: []string{location}})
	if err != nil {
		return err
	}
	err = remote.FetchContext(ctx, &git.FetchOptions{RemoteName: "anonymous", RefSpecs: mirrorSpecs, Tags: git.AllTags, Force: true, Prune: true, Progress: o.Progress})
	if err != nil && !errors.Is(err, git.NoErrAlreadyUpToDate) {
		return cleaned(err, location, redacted(location))
	}
	return nil
}

// interruptible runs f and returns when it ends or ctx does, whichever is first: go-git ignores contexts in the middle of a
// clone. An abandoned f ends with the process; what it leaves behind is removed by a later run.
func interruptible(ctx context.Context, f func() error) error {
	done := make(chan error, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				done <- fmt.Errorf("the remote sent something that broke the git library: %v", p)
			}
		}()
		done <- f()
	}()
	select {
	case err := <-done:
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// remember compares the newest commit with the one seen last and stores it: an older or unrelated history is how a dissenter
// would be hidden.
func (r *Repository) remember(file string) []sigs.Finding {
	head, err := r.head()
	if err != nil {
		return nil
	}
	var out []sigs.Finding
	if data, err := os.ReadFile(file); err == nil {
		if last := strings.TrimSpace(string(data)); len(last) == 40 && last != head.String() {
			out = r.rewound(plumbing.NewHash(last), head)
		}
	}
	if os.MkdirAll(filepath.Dir(file), 0o700) == nil && len(out) == 0 {
		tmp := file + ".tmp"
		if os.WriteFile(tmp, []byte(head.String()+"\n"), 0o600) == nil {
			os.Rename(tmp, file)
		}
	}
	return out
}

// rewound says whether the history no longer contains the commit that was the newest one before.
func (r *Repository) rewound(last, head plumbing.Hash) []sigs.Finding {
	alarm := func(code, text string) []sigs.Finding {
		return []sigs.Finding{{Code: code, Severity: sigs.Alarm, Text: text,
			Next: "attestations may have been hidden: ask the repository's maintainers, and compare with another clone"}}
	}
	newer, err := r.git.CommitObject(head)
	if err != nil {
		return nil
	}
	older, err := r.git.CommitObject(last)
	if err != nil {
		return alarm("history-rewritten", fmt.Sprintf("the newest commit seen before, %s, is no longer part of %s", last.String()[:12], r.location))
	}
	if ok, err := older.IsAncestor(newer); err == nil && ok {
		return nil
	}
	if ok, err := newer.IsAncestor(older); err == nil && ok {
		return alarm("repository-rolled-back", fmt.Sprintf("%s now ends at %s, which is older than %s seen before", r.location, head.String()[:12], last.String()[:12]))
	}
	return alarm("history-rewritten", fmt.Sprintf("the history of %s was rewritten: it no longer contains %s seen before", r.location, last.String()[:12]))
}

var unsafeName = regexp.MustCompile(`[^A-Za-z0-9.-]+`)

// cacheName is a readable, unique directory name for a URL.
func cacheName(location string) string {
	sum := sha256.Sum256([]byte(location))
	readable := strings.Trim(unsafeName.ReplaceAllString(redacted(location), "_"), "_.")
	if len(readable) > 80 {
		readable = readable[len(readable)-80:]
	}
	return readable + "-" + hex.EncodeToString(sum[:6])
}

// redacted is a location without user name and password.
func redacted(location string) string {
	u, err := url.Parse(location)
	if err != nil || u.User == nil {
		return location
	}
	u.User = nil
	return u.String()
}

// cleaned is err without the location's password in it.
func cleaned(err error, location, name string) error {
	if location == name || !strings.Contains(err.Error(), location) {
		return err
	}
	return errors.New(strings.ReplaceAll(err.Error(), location, name))
}

func age(dir string, now time.Time) string {
	info, err := os.Stat(filepath.Join(dir, "objects", "pack"))
	if err != nil || now.IsZero() {
		return "an earlier run"
	}
	return info.ModTime().UTC().Format(time.DateOnly)
}

// removeStale removes half-made clones that runs before this one left behind.
func removeStale(cache string, now time.Time) {
	old, _ := filepath.Glob(filepath.Join(cache, "tmp-clone-*"))
	for _, dir := range old {
		if info, err := os.Stat(dir); err == nil && now.Sub(info.ModTime()) > staleTemporary {
			os.RemoveAll(dir)
		}
	}
}
