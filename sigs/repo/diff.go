package repo

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Kind says how a path differs between two trees.
type Kind string

const (
	Added       Kind = "added"        // only in the second tree
	Removed     Kind = "removed"      // only in the first
	Changed     Kind = "changed"      // other content, or a file that became a link or a submodule
	ModeChanged Kind = "mode changed" // the same content with another mode
)

// Change is one path at which two trees differ. Directories have none: their files do.
type Change struct {
	Path         string
	Kind         Kind
	Old, New     fs.FileMode // zero where the path is absent
	OldID, NewID string      // object ids, 40 lower-case hexadecimal digits; empty where the path is absent
}

// maxChanges is the most changes two trees may have between them.
const maxChanges = 1 << 18

// Diff returns what differs between two trees, in order of path. It compares object ids and reads no file. What a tree leaves out
// ([Tree.Findings] names it) is in no diff. A file in whose place a directory comes is removed, and the directory's files added.
func Diff(from, to *Tree) ([]Change, error) {
	d := differ{}
	if err := d.directories(".", from.root.children, to.root.children); err != nil {
		return nil, err
	}
	slices.SortFunc(d.out, func(a, b Change) int {
		if c := strings.Compare(a.Path, b.Path); c != 0 {
			return c
		}
		return strings.Compare(string(b.Kind), string(a.Kind)) // removed before added
	})
	return d.out, nil
}

type differ struct{ out []Change }

// directories compares two lists of entries, both in order of name.
func (d *differ) directories(at string, from, to []*node) error {
	for len(from) > 0 || len(to) > 0 {
		order := 0
		switch {
		case len(from) == 0:
			order = 1
		case len(to) == 0:
			order = -1
		default:
			order = strings.Compare(from[0].name, to[0].name)
		}
		var old, new *node
		if order <= 0 {
			old, from = from[0], from[1:]
		}
		if order >= 0 {
			new, to = to[0], to[1:]
		}
		if err := d.entry(at, old, new); err != nil {
			return err
		}
	}
	return nil
}

// entry compares what two trees have under one name; nil is nothing.
func (d *differ) entry(at string, old, new *node) error {
	if len(d.out) > maxChanges {
		return fmt.Errorf("more than %d files differ: these are no two states of one attestation repository", maxChanges)
	}
	oldDir, newDir := old != nil && old.mode.IsDir(), new != nil && new.mode.IsDir()
	switch {
	case oldDir && newDir:
		if old.id == new.id {
			return nil
		}
		return d.directories(path.Join(at, old.name), old.children, new.children)
	case oldDir || newDir:
		if err := d.whole(at, old, Removed); err != nil {
			return err
		}
		return d.whole(at, new, Added)
	case old == nil:
		return d.whole(at, new, Added)
	case new == nil:
		return d.whole(at, old, Removed)
	}
	c := Change{Path: path.Join(at, old.name), Kind: Changed, Old: old.mode, New: new.mode, OldID: old.id.String(), NewID: new.id.String()}
	switch {
	case old.id == new.id && old.mode == new.mode:
		return nil
	case old.id == new.id && old.mode.Type() == new.mode.Type():
		c.Kind = ModeChanged
	}
	d.out = append(d.out, c)
	return nil
}

// whole enters a file, or every file below a directory.
func (d *differ) whole(at string, n *node, kind Kind) error {
	if n == nil {
		return nil
	}
	if n.mode.IsDir() {
		for _, child := range n.children {
			if len(d.out) > maxChanges {
				return d.entry(at, nil, nil)
			}
			if err := d.whole(path.Join(at, n.name), child, kind); err != nil {
				return err
			}
		}
		return nil
	}
	c := Change{Path: path.Join(at, n.name), Kind: kind}
	if kind == Added {
		c.New, c.NewID = n.mode, n.id.String()
	} else {
		c.Old, c.OldID = n.mode, n.id.String()
	}
	d.out = append(d.out, c)
	return nil
}
