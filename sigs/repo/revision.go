package repo

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
)

const (
	minAbbreviation = 4  // hexadecimal digits, as in git
	maxTagDepth     = 10 // tags of tags
	maxNear         = 3
)

// Resolve returns the commit a revision names: a branch, a tag, a full reference name, a full commit id or an abbreviated one;
// empty, or HEAD, means the default branch. A name that means several commits is an error, not a choice: whoever can push a tag could
// otherwise take a branch's place. Errors are *RevisionError, or ErrDamaged.
func (r *Repository) Resolve(revision string) (Commit, error) {
	if revision == "" || revision == "HEAD" {
		id, ok := r.refs.tip()
		if !ok {
			return Commit{}, &RevisionError{Location: r.location, Near: r.near("main")}
		}
		return r.peel(revision, id)
	}
	if plumbing.IsHash(revision) {
		id := plumbing.NewHash(revision)
		if !r.objects.has(id) {
			return Commit{}, &RevisionError{Location: r.location, Revision: revision}
		}
		return r.peel(revision, id)
	}
	names := r.meanings(revision)
	ids := map[plumbing.Hash]bool{}
	var commit Commit
	for _, name := range names {
		c, err := r.peel(revision, r.refs.named[name])
		if err != nil {
			return Commit{}, err
		}
		commit = c
		ids[plumbing.NewHash(c.Hash)] = true
	}
	switch {
	case len(ids) > 1:
		return Commit{}, &RevisionError{Location: r.location, Revision: revision, Several: names}
	case len(ids) == 1:
		return commit, nil
	}
	return r.abbreviated(revision)
}

// meanings returns the full names of the references that a short name may mean. A remote's branch counts where there is no
// local one.
func (r *Repository) meanings(short string) []string {
	var names []string
	for _, name := range []string{short, "refs/heads/" + short, "refs/tags/" + short} {
		if _, ok := r.refs.named[name]; ok {
			names = append(names, name)
		}
	}
	if len(names) > 0 {
		return names
	}
	for _, name := range []string{"refs/remotes/" + short, "refs/remotes/origin/" + short} {
		if _, ok := r.refs.named[name]; ok {
			return []string{name}
		}
	}
	return nil
}

// abbreviated resolves the first digits of a commit's id. Other objects with the same digits do not matter.
func (r *Repository) abbreviated(revision string) (Commit, error) {
	digits := strings.ToLower(revision)
	if len(digits) < minAbbreviation || len(digits) > 40 || strings.Trim(digits, "0123456789abcdef") != "" {
		return Commit{}, &RevisionError{Location: r.location, Revision: revision, Near: r.near(revision)}
	}
	var several []string
	var found Commit
	for _, id := range r.objects.withPrefix(digits, 1000) {
		o, err := r.objects.find(id)
		if err != nil || o.kind != plumbing.CommitObject && o.kind != plumbing.TagObject {
			continue
		}
		c, err := r.peel(revision, id)
		if err != nil || c.Hash == found.Hash {
			continue
		}
		found = c
		several = append(several, id.String())
	}
	switch len(several) {
	case 0:
		return Commit{}, &RevisionError{Location: r.location, Revision: revision, Near: r.near(revision)}
	case 1:
		return found, nil
	}
	return Commit{}, &RevisionError{Location: r.location, Revision: revision, Several: several}
}

// peel follows tags to the commit they name.
func (r *Repository) peel(revision string, id plumbing.Hash) (Commit, error) {
	for range maxTagDepth {
		o, err := r.objects.find(id)
		if err != nil {
			return Commit{}, r.broken(&objectError{id, err})
		}
		switch o.kind {
		case plumbing.CommitObject:
			c, err := parseCommit(id, o.data)
			if err != nil {
				return Commit{}, &RevisionError{Location: r.location, Revision: revision, Err: err}
			}
			return c.Commit, nil
		case plumbing.TagObject:
			target, ok := idField(o.data, "object ")
			if !ok {
				return Commit{}, &RevisionError{Location: r.location, Revision: revision, Err: fmt.Errorf("tag %s names no object", id)}
			}
			id = target
		default:
			return Commit{}, &RevisionError{Location: r.location, Revision: revision, Err: fmt.Errorf("is a %s, not a commit", o.kind)}
		}
	}
	return Commit{}, &RevisionError{Location: r.location, Revision: revision, Err: fmt.Errorf("more than %d tags name each other", maxTagDepth)}
}

// near returns the branches and tags that are spelled most like a name, nearest first.
func (r *Repository) near(name string) []string {
	type candidate struct {
		name     string
		distance int
	}
	var all []candidate
	for full := range r.refs.named {
		short := full
		for _, prefix := range []string{"refs/heads/", "refs/tags/", "refs/remotes/"} {
			if rest, ok := strings.CutPrefix(full, prefix); ok {
				short = rest
				break
			}
		}
		d := distance(strings.ToLower(name), strings.ToLower(short))
		if strings.Contains(short, name) {
			d = 0
		}
		all = append(all, candidate{short, d})
	}
	slices.SortFunc(all, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), strings.Compare(a.name, b.name))
	})
	var names []string
	for _, c := range all {
		if len(names) == maxNear {
			break
		}
		if !slices.Contains(names, c.name) {
			names = append(names, c.name)
		}
	}
	return names
}

// distance is the number of letters to change, add or leave out to get from a to b, looking at the first 64 bytes.
func distance(a, b string) int {
	a, b = a[:min(len(a), 64)], b[:min(len(b), 64)]
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
