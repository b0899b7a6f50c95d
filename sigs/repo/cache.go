package repo

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"github.com/gverify/gverify/sigs"
)

const (
	lockRetry = 50 * time.Millisecond
	maxPacks  = 64 // every refresh may add a pack; a clone of more is made anew
)

// Files in a clone that are not git's.
const (
	fetchedFile = "gverify-fetched" // time of the last refresh
	damagedFile = "gverify-damaged" // why the clone cannot be trusted any more
)

// openRemote opens the clone of a URL, made or refreshed first where that is allowed. The work is done by a goroutine that
// owns the lock until it ends: when ctx ends first, openRemote returns, and what a transfer that cannot be interrupted still
// writes stays under the lock, in a directory that nobody will ever open.
func openRemote(ctx context.Context, from location, o Options) (*Repository, error) {
	if o.Cache == "" {
		return nil, fmt.Errorf("%s: no cache directory to clone into", from.shown)
	}
	if err := os.MkdirAll(o.Cache, 0o700); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCache, err)
	}
	lock := flock.New(from.lockFile(o.Cache), flock.SetPermissions(0o600))
	if _, err := lock.TryLockContext(ctx, lockRetry); err != nil {
		return nil, fmt.Errorf("%s: waiting for another process to finish with %s: %w", from.shown, lock.Path(), err)
	}
	progress := newProgress(o.Progress)
	type result struct {
		r   *Repository
		err error
	}
	done := make(chan result, 1)
	go func() {
		var out result
		defer func() {
			if p := recover(); p != nil {
				out = result{nil, &UnreachableError{from.shown, fmt.Errorf("what the remote sent could not be handled: %v", p)}}
			}
			if err := lock.Unlock(); out.err == nil {
				out.err = err
			}
			done <- out
		}()
		c := clone{from: from, dir: from.clone(o.Cache), options: o, progress: progress}
		out.r, out.err = c.open(ctx)
	}()
	select {
	case out := <-done:
		if ctx.Err() != nil && out.err != nil {
			return nil, fmt.Errorf("%s: %w", from.shown, ctx.Err())
		}
		return out.r, out.err
	case <-ctx.Done():
		progress.stop()
		go func() { // give back the files of a repository that comes too late
			if out := <-done; out.r != nil {
				out.r.Close()
			}
		}()
		return nil, fmt.Errorf("%s: %w", from.shown, ctx.Err())
	}
}

// clone is a clone in the cache, whose lock is held.
type clone struct {
	from     location
	dir      string
	options  Options
	progress *progress
}

// open returns the clone, brought up to date where that is possible. A clone that is damaged is made anew.
func (c clone) open(ctx context.Context) (*Repository, error) {
	c.sweep()
	r, problem := c.load()
	if problem == nil && c.usable(r) {
		return c.remembered(r), nil
	}
	if c.options.Offline {
		if errors.Is(problem, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s: %w", c.from.shown, ErrOffline)
		}
		return nil, fmt.Errorf("%s: the clone in the cache cannot be used (%w): %w", c.from.shown, problem, ErrOffline)
	}
	if problem == nil && len(r.objects.packs) <= maxPacks {
		err := c.refresh(ctx, r)
		if err == nil {
			r, problem = c.reload(r)
		} else if problem = c.intact(r); problem == nil {
			return c.unrefreshed(ctx, r, err)
		}
		if problem == nil {
			return c.remembered(r), nil
		}
	}
	fresh, err := c.replace(ctx)
	if err == nil {
		if r != nil {
			r.Close()
		}
		return c.remembered(fresh), nil
	}
	if r != nil && problem == nil {
		return c.unrefreshed(ctx, r, err)
	}
	if r != nil {
		r.Close()
	}
	return nil, err
}

// usable reports whether the clone is used without asking the remote.
func (c clone) usable(r *Repository) bool {
	age := c.options.Now.Sub(r.fetched)
	return c.options.Offline || c.options.MaxAge > 0 && age >= 0 && age < c.options.MaxAge
}

// unrefreshed returns a clone that is used although the remote could not be asked, and says so.
func (c clone) unrefreshed(ctx context.Context, r *Repository, err error) (*Repository, error) {
	if ctx.Err() != nil {
		r.Close()
		return nil, ctx.Err()
	}
	finding := sigs.Finding{Code: "repository-not-refreshed", Severity: sigs.Warning,
		Text: fmt.Sprintf("%v; the clone of %s is used, newer attestations may be missing", err, c.age(r.fetched)),
		Next: "try again when the network and the remote are there"}
	if errors.Is(err, ErrEmpty) {
		finding.Code, finding.Severity = "repository-rolled-back", sigs.Alarm
		finding.Text = fmt.Sprintf("%s has no commit any more; the clone of %s is used", c.from.shown, c.age(r.fetched))
		finding.Next = "ask the repository's maintainers what happened, and compare with another clone"
	}
	r.findings = append(r.findings, finding)
	return c.remembered(r), nil
}

// age says when the clone was refreshed last.
func (c clone) age(fetched time.Time) string {
	if fetched.IsZero() {
		return "an earlier run"
	}
	text := fetched.UTC().Format(time.DateOnly)
	if days := int(c.options.Now.Sub(fetched).Hours() / 24); days > 0 {
		text += fmt.Sprintf(" (%d days ago)", days)
	}
	return text
}

