package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// maxInside is how many files of a directory are compared with an output file.
const maxInside = 1_000_000

// keepInputs refuses an output file that is one of the inputs: writing it would destroy what was judged. Inputs are files, or
// directories of which every file is read; what is neither, such as a URL, is passed over.
func keepInputs(output string, inputs ...string) error {
	if output == "" || output == "-" {
		return nil
	}
	out, err := os.Stat(output)
	if err != nil || !out.Mode().IsRegular() { // a new file overwrites nothing; a device or a pipe is not replaced
		return nil
	}
	for _, input := range inputs {
		info, err := os.Stat(input)
		if err != nil {
			continue
		}
		if !info.IsDir() {
			if os.SameFile(info, out) {
				return overwrites(output, input)
			}
			continue
		}
		if inside, err := findInside(input, out); err != nil {
			return err
		} else if inside != "" {
			return overwrites(output, inside)
		}
	}
	return nil
}

func overwrites(output, input string) error {
	return withHint(usagef("-o %s is %s, which is read: it would be overwritten", output, input), "name another file with -o")
}

// findInside returns the file of a directory, or of those below, that is the given one; empty where none is.
func findInside(dir string, wanted fs.FileInfo) (found string, err error) {
	seen := 0
	err = filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return nil // what cannot be read is not read
		}
		if seen++; seen > maxInside {
			return fs.SkipAll
		}
		if info, err := os.Stat(name); err == nil && os.SameFile(info, wanted) {
			found = name
			return fs.SkipAll
		}
		return nil
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%s: %w", dir, err)
	}
	return found, nil
}

// files are the paths that a request reads, where they are on this machine.
func (r request) files() []string {
	files := append(append([]string{}, r.manifests...), r.policy)
	if r.sigs != "" {
		files = append(files, r.sigs)
	}
	return append(files, keyPaths(r.keys)...)
}

// keyPaths are the local paths among places of keys.
func keyPaths(specs []string) []string {
	var out []string
	for _, spec := range specs {
		repository, inside, ok := strings.Cut(spec, "//")
		if ok && isPlainDirectory(repository) {
			spec = filepath.Join(repository, filepath.FromSlash(inside))
		}
		out = append(out, spec)
	}
	return out
}

// files are the paths that a check reads.
func (b basket) files() []string {
	var out []string
	for _, h := range b.held {
		if h.path != "-" {
			out = append(out, h.path)
		}
	}
	if b.list != nil {
		out = append(append(out, b.list.path), b.list.signatures...)
	}
	for _, s := range b.skipped {
		out = append(out, s.Path)
	}
	return out
}
