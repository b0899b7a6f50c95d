package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"sort"
	"strings"

	"github.com/go-git/go-git/v5/config"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"

	"github.com/gverify/gverify/build"
)

// addFunc takes one file, or an empty directory: mode says which.
type addFunc = func(name string, mode fs.FileMode, size int64, content io.Reader) error

// maxModules is how many submodules, of all depths, a source may have.
const maxModules = 200

// Pack gives every file of a .git directory below dir to add: all branches and tags, HEAD at s.Commit, and the repositories of its
// submodules where git looks for them. They are fetched where they are not here. The source must have been resolved before.
func (s Store) Pack(ctx context.Context, src build.Source, dir string, add func(name string, mode fs.FileMode, size int64, content io.Reader) error) error {
	left := maxModules
	return s.pack(ctx, src, path.Join(dir, ".git"), "", add, &left)
}

// pack writes one git directory. worktree is where its files belong, relative to it; empty: beside it, as a .git directory is.
func (s Store) pack(ctx context.Context, src build.Source, gitDir, worktree string, add addFunc, left *int) error {
	c, err := s.open(ctx, src.URL)
	if err != nil {
		return err
	}
	defer c.close()
	commit, err := c.commit(src.Commit)
	if err != nil && !s.Offline {
		if err := c.fetch(ctx, s.Progress, src.Commit); err != nil {
			return err
		}
		commit, err = c.commit(src.Commit)
	}
	if err != nil {
		return &NotFoundError{c.shown, src.Commit, s.Offline}
	}
	if err := c.packDirectory(gitDir, worktree, src.Commit, add); err != nil {
		return err
	}
	modules, err := submodules(commit, src.URL)
	if err != nil {
		return fmt.Errorf("%s: %w", c.shown, err)
	}
	for _, m := range modules {
		if *left--; *left < 0 {
			return fmt.Errorf("%s: more than %d submodules", c.shown, maxModules)
		}
		up := strings.Repeat("../", 2+strings.Count(m.name, "/")) // from modules/<name> to the git directory
		tree := worktree
		if tree == "" {
			tree = ".."
		}
		below := path.Join(gitDir, "modules", m.name)
		err := s.pack(ctx, build.Source{URL: m.url, Commit: m.commit}, below, up+path.Join(tree, m.path), add, left)
		if err != nil {
			return fmt.Errorf("submodule %s: %w", m.path, err)
		}
	}
	return nil
}

// packDirectory writes what makes a git directory, and the objects.
func (c *clone) packDirectory(gitDir, worktree, commit string, add addFunc) error {
	refs, err := c.packedRefs()
	if err != nil {
		return err
	}
	settings := "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n"
	if worktree != "" {
		settings += fmt.Sprintf("\tworktree = %q\n", worktree)
	}
	settings += fmt.Sprintf("[remote \"origin\"]\n\turl = %q\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n", c.shown)
	for _, f := range []struct{ name, text string }{
		{"HEAD", commit + "\n"}, {"config", settings}, {"packed-refs", refs},
	} {
		if err := add(path.Join(gitDir, f.name), 0o644, int64(len(f.text)), strings.NewReader(f.text)); err != nil {
			return err
		}
	}
	if err := add(path.Join(gitDir, "refs"), fs.ModeDir|0o775, 0, nil); err != nil { // without it, git sees no repository
		return err
	}
	return c.packObjects(gitDir, add)
}

// packedRefs returns the branches and tags as git's packed-refs file has them.
func (c *clone) packedRefs() (string, error) {
	all, err := c.repo.References()
	if err != nil {
		return "", err
	}
	var lines []string
	err = all.ForEach(func(r *plumbing.Reference) error {
		name := r.Name().String()
		if r.Type() == plumbing.HashReference && (strings.HasPrefix(name, "refs/remotes/origin/") || strings.HasPrefix(name, "refs/tags/")) {
			lines = append(lines, name+"\x00"+r.Hash().String())
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	sort.Strings(lines)
	var b strings.Builder
	for _, line := range lines {
		name, hash, _ := strings.Cut(line, "\x00")
		fmt.Fprintf(&b, "%s %s\n", hash, name)
	}
	return b.String(), nil
}

func (c *clone) packObjects(gitDir string, add addFunc) error {
	objects := filepath.Join(c.dir, "objects")
	return filepath.WalkDir(objects, func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || strings.HasPrefix(d.Name(), "tmp_") {
			return err
		}
		below, err := filepath.Rel(c.dir, name)
		if err != nil {
			return err
		}
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		info, err := f.Stat()
		if err != nil {
			return err
		}
		return add(path.Join(gitDir, filepath.ToSlash(below)), 0o444, info.Size(), f)
	})
}

// submodule is a repository a commit names as part of its tree.
type submodule struct{ name, path, url, commit string }

// maxModulesFile is the largest .gitmodules file that is read.
const maxModulesFile = 1 << 20

// submodules returns those of a commit's .gitmodules that its tree has a commit for.
func submodules(commit *object.Commit, parent string) ([]submodule, error) {
	tree, err := commit.Tree()
	if err != nil {
		return nil, err
	}
	file, err := tree.File(".gitmodules")
	if errors.Is(err, object.ErrFileNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if file.Size > maxModulesFile {
		return nil, fmt.Errorf(".gitmodules has more than %d bytes", maxModulesFile)
	}
	text, err := file.Contents()
	if err != nil {
		return nil, err
	}
	parsed := config.NewModules()
	if err := parsed.Unmarshal([]byte(text)); err != nil {
		return nil, fmt.Errorf(".gitmodules: %w", err)
	}
	var modules []submodule
	for _, m := range parsed.Submodules {
		entry, err := tree.FindEntry(m.Path)
		if err != nil || entry.Mode != filemode.Submodule {
			continue // named and not there: git ignores it too
		}
		address, err := moduleURL(m.URL, parent)
		if err == nil && (!fs.ValidPath(m.Name) || !fs.ValidPath(m.Path) || m.Name == "." || m.Path == ".") {
			err = errors.New("its name or path leads out of its directory")
		}
		if err != nil {
			return nil, fmt.Errorf("submodule %q: %w", m.Name, err)
		}
		modules = append(modules, submodule{m.Name, m.Path, address, entry.Hash.String()})
	}
	sort.Slice(modules, func(i, j int) bool { return modules[i].path < modules[j].path })
	return modules, nil
}

// moduleURL returns a submodule's address: absolute, or relative to that of the repository it stands in. A repository of another
// machine must not name files of this one.
func moduleURL(address, parent string) (string, error) {
	relative := strings.HasPrefix(address, "./") || strings.HasPrefix(address, "../")
	switch {
	case relative && build.IsLocal(parent):
		return filepath.Join(strings.TrimPrefix(parent, "file://"), filepath.FromSlash(address)), nil
	case relative:
		u, err := url.Parse(parent)
		if err != nil || u.Host == "" {
			return "", fmt.Errorf("address %q is relative to %s, which is no URL", address, redact(parent))
		}
		u.Path = path.Join(u.Path, address)
		return u.String(), nil
	case build.IsLocal(address):
		return "", fmt.Errorf("address %q is a path of this machine", address)
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" && u.Scheme != "ssh" && u.Scheme != "git" {
		return "", fmt.Errorf("address %q: want https, http, git or ssh", redact(address))
	}
	return address, nil
}