// load opens the clone and makes sure that everything its default branch names is there.
func (c clone) load() (*Repository, error) {
	r, err := c.read(c.dir)
	if err != nil {
		return nil, err
	}
	r.damaged = func(err error) { // the next run makes the clone anew; if it cannot be told, it finds out itself
		_ = os.WriteFile(filepath.Join(c.dir, damagedFile), []byte(err.Error()+"\n"), 0o600)
	}
	return r, nil
}

// read opens the clone in a directory, finished or not.
func (c clone) read(dir string) (*Repository, error) {
	info, err := os.Lstat(dir)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, damage(errors.New("not a directory"))
	}
	if why, err := readSmall(filepath.Join(dir, damagedFile)); err == nil {
		return nil, damage(fmt.Errorf("an earlier run could not read it: %s", why))
	}
	r, err := openLocal(dir)
	if err != nil {
		return nil, damage(fmt.Errorf("%v", err)) // its cause must not pass for a clone that is not there
	}
	r.location = c.from.shown
	if err := c.intact(r); err != nil {
		r.Close()
		return nil, err
	}
	if text, err := readSmall(filepath.Join(dir, fetchedFile)); err == nil {
		if when, err := time.Parse(time.RFC3339, text); err == nil {
			r.fetched = when
		}
	}
	return r, nil
}

// reload opens the clone again, with what a refresh brought.
func (c clone) reload(old *Repository) (*Repository, error) {
	r, err := c.load()
	if err != nil {
		return old, err
	}
	r.network = true
	r.findings = append(r.findings, old.findings...)
	return r, old.objects.close()
}

// intact reports whether the trees of the default branch can be read and its files are there. It keeps the tree.
func (c clone) intact(r *Repository) error {
	tip, ok := r.refs.tip()
	if !ok {
		if r.refs.head == "" {
			return damage(errors.New("HEAD names nothing"))
		}
		return nil // the remote's HEAD names a branch that it does not have
	}
	commit, err := r.peel("", tip)
	if err != nil {
		return err
	}
	if r.head != nil && r.head.commit == commit {
		return nil
	}
	t, err := r.Tree(commit)
	if err != nil {
		return err
	}
	if id, ok := t.root.absent(r.objects); ok {
		return damage(&objectError{id, errMissing})
	}
	r.head = t
	return nil
}

// replace makes the clone anew, in a directory beside it that takes its place when it is whole.
func (c clone) replace(ctx context.Context) (*Repository, error) {
	tmp, err := os.MkdirTemp(c.options.Cache, c.from.temporary()) // made with mode 0700
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(tmp)
	findings, err := c.create(ctx, tmp)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if _, err := os.Lstat(c.dir); err == nil {
		old, err := os.MkdirTemp(c.options.Cache, c.from.temporary())
		if err != nil {
			return nil, err
		}
		defer os.RemoveAll(old)
		if err := os.Rename(c.dir, filepath.Join(old, "old")); err != nil {
			return nil, err
		}
	}
	if err := os.Rename(tmp, c.dir); err != nil {
		return nil, err
	}
	r, err := c.load()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.from.shown, err)
	}
	r.network = true
	r.findings = append(r.findings, findings...)
	return r, nil
}

// create clones into an empty directory and makes sure that the result is whole.
func (c clone) create(ctx context.Context, dir string) ([]sigs.Finding, error) {
	for _, sub := range []string{filepath.Join("objects", "pack"), "refs"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			return nil, err
		}
	}
	const config = "[core]\n\trepositoryformatversion = 0\n\tbare = true\n"
	if err := os.WriteFile(filepath.Join(dir, "config"), []byte(config), 0o600); err != nil {
		return nil, err
	}
	store, err := openObjects([]string{filepath.Join(dir, "objects")})
	if err != nil {
		return nil, err
	}
	findings, err := c.fetch(ctx, dir, &Repository{objects: store})
	if err := errors.Join(err, store.close()); err != nil {
		return nil, err
	}
	r, err := c.read(dir)
	if err != nil {
		return nil, &UnreachableError{c.from.shown, fmt.Errorf("the remote sent an incomplete repository: %w", err)}
	}
	return findings, r.Close()
}

// refresh brings the clone up to date.
func (c clone) refresh(ctx context.Context, r *Repository) error {
	findings, err := c.fetch(ctx, c.dir, r)
	r.findings = append(r.findings, findings...)
	return err
}

// sweep removes what runs that were killed left behind. The lock is held: nobody else is at work on this clone.
func (c clone) sweep() {
	entries, _ := os.ReadDir(c.options.Cache)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), c.from.temporary()) {
			_ = os.RemoveAll(filepath.Join(c.options.Cache, e.Name()))
		}
	}
	for _, pattern := range []string{"objects/pack/tmp_*", "packed-refs.tmp-*", "HEAD.tmp-*", fetchedFile + ".tmp-*"} {
		left, _ := filepath.Glob(filepath.Join(c.dir, filepath.FromSlash(pattern)))
		for _, path := range left {
			_ = os.Remove(path)
		}
	}
}
