package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/sigs/pgp"
	"github.com/gverify/gverify/sigs/projects"
	"github.com/gverify/gverify/sigs/repo"
)

// opener opens repositories as the command's flags and the user's config say.
type opener struct {
	dirs     directories
	rewrite  func(url string) string // the user's mirrors
	offline  bool
	progress io.Writer
	now      time.Time
}

func (o opener) open(ctx context.Context, location string) (*repo.Repository, error) {
	r, err := repo.Open(ctx, o.rewrite(location), o.options())
	return r, explainOpen(err)
}

func (o opener) options() repo.Options {
	return repo.Options{
		Cache: filepath.Join(o.dirs.cache, "repositories"), State: o.dirs.state,
		Offline: o.offline, Progress: o.progress, Now: o.now,
	}
}

// explainOpen adds the next thing to do to an error of repo.Open.
func explainOpen(err error) error {
	var unreachable *repo.UnreachableError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, repo.ErrOffline):
		return withHint(err, "run once without --offline while there is a network, or name a clone you have: --sigs PATH")
	case errors.As(err, &unreachable):
		return withHint(err, "check the network, or name a clone you have: --sigs PATH; without any network, gverify demo works")
	case errors.Is(err, repo.ErrCache):
		return withHint(err, "set XDG_CACHE_HOME to a directory you can write to, or name a clone you have: --sigs PATH")
	case errors.Is(err, fs.ErrNotExist):
		return withHint(err, "--sigs takes a URL or the path of a clone")
	}
	return err
}

// source is a tree of attestations and where it came from.
type source struct {
	fsys     fs.FS
	repo     *repo.Repository // nil for a plain directory
	location string
	revision string // as asked
	commit   repo.Commit
	findings []sigs.Finding
	close    func() error
}

// openSource opens the repository at a revision, or a plain directory of attestations.
func openSource(ctx context.Context, o opener, location, revision string) (*source, error) {
	if !isRemote(location) && isPlainDirectory(location) {
		if revision != "" {
			return nil, usagef("--revision needs a git repository, %s is a plain directory", location)
		}
		root, err := os.OpenRoot(location)
		if err != nil {
			return nil, err
		}
		return &source{fsys: root.FS(), location: location, close: root.Close}, nil
	}
	r, err := o.open(ctx, location)
	if err != nil {
		return nil, err
	}
	commit, err := r.Resolve(revision)
	if err != nil {
		r.Close()
		return nil, err
	}
	tree, err := r.Tree(commit)
	if err != nil {
		r.Close()
		return nil, err
	}
	findings := slices.Concat(r.Findings(), tree.Findings())
	return &source{fsys: tree, repo: r, location: r.Location(), revision: revision, commit: commit, findings: findings, close: r.Close}, nil
}

// isPlainDirectory reports whether a path is a directory that is no git repository.
func isPlainDirectory(name string) bool {
	info, err := os.Stat(name)
	if err != nil || !info.IsDir() {
		return false
	}
	return !exists(filepath.Join(name, ".git")) && !(exists(filepath.Join(name, "HEAD")) && exists(filepath.Join(name, "objects")))
}

// gatherKeys fills a keyring from --keys, or from the repository and the project's sources. Unreachable sources of the project
// are noted, not fatal: the verdict may stand without them.
func gatherKeys(ctx context.Context, o opener, given []string, src *source, listing sigs.Listing, preset []projects.KeySource) (*keyGatherer, error) {
	g := &keyGatherer{ring: pgp.NewKeyring(), open: o.open}
	if len(given) > 0 {
		for _, spec := range given {
			if spec == "sigs:" {
				if err := g.addInside(src, listing, true); err != nil {
					return nil, err
				}
				continue
			}
			if err := g.addGiven(ctx, spec); err != nil {
				return nil, fmt.Errorf("keys: %w", err)
			}
		}
		return g, nil
	}
	if err := g.addInside(src, listing, false); err != nil {
		return nil, err
	}
	for _, k := range preset {
		if k.URL == "" { // inside the repository
			continue
		}
		err := g.addRepository(ctx, k.URL, k.Dir, false)
		if err != nil {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			g.sources = append(g.sources, keySource{name: k.URL + "//" + k.Dir, problem: err.Error()})
		}
	}
	return g, nil
}

// addInside reads the keys the attestation repository itself holds.
func (g *keyGatherer) addInside(src *source, listing sigs.Listing, given bool) error {
	if len(listing.KeyFiles) == 0 {
		if given {
			return withHint(fmt.Errorf("keys: %s holds no key files", src.location), "name another source: a file, a directory, gnupg: or a git repository with //SUBDIR")
		}
		return nil
	}
	if len(listing.KeyFiles) > maxKeyFiles {
		return fmt.Errorf("%s: %d key files, at most %d are read", src.location, len(listing.KeyFiles), maxKeyFiles)
	}
	name := "the attestation repository itself"
	g.sources = append(g.sources, keySource{name: name, commit: src.commit.Hash, files: len(listing.KeyFiles)})
	return g.addFiles(src.fsys, slices.Clone(listing.KeyFiles), pgp.Source{Name: name, Given: given})
}

// unreachable names the key sources that could not be read.
func (g *keyGatherer) unreachable() []string {
	var names []string
	for _, s := range g.sources {
		if s.problem != "" {
			names = append(names, s.name+" ("+s.problem+")")
		}
	}
	return names
}

// checkRelease reads and judges every attestation of the directories.
func checkRelease(ctx context.Context, src *source, dirs []sigs.Directory, v sigs.Verifier) ([]*sigs.Statement, []sigs.Finding, error) {
	var statements []*sigs.Statement
	var findings []sigs.Finding
	for checked, err := range sigs.CheckAll(ctx, sigs.Scan(src.fsys, dirs), v, runtime.GOMAXPROCS(0)) {
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", src.location, err)
		}
		statements = append(statements, checked.Statement)
		findings = append(findings, checked.Findings...)
	}
	return statements, findings, nil
}

// releaseDirectories finds the directories of a version; an unknown version is an error that names the nearest.
func releaseDirectories(listing sigs.Listing, src *source, version string, others []string) ([]sigs.Directory, error) {
	dirs := slices.Concat(listing.Find(version), listing.Candidates(version))
	if len(dirs) > 0 {
		return dirs, nil
	}
	if len(listing.Directories) == 0 {
		return nil, withHint(fmt.Errorf("%s holds no attestations", src.location),
			"an attestation repository has directories such as 0.15.2-linux/SIGNER or 29.0/SIGNER; is this the right one?")
	}
	var hints []string
	if near := listing.Nearest(version, 5); len(near) > 0 {
		hints = append(hints, "nearest: "+strings.Join(near, ", "))
	}
	if len(others) > 0 {
		hints = append(hints, "projects that have releases of such numbers: "+strings.Join(others, ", ")+" (--project)")
	}
	hints = append(hints, "gverify releases lists them all")
	return nil, withHint(fmt.Errorf("%s has no release %s", src.location, version), "%s", strings.Join(hints, "; "))
}
