package main

import (
	"path"
	"slices"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/sigs/projects"
	"github.com/gverify/gverify/sigs/repo"
	"github.com/gverify/gverify/verify/review"
)

// repositoryOf tells which of the project's repositories this one is: the one of whose layout and versions most of its
// directories are. The layout counts more: a project may try a new one before the version it is meant for.
func repositoryOf(p projects.Project, listings ...sigs.Listing) projects.Repository {
	best, most := p.Repositories[0], 0
	for _, r := range p.Repositories {
		score := 0
		for _, l := range listings {
			for _, d := range l.Directories {
				if d.Layout == r.Layout {
					score += 2
				}
				if covering, ok := p.RepositoryFor(d.Version); ok && covering.URL == r.URL {
					score++
				}
			}
		}
		if score > most {
			best, most = r, score
		}
	}
	return best
}

// placeFiles says of every changed file what it is there for.
func placeFiles(changes []repo.Change, rules projects.Rules, base sigs.Listing) []review.File {
	read := map[string]bool{}
	for _, d := range base.Directories {
		for _, f := range d.Files {
			read[f.Path] = true
			for _, s := range f.Signatures {
				read[s] = true
			}
		}
	}
	added := map[string]string{}
	for _, c := range changes {
		if c.Kind == repo.Added {
			added[c.NewID] = c.Path
		}
	}
	var out []review.File
	for _, c := range changes {
		place := rules.Place(c.Path)
		f := review.File{Path: c.Path, Kind: review.Kind(c.Kind), Part: review.Part(place.Part), Want: place.Want, Read: read[c.Path]}
		if c.Kind == repo.Removed {
			f.MovedTo = added[c.OldID]
		}
		out = append(out, f)
	}
	return out
}

// touchedVersions are the versions whose directories hold changed files at either end, oldest first.
func touchedVersions(base, head *snapshot, changed map[string]bool) ([]string, error) {
	var out []string
	add := func(version string) {
		if !slices.ContainsFunc(out, func(v string) bool { return sigs.SameVersion(v, version) }) {
			out = append(out, version)
		}
	}
	within := map[string]bool{} // directories that hold changed files, at any depth
	for name := range changed {
		for dir := path.Dir(name); dir != "." && dir != "/" && !within[dir]; dir = path.Dir(dir) {
			within[dir] = true
		}
	}
	for _, s := range []*snapshot{base, head} {
		for _, dir := range s.listing.Directories {
			if !within[dir.Path] {
				continue
			}
			touched := touchedFiles(dir, changed)
			if len(touched) == 0 || !dir.Descriptor {
				add(dir.Version)
				continue
			}
			for _, f := range touched {
				version, err := s.versionNamed(dir, f)
				if err != nil {
					return nil, err
				}
				add(version)
			}
		}
	}
	slices.SortFunc(out, sigs.CompareVersions)
	return out, nil
}

func touchedFiles(dir sigs.Directory, changed map[string]bool) []sigs.AssertionFile {
	var out []sigs.AssertionFile
	for _, f := range dir.Files {
		if changed[f.Path] || slices.ContainsFunc(f.Signatures, func(s string) bool { return changed[s] }) {
			out = append(out, f)
		}
	}
	return out
}

// versionNamed is the version of an attestation in a directory that is named after a descriptor: the one that most of its
// artifacts are named after, if the directory may be of it.
func (s *snapshot) versionNamed(dir sigs.Directory, f sigs.AssertionFile) (string, error) {
	bare := dir
	bare.Files = []sigs.AssertionFile{f}
	for a, err := range sigs.Scan(s.fsys, []sigs.Directory{bare}) {
		if err != nil {
			return "", err
		}
		parsed, err := parseAny(a.Data)
		if err != nil {
			break // no assertion: a finding says so
		}
		count := map[string]int{}
		best := dir.Version
		for _, e := range parsed.Out {
			version, ok := sigs.NamesVersion(e.Path)
			if !ok || len(s.listing.Candidates(version)) == 0 || !slices.ContainsFunc(s.listing.Candidates(version), func(c sigs.Directory) bool { return c.Path == dir.Path }) {
				continue
			}
			if count[version]++; count[version] > count[best] {
				best = version
			}
		}
		return best, nil
	}
	return dir.Version, nil
}
