package repo

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"

	"github.com/gverify/gverify/sigs"
)

const (
	maxPackedRefs = 64 << 20
	maxSymbolic   = 5 // references that name each other
)

// references are a repository's branches, tags and HEAD.
type references struct {
	head  string                   // full name of the branch HEAD names; empty: HEAD is detached
	at    plumbing.Hash            // of a detached HEAD
	named map[string]plumbing.Hash // full name to object: "refs/heads/main"
}

// none reports whether there is no commit at all to be found.
func (r references) none() bool { return len(r.named) == 0 && r.at.IsZero() }

// tip returns the object the default branch names.
func (r references) tip() (plumbing.Hash, bool) {
	if r.head == "" {
		return r.at, !r.at.IsZero()
	}
	id, ok := r.named[r.head]
	return id, ok
}

// readReferences reads the references of a repository: HEAD from gitDir, all others from common. Those that make no sense are
// findings; a HEAD or a packed-refs file that makes none is an error.
func readReferences(gitDir, common string) (references, []sigs.Finding, error) {
	refs := references{named: map[string]plumbing.Hash{}}
	if err := readPackedRefs(filepath.Join(common, "packed-refs"), refs.named); err != nil {
		return refs, nil, err
	}
	symbolic := map[string]string{}
	findings, err := readLooseRefs(common, refs.named, symbolic)
	if err != nil {
		return refs, nil, err
	}
	for name, target := range symbolic {
		for range maxSymbolic {
			if id, ok := refs.named[target]; ok {
				refs.named[name] = id
				break
			}
			target = symbolic[target]
		}
	}
	text, err := readSmall(filepath.Join(gitDir, "HEAD"))
	if err != nil {
		return refs, nil, err
	}
	if target, ok := strings.CutPrefix(text, "ref: "); ok {
		refs.head = strings.TrimSpace(target)
		if !validReference(refs.head) {
			return refs, nil, fmt.Errorf("HEAD names %q, which no reference can be called", refs.head)
		}
	} else if plumbing.IsHash(text) {
		refs.at = plumbing.NewHash(text)
	} else {
		return refs, nil, errors.New("HEAD names neither a branch nor a commit")
	}
	return refs, findings, nil
}

// readPackedRefs reads the packed-refs file, if there is one.
func readPackedRefs(path string, named map[string]plumbing.Hash) error {
	data, err := readRegular(path, maxPackedRefs)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	number := 0
	for line := range strings.Lines(string(data)) {
		number++
		line, ended := strings.CutSuffix(line, "\n")
		if line == "" || line[0] == '#' || line[0] == '^' {
			continue
		}
		id, name, ok := strings.Cut(line, " ")
		if !ok || !ended || !plumbing.IsHash(id) || !validReference(name) {
			return fmt.Errorf("packed-refs: line %d is malformed", number)
		}
		named[name] = plumbing.NewHash(id)
	}
	return nil
}

// readLooseRefs reads the files below refs/: an id, or the name of another reference.
func readLooseRefs(common string, named map[string]plumbing.Hash, symbolic map[string]string) ([]sigs.Finding, error) {
	var findings []sigs.Finding
	err := filepath.WalkDir(filepath.Join(common, "refs"), func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || !d.Type().IsRegular() || strings.HasSuffix(path, ".lock") {
			return err
		}
		relative, err := filepath.Rel(common, path)
		if err != nil {
			return err
		}
		name := filepath.ToSlash(relative)
		text, err := readSmall(path)
		target, isSymbolic := strings.CutPrefix(text, "ref: ")
		switch {
		case errors.Is(err, fs.ErrNotExist): // deleted meanwhile
		case err == nil && isSymbolic:
			symbolic[name] = strings.TrimSpace(target)
		case err == nil && plumbing.IsHash(text) && validReference(name):
			named[name] = plumbing.NewHash(text)
		default:
			findings = append(findings, invalidReference(name))
		}
		return nil
	})
	return findings, err
}

func invalidReference(name string) sigs.Finding {
	return sigs.Finding{Code: "invalid-reference", Severity: sigs.Warning,
		Text: fmt.Sprintf("reference %q has a name or content that git does not allow; it is left out", name)}
}

// validReference reports whether a full reference name is one that git allows.
func validReference(name string) bool {
	return strings.HasPrefix(name, "refs/") && len(name) < 1024 && plumbing.ReferenceName(name).Validate() == nil
}

// writeReferences replaces the references of a clone. Names are written into files only, never used as file names.
func writeReferences(dir string, refs references) error {
	var packed strings.Builder
	for _, name := range slices.Sorted(maps.Keys(refs.named)) {
		fmt.Fprintf(&packed, "%s %s\n", refs.named[name], name)
	}
	if err := replaceFile(filepath.Join(dir, "packed-refs"), packed.String()); err != nil {
		return err
	}
	head := refs.at.String()
	if refs.head != "" {
		head = "ref: " + refs.head
	}
	return replaceFile(filepath.Join(dir, "HEAD"), head+"\n")
}

// replaceFile writes a file beside its place and moves it there, so that nobody ever sees half of it.
func replaceFile(path, text string) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".tmp-") // made with mode 0600
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}
