package repo

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"

	"github.com/gverify/gverify/sigs"
)

const (
	maxNames = 2_000_000 // names of one tree
	maxBlob  = 64 << 20  // bytes of one file
	maxPath  = 64        // directories below each other
)

// Tree is the content of one commit as an fs.FS. Symbolic links and submodules are irregular entries that cannot be opened;
// names that fs.ValidPath refuses are left out and reported. It is safe for concurrent use.
type Tree struct {
	r        *Repository
	commit   Commit
	nodes    map[string]*node
	findings []sigs.Finding
}

// node is a file or directory of a tree.
type node struct {
	name     string
	mode     fs.FileMode
	hash     plumbing.Hash
	children []*node // sorted by name
	when     time.Time
	size     int64
}

// Tree returns the content of a commit. All names are read, no file is.
func (r *Repository) Tree(c Commit) (*Tree, error) {
	r.objects.Lock()
	defer r.objects.Unlock()
	commit, err := r.git.CommitObject(plumbing.NewHash(c.Hash))
	if err != nil {
		return nil, fmt.Errorf("%s: commit %s: %w", r.location, c.Hash, err)
	}
	t := &Tree{r: r, commit: c, nodes: map[string]*node{}}
	root := &node{name: ".", mode: fs.ModeDir | 0o555, hash: commit.TreeHash, when: c.Time}
	t.nodes["."] = root
	if err := t.load(root, ".", 0); err != nil {
		return nil, fmt.Errorf("%s: commit %s: %w", r.location, c.Hash, err)
	}
	return t, nil
}

// Findings returns what was left out of the tree and why.
func (t *Tree) Findings() []sigs.Finding { return t.findings }

// load reads a directory and those below it.
func (t *Tree) load(dir *node, at string, depth int) error {
	tree, err := object.GetTree(t.r.storage, dir.hash)
	if err != nil {
		return fmt.Errorf("%s: %w", at, err)
	}
	for _, e := range tree.Entries {
		p := path.Join(at, e.Name)
		if !fs.ValidPath(e.Name) || e.Name == "." || strings.ContainsAny(e.Name, "/\\") || strings.EqualFold(e.Name, ".git") || t.nodes[p] != nil {
			t.findings = append(t.findings, sigs.Finding{Code: "unsafe-name", Severity: sigs.Alarm, Path: p,
				Text: fmt.Sprintf("the repository holds a name that no honest tool writes, %q; it is left out", e.Name), Next: "ask the repository's maintainers how it came there"})
			continue
		}
		if len(t.nodes) >= maxNames || depth > maxPath {
			return fmt.Errorf("%s: more than %d names or %d levels: not an attestation repository", at, maxNames, maxPath)
		}
		n := &node{name: e.Name, hash: e.Hash, when: t.commit.Time, size: -1}
		switch e.Mode {
		case filemode.Dir:
			n.mode = fs.ModeDir | 0o555
		case filemode.Regular, filemode.Executable, filemode.Deprecated:
			n.mode = 0o444
		case filemode.Symlink:
			n.mode = fs.ModeSymlink | 0o444
		default:
			n.mode = fs.ModeIrregular | 0o444
		}
		t.nodes[p] = n
		dir.children = append(dir.children, n)
		if n.mode.IsDir() {
			if err := t.load(n, p, depth+1); err != nil {
				return err
			}
		}
	}
	slices.SortFunc(dir.children, func(a, b *node) int { return strings.Compare(a.name, b.name) })
	return nil
}

// present reports whether every file of the tree is in the object store, without reading one.
func (t *Tree) present() error {
	for p, n := range t.nodes {
		if n.mode.IsRegular() {
			if err := t.r.storage.HasEncodedObject(n.hash); err != nil {
				return fmt.Errorf("%s: %w", p, err)
			}
		}
	}
	return nil
}

func (t *Tree) lookup(op, name string) (*node, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	n := t.nodes[name]
	if n == nil {
		return nil, &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
	}
	return n, nil
}

// Open opens a file or directory. A file's content is checked against its object id.
func (t *Tree) Open(name string) (fs.File, error) {
	n, err := t.lookup("open", name)
	if err != nil {
		return nil, err
	}
	if n.mode.IsDir() {
		return &openDir{info: info{n, 0}, entries: entriesOf(t, n)}, nil
	}
	if !n.mode.IsRegular() {
		return &openFile{info: info{n, 0}, r: bytes.NewReader(nil)}, nil
	}
	data, err := t.read(n)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return &openFile{info: info{n, int64(len(data))}, r: bytes.NewReader(data)}, nil
}

