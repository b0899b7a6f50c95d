package main

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/gverify/gverify/report"
	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/sigs/pgp"
	"github.com/gverify/gverify/sigs/projects"
	"github.com/gverify/gverify/sigs/repo"
	"github.com/gverify/gverify/verify"
	"github.com/gverify/gverify/verify/review"
)

// snapshot is the repository at one end of a change.
type snapshot struct {
	source
	tree    *repo.Tree
	listing sigs.Listing
}

// reviewing judges changes of one open repository.
type reviewing struct {
	releaseCase
	repository *repo.Repository
	last       *snapshot // of the newest head judged so far: the next change may begin there
}

// reviewed is a change with everything that was found about it.
type reviewed struct {
	releaseCase
	between    commitRange
	location   string
	attested   projects.Repository // of the project, whose rules were applied
	keys       *keyGatherer
	change     review.Change
	result     review.Review
	base, head *snapshot
}

func (v *reviewing) snapshot(c repo.Commit) (*snapshot, error) {
	if v.last != nil && v.last.commit.Hash == c.Hash {
		return v.last, nil
	}
	tree, err := v.repository.Tree(c)
	if err != nil {
		return nil, err
	}
	listing, err := sigs.List(tree)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", v.repository.Location(), err)
	}
	return &snapshot{source: source{fsys: tree, location: v.repository.Location(), commit: c}, tree: tree, listing: listing}, nil
}

// review judges what changed between two commits.
func (v *reviewing) review(ctx context.Context, between commitRange) (*reviewed, error) {
	d := &reviewed{releaseCase: v.releaseCase, between: between, location: v.repository.Location()}
	var err error
	if d.base, err = v.snapshot(between.base); err != nil {
		return nil, err
	}
	if d.head, err = v.snapshot(between.head); err != nil {
		return nil, err
	}
	v.last = d.head
	changes, err := repo.Diff(d.base.tree, d.head.tree)
	if err != nil {
		return nil, err
	}
	d.attested = repositoryOf(d.project, d.base.listing, d.head.listing)
	rules, err := d.attested.Rules()
	if err != nil {
		return nil, err
	}
	d.change = review.Change{
		Files: placeFiles(changes, rules, d.base.listing), Brought: map[string]string{}, Pins: d.policy.Pins,
		Before: slices.Concat(d.base.tree.Findings(), d.base.listing.Findings),
		After:  slices.Concat(d.head.tree.Findings(), d.head.listing.Findings),
	}
	if err := d.readKeys(); err != nil {
		return nil, err
	}
	if err := d.judgeReleases(ctx, changes); err != nil {
		return nil, err
	}
	d.result = review.Of(d.change)
	return d, nil
}

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

// readKeys reads the key files that the change touches, before and after it, each by itself. None of them verifies anything.
func (d *reviewed) readKeys() error {
	for i, f := range d.change.Files {
		if f.Part != review.KeyPart && !slices.Contains(d.base.listing.KeyFiles, f.Path) && !slices.Contains(d.head.listing.KeyFiles, f.Path) {
			continue
		}
		d.change.Files[i].Part = review.KeyPart
		before, findings, err := certificates(d.base.tree, f.Path)
		if err != nil {
			return err
		}
		d.change.Before = append(d.change.Before, findings...)
		after, findings, err := certificates(d.head.tree, f.Path)
		if err != nil {
			return err
		}
		d.change.After = append(d.change.After, findings...)
		base := path.Base(f.Path)
		k := review.KeyFile{Path: f.Path, Signer: strings.TrimSuffix(base, path.Ext(base)), Kind: f.Kind, Before: fingerprints(before), After: fingerprints(after)}
		for _, c := range before {
			i := slices.IndexFunc(after, func(o pgp.Certificate) bool { return o.Fingerprint == c.Fingerprint })
			if c.Revoked != "" && i >= 0 && after[i].Revoked == "" {
				k.Revoked = append(k.Revoked, c.Fingerprint)
			}
		}
		if f.Kind == review.Added || f.Kind == review.Removed {
			if err := d.elsewhere(&k); err != nil {
				return err
			}
		}
		d.change.Keys = append(d.change.Keys, k)
	}
	return nil
}

