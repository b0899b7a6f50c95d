package repo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"

	"github.com/gverify/gverify/sigs"
)

// Version is one content that a path has or had somewhere in a history.
type Version struct {
	Path    string
	Blob    string // object id of the content, 40 lower-case hexadecimal digits
	Stands  bool   // the path has it at the newest commit
	Came    Commit // brought it; the first by time where several did
	Gone    Commit // replaced or removed it, the last by time; zero where none did. What came back stands again
	By      string // object id of what replaced it; empty where it was removed
	Dropped bool   // no commit replaced it: it got lost in a merge, which is Gone
}

// History is every content that the files of a repository had at any commit reachable from one, merged branches included.
// It does not depend on the order in which commits were read: one that was extended equals one that was read at once.
type History struct {
	Commit   Commit    // the newest
	Versions []Version // path order, then the order in which they came
	Findings []sigs.Finding
}

const (
	maxVersions = 1 << 18 // contents of one history
	maxCompared = 1 << 28 // tree entries looked at for one history; small trees can be nested into billions
	maxCommits  = 1 << 20
)

// History returns the history of a commit, of the paths that keep accepts (nil: all). Where before is the history of an ancestor,
// made with the same keep, only newer commits are read and before is not changed. Where before's commit is no ancestor, the
// history is read anew and the finding "history-rewritten" says so: an honest repository only grows. In a shallow clone older
// contents are missing, and what stands in its oldest commits came then or earlier: the finding "history-shallow".
//
// Unchanged directories are not read, and no file is. Symbolic links and submodules are no content, names that no [Tree] has are
// passed over. Cancelling ctx stops it. Errors are ErrDamaged, ctx's, or say that it is too large.
func (r *Repository) History(ctx context.Context, c Commit, before *History, keep func(path string) bool) (*History, error) {
	if !plumbing.IsHash(c.Hash) {
		return nil, fmt.Errorf("%s: %q is no commit id", r.location, c.Hash)
	}
	if before != nil && before.Commit.Hash == c.Hash {
		return before, nil
	}
	h := &historian{ctx: ctx, repository: r, keep: keep, trees: newTreeCache(r.objects), versions: map[versionKey]*Version{}}
	out, err := h.read(plumbing.NewHash(c.Hash), before)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, r.broken(fmt.Errorf("history of commit %s: %w", c.Hash, err))
	}
	return out, nil
}

type versionKey struct{ path, blob string }

// historian reads one history.
type historian struct {
	ctx        context.Context
	repository *Repository
	keep       func(string) bool
	trees      *treeCache
	compared   int
	versions   map[versionKey]*Version
}

func (h *historian) read(tip plumbing.Hash, before *History) (*History, error) {
	known := plumbing.ZeroHash
	if before != nil && plumbing.IsHash(before.Commit.Hash) {
		known = plumbing.NewHash(before.Commit.Hash)
	}
	commits, extends, err := h.newer(tip, known)
	if err != nil {
		return nil, err
	}
	start := plumbing.ZeroHash // the tree of the commit that is extended
	if extends {
		old, err := h.repository.commit(known)
		if err != nil {
			return nil, err
		}
		start = old.tree
		for _, v := range before.Versions {
			h.versions[versionKey{v.Path, v.Blob}] = &v
		}
	}
	var newest commit
	for _, c := range commits {
		if c.Hash == tip.String() {
			newest = c
		}
		if err := h.events(c); err != nil {
			return nil, fmt.Errorf("commit %s: %w", c.Hash, err)
		}
	}
	if err := h.stand(start, newest.tree); err != nil {
		return nil, err
	}
	return h.finish(newest.Commit, before, extends), nil
}

// events enters what one commit brought, replaced and removed.
func (h *historian) events(c commit) error {
	parents := make([]plumbing.Hash, 0, max(len(c.parents), 1))
	for _, id := range c.parents {
		if h.repository.shallow[c.Hash] {
			break
		}
		p, err := h.repository.commit(id)
		if err != nil {
			return err
		}
		parents = append(parents, p.tree)
	}
	if len(parents) == 0 {
		parents = append(parents, plumbing.ZeroHash)
	}
	return h.compare(".", c.tree, parents, 0, func(path string, now plumbing.Hash, was []plumbing.Hash) error {
		if slices.Contains(was, now) { // the merge took one side: the other one's content got lost, if nothing else ended it
			return h.ended(path, now, was, c.Commit, true)
		}
		if !now.IsZero() {
			if err := h.came(path, now, c.Commit); err != nil {
				return err
			}
		}
		return h.ended(path, now, was, c.Commit, false)
	})
}