// ReadDir lists a directory in order of name.
func (t *Tree) ReadDir(name string) ([]fs.DirEntry, error) {
	n, err := t.lookup("readdir", name)
	if err != nil {
		return nil, err
	}
	if !n.mode.IsDir() {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: errors.New("not a directory")}
	}
	return entriesOf(t, n), nil
}

// Stat describes a file without reading it.
func (t *Tree) Stat(name string) (fs.FileInfo, error) {
	n, err := t.lookup("stat", name)
	if err != nil {
		return nil, err
	}
	return t.stat(n)
}

func (t *Tree) stat(n *node) (fs.FileInfo, error) {
	if !n.mode.IsRegular() {
		return info{n, 0}, nil
	}
	t.r.objects.Lock()
	defer t.r.objects.Unlock()
	size, err := t.r.storage.EncodedObjectSize(n.hash)
	return info{n, size}, err
}

// read returns a blob's content after checking its size and its object id.
func (t *Tree) read(n *node) (data []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			data, err = nil, fmt.Errorf("object %s is damaged: %v", n.hash, p)
		}
	}()
	data, err = t.unpack(n.hash)
	if err != nil {
		return nil, fmt.Errorf("object %s: %w", n.hash, err)
	}
	if plumbing.ComputeHash(plumbing.BlobObject, data) != n.hash {
		return nil, fmt.Errorf("object %s is damaged: its content has another id", n.hash)
	}
	return data, nil
}

func (t *Tree) unpack(hash plumbing.Hash) ([]byte, error) {
	t.r.objects.Lock()
	defer t.r.objects.Unlock()
	size, err := t.r.storage.EncodedObjectSize(hash)
	if err != nil {
		return nil, err
	}
	if size > maxBlob {
		return nil, fmt.Errorf("%d bytes, at most %d are read", size, maxBlob)
	}
	o, err := t.r.storage.EncodedObject(plumbing.BlobObject, hash)
	if err != nil {
		return nil, err
	}
	reader, err := o.Reader()
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	data := make([]byte, o.Size())
	if _, err := io.ReadFull(reader, data); err != nil {
		return nil, err
	}
	return data, nil
}

// info describes a node.
type info struct {
	n    *node
	size int64
}

func (i info) Name() string       { return i.n.name }
func (i info) Size() int64        { return i.size }
func (i info) Mode() fs.FileMode  { return i.n.mode }
func (i info) ModTime() time.Time { return i.n.when }
func (i info) IsDir() bool        { return i.n.mode.IsDir() }
func (i info) Sys() any           { return nil }

// entry is a directory entry whose size is looked up only when asked for.
type entry struct {
	t *Tree
	n *node
}

func (e entry) Name() string               { return e.n.name }
func (e entry) IsDir() bool                { return e.n.mode.IsDir() }
func (e entry) Type() fs.FileMode          { return e.n.mode.Type() }
func (e entry) Info() (fs.FileInfo, error) { return e.t.stat(e.n) }

func entriesOf(t *Tree, n *node) []fs.DirEntry {
	out := make([]fs.DirEntry, len(n.children))
	for i, c := range n.children {
		out[i] = entry{t, c}
	}
	return out
}

type openFile struct {
	info
	r *bytes.Reader
}

func (f *openFile) Stat() (fs.FileInfo, error)                { return f.info, nil }
func (f *openFile) Read(p []byte) (int, error)                { return f.r.Read(p) }
func (f *openFile) ReadAt(p []byte, off int64) (int, error)   { return f.r.ReadAt(p, off) }
func (f *openFile) Seek(off int64, whence int) (int64, error) { return f.r.Seek(off, whence) }
func (f *openFile) Close() error                              { return nil }

type openDir struct {
	info
	entries []fs.DirEntry
	at      int
}

func (d *openDir) Stat() (fs.FileInfo, error) { return d.info, nil }
func (d *openDir) Close() error               { return nil }
func (d *openDir) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: d.n.name, Err: errors.New("is a directory")}
}

// ReadDir implements fs.ReadDirFile.
func (d *openDir) ReadDir(n int) ([]fs.DirEntry, error) {
	rest := d.entries[d.at:]
	if n <= 0 {
		d.at = len(d.entries)
		return slices.Clone(rest), nil
	}
	if len(rest) == 0 {
		return nil, io.EOF
	}
	rest = rest[:min(n, len(rest))]
	d.at += len(rest)
	return slices.Clone(rest), nil
}