// elsewhere finds other key files with one of a file's keys: where an added key was before, where a removed one is now.
func (d *reviewed) elsewhere(k *review.KeyFile) error {
	at, wanted := d.base, k.After
	if k.Kind == review.Removed {
		at, wanted = d.head, k.Before
	}
	if len(at.listing.KeyFiles) > maxKeyFiles {
		return fmt.Errorf("%s: %d key files, at most %d are read", d.location, len(at.listing.KeyFiles), maxKeyFiles)
	}
	for _, file := range at.listing.KeyFiles {
		if file == k.Path {
			continue
		}
		certs, _, err := certificates(at.tree, file)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(fingerprints(certs), func(f string) bool { return slices.Contains(wanted, f) }) {
			k.Elsewhere = append(k.Elsewhere, file)
		}
	}
	return nil
}

// certificates reads one key file; one that is not there has none.
func certificates(tree *repo.Tree, file string) ([]pgp.Certificate, []sigs.Finding, error) {
	ring, findings, err := keyFile(tree, file)
	if err != nil || ring == nil {
		return nil, findings, err
	}
	return ring.Certificates(), findings, nil
}

// keyFile reads one key file into a ring of its own; nil where it is not there.
func keyFile(tree *repo.Tree, file string) (*pgp.Keyring, []sigs.Finding, error) {
	if info, err := fs.Stat(tree, file); err != nil || info.IsDir() {
		return nil, nil, nil
	}
	g := &keyGatherer{ring: pgp.NewKeyring()}
	if err := g.addFiles(tree, []string{file}, pgp.Source{Name: file}); err != nil {
		return nil, nil, err
	}
	return g.ring, g.findings, nil
}

func fingerprints(certs []pgp.Certificate) []string {
	out := []string{}
	for _, c := range certs {
		out = append(out, c.Fingerprint)
	}
	return out
}

// judgeReleases judges every version that the change touches, before and after it, with the keys from before.
func (d *reviewed) judgeReleases(ctx context.Context, changes []repo.Change) error {
	changed := map[string]bool{}
	for _, c := range changes {
		changed[c.Path] = true
	}
	versions, err := touchedVersions(d.base, d.head, changed)
	if err != nil {
		return err
	}
	d.keys = &keyGatherer{ring: pgp.NewKeyring()}
	if len(versions) == 0 {
		return nil
	}
	if d.keys, err = gatherKeys(ctx, d.opener, d.asked.keys, &d.base.source, d.base.listing, d.attested.Keys); err != nil {
		return err
	}
	verifier := d.keys.ring.At(d.asOf)
	for _, version := range versions {
		release := review.Release{Version: version}
		known, err := d.side(ctx, &release.Before, d.base, version, verifier, nil, nil)
		if err != nil {
			return err
		}
		if _, err := d.side(ctx, &release.After, d.head, version, verifier, known, changed); err != nil {
			return err
		}
		d.change.Releases = append(d.change.Releases, release)
	}
	return d.discover(changed)
}

// checkedFile is an attestation that was judged already.
type checkedFile struct {
	file      sigs.AssertionFile
	statement *sigs.Statement
	findings  []sigs.Finding
}

// side judges one version at one end of the change. What is known from the other end and not changed is not judged again.
func (d *reviewed) side(ctx context.Context, side *review.Side, at *snapshot, version string, v sigs.Verifier, known map[string]checkedFile, changed map[string]bool) (map[string]checkedFile, error) {
	dirs := slices.Concat(at.listing.Find(version), at.listing.Candidates(version))
	side.Present = len(dirs) > 0
	out := map[string]checkedFile{}
	var fresh []sigs.Directory
	files := map[string]sigs.AssertionFile{}
	for _, dir := range dirs {
		bare := dir
		bare.Files = nil
		for _, f := range dir.Files {
			old, ok := known[f.Path]
			if ok && isSameDirectory(old.statement.Directory, dir) && slices.Equal(old.file.Signatures, f.Signatures) && !changed[f.Path] && !slices.ContainsFunc(f.Signatures, func(s string) bool { return changed[s] }) {
				out[f.Path] = old
				continue
			}
			files[f.Path] = f
			bare.Files = append(bare.Files, f)
		}
		fresh = append(fresh, bare)
	}
	statements, findings, err := checkRelease(ctx, &at.source, fresh, v)
	if err != nil {
		return nil, err
	}
	for _, s := range statements {
		out[s.Path] = checkedFile{file: files[s.Path], statement: s}
	}
	for _, f := range findings {
		if known == nil {
			d.change.Before = append(d.change.Before, f)
		} else {
			d.change.After = append(d.change.After, f)
		}
	}
	statements = nil
	for _, c := range out {
		statements = append(statements, c.statement)
	}
	side.Comparison = verify.Compare(version, statements)
	side.Verdict, err = d.policy.Decide(side.Comparison, verify.Question{Due: d.project.Due(version)})
	return out, err
}

