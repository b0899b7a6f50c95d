package main

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"runtime"
	"slices"
	"strings"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/sigs/pgp"
	"github.com/gverify/gverify/sigs/repo"
	"github.com/gverify/gverify/verify/review"
)

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
		k := review.KeyFile{Path: f.Path, Signer: keyOwner(f.Path), Kind: f.Kind, Before: fingerprints(before), After: fingerprints(after)}
		for _, c := range before {
			i := slices.IndexFunc(after, func(o pgp.Certificate) bool { return o.Fingerprint == c.Fingerprint })
			if c.Revoked != "" && i >= 0 && after[i].Revoked == "" {
				k.Revoked = append(k.Revoked, c.Fingerprint)
			}
		}
		if f.Kind == review.Added {
			if err := d.twins(&k); err != nil {
				return err
			}
		}
		if f.Kind == review.Added || f.Kind == review.Removed {
			if err := d.elsewhere(&k); err != nil {
				return err
			}
		}
		if f.Kind == review.Edited || f.Kind == review.Removed {
			if k.Lost, err = d.lost(f.Path); err != nil {
				return err
			}
		}
		d.change.Keys = append(d.change.Keys, k)
	}
	return nil
}

// lost finds the signing keys of a file from before the change that the repository's key files do not have any more.
func (d *reviewed) lost(file string) ([]string, error) {
	before, _, err := keyFile(d.base.tree, file)
	if err != nil || before == nil {
		return nil, err
	}
	if d.after == nil {
		if d.after, err = allKeys(d.head); err != nil {
			return nil, err
		}
	}
	var out []string
	for _, key := range pgp.Lost(before.SigningKeys(d.asOf), d.after.SigningKeys(d.asOf)) {
		out = append(out, key.Fingerprint)
	}
	return out, nil
}

// allKeys are the keys of all key files of a snapshot.
func allKeys(s *snapshot) (*pgp.Keyring, error) {
	g := &keyGatherer{ring: pgp.NewKeyring()}
	return g.ring, g.addInside(&s.source, s.listing, false)
}

// cost counts the attestations from before the change that the lost keys signed.
func (d *reviewed) cost(ctx context.Context) error {
	owner := map[string]int{} // lost signing key: index of its key file
	for i, k := range d.change.Keys {
		for _, f := range k.Lost {
			owner[f] = i
		}
	}
	if len(owner) == 0 {
		return nil
	}
	ring, err := allKeys(d.base)
	if err != nil {
		return err
	}
	versions := map[string]bool{}
	for checked, err := range sigs.CheckAll(ctx, sigs.Scan(d.base.fsys, d.base.listing.Directories), ring.At(d.asOf), runtime.GOMAXPROCS(0)) {
		if err != nil {
			return fmt.Errorf("%s: %w", d.location, err)
		}
		best := checked.Statement.Best()
		i, ok := owner[best.Fingerprint]
		if !ok || !best.Authentic() {
			continue
		}
		k := &d.change.Keys[i]
		k.Attestations++
		if at := fmt.Sprint(i, " ", checked.Statement.Directory.Version); !versions[at] {
			versions[at] = true
			k.Versions++
		}
	}
	return nil
}

// twins finds the key files from before the change whose names are or look like that of a new one, and that lack one of its keys.
func (d *reviewed) twins(k *review.KeyFile) error {
	for _, file := range d.base.listing.KeyFiles {
		if file == k.Path || !sigs.LookAlike(keyOwner(file), k.Signer) {
			continue
		}
		certs, _, err := certificates(d.base.tree, file)
		if err != nil {
			return err
		}
		has := fingerprints(certs)
		if slices.ContainsFunc(k.After, func(f string) bool { return !slices.Contains(has, f) }) {
			k.Twins = append(k.Twins, file)
		}
	}
	return nil
}

// keyOwner is whom a key file is named after.
func keyOwner(file string) string {
	base := path.Base(file)
	return strings.TrimSuffix(base, path.Ext(base))
}

// elsewhere finds other key files with one of a file's keys: where an added key was before, where a removed one is now.
func (d *reviewed) elsewhere(k *review.KeyFile) error {
	at, wanted := d.base, k.After
	if k.Kind == review.Removed {
		at, wanted = d.head, k.Before
	}
	files, err := at.filesByKey()
	if err != nil {
		return err
	}
	for _, fingerprint := range wanted {
		for _, file := range files[fingerprint] {
			if file != k.Path && !slices.Contains(k.Elsewhere, file) {
				k.Elsewhere = append(k.Elsewhere, file)
			}
		}
	}
	return nil
}

// filesByKey reads all key files of a snapshot, once.
func (s *snapshot) filesByKey() (map[string][]string, error) {
	if s.byKey != nil {
		return s.byKey, nil
	}
	if len(s.listing.KeyFiles) > maxKeyFiles {
		return nil, fmt.Errorf("%s: %d key files, at most %d are read", s.location, len(s.listing.KeyFiles), maxKeyFiles)
	}
	s.byKey = map[string][]string{}
	for _, file := range s.listing.KeyFiles {
		certs, _, err := certificates(s.tree, file)
		if err != nil {
			return nil, err
		}
		for _, fingerprint := range fingerprints(certs) {
			s.byKey[fingerprint] = append(s.byKey[fingerprint], file)
		}
	}
	return s.byKey, nil
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

// discover finds the new attestations that only a key of this change verifies, and whose directories they lie in. What it finds
// is told to the reader; nothing votes by it.
func (d *reviewed) discover(changed map[string]bool) error {
	d.change.Owners = map[string][]string{}
	brought, err := d.broughtKeys()
	if err != nil {
		return err
	}
	for _, release := range d.change.Releases {
		for _, s := range release.After.Comparison.Statements {
			if !changed[s.Path] && !slices.ContainsFunc(s.Signatures(), func(sig sigs.Signature) bool { return changed[sig.Path] }) {
				continue
			}
			if err := d.owner(s.Signer); err != nil {
				return err
			}
			if !s.Best().Valid() {
				d.bring(s, brought)
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
		if keyOwner(file) == name {
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
func (d *reviewed) bring(s *sigs.Statement, brought *pgp.Keyring) {
	message, err := sigs.ReadCapped(d.head.tree, s.Path, sigs.MaxAssertion)
	if err != nil {
		return // a finding says so
	}
	for _, sig := range s.Signatures() {
		if sig.Path == "" {
			continue
		}
		data, err := sigs.ReadCapped(d.head.tree, sig.Path, sigs.MaxSignatureFile)
		if err != nil {
			continue
		}
		for _, judged := range brought.At(d.asOf).Verify(message, data) {
			if judged.Valid() && len(judged.Sources) > 0 {
				d.change.Brought[s.Path], d.change.BroughtKey[s.Path] = judged.Sources[0], judged.Primary
				return
			}
		}
	}
}

// broughtKeys are the keys of all key files that the change adds or edits, each from its file.
func (d *reviewed) broughtKeys() (*pgp.Keyring, error) {
	g := &keyGatherer{ring: pgp.NewKeyring()}
	for _, k := range d.change.Keys {
		if k.Kind == review.Removed {
			continue
		}
		if err := g.addFiles(d.head.tree, []string{k.Path}, pgp.Source{Name: k.Path}); err != nil {
			return nil, err
		}
	}
	return g.ring, nil
}
