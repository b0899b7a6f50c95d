package main

import (
	"context"
	"fmt"
	"slices"

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
	byKey   map[string][]string // fingerprint: key files, once they were read
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
	after      *pgp.Keyring // of all key files after the change, once they were read
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

// merge is what becomes of the base once the change is brought into it.
func (v *reviewing) merge(between commitRange) (*snapshot, error) {
	var trees [3]*repo.Tree
	for i, c := range []repo.Commit{between.fork, between.base, between.head} {
		var err error
		if trees[i], err = v.repository.Tree(c); err != nil {
			return nil, err
		}
	}
	tree := repo.Merge(trees[0], trees[1], trees[2])
	listing, err := sigs.List(tree)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", v.repository.Location(), err)
	}
	return &snapshot{source: source{fsys: tree, location: v.repository.Location(), commit: between.head}, tree: tree, listing: listing}, nil
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
	if between.fork.Hash != "" && between.fork.Hash != between.base.Hash {
		if d.head, err = v.merge(between); err != nil {
			return nil, err
		}
	}
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
		Files: placeFiles(changes, rules, d.base.listing), Brought: map[string]string{}, BroughtKey: map[string]string{}, Pins: d.policy.Pins, AnyGiven: d.policy.AnyGiven,
		Before: slices.Concat(d.base.tree.Findings(), d.base.listing.Findings),
		After:  slices.Concat(v.repository.Findings(), between.findings, d.head.tree.Findings(), d.head.listing.Findings),
	}
	if err := d.readKeys(); err != nil {
		return nil, err
	}
	if err := d.cost(ctx); err != nil {
		return nil, err
	}
	if err := d.judgeReleases(ctx, changes); err != nil {
		return nil, err
	}
	d.result = review.Of(d.change)
	return d, nil
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

// knownFile is an attestation that was judged already.
type knownFile struct {
	file      sigs.AssertionFile
	statement *sigs.Statement
}

// side judges one version at one end of the change. What is known from the other end and not changed is not judged again.
func (d *reviewed) side(ctx context.Context, side *review.Side, at *snapshot, version string, v sigs.Verifier, known map[string]knownFile, changed map[string]bool) (map[string]knownFile, error) {
	dirs := slices.Concat(at.listing.Find(version), at.listing.Candidates(version))
	side.Present = len(dirs) > 0
	out := map[string]knownFile{}
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
		out[s.Path] = knownFile{file: files[s.Path], statement: s}
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
