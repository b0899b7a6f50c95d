package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/sigs/repo"
	"github.com/gverify/gverify/verify"
)

// corpus is what a repository's whole history says, for explaining. No signature is checked for it and nothing in it ever votes.
type corpus struct {
	history  *repo.History
	index    *verify.Index
	findings []sigs.Finding
}

// corpusReader reads a repository's history into a corpus.
type corpusReader struct {
	repository *repo.Repository
	progress   io.Writer // nil: says nothing
}

// read returns the corpus of a commit. Where before is that of an ancestor, only what is new is read.
func (r corpusReader) read(ctx context.Context, c repo.Commit, before *corpus) (*corpus, error) {
	var known *repo.History
	if before != nil {
		known = before.history
	}
	history, err := r.repository.History(ctx, c, known, sigs.MayBeAttestation)
	if err != nil {
		return nil, err
	}
	out := &corpus{history: history, index: &verify.Index{}, findings: history.Findings}
	news := history.Versions
	if before != nil && !slices.ContainsFunc(history.Findings, func(f sigs.Finding) bool { return f.Code == "history-rewritten" }) {
		out.index = before.index
		news = changedVersions(known.Versions, history.Versions)
	}
	return out, r.enter(ctx, out.index, history, news)
}

// changedVersions returns the versions that are new or ended, came back or came earlier than was known. Both are in path order.
func changedVersions(before, now []repo.Version) []repo.Version {
	known := make(map[repo.Version]bool, len(before))
	for _, v := range before {
		known[comparable(v)] = true
	}
	var out []repo.Version
	for _, v := range now {
		if !known[comparable(v)] {
			out = append(out, v)
		}
	}
	return out
}

// comparable makes times comparable with ==.
func comparable(v repo.Version) repo.Version {
	v.Came.Time, v.Gone.Time = time.Time{}, time.Time{}
	return v
}

// enter adds the assertions among some versions to an index.
func (r corpusReader) enter(ctx context.Context, x *verify.Index, h *repo.History, news []repo.Version) error {
	places, err := placesOf(neighbours(h.Versions, news))
	if err != nil {
		return err
	}
	var wanted []repo.Version
	for _, v := range news {
		if _, ok := places[v.Path]; ok {
			wanted = append(wanted, v)
		}
	}
	done := 0
	return r.observe(ctx, wanted, places, func(o verify.Observation) {
		x.Add(o)
		if !o.Until.IsZero() {
			x.Replace(o.Path, o.Sum, o.Until)
		}
		if done++; r.progress != nil && done%500 == 0 {
			fmt.Fprintf(r.progress, "\rreading the history: %d of %d assertions", done, len(wanted))
			if done+500 > len(wanted) {
				fmt.Fprint(r.progress, "\n")
			}
		}
	})
}

// place is where an assertion stands in a repository.
type place struct {
	directory sigs.Directory // Files is nil
	signer    string
	name      string
}

// neighbours returns all versions that share a first directory with some: names are told apart by those around them.
func neighbours(all, some []repo.Version) []repo.Version {
	tops := map[string]bool{}
	for _, v := range some {
		top, _, _ := strings.Cut(v.Path, "/")
		tops[top] = true
	}
	var out []repo.Version
	for _, v := range all {
		if top, _, _ := strings.Cut(v.Path, "/"); tops[top] {
			out = append(out, v)
		}
	}
	return out
}

// placesOf tells which paths of a history are assertions, as if all that ever stood there stood there at once.
func placesOf(versions []repo.Version) (map[string]place, error) {
	names := make([]string, 0, len(versions))
	for _, v := range versions {
		names = append(names, v.Path)
	}
	listing, err := sigs.List(treeOfNames(names))
	if err != nil {
		return nil, err
	}
	out := map[string]place{}
	for _, d := range listing.Directories {
		bare := d
		bare.Files = nil
		for _, f := range d.Files {
			out[f.Path] = place{bare, f.Signer, f.Name}
		}
	}
	return out, nil
}

// observe reads and parses versions of assertions, with bounded workers, and calls use for each, in their order.
func (r corpusReader) observe(ctx context.Context, versions []repo.Version, places map[string]place, use func(verify.Observation)) error {
	unsigned := func(yield func(sigs.Attestation, error) bool) {
		for _, v := range versions {
			p := places[v.Path]
			a := sigs.Attestation{Directory: p.directory, Path: v.Path, Signer: p.signer, Name: p.name}
			data, _, err := r.repository.Blob(v.Blob, sigs.MaxAssertion)
			switch {
			case errors.Is(err, sigs.ErrTooLarge):
				a.Problem = err.Error()
			case err != nil:
				yield(a, err)
				return
			}
			a.Data = data
			if !yield(a, nil) {
				return
			}
		}
	}
	next := 0
	for checked, err := range sigs.CheckAll(ctx, unsigned, nobody{}, runtime.GOMAXPROCS(0)) {
		if err != nil {
			return err
		}
		v := versions[next]
		next++
		o := verify.Observe(checked.Statement)
		o.Blob, o.Commit, o.Time = v.Blob, v.Came.Hash, v.Came.Time
		if !v.Stands {
			o.Until = v.Gone.Time
		}
		use(o)
	}
	return nil
}

// nobody verifies no signature: a corpus is made of what was said, whoever said it.
type nobody struct{}

func (nobody) Verify(_, _ []byte) []sigs.Signature { return []sigs.Signature{{Status: sigs.Missing}} }

// nameTree is a tree of names: directories to the names in them, true for directories.
type nameTree map[string]map[string]bool

// treeOfNames makes a tree of file paths. Where a path is a file and a directory at different times, it is a directory.
func treeOfNames(files []string) nameTree {
	t := nameTree{".": {}}
	for _, f := range files {
		dir, isDir := path.Dir(f), false
		for name := path.Base(f); ; name, dir = path.Base(dir), path.Dir(dir) {
			known := t[dir] != nil
			if !known {
				t[dir] = map[string]bool{}
			}
			t[dir][name] = t[dir][name] || isDir
			if known || dir == "." {
				break
			}
			isDir = true
		}
	}
	return t
}

// Open always fails: the files have names only.
func (t nameTree) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// ReadDir implements fs.ReadDirFS.
func (t nameTree) ReadDir(dir string) ([]fs.DirEntry, error) {
	names, ok := t[dir]
	if !ok {
		return nil, &fs.PathError{Op: "readdir", Path: dir, Err: fs.ErrNotExist}
	}
	out := make([]fs.DirEntry, 0, len(names))
	for name, isDir := range names {
		out = append(out, nameEntry{name, isDir})
	}
	slices.SortFunc(out, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return out, nil
}

// nameEntry is a file or directory of which nothing is known but its name.
type nameEntry struct {
	name string
	dir  bool
}

func (e nameEntry) Name() string { return e.name }
func (e nameEntry) IsDir() bool  { return e.dir }
func (e nameEntry) Type() fs.FileMode {
	if e.dir {
		return fs.ModeDir
	}
	return 0
}
func (e nameEntry) String() string             { return fs.FormatDirEntry(e) }
func (e nameEntry) Info() (fs.FileInfo, error) { return nil, fs.ErrNotExist }
