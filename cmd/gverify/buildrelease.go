package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/gverify/gverify/build"
	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/sigs/projects"
	"github.com/gverify/gverify/sigs/repo"
)

// release plans the descriptors of a release in the order they have to be built.
func (p *planner) release(ctx context.Context) ([]stage, []missingInput, error) {
	project, ok := p.set.Find(p.o.project)
	if !ok {
		return nil, nil, withHint(usagef("unknown project %q", p.o.project), "known: %s; gverify help config says how to add one", strings.Join(p.set.Names(), ", "))
	}
	if project.Source == "" || len(project.Descriptors.Files) == 0 {
		return nil, nil, withHint(fmt.Errorf("where the descriptors of %s are is not known", project.Title), "build one from a file: gverify build DESCRIPTOR.yml")
	}
	source, err := p.repository(ctx, project.Source)
	if err != nil {
		return nil, nil, withHint(fmt.Errorf("source of %s: %w", project.Title, explainOpen(err)), "check the network, or redirect the address to a clone of yours: gverify help config, mirrors")
	}
	version, err := p.version(project, source)
	if err != nil {
		return nil, nil, err
	}
	ordered, err := p.descriptors(project, source, version)
	if err != nil {
		return nil, nil, err
	}
	var out []stage
	var missing []missingInput
	names := map[string]string{}
	for _, s := range ordered {
		names[s.Platform] = s.Descriptor.Name
		r, err := p.request(project, version, s, names)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", s.Path, err)
		}
		plan, err := p.plan(ctx, s.Descriptor, r)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", s.Path, err)
		}
		out = append(out, stage{platform: s.Platform, path: s.Path, plan: plan})
		for _, f := range plan.Inputs.Files {
			if f.Digest == nil && f.From == "" {
				missing = append(missing, missingInput{platform: s.Platform, file: f.Name})
			}
		}
	}
	p.askSigners(ctx, version, missing)
	return out, missing, nil
}

// version is the one that was asked for, or the newest that can be built.
func (p *planner) version(project projects.Project, source *repo.Repository) (string, error) {
	if p.o.latest {
		version, ok := project.Newest(source.Tags())
		if !ok {
			return "", withHint(fmt.Errorf("%s: no tag names a release with descriptors", source.Location()), "--release VERSION")
		}
		return version, nil
	}
	version := strings.TrimPrefix(p.o.release, "v")
	if _, _, ok := sigs.SplitRelease(version); !ok {
		return "", withHint(usagef("%q is no version", p.o.release), "a version is digits with dots, such as 0.15.2: --release 0.15.2")
	}
	if !project.HasDescriptors(version) {
		return "", withHint(fmt.Errorf("%s %s is not built with Gitian: its source has no descriptors from %s on", project.Title, version, project.Descriptors.Until),
			"gverify release %s --project %s judges it", version, project.Name)
	}
	return version, nil
}

// descriptors reads the descriptors of the platforms asked for, and of those they need, at the release's tag.
func (p *planner) descriptors(project projects.Project, source *repo.Repository, version string) ([]build.Stage, error) {
	wanted, err := p.platforms(project)
	if err != nil {
		return nil, err
	}
	commit, err := source.Resolve("refs/tags/" + project.TagOf(version))
	if err != nil {
		return nil, withHint(err, "the newest releases: %s; gverify releases --project %s lists those that were attested", strings.Join(newestTags(source, 5), ", "), project.Name)
	}
	tree, err := source.Tree(commit)
	if err != nil {
		return nil, err
	}
	var stages []build.Stage
	for _, platform := range wanted {
		name := path.Join(project.Descriptors.Dir, project.Descriptors.Files[platform])
		data, err := sigs.ReadCapped(tree, name, build.MaxDescriptor)
		if errors.Is(err, fs.ErrNotExist) && p.o.all {
			continue // older releases have fewer
		}
		if err != nil {
			return nil, withHint(fmt.Errorf("%s at %s: %w", source.Location(), project.TagOf(version), err), "this release may have no descriptor for %s; --all builds those it has", platform)
		}
		d, err := parseDescriptor(name, data)
		if err != nil {
			return nil, err
		}
		stages = append(stages, build.Stage{Platform: platform, Path: name, Descriptor: d})
	}
	if len(stages) == 0 {
		return nil, fmt.Errorf("%s at %s: none of its descriptors is there", source.Location(), project.TagOf(version))
	}
	return build.Order(stages)
}

func newestTags(r *repo.Repository, n int) []string {
	tags := slices.DeleteFunc(r.Tags(), func(tag string) bool { _, _, ok := sigs.SplitRelease(tag); return !ok })
	slices.SortFunc(tags, func(a, b string) int {
		return sigs.CompareVersions(strings.TrimPrefix(b, "v"), strings.TrimPrefix(a, "v"))
	})
	return tags[:min(n, len(tags))]
}

// platforms turns what the user says into the project's names: win is win-unsigned there. A signed platform needs its unsigned one.
func (p *planner) platforms(project projects.Project) ([]string, error) {
	known := slices.Sorted(maps.Keys(project.Descriptors.Files))
	if p.o.all {
		return known, nil
	}
	var out []string
	for _, asked := range p.o.platforms {
		name := asked
		if !slices.Contains(known, name) {
			name += "-unsigned"
		}
		if !slices.Contains(known, name) {
			return nil, withHint(usagef("%s has no descriptor for the platform %q", project.Title, asked), "it has %s", strings.Join(known, ", "))
		}
		if system, ok := strings.CutSuffix(name, "-signed"); ok {
			for _, unsigned := range []string{system + "-unsigned", system} {
				if slices.Contains(known, unsigned) && !slices.Contains(out, unsigned) {
					out = append(out, unsigned)
				}
			}
		}
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out, nil
}

// request says which commit every remote of a release's descriptor is built at. A remote that belongs to another project is
// refused, unless the user says where to take it from: what would be built is not what the release's name says.
func (p *planner) request(project projects.Project, version string, s build.Stage, names map[string]string) (build.Request, error) {
	r := build.Request{Commits: map[string]string{}, URLs: map[string]string{}, From: map[string]string{}}
	ours := false
	for _, remote := range s.Descriptor.Remotes {
		url, overridden := p.urls[remote.Dir]
		if overridden {
			r.URLs[remote.Dir] = url
		}
		owner, owned := p.set.Owner(remote.URL)
		switch {
		case overridden:
			ours = true
		case owned && owner.Name != project.Name:
			return r, withHint(fmt.Errorf("the remote %s is %s, the source of %s: this would build %s, not %s", remote.Dir, remote.URL, owner.Title, owner.Title, project.Title),
				"say where to take it from: --url %s=%s", remote.Dir, project.Source)
		case owned:
			ours = true
		}
		if commit, given := p.commits[remote.Dir]; given {
			r.Commits[remote.Dir] = commit
		} else if remote.Commit == "" && (overridden || owned) {
			r.Commits[remote.Dir] = project.TagOf(version)
		}
	}
	if !ours {
		return r, withHint(fmt.Errorf("none of the descriptor's remotes is the source of %s (%s)", project.Title, project.Source),
			"say where to take one from: --url DIR=%s", project.Source)
	}
	for file, maker := range s.From {
		r.From[file] = names[maker]
	}
	return r, nil
}
