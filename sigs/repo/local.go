package repo

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

const (
	maxSmallFile  = 1 << 20 // bytes of a file of git's own that is read whole, except packed-refs
	maxAlternates = 16      // object directories one repository borrows from
)

// openLocal opens a bare repository, or the one of a work tree, for reading.
func openLocal(path string) (*Repository, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, err
	}
	gitDir, err := findGitDir(path)
	if err != nil {
		return nil, err
	}
	common, err := commonDir(gitDir)
	if err != nil {
		return nil, err
	}
	if err := checkFormat(common); err != nil {
		return nil, err
	}
	dirs, err := objectDirs(filepath.Join(common, "objects"))
	if err != nil {
		return nil, damage(err)
	}
	// References first: objects that arrive while we look are not needed, references to objects we don't know would be.
	refs, findings, err := readReferences(gitDir, common)
	if err != nil {
		return nil, damage(err)
	}
	shallow, err := readShallow(common)
	if err != nil {
		return nil, damage(err)
	}
	store, err := openObjects(dirs)
	if err != nil {
		return nil, damage(err)
	}
	if refs.none() {
		return nil, errors.Join(ErrEmpty, store.close())
	}
	return &Repository{objects: store, refs: refs, findings: findings, shallow: shallow}, nil
}

// findGitDir returns the directory of git's files: path itself, its .git, or the one its .git file names.
func findGitDir(path string) (string, error) {
	dot := filepath.Join(path, ".git")
	info, err := os.Stat(dot)
	switch {
	case err == nil && info.IsDir():
		return dot, nil
	case err == nil:
		text, err := readSmall(dot)
		if err != nil {
			return "", err
		}
		target, ok := strings.CutPrefix(text, "gitdir: ")
		if !ok || target == "" {
			return "", fmt.Errorf("%w: its .git file names no directory", ErrNotRepository)
		}
		return within(path, target), nil
	case !errors.Is(err, fs.ErrNotExist) && !isNotDirectory(path):
		return "", err
	}
	for _, name := range []string{"HEAD", "objects"} {
		if _, err := os.Stat(filepath.Join(path, name)); err != nil {
			return "", ErrNotRepository
		}
	}
	return path, nil
}

func isNotDirectory(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir()
}

// commonDir returns where objects and references are: gitDir, or for a linked work tree the main repository's.
func commonDir(gitDir string) (string, error) {
	text, err := readSmall(filepath.Join(gitDir, "commondir"))
	if errors.Is(err, fs.ErrNotExist) {
		return gitDir, nil
	}
	if err != nil {
		return "", err
	}
	return within(gitDir, text), nil
}

// readShallow returns the commits at which a shallow clone ends.
func readShallow(common string) (map[string]bool, error) {
	text, err := readSmall(filepath.Join(common, "shallow"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	ends := map[string]bool{}
	for id := range strings.FieldsSeq(text) {
		ends[id] = true
	}
	return ends, nil
}

// checkFormat refuses repositories whose objects or references have a form that is not read here.
func checkFormat(common string) error {
	text, err := readSmall(filepath.Join(common, "config"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	section := ""
	for line := range strings.Lines(text) {
		line = strings.ToLower(strings.TrimSpace(line))
		if strings.HasPrefix(line, "[") {
			section = strings.Trim(line, "[] \t")
			continue
		}
		key, value, _ := strings.Cut(line, "=")
		key, value = strings.TrimSpace(key), strings.Trim(strings.TrimSpace(value), `"`)
		switch {
		case section == "extensions" && key == "objectformat" && value != "sha1":
			return fmt.Errorf("repository uses %q object ids, only sha1 is supported", value)
		case section == "extensions" && key == "refstorage" && value != "files":
			return fmt.Errorf("repository stores references as %q, only files are supported", value)
		}
	}
	return nil
}

// objectDirs returns an object directory and those it borrows objects from (objects/info/alternates).
func objectDirs(dir string) ([]string, error) {
	dirs := []string{dir}
	for i := 0; i < len(dirs); i++ {
		text, err := readSmall(filepath.Join(dirs[i], "info", "alternates"))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for line := range strings.Lines(text) {
			line = strings.TrimSpace(line)
			if line == "" || strings.HasPrefix(line, "#") {
				continue
			}
			if len(dirs) > maxAlternates {
				return nil, fmt.Errorf("objects are borrowed from more than %d directories", maxAlternates)
			}
			dirs = append(dirs, within(dirs[i], line))
		}
	}
	return dirs, nil
}

func within(dir, path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(dir, path)
}

// readSmall returns the text of one of git's small files, without space around it.
func readSmall(path string) (string, error) {
	data, err := readRegular(path, maxSmallFile)
	return strings.TrimSpace(string(data)), err
}
