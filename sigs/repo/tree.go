package repo

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"unicode"
	"unicode/utf8"

	"github.com/go-git/go-git/v5/plumbing"

	"github.com/gverify/gverify/sigs"
)

const (
	maxNames    = 1 << 18 // names of one commit; small trees can be nested into billions
	maxDepth    = 64      // directories below each other
	maxFindings = 1000    // about one commit; the rest is counted
)

// node is a file or directory of a tree.
type node struct {
	name     string
	mode     fs.FileMode
	id       plumbing.Hash
	children []*node // sorted by name
}

// absent returns a file below a directory that the store does not have.
func (n *node) absent(store *objects) (plumbing.Hash, bool) {
	for _, c := range n.children {
		switch {
		case c.mode.IsDir():
			if id, ok := c.absent(store); ok {
				return id, true
			}
		case c.mode.IsRegular() && !store.has(c.id):
			return c.id, true
		}
	}
	return plumbing.ZeroHash, false
}

// Tree returns the content of a commit. All its names are read, none of its files.
func (r *Repository) Tree(c Commit) (*Tree, error) {
	if r.head != nil && r.head.commit.Hash == c.Hash {
		return r.head, nil
	}
	if !plumbing.IsHash(c.Hash) {
		return nil, fmt.Errorf("%s: %q is no commit id", r.location, c.Hash)
	}
	t, err := r.readTree(plumbing.NewHash(c.Hash))
	if err != nil {
		return nil, r.broken(fmt.Errorf("commit %s: %w", c.Hash, err))
	}
	return t, nil
}

// broken turns an error of an object into one of the repository, and tells the cache that its clone is of no use. Objects that
// are intact but of no use to us are not damage: fetching them again would not help.
func (r *Repository) broken(err error) error {
	var object *objectError
	var size *sizeError
	var kind *kindError
	if errors.As(err, &object) && !errors.As(err, &size) && !errors.As(err, &kind) && !errors.Is(err, fs.ErrClosed) {
		err = damage(err)
		if r.damaged != nil {
			r.damaged(err)
		}
	}
	return fmt.Errorf("%s: %w", r.location, err)
}

// readTree reads all names of a commit.
func (r *Repository) readTree(id plumbing.Hash) (*Tree, error) {
	data, err := r.objects.read(id, plumbing.CommitObject)
	if err != nil {
		return nil, err
	}
	c, err := parseCommit(id, data)
	if err != nil {
		return nil, err
	}
	w := walk{objects: r.objects, names: new(atomic.Int64)}
	root := &node{name: ".", mode: fs.ModeDir | 0o555, id: c.tree}
	if err := w.fill(root, ".", 0); err != nil {
		return nil, err
	}
	if w.dropped > 0 {
		w.findings = append(w.findings, sigs.Finding{Code: "more-findings", Severity: sigs.Warning,
			Text: fmt.Sprintf("%d more oddities of names are not listed", w.dropped)})
	}
	return &Tree{repository: r, commit: c.Commit, root: root, findings: w.findings}, nil
}

// walk reads the names of a tree.
type walk struct {
	objects  *objects
	names    *atomic.Int64 // so far, of all walks of one tree
	findings []sigs.Finding
	dropped  int
}

func (w *walk) note(severity sigs.Severity, code, at, text string) {
	if len(w.findings) >= maxFindings {
		w.dropped++
		return
	}
	w.findings = append(w.findings, sigs.Finding{Code: code, Severity: severity, Path: at, Text: text})
}

// fill reads a directory and those below it.
func (w *walk) fill(dir *node, at string, depth int) error {
	data, err := w.objects.read(dir.id, plumbing.TreeObject)
	var kind *kindError
	if errors.As(err, &kind) {
		w.note(sigs.Alarm, "malformed-tree", at, "this directory "+kind.Error()+"; it is shown as empty")
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s: %w", at, err)
	}
	children, err := parseTree(data, maxNames-int(w.names.Load()))
	if err == errNames {
		return fmt.Errorf("%s: %w", at, err)
	}
	if err != nil {
		w.note(sigs.Alarm, "malformed-tree", at, "this directory is not one that git writes: "+err.Error()+"; it is shown as empty")
		return nil
	}
	if w.names.Add(int64(len(children))) > maxNames {
		return fmt.Errorf("%s: %w", at, errNames)
	}
	dir.children = w.admit(children, at)
	below := slices.DeleteFunc(slices.Clone(dir.children), func(n *node) bool { return !n.mode.IsDir() })
	if len(below) > 0 && depth == maxDepth {
		return fmt.Errorf("%s: more than %d directories below each other: not an attestation repository", at, maxDepth)
	}
	if depth == 0 {
		return w.fillAll(below)
	}
	for _, n := range below {
		if err := w.fill(n, path.Join(at, n.name), depth+1); err != nil {
			return err
		}
	}
	return nil
}

