package repo

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/go-git/go-git/v5/plumbing"

	"github.com/gverify/gverify/sigs"
)

// Tree is the content of one commit as a file system: an fs.ReadDirFS, fs.ReadFileFS and fs.StatFS. It is safe for concurrent
// use until its repository is closed.
//
// Names that fs.ValidPath refuses, .git, and names that stand twice in one directory are left out; [Tree.Findings] names them.
// Symbolic links and submodules are listed as what they are, and cannot be read. Files of more than 64 MiB can be listed but
// not read. Stat tells a file's size without reading it; a file's content is complete and checked against its object id
// before the first byte of it is given out.
type Tree struct {
	repository *Repository
	commit     Commit
	root       *node
	findings   []sigs.Finding
}

// Findings returns what is odd about the names of the tree: "invalid-name", "duplicate-name", "malformed-tree",
// "symbolic-link", "not-a-file", "odd-name", "case-twins".
func (t *Tree) Findings() []sigs.Finding { return t.findings }

var (
	errDirectory    = errors.New("is a directory")
	errNotDirectory = errors.New("not a directory")
	errLink         = errors.New("is a symbolic link, which is not followed")
	errIrregular    = errors.New("is not a file")
)

// lookup finds the node of a path.
func (t *Tree) lookup(op, name string) (*node, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	n := t.root
	if name == "." {
		return n, nil
	}
	for part := range strings.SplitSeq(name, "/") {
		i, ok := slices.BinarySearchFunc(n.children, part, func(c *node, part string) int { return strings.Compare(c.name, part) })
		if !ok {
			return nil, &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
		}
		n = n.children[i]
	}
	return n, nil
}

// Open opens a file or directory. Nothing is read until the file is.
func (t *Tree) Open(name string) (fs.File, error) {
	n, err := t.lookup("open", name)
	if err != nil {
		return nil, err
	}
	if n.mode.IsDir() {
		return &openDir{info: info{t, n, 0}, entries: t.entries(n)}, nil
	}
	return &openFile{t: t, n: n, name: name}, nil
}

// ReadFile returns the content of a file.
func (t *Tree) ReadFile(name string) ([]byte, error) {
	n, err := t.lookup("read", name)
	if err != nil {
		return nil, err
	}
	data, err := t.read(n)
	if err != nil {
		return nil, &fs.PathError{Op: "read", Path: name, Err: err}
	}
	return slices.Clone(data), nil
}

// ReadDir lists a directory in order of name.
func (t *Tree) ReadDir(name string) ([]fs.DirEntry, error) {
	n, err := t.lookup("readdir", name)
	if err != nil {
		return nil, err
	}
	if !n.mode.IsDir() {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: errNotDirectory}
	}
	return t.entries(n), nil
}

// Stat describes a file or directory without reading it. It does not follow symbolic links.
func (t *Tree) Stat(name string) (fs.FileInfo, error) {
	n, err := t.lookup("stat", name)
	if err != nil {
		return nil, err
	}
	i, err := t.stat(n)
	if err != nil {
		return nil, &fs.PathError{Op: "stat", Path: name, Err: err}
	}
	return i, nil
}

func (t *Tree) stat(n *node) (fs.FileInfo, error) {
	if !n.mode.IsRegular() {
		return info{t, n, 0}, nil
	}
	size, err := t.repository.objects.size(n.id)
	if err != nil {
		return nil, t.repository.broken(err)
	}
	return info{t, n, size}, nil
}

// read returns the checked content of a file, which is shared.
func (t *Tree) read(n *node) ([]byte, error) {
	switch {
	case n.mode.IsDir():
		return nil, errDirectory
	case n.mode&fs.ModeSymlink != 0:
		return nil, errLink
	case !n.mode.IsRegular():
		return nil, errIrregular
	}
	data, err := t.repository.objects.read(n.id, plumbing.BlobObject)
	var tooLarge *sizeError
	switch {
	case errors.As(err, &tooLarge):
		return nil, tooLarge
	case err != nil:
		return nil, t.repository.broken(err)
	}
	return data, nil
}

// info describes a node.
type info struct {
	t    *Tree
	n    *node
	size int64
}

func (i info) Name() string       { return i.n.name }
func (i info) Size() int64        { return i.size }
func (i info) Mode() fs.FileMode  { return i.n.mode }
func (i info) ModTime() time.Time { return i.t.commit.Time }
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
func (e entry) String() string             { return fs.FormatDirEntry(e) }

func (t *Tree) entries(n *node) []fs.DirEntry {
	out := make([]fs.DirEntry, len(n.children))
	for i, c := range n.children {
		out[i] = entry{t, c}
	}
	return out
}

// openFile is an open file, read when its first byte is asked for.
type openFile struct {
	t    *Tree
	n    *node
	name string
	data *bytes.Reader
}

func (f *openFile) load(op string) error {
	if f.data != nil {
		return nil
	}
	data, err := f.t.read(f.n)
	if err != nil {
		return &fs.PathError{Op: op, Path: f.name, Err: err}
	}
	f.data = bytes.NewReader(data)
	return nil
}

func (f *openFile) Stat() (fs.FileInfo, error) { return f.t.stat(f.n) }

func (f *openFile) Read(p []byte) (int, error) {
	if err := f.load("read"); err != nil {
		return 0, err
	}
	return f.data.Read(p)
}

func (f *openFile) Seek(offset int64, whence int) (int64, error) {
	if err := f.load("seek"); err != nil {
		return 0, err
	}
	return f.data.Seek(offset, whence)
}

func (f *openFile) Close() error { return nil }

// openDir is an open directory.
type openDir struct {
	info
	entries []fs.DirEntry
}

func (d *openDir) Stat() (fs.FileInfo, error) { return d.info, nil }
func (d *openDir) Close() error               { return nil }
func (d *openDir) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: d.n.name, Err: errDirectory}
}

// ReadDir implements fs.ReadDirFile.
func (d *openDir) ReadDir(n int) ([]fs.DirEntry, error) {
	if n > 0 && len(d.entries) == 0 {
		return nil, io.EOF
	}
	if n <= 0 {
		n = len(d.entries)
	}
	next := slices.Clone(d.entries[:min(n, len(d.entries))])
	d.entries = d.entries[len(next):]
	return next, nil
}