func (h *historian) came(path string, blob plumbing.Hash, c Commit) error {
	v, err := h.version(path, blob)
	if err != nil {
		return err
	}
	if v.Came.Hash == "" || c.compare(v.Came) < 0 {
		v.Came = c
	}
	return nil
}

// ended enters that the contents was of a path are no more.
func (h *historian) ended(path string, now plumbing.Hash, was []plumbing.Hash, c Commit, dropped bool) error {
	for _, blob := range was {
		if blob.IsZero() || blob == now {
			continue
		}
		v, err := h.version(path, blob)
		if err != nil {
			return err
		}
		first := v.Gone.Hash == ""
		if first || v.Dropped && !dropped || v.Dropped == dropped && c.compare(v.Gone) > 0 {
			v.Gone, v.Dropped, v.By = c, dropped, ""
			if !now.IsZero() {
				v.By = now.String()
			}
		}
	}
	return nil
}

func (h *historian) version(path string, blob plumbing.Hash) (*Version, error) {
	key := versionKey{path, blob.String()}
	v := h.versions[key]
	if v == nil {
		if len(h.versions) >= maxVersions {
			return nil, fmt.Errorf("more than %d contents of files: not an attestation repository", maxVersions)
		}
		v = &Version{Path: path, Blob: key.blob}
		h.versions[key] = v
	}
	return v, nil
}

// stand notes what is there at the newest commit, from what was there at the commit that is extended.
func (h *historian) stand(before, now plumbing.Hash) error {
	return h.compare(".", now, []plumbing.Hash{before}, 0, func(path string, blob plumbing.Hash, was []plumbing.Hash) error {
		if !was[0].IsZero() {
			v, err := h.version(path, was[0])
			if err != nil {
				return err
			}
			v.Stands = false
		}
		if blob.IsZero() {
			return nil
		}
		v, err := h.version(path, blob)
		if err == nil {
			v.Stands = true
		}
		return err
	})
}

func (h *historian) finish(newest Commit, before *History, extends bool) *History {
	out := &History{Commit: newest, Versions: make([]Version, 0, len(h.versions))}
	for _, v := range h.versions {
		out.Versions = append(out.Versions, *v)
	}
	slices.SortFunc(out.Versions, func(a, b Version) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), a.Came.compare(b.Came), strings.Compare(a.Blob, b.Blob))
	})
	if before != nil && !extends {
		out.Findings = append(out.Findings, sigs.Finding{Code: "history-rewritten", Severity: sigs.Alarm, Text: fmt.Sprintf(
			"commit %.12s of %s was indexed before and is no ancestor of %.12s: the history was rewritten, rolled back or another branch was asked for; it was read anew",
			before.Commit.Hash, before.Commit.Time.Format("2006-01-02"), newest.Hash),
			Next: "nothing to do if you asked for another --revision; else ask the repository's maintainers, and compare with another clone"})
	}
	if len(h.repository.shallow) > 0 {
		out.Findings = append(out.Findings, sigs.Finding{Code: "history-shallow", Severity: sigs.Warning,
			Text: "the clone is shallow: attestations that were replaced or removed in older commits are missing, and dates may be too late",
			Next: "fetch the whole history: git fetch --unshallow"})
	}
	return out
}

// compare orders commits by time, then id.
func (c Commit) compare(other Commit) int {
	return cmp.Or(c.Time.Compare(other.Time), strings.Compare(c.Hash, other.Hash))
}

// commit reads a commit.
func (r *Repository) commit(id plumbing.Hash) (commit, error) {
	data, err := r.objects.read(id, plumbing.CommitObject)
	if err != nil {
		return commit{}, err
	}
	return parseCommit(id, data)
}

var errHistory = errors.New("history is too large: not an attestation repository")
