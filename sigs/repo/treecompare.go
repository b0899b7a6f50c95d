package repo

import (
	"bytes"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
)

// leaf is an entry of a tree: a directory, or a file with its content's id, zero for what is no regular file.
type leaf struct {
	name string
	dir  bool
	id   plumbing.Hash
}

// order compares entries as git sorts them: a directory as if its name ended in a slash.
func (l leaf) order(other leaf) int {
	n := min(len(l.name), len(other.name))
	if c := strings.Compare(l.name[:n], other.name[:n]); c != 0 {
		return c
	}
	return int(l.next(n)) - int(other.next(n))
}

// next is the byte after the first n of the name, as git sorts it.
func (l leaf) next(n int) byte {
	switch {
	case len(l.name) > n:
		return l.name[n]
	case l.dir:
		return '/'
	}
	return 0
}

// compare calls changed for every file below a directory that is not the same in one commit, now, and in its parents, was; zero
// where there is none. Directories that are the same in all are not read.
func (h *historian) compare(at string, now plumbing.Hash, was []plumbing.Hash, depth int, changed func(path string, now plumbing.Hash, was []plumbing.Hash) error) error {
	if err := h.ctx.Err(); err != nil {
		return err
	}
	if depth > maxDepth {
		return errHistory
	}
	current, err := h.trees.leaves(now)
	if err != nil {
		return err
	}
	before := make([][]leaf, len(was))
	for i, id := range was {
		if before[i], err = h.trees.leaves(id); err != nil {
			return err
		}
	}
	old := make([]plumbing.Hash, len(was))
	for {
		first, ok := lowest(current, before)
		if !ok {
			return nil
		}
		if h.compared++; h.compared > maxCompared {
			return errHistory
		}
		id := take(&current, first)
		same := true
		for i := range before {
			old[i] = take(&before[i], first)
			same = same && old[i] == id
		}
		if same {
			continue
		}
		name := path.Join(at, first.name)
		if first.dir {
			err = h.compare(name, id, slices.Clone(old), depth+1, changed)
		} else if h.keep == nil || h.keep(name) {
			err = changed(name, id, old)
		}
		if err != nil {
			return err
		}
	}
}

// lowest returns the entry that sorts first.
func lowest(current []leaf, before [][]leaf) (first leaf, ok bool) {
	if len(current) > 0 {
		first, ok = current[0], true
	}
	for _, l := range before {
		if len(l) > 0 && (!ok || l[0].order(first) < 0) {
			first, ok = l[0], true
		}
	}
	return first, ok
}

// take removes an entry from the front, and returns its id; zero where another one is in front.
func take(leaves *[]leaf, l leaf) plumbing.Hash {
	if len(*leaves) == 0 || (*leaves)[0].name != l.name || (*leaves)[0].dir != l.dir {
		return plumbing.ZeroHash
	}
	id := (*leaves)[0].id
	*leaves = (*leaves)[1:]
	return id
}

// treeCache keeps the entries of the trees that were read last: neighbours in a history share most of them.
type treeCache struct {
	objects *objects
	kept    map[plumbing.Hash][]leaf
	recent  []plumbing.Hash // a ring
	next    int
}

// keptTrees is how many trees are kept; each has fewer than a thousand entries in real repositories, and those of more than
// maxKeptLeaves are not kept.
const (
	keptTrees     = 256
	maxKeptLeaves = 1 << 12
)

func newTreeCache(o *objects) *treeCache {
	return &treeCache{objects: o, kept: make(map[plumbing.Hash][]leaf, keptTrees), recent: make([]plumbing.Hash, keptTrees)}
}

// leaves returns the entries of a tree in git's order, none for the zero id. Trees that git would not write, and objects that
// are none, have no entries: [Tree.Findings] says so of those that stand.
func (t *treeCache) leaves(id plumbing.Hash) ([]leaf, error) {
	if id.IsZero() {
		return nil, nil
	}
	if kept, ok := t.kept[id]; ok {
		return kept, nil
	}
	data, err := t.objects.read(id, plumbing.TreeObject)
	var kind *kindError
	if errors.As(err, &kind) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	leaves := parseLeaves(data)
	if len(leaves) <= maxKeptLeaves {
		delete(t.kept, t.recent[t.next])
		t.kept[id], t.recent[t.next] = leaves, id
		t.next = (t.next + 1) % keptTrees
	}
	return leaves, nil
}

// parseLeaves reads a tree object. Entries that no [Tree] has are left out: refused names, and names that stand there twice.
func parseLeaves(data []byte) []leaf {
	text := string(data)
	leaves := make([]leaf, 0, bytes.Count(data, []byte{0})/2)
	for at := 0; at < len(text); {
		end := strings.IndexByte(text[at:], 0)
		if end < 0 || len(text)-at-end-1 < 20 {
			return nil
		}
		digits, name, ok := strings.Cut(text[at:at+end], " ")
		mode, err := parseMode(digits)
		if !ok || err != nil {
			return nil
		}
		id := plumbing.Hash(data[at+end+1:])
		at += end + 21
		if refused(name) != "" {
			continue
		}
		if !mode.IsDir() && mode.Type()&^fs.ModeDir != 0 {
			id = plumbing.ZeroHash
		}
		leaves = append(leaves, leaf{name, mode.IsDir(), id})
	}
	if !slices.IsSortedFunc(leaves, leaf.order) {
		slices.SortStableFunc(leaves, leaf.order)
	}
	return withoutTwins(leaves)
}

// withoutTwins leaves out every name that stands there more than once, as a file, a directory or both.
func withoutTwins(sorted []leaf) []leaf {
	var twins map[string]bool
	for i, l := range sorted {
		twin := i > 0 && sorted[i-1] == leaf{l.name, l.dir, sorted[i-1].id}
		if !l.dir && !twin {
			_, twin = slices.BinarySearchFunc(sorted, leaf{name: l.name, dir: true}, leaf.order)
		}
		if twin && twins == nil {
			twins = map[string]bool{}
		}
		if twin {
			twins[l.name] = true
		}
	}
	if twins == nil {
		return sorted
	}
	return slices.DeleteFunc(sorted, func(l leaf) bool { return twins[l.name] })
}