// isSameDirectory reports whether a release directory is judged alike at both ends.
func isSameDirectory(a, b sigs.Directory) bool {
	return a.Path == b.Path && a.Version == b.Version && a.Platform == b.Platform && a.Layout == b.Layout && a.Descriptor == b.Descriptor
}

// touchedVersions are the versions whose directories hold changed files at either end, oldest first.
func touchedVersions(base, head *snapshot, changed map[string]bool) ([]string, error) {
	var out []string
	add := func(version string) {
		if !slices.ContainsFunc(out, func(v string) bool { return sigs.SameVersion(v, version) }) {
			out = append(out, version)
		}
	}
	for _, s := range []*snapshot{base, head} {
		for _, dir := range s.listing.Directories {
			var touched []sigs.AssertionFile
			for name := range changed {
				if strings.HasPrefix(name, dir.Path+"/") {
					touched = touchedFiles(dir, changed)
					if len(touched) == 0 {
						add(dir.Version)
					}
					break
				}
			}
			for _, f := range touched {
				version := dir.Version
				if dir.Descriptor {
					var err error
					if version, err = s.versionNamed(dir, f); err != nil {
						return nil, err
					}
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

// discover finds the new attestations that only a key of this change verifies, and whose directories they lie in. What it finds
// is told to the reader; nothing votes by it.
func (d *reviewed) discover(changed map[string]bool) error {
	d.change.Owners = map[string][]string{}
	for _, release := range d.change.Releases {
		for _, s := range release.After.Comparison.Statements {
			if !changed[s.Path] && !slices.ContainsFunc(s.Signatures(), func(sig sigs.Signature) bool { return changed[sig.Path] }) {
				continue
			}
			if err := d.owner(s.Signer); err != nil {
				return err
			}
			if s.Best().Valid() {
				continue
			}
			if err := d.bring(s); err != nil {
				return err
			}
		}
	}
	return nil
}

// owner reads the keys of whoever a directory is named after, as they were before the change.
func (d *reviewed) owner(name string) error {
	if _, known := d.change.Owners[name]; known || name == "" {
		return nil
	}
	d.change.Owners[name] = nil
	for _, file := range d.base.listing.KeyFiles {
		if base := path.Base(file); strings.TrimSuffix(base, path.Ext(base)) == name {
			certs, _, err := certificates(d.base.tree, file)
			if err != nil {
				return err
			}
			d.change.Owners[name] = append(d.change.Owners[name], fingerprints(certs)...)
		}
	}
	return nil
}

// bring finds the key file of the change that verifies a statement which the keys from before do not.
func (d *reviewed) bring(s *sigs.Statement) error {
	message, err := sigs.ReadCapped(d.head.tree, s.Path, sigs.MaxAssertion)
	if err != nil {
		return nil // a finding says so
	}
	for _, k := range d.change.Keys {
		if k.Kind == review.Removed {
			continue
		}
		ring, _, err := keyFile(d.head.tree, k.Path)
		if err != nil {
			return err
		}
		for _, sig := range s.Signatures() {
			if sig.Path == "" || ring == nil {
				continue
			}
			data, err := sigs.ReadCapped(d.head.tree, sig.Path, sigs.MaxSignatureFile)
			if err != nil {
				continue
			}
			if slices.ContainsFunc(ring.At(d.asOf).Verify(message, data), sigs.Signature.Valid) {
				d.change.Brought[s.Path] = k.Path
				return nil
			}
		}
	}
	return nil
}

// document is the report of a reviewed change that ends the program with the given code.
func (d *reviewed) document(status int) report.Review {
	s := report.ReviewSubject{
		Tool:     "gverify " + toolVersion(),
		Project:  report.Project{Name: d.project.Name, Title: d.project.Title},
		Location: d.location, Range: d.between.how,
		Base: report.Revision{Commit: d.between.base.Hash, Time: d.between.base.Time}, Head: report.Revision{Commit: d.between.head.Hash, Time: d.between.head.Time},
		Rules: d.attested.URL, Policy: d.policy.Policy, Origin: d.policy.origin, PinsFrom: d.policy.pins, AsOf: d.asOf,
		Change: d.change, Review: d.result, ExitCode: status,
	}
	for _, k := range d.keys.sources {
		s.Keys = append(s.Keys, report.KeySource{Name: k.name, Commit: k.commit, Files: k.files, Problem: k.problem})
	}
	return s.Document()
}
