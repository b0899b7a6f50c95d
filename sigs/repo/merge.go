package repo

import (
	"io/fs"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"

	"github.com/gverify/gverify/sigs"
)

// Merge returns what becomes of tip once what changed from fork to head is brought into it: the tree that a merge would make. Where both
// sides changed one file, head's stands: a comparison with tip shows it. The trees are of one repository, and the result is named
// after head's commit.
func Merge(fork, tip, head *Tree) *Tree {
	root := merged(fork.root, tip.root, head.root)
	if root == nil {
		root = &node{name: ".", mode: fs.ModeDir | 0o555}
	}
	findings := slices.Clone(head.findings)
	had := map[sigs.Finding]bool{}
	for _, f := range head.findings {
		had[f] = true
	}
	for _, f := range tip.findings {
		if !had[f] {
			findings = append(findings, f)
		}
	}
	return &Tree{repository: head.repository, commit: head.commit, root: root, findings: findings}
}

// merged merges what three trees have under one name; nil is nothing.
func merged(fork, tip, head *node) *node {
	switch {
	case alike(head, fork) || alike(head, tip):
		return tip
	case alike(tip, fork) || tip != nil && !tip.mode.IsDir() || head != nil && !head.mode.IsDir():
		return head
	}
	// Directories, or one that a side took away: their files are merged one by one. The result is no object, so like no other directory.
	out := &node{mode: fs.ModeDir | 0o555, id: plumbing.ZeroHash}
	for _, n := range []*node{tip, head} {
		if n != nil {
			out.name = n.name
		}
	}
	old, now, new := children(fork), children(tip), children(head)
	for _, name := range allNames(now, new) {
		if n := merged(child(old, name), child(now, name), child(new, name)); n != nil {
			out.children = append(out.children, n)
		}
	}
	if len(out.children) == 0 {
		return nil // git has no empty directories
	}
	return out
}

func children(n *node) []*node {
	if n == nil {
		return nil
	}
	return n.children
}

func alike(a, b *node) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.id == b.id && a.mode == b.mode && (a.mode&fs.ModeDir == 0 || !a.id.IsZero())
}

func child(sorted []*node, name string) *node {
	if i, ok := slices.BinarySearchFunc(sorted, name, func(n *node, name string) int { return strings.Compare(n.name, name) }); ok {
		return sorted[i]
	}
	return nil
}

// allNames are the names of both, sorted.
func allNames(a, b []*node) []string {
	var out []string
	for _, n := range slices.Concat(a, b) {
		out = append(out, n.name)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
