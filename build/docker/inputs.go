package docker

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gverify/gverify/build"
	"github.com/gverify/gverify/sigs"
)

// MissingError lists input files that are in none of the directories named, before anything was started.
type MissingError struct {
	Files []build.File
	Dirs  []string
}

func (e *MissingError) Error() string {
	var names []string
	for _, f := range e.Files {
		name := f.Name
		if f.Digest != nil {
			name += fmt.Sprintf(" (sha256 %s)", f.Digest)
		}
		names = append(names, name)
	}
	if len(e.Dirs) == 0 {
		return "input files are missing, and no directory with inputs was named: " + strings.Join(names, ", ")
	}
	return fmt.Sprintf("input files are missing in %s: %s", strings.Join(e.Dirs, " and "), strings.Join(names, ", "))
}

// findFiles looks for the plan's input files and checks their hashes. All that are missing are named at once.
func findFiles(files []build.File, dirs []string) (map[string]string, error) {
	found := map[string]string{}
	missing := &MissingError{Dirs: dirs}
	for _, f := range files {
		path, err := findFile(f, dirs)
		if errors.Is(err, fs.ErrNotExist) {
			missing.Files = append(missing.Files, f)
			continue
		}
		if err != nil {
			return nil, err
		}
		found[f.Name] = path
	}
	if len(missing.Files) > 0 {
		return nil, missing
	}
	return found, nil
}

func findFile(f build.File, dirs []string) (string, error) {
	if !fs.ValidPath(f.Name) || strings.Contains(f.Name, "/") || !plain(f.Name) {
		return "", fmt.Errorf("input file %q: its name does not stay in its directory", f.Name)
	}
	for _, dir := range dirs {
		path := filepath.Join(dir, f.Name)
		in, err := os.Open(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return "", err
		}
		defer in.Close()
		hash := sha256.New()
		if _, err := io.Copy(hash, in); err != nil {
			return "", err
		}
		if sum := sigs.Digest(hash.Sum(nil)); f.Digest == nil || sum != *f.Digest {
			return "", fmt.Errorf("input file %s: its sha256 is %s, the plan wants %v", path, sum, f.Digest)
		}
		return path, nil
	}
	return "", fs.ErrNotExist
}

// inputs copies files, repositories and caches into the box, then lets git in the box write the work trees.
func (r *run) inputs(ctx context.Context, b *box, u build.Unit, env environment) error {
	home := u.Environment.Home
	if err := r.steps(ctx, b, u, build.PhaseInputs, phaseSteps(u, build.PhaseInputs), nil); err != nil {
		return err
	}
	err := b.send(ctx, home, env.user, func(p *packer) error {
		for _, f := range r.plan.Inputs.Files {
			if err := packFile(p, "build/"+f.Name, r.files[f.Name]); err != nil {
				return err
			}
		}
		for _, s := range r.plan.Inputs.Remotes {
			err := r.options.Sources.Pack(ctx, s, "build/"+s.Dir, func(name string, mode fs.FileMode, size int64, content io.Reader) error {
				if mode.IsDir() {
					return p.dir(name)
				}
				return p.file(name, mode, size, content)
			})
			if err != nil {
				return fmt.Errorf("source %s: %w", s.Dir, err)
			}
		}
		return r.packCaches(p)
	})
	if err != nil {
		return fmt.Errorf("copy the inputs: %w", err)
	}
	for _, s := range r.plan.Inputs.Remotes {
		out, err := b.answer(ctx, command{user: u.Environment.User, env: u.Environment.Env, dir: home, args: []string{"sh", "-c", materialize, "sh", s.Dir}})
		if err != nil {
			return fmt.Errorf("write the files of %s: %w", s.Dir, err)
		}
		if head := strings.TrimSpace(string(out)); head != s.Commit {
			return fmt.Errorf("write the files of %s: git has commit %q, the plan wants %s", s.Dir, head, s.Commit)
		}
	}
	return nil
}

// materialize has git write a repository's files, submodules too, and say which commit they are of. Every object comes from the
// copy: there is no network here.
const materialize = `set -e
umask 002
cd "build/$1"
git reset -q --hard
if [ -f .gitmodules ]; then git submodule --quiet update --init --recursive >&2; fi
git rev-parse HEAD`

func packFile(p *packer, name, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	return p.file(name, 0o644, info.Size(), f)
}

func (r *run) packCaches(p *packer) error {
	if !r.plan.Caches {
		return nil
	}
	for dir, name := range r.cacheDirs() {
		if err := r.options.cacheFile(name).pack(p, dir, r.cacheBounds()); err != nil {
			return err
		}
	}
	return nil
}
