package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/sigs/repo"
	"github.com/gverify/gverify/verify"
)

const (
	indexMagic   = "gverify index 1\n" // of a cache file; another format takes another number
	indexSuffix  = ".index"
	keptIndexes  = 3         // of one repository
	maxIndexFile = 512 << 20 // bytes
)

// indexCache keeps corpora on disk: a directory per repository, a file per commit. What is in it was made from a repository, is
// checked against a checksum, and is only ever evidence for explaining.
type indexCache struct {
	dir      string // of all repositories
	location string
}

// indexDirectory is where corpora of all repositories are kept.
func indexDirectory(d directories) string { return filepath.Join(d.cache, "indexes") }

// files is the directory of the repository's indexes.
func (c indexCache) files() string {
	location := c.location
	if !isRemote(location) {
		if absolute, err := filepath.Abs(location); err == nil {
			location = absolute
		}
	}
	sum := sha256.Sum256([]byte(location))
	return filepath.Join(c.dir, hex.EncodeToString(sum[:12]))
}

func (c indexCache) file(commit string) string { return filepath.Join(c.files(), commit+indexSuffix) }

// load returns the corpus of a commit; fs.ErrNotExist where it is not kept, errIndexFile where what is kept cannot be used.
func (c indexCache) load(commit string) (*corpus, error) {
	name := c.file(commit)
	data, err := readCapped(name, maxIndexFile)
	if err != nil {
		return nil, err
	}
	out, err := decodeCorpus(data)
	if err == nil && out.history.Commit.Hash != commit {
		err = fmt.Errorf("%w: it is of another commit", errIndexFile)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return out, nil
}

var errIndexFile = errors.New("not an index that this version of gverify wrote, or damaged")

// decodeCorpus reads a cache file: the magic, the SHA-256 of the rest, the history with its length before it, the index.
func decodeCorpus(data []byte) (*corpus, error) {
	rest, ok := bytes.CutPrefix(data, []byte(indexMagic))
	if !ok || len(rest) < sha256.Size {
		return nil, errIndexFile
	}
	body := rest[sha256.Size:]
	if sum := sha256.Sum256(body); !bytes.Equal(sum[:], rest[:sha256.Size]) {
		return nil, errIndexFile
	}
	n, size := binary.Uvarint(body)
	if size <= 0 || n > uint64(len(body)-size) {
		return nil, errIndexFile
	}
	body = body[size:]
	out := &corpus{history: &repo.History{}, index: &verify.Index{}}
	if err := out.history.UnmarshalBinary(body[:n]); err != nil {
		return nil, fmt.Errorf("%w: %w", errIndexFile, err)
	}
	if err := out.index.UnmarshalBinary(body[n:]); err != nil {
		return nil, fmt.Errorf("%w: %w", errIndexFile, err)
	}
	return out, nil
}

func encodeCorpus(x *corpus) ([]byte, error) {
	history, err := x.history.AppendBinary(nil)
	if err != nil {
		return nil, err
	}
	body := binary.AppendUvarint(nil, uint64(len(history)))
	body = append(body, history...)
	if body, err = x.index.AppendBinary(body); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(body)
	return append(append([]byte(indexMagic), sum[:]...), body...), nil
}

// store keeps a corpus, and removes the oldest ones of its repository.
func (c indexCache) store(x *corpus) error {
	data, err := encodeCorpus(x)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(c.files(), 0o700); err != nil {
		return err
	}
	err = writeOutput(world{}, c.file(x.history.Commit.Hash), func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
	if err != nil {
		return err
	}
	kept := c.kept()
	for i, commit := range kept {
		if i >= keptIndexes {
			os.Remove(c.file(commit))
		}
	}
	return nil
}

// kept returns the commits whose indexes are there, newest file first.
func (c indexCache) kept() []string {
	entries, err := os.ReadDir(c.files())
	if err != nil {
		return nil
	}
	type file struct {
		commit string
		info   fs.FileInfo
	}
	var all []file
	for _, e := range entries {
		commit, ok := strings.CutSuffix(e.Name(), indexSuffix)
		info, err := e.Info()
		if ok && err == nil && info.Mode().IsRegular() {
			all = append(all, file{commit, info})
		}
	}
	slices.SortFunc(all, func(a, b file) int {
		return cmp.Or(b.info.ModTime().Compare(a.info.ModTime()), strings.Compare(a.commit, b.commit))
	})
	out := make([]string, len(all))
	for i, f := range all {
		out[i] = f.commit
	}
	return out
}

// open returns the corpus of a commit: from the cache, else extended from the newest one kept there, else read anew. newest says
// that the commit is what the repository's default branch is at: then a cached one that is no ancestor is an alarm.
func (c indexCache) open(ctx context.Context, r corpusReader, commit repo.Commit, newest bool) (*corpus, error) {
	var findings []sigs.Finding
	var before *corpus
	for _, kept := range slices.Concat([]string{commit.Hash}, c.kept()) {
		cached, err := c.load(kept)
		switch {
		case err == nil && kept == commit.Hash:
			return cached, nil
		case err == nil:
			before = cached
		case errors.Is(err, errIndexFile):
			findings = append(findings, sigs.Finding{Code: "index-unusable", Severity: sigs.Note,
				Text: fmt.Sprintf("the index in the cache cannot be used (%v); it is made anew", err)})
			os.Remove(c.file(kept))
		}
		if before != nil {
			break
		}
	}
	x, err := r.read(ctx, commit, before)
	if err != nil {
		return nil, err
	}
	if !newest {
		x.findings = slices.DeleteFunc(x.findings, func(f sigs.Finding) bool { return f.Code == "history-rewritten" })
	}
	x.findings = append(findings, x.findings...)
	if x.incomplete() {
		return x, nil
	}
	if err := c.store(x); err != nil {
		x.findings = append(x.findings, sigs.Finding{Code: "index-unwritable", Severity: sigs.Note,
			Text: fmt.Sprintf("the index of the history cannot be kept (%v): it will be made anew next time", err)})
	}
	return x, nil
}

// incomplete reports whether a later reading of the same commit may tell more.
func (x *corpus) incomplete() bool {
	return slices.ContainsFunc(x.findings, func(f sigs.Finding) bool { return f.Code == "history-shallow" })
}
