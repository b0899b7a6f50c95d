package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/gverify/gverify/build"
	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/sigs/projects"
	"github.com/gverify/gverify/sigs/repo"
)

// planner turns descriptors into plans: it looks commits up and input files over.
type planner struct {
	o             buildOptions
	w             world
	set           *projects.Set
	opener        opener
	commits, urls map[string]string // by the remote's directory
	open          map[string]*repo.Repository
}

func newPlanner(o buildOptions, w world) (*planner, error) {
	dirs, err := findDirectories(w.getenv)
	if err != nil {
		return nil, err
	}
	set, err := loadProjects(dirs)
	if err != nil {
		return nil, err
	}
	p := &planner{o: o, w: w, set: set}
	p.opener = opener{dirs: dirs, rewrite: set.Rewrite, offline: o.offline, progress: w.progress(false), now: w.now}
	if p.commits, err = pairs("commit", o.commits); err != nil {
		return nil, err
	}
	p.urls, err = pairs("url", o.urls)
	return p, err
}

func (p *planner) close() {
	for _, r := range p.open {
		r.Close()
	}
}

// plan completes a request and plans.
func (p *planner) plan(ctx context.Context, d build.Descriptor, r build.Request) (build.Plan, error) {
	r.Jobs, r.Memory, r.Fetch, r.ScriptNetwork = p.o.jobs, p.o.memory, p.o.fetch, p.o.scriptNetwork
	if p.o.sudo != "" {
		r.Sudo = true
		if p.o.sudo != anyCommand {
			r.SudoCommands = strings.Split(p.o.sudo, ",")
		}
	}
	r.Base = baseFor(p.opener.dirs, p.o.baseImage, d.Distro)
	draft, err := d.Plan(r) // refuses what makes no sense before anything is fetched
	if err != nil {
		return build.Plan{}, &usageError{err}
	}
	r.Sources = map[string]build.Source{}
	for _, s := range draft.Inputs.Remotes {
		if r.Sources[s.Dir], err = p.lookUp(ctx, s); err != nil {
			return build.Plan{}, err
		}
	}
	if r.Files == nil {
		r.Files = map[string]sigs.Digest{}
	}
	for _, name := range d.Files {
		if err := p.findInput(name, r.Files); err != nil {
			return build.Plan{}, err
		}
	}
	return d.Plan(r)
}

// lookUp finds a source's commit and its author's date. What is not said, or not to be had offline, stays open.
func (p *planner) lookUp(ctx context.Context, s build.Source) (build.Source, error) {
	if s.Ref == "" {
		return s, nil
	}
	r, err := p.repository(ctx, s.URL)
	if err != nil {
		if p.o.offline && errors.Is(err, repo.ErrOffline) {
			return s, nil
		}
		return s, withHint(fmt.Errorf("remote %s: %w", s.Dir, err), "check the address and the network, or name a checkout of yours: --url %s=PATH; --offline plans without looking commits up", s.Dir)
	}
	c, err := r.Resolve(s.Ref)
	if err != nil {
		return s, withHint(fmt.Errorf("remote %s: %w", s.Dir, err), "--commit %s=TAG names another; git ls-remote %s lists what there is", s.Dir, s.URL)
	}
	s.Commit = c.Hash
	if !c.Authored.IsZero() {
		s.AuthorDate = c.Authored.UTC().Format("2006-01-02 15:04:05")
	}
	return s, nil
}

// repository opens a source once.
func (p *planner) repository(ctx context.Context, url string) (*repo.Repository, error) {
	for other, r := range p.open {
		if projects.SameRepository(other, url) { // the descriptors' own source, mostly
			return r, nil
		}
	}
	r, err := repo.Open(ctx, p.opener.rewrite(url), p.opener.options())
	if err != nil {
		return nil, err
	}
	if p.open == nil {
		p.open = map[string]*repo.Repository{}
	}
	p.open[url] = r
	return r, nil
}

// findInput hashes an input file, if one of the directories has it.
func (p *planner) findInput(name string, files map[string]sigs.Digest) error {
	for _, dir := range p.o.inputs {
		d, err := hashInside(dir, name)
		if err == nil {
			files[name] = d
			return nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("input file %s: %w", name, err)
		}
	}
	return nil
}

// hashInside returns the digest of a regular file in a directory.
func hashInside(dir, name string) (sigs.Digest, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return sigs.Digest{}, err
	}
	defer root.Close()
	f, err := root.Open(name)
	if err != nil {
		return sigs.Digest{}, err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return sigs.Digest{}, errors.Join(fmt.Errorf("%s is not a regular file", name), err)
	}
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return sigs.Digest{}, err
	}
	return sigs.Digest(h.Sum(nil)), nil
}

// writePlans writes the plans in the format asked for.
func writePlans(w world, o buildOptions, stages []stage, missing []missingInput) error {
	if o.format == "json" && len(stages) != 1 {
		return withHint(usagef("a JSON plan is of one descriptor, and these are %d", len(stages)), "name one with --platform")
	}
	return writeOutput(w, o.file, func(out io.Writer) error {
		for i, s := range stages {
			var err error
			switch o.format {
			case "json":
				err = s.plan.WriteJSON(out)
			case "dockerfile":
				err = s.plan.WriteDockerfile(out)
			default:
				if i > 0 {
					fmt.Fprintln(out)
				}
				err = planText(out, s)
			}
			if err != nil {
				return err
			}
		}
		if o.format == "text" {
			return missingText(out, missing)
		}
		return nil
	})
}
