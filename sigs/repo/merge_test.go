package repo

import (
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"
)

// treeOf makes a tree of "path=content" words; equal contents have equal ids, and so have equal directories.
func treeOf(words string) *Tree {
	root := &node{name: ".", mode: fs.ModeDir | 0o555}
	for word := range strings.FieldsSeq(words) {
		name, content, _ := strings.Cut(word, "=")
		at := root
		parts := strings.Split(name, "/")
		for i, part := range parts {
			n := child(at.children, part)
			if n == nil {
				n = &node{name: part, mode: fs.ModeDir | 0o555}
				if i == len(parts)-1 {
					n.mode, n.id = 0o444, plumbing.ComputeHash(plumbing.BlobObject, []byte(content))
				}
				at.children = append(at.children, n)
				slices.SortFunc(at.children, func(a, b *node) int { return strings.Compare(a.name, b.name) })
			}
			at = n
		}
	}
	identify(root)
	return &Tree{root: root}
}

func identify(n *node) {
	if !n.mode.IsDir() {
		return
	}
	var b strings.Builder
	for _, c := range n.children {
		identify(c)
		b.WriteString(c.name + c.id.String())
	}
	n.id = plumbing.ComputeHash(plumbing.TreeObject, []byte(b.String()))
}

// What a merge brings to the tip is what the change did, and nothing else of either side is lost.
func TestMerge(t *testing.T) {
	for _, test := range []struct{ name, fork, tip, head, want string }{
		{"nothing", "a=1", "a=1", "a=1", ""},
		{"the tip alone moved", "a=1", "a=1 b/c=2", "a=1", ""},
		{"the change alone", "a=1", "a=1", "a=1 b/c=2", "added b/c"},
		{"both add", "a/x=1", "a/x=1 a/y=2", "a/x=1 a/z=3", "added a/z"},
		{"both add one file alike", "a/x=1", "a/x=1 a/y=2", "a/x=1 a/y=2", ""},
		{"both add one file differently", "a/x=1", "a/x=1 a/y=2", "a/x=1 a/y=3", "changed a/y"},
		{"an edit of what the tip edited", "a/x=1", "a/x=2", "a/x=3", "changed a/x"},
		{"a removal of what the tip edited", "a/x=1 b=1", "a/x=2 b=1", "b=1", "removed a/x"},
		{"a removal beside an addition of the tip", "a/x=1", "a/x=1 a/y=2", "b=1", "removed a/x, added b"},
		{"a removal that the tip did too", "a/x=1 b=1", "b=1", "b=1", ""},
		{"a directory where a file was", "a=1", "a=1 b=1", "a/x=2", "removed a, added a/x"},
		{"everything removed", "a=1", "a=1", "", "removed a"},
	} {
		tip := treeOf(test.tip)
		changes, err := Diff(tip, Merge(treeOf(test.fork), tip, treeOf(test.head)))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, c := range changes {
			got = append(got, string(c.Kind)+" "+c.Path)
		}
		if strings.Join(got, ", ") != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}