// fillAll reads the directories of the root, a share per processor, and keeps the findings in order of name.
func (w *walk) fillAll(dirs []*node) error {
	size := max(1, (len(dirs)+runtime.GOMAXPROCS(0)-1)/runtime.GOMAXPROCS(0))
	shares := slices.Collect(slices.Chunk(dirs, size))
	walks, errs, panics := make([]walk, len(shares)), make([]error, len(shares)), make([]any, len(shares))
	var running sync.WaitGroup
	for i, share := range shares {
		running.Go(func() {
			defer func() { panics[i] = recover() }()
			walks[i] = walk{objects: w.objects, names: w.names}
			for _, n := range share {
				if errs[i] = walks[i].fill(n, n.name, 1); errs[i] != nil {
					return
				}
			}
		})
	}
	running.Wait()
	for i := range walks {
		if panics[i] != nil {
			panic(panics[i]) // in the caller's goroutine, where it can be caught
		}
		if errs[i] != nil {
			return errs[i]
		}
		w.dropped += walks[i].dropped
		for _, f := range walks[i].findings {
			w.note(f.Severity, f.Code, f.Path, f.Text)
		}
	}
	return nil
}

// admit leaves out what has no place in an fs.FS, reports it and everything else that is odd, and sorts the rest by name.
func (w *walk) admit(all []*node, at string) []*node {
	slices.SortStableFunc(all, func(a, b *node) int { return strings.Compare(a.name, b.name) })
	var kept []*node
	for i := 0; i < len(all); {
		n, same := all[i], i+1
		for same < len(all) && all[same].name == n.name {
			same++
		}
		here := path.Join(at, n.name)
		switch reason := refused(n.name); {
		case reason != "":
			here = strings.TrimPrefix(at+"/"+n.name, "./") // path.Join would resolve ".."
			w.note(sigs.Alarm, "invalid-name", here, "a name that no honest tool writes is left out: it "+reason)
		case same > i+1:
			w.note(sigs.Alarm, "duplicate-name", here, fmt.Sprintf(
				"%d entries of one directory have this name, so that different tools see different files; all are left out", same-i))
		default:
			kept = append(kept, n)
			w.remark(n, here)
		}
		i = same
	}
	w.twins(kept, at)
	return kept
}

// remark reports what is odd about an entry that is kept.
func (w *walk) remark(n *node, here string) {
	switch n.mode.Type() {
	case fs.ModeSymlink:
		w.note(sigs.Warning, "symbolic-link", here, "this is a symbolic link; it is not followed")
	case fs.ModeIrregular:
		w.note(sigs.Warning, "not-a-file", here, "this is a submodule or of a kind unknown to git; it is not read")
	}
	if strings.ContainsFunc(n.name, func(c rune) bool { return c == '\\' || unicode.Is(unicode.C, c) }) {
		w.note(sigs.Warning, "odd-name", here, "this name has characters that can make it look like another one: a backslash, or some that are invisible")
	}
}

// twins reports names that differ in case only: on some systems they are one file.
func (w *walk) twins(nodes []*node, at string) {
	first := make(map[string]string, len(nodes))
	for _, n := range nodes {
		folded := strings.ToLower(n.name)
		if other, ok := first[folded]; ok {
			w.note(sigs.Note, "case-twins", path.Join(at, n.name), fmt.Sprintf("this name differs from %q in case only", other))
			continue
		}
		first[folded] = n.name
	}
}

// refused says why a name may not stand in an fs.FS, or that it may.
func refused(name string) string {
	lower := strings.ToLower(name)
	switch {
	case name == "":
		return "is empty"
	case name == "." || name == "..":
		return "leads out of its directory"
	case strings.Contains(name, "/"):
		return "contains a slash"
	case !utf8.ValidString(name):
		return "is not UTF-8"
	case lower == ".git" || lower == "git~1":
		return "is where git keeps its own files"
	}
	return ""
}

var errNames = fmt.Errorf("more than %d names: not an attestation repository", maxNames)

// parseTree reads a tree object of up to limit entries: "<octal mode> <name>", a zero byte and 20 bytes of id per entry.
func parseTree(data []byte, limit int) ([]*node, error) {
	var nodes []*node
	for len(data) > 0 {
		if len(nodes) == limit {
			return nil, errNames
		}
		header, rest, ok := bytes.Cut(data, []byte{0})
		if !ok || len(rest) < 20 {
			return nil, errors.New("an entry is cut short")
		}
		digits, name, ok := strings.Cut(string(header), " ")
		if !ok {
			return nil, errors.New("an entry has no mode")
		}
		mode, err := parseMode(digits)
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, &node{name: name, mode: mode, id: plumbing.Hash(rest[:20])})
		data = rest[20:]
	}
	return nodes, nil
}

// parseMode turns git's modes into those of package fs. Kinds git does not know are irregular files.
func parseMode(digits string) (fs.FileMode, error) {
	if len(digits) < 5 || len(digits) > 6 || strings.Trim(digits, "01234567") != "" {
		return 0, fmt.Errorf("an entry has the mode %q", digits)
	}
	switch strings.TrimPrefix(digits, "0") {
	case "40000":
		return fs.ModeDir | 0o555, nil
	case "100644", "100664":
		return 0o444, nil
	case "100755":
		return 0o555, nil
	case "120000":
		return fs.ModeSymlink | 0o444, nil
	}
	return fs.ModeIrregular | 0o444, nil
}
