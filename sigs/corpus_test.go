package sigs_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// corpusPath returns the path of a file of the corpus of real repositories. Without the corpus the test is skipped, in CI it
// fails.
func corpusPath(tb testing.TB, elements ...string) string {
	tb.Helper()
	root := os.Getenv("GVERIFY_CORPUS")
	if root == "" {
		root = filepath.Join("..", "..", "shared", "corpus") // beside the module's root
	}
	p := filepath.Join(append([]string{root}, elements...)...)
	if _, err := os.Stat(p); err != nil {
		if os.Getenv("CI") == "true" {
			tb.Fatalf("the corpus is missing in CI: %v", err)
		}
		tb.Skipf("no corpus (GVERIFY_CORPUS names its directory): %v", err)
	}
	return p
}

// sample returns how many of n evenly spread items a test should take: one in every step.
func sample(n, want int) (step int) {
	if os.Getenv("GVERIFY_WHOLE") == "1" {
		return 1
	}
	if raceEnabled || testing.Short() {
		want = max(want/8, 1)
	}
	return max(n/want, 1)
}

// gitFS is a commit of a bare repository, read through git itself.
type gitFS struct {
	dirs  map[string][]fs.DirEntry
	blobs map[string]blob

	mu  sync.Mutex
	in  io.WriteCloser
	out *bufio.Reader
}

type blob struct {
	id   string
	size int64
}

// openCorpus opens HEAD of one of the corpus' repositories.
func openCorpus(tb testing.TB, name string) *gitFS {
	tb.Helper()
	dir := corpusPath(tb, name)
	list, err := exec.Command("git", "--git-dir="+dir, "ls-tree", "-r", "-l", "-z", "HEAD").Output()
	if err != nil {
		tb.Fatalf("git ls-tree: %v", err)
	}
	g := &gitFS{dirs: map[string][]fs.DirEntry{}, blobs: map[string]blob{}}
	for _, line := range strings.Split(strings.TrimSuffix(string(list), "\x00"), "\x00") {
		meta, file, _ := strings.Cut(line, "\t")
		f := strings.Fields(meta) // mode, type, id, size
		size, err := strconv.ParseInt(f[3], 10, 64)
		if err != nil {
			tb.Fatalf("git ls-tree: %q: %v", line, err)
		}
		g.blobs[file] = blob{f[2], size}
		g.add(file, fs.FileInfoToDirEntry(&gitFile{name: path.Base(file), size: size}))
	}
	cmd := exec.Command("git", "--git-dir="+dir, "cat-file", "--batch")
	if g.in, err = cmd.StdinPipe(); err != nil {
		tb.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	g.out = bufio.NewReaderSize(out, 1<<20)
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		g.in.Close()
		cmd.Wait()
	})
	return g
}

// add enters a name in its directory, and the directory in its own.
func (g *gitFS) add(name string, e fs.DirEntry) {
	dir := path.Dir(name)
	if _, ok := g.dirs[dir]; !ok && dir != "." {
		g.add(dir, fs.FileInfoToDirEntry(&gitFile{name: path.Base(dir), mode: fs.ModeDir | 0o755}))
	}
	g.dirs[dir] = append(g.dirs[dir], e)
}

// files returns the paths of all files that match, in order.
func (g *gitFS) files(match func(p string) bool) []string {
	var out []string
	for p := range g.blobs {
		if match(p) {
			out = append(out, p)
		}
	}
	sort.Strings(out)
	return out
}

func (g *gitFS) ReadFile(name string) ([]byte, error) {
	b, ok := g.blobs[name]
	if !ok {
		return nil, &fs.PathError{Op: "read", Path: name, Err: fs.ErrNotExist}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if _, err := fmt.Fprintln(g.in, b.id); err != nil {
		return nil, err
	}
	if _, err := g.out.ReadString('\n'); err != nil {
		return nil, err
	}
	data := make([]byte, b.size+1)
	if _, err := io.ReadFull(g.out, data); err != nil {
		return nil, err
	}
	return data[:b.size], nil
}

func (g *gitFS) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, ok := g.dirs[name]
	if !ok {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: fs.ErrNotExist}
	}
	return slices.Clone(entries), nil
}

func (g *gitFS) Open(name string) (fs.File, error) {
	b, ok := g.blobs[name]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	data, err := g.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return &gitFile{Reader: bytes.NewReader(data), name: path.Base(name), size: b.size}, nil
}

// gitFile is one open file, and its own description.
type gitFile struct {
	*bytes.Reader
	name string
	size int64
	mode fs.FileMode
}

func (f *gitFile) Stat() (fs.FileInfo, error) { return f, nil }
func (f *gitFile) Close() error               { return nil }
func (f *gitFile) Name() string               { return f.name }
func (f *gitFile) Size() int64                { return f.size }
func (f *gitFile) Mode() fs.FileMode          { return f.mode }
func (f *gitFile) ModTime() time.Time         { return time.Time{} }
func (f *gitFile) IsDir() bool                { return f.mode.IsDir() }
func (f *gitFile) Sys() any                   { return nil }
