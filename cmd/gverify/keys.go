package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"sort"
	"strings"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/sigs/pgp"
	"github.com/gverify/gverify/sigs/repo"
)

// maxKeyFiles is the most key files one source may hold.
const maxKeyFiles = 10000

// keySource is one place keys came from, for the report.
type keySource struct {
	name    string // "guix.sigs//builder-keys"
	commit  string // where it is a git repository
	files   int
	problem string // why it could not be read, empty: it could
}

// keyGatherer collects keys from all sources into one keyring. Sources only ever add to it: a revocation known from one of them
// is not undone by another.
type keyGatherer struct {
	ring     *pgp.Keyring
	open     func(ctx context.Context, location string) (*repo.Repository, error)
	sources  []keySource
	findings []sigs.Finding
}

// addGiven reads what --keys names: a file, a directory, "gnupg:" or "gnupg:HOME", or a git repository's "LOCATION//SUBDIR".
// What the user named must be there: an absent source is an error.
func (g *keyGatherer) addGiven(ctx context.Context, spec string) error {
	switch {
	case spec == "gnupg:" || strings.HasPrefix(spec, "gnupg:"):
		return g.addGnuPG(ctx, strings.TrimPrefix(spec, "gnupg:"))
	case isRemote(spec) || splitSubdir(spec).sub != "":
		at := splitSubdir(spec)
		if at.sub == "" {
			return withHint(usagef("--keys %s names a repository without the directory of its keys", spec), "add it after two slashes: %s//builder-keys", spec)
		}
		return g.addRepository(ctx, at.location, at.sub, true)
	}
	info, err := os.Stat(spec)
	if err != nil {
		return withHint(err, "--keys takes a file, a directory, gnupg:, sigs: or a git repository with //SUBDIR")
	}
	if !info.IsDir() {
		return g.addFile(spec)
	}
	root, err := os.OpenRoot(spec)
	if err != nil {
		return err
	}
	defer root.Close()
	n, err := g.addTree(root.FS(), ".", pgp.Source{Name: spec, Given: true})
	if err == nil && n == 0 {
		err = withHint(fmt.Errorf("--keys %s: no key file in it", spec), "key files end in .asc, .gpg, .pgp or .key; in a git repository name their directory: %s//builder-keys", spec)
	}
	g.sources = append(g.sources, keySource{name: spec, files: n})
	return err
}

func (g *keyGatherer) addFile(name string) error {
	data, err := readCapped(name, pgp.MaxKeyring)
	if err != nil {
		return err
	}
	g.findings = append(g.findings, g.ring.AddKeyring(name, pgp.Source{Name: name, Given: true}, data)...)
	g.sources = append(g.sources, keySource{name: name, files: 1})
	return nil
}

func (g *keyGatherer) addGnuPG(ctx context.Context, home string) error {
	data, err := pgp.ExportGnuPG(ctx, home)
	if err != nil {
		return withHint(err, "install GnuPG, or export the keys yourself and name the file: gpg --export > keys.gpg")
	}
	name := "your GnuPG keyring"
	g.findings = append(g.findings, g.ring.AddKeyring(name, pgp.Source{Name: name, Given: true}, data)...)
	g.sources = append(g.sources, keySource{name: name, files: 1})
	return nil
}

// addRepository reads the key files of a directory of a git repository at its newest commit.
func (g *keyGatherer) addRepository(ctx context.Context, location, sub string, given bool) error {
	r, err := g.open(ctx, location)
	if err != nil {
		return err
	}
	defer r.Close()
	g.findings = append(g.findings, r.Findings()...)
	commit, err := r.Resolve("")
	if err != nil {
		return err
	}
	tree, err := r.Tree(commit)
	if err != nil {
		return err
	}
	name := r.Location() + "//" + sub
	n, err := g.addTree(tree, sub, pgp.Source{Name: name + " at " + shortHash(commit.Hash), Given: given})
	if errors.Is(err, fs.ErrNotExist) {
		return withHint(fmt.Errorf("%s: no directory %q at commit %s", r.Location(), sub, shortHash(commit.Hash)), "name the directory that holds the key files after two slashes")
	}
	g.sources = append(g.sources, keySource{name: name, commit: commit.Hash, files: n})
	return err
}

// addTree reads the key files directly in dir.
func (g *keyGatherer) addTree(fsys fs.FS, dir string, source pgp.Source) (int, error) {
	entries, err := fs.ReadDir(fsys, dir)
	if err != nil {
		return 0, err
	}
	var names []string
	for _, e := range entries {
		if e.Type().IsRegular() && sigs.IsKeyFile(e.Name()) {
			names = append(names, path.Join(dir, e.Name()))
		}
	}
	if len(names) > maxKeyFiles {
		return 0, fmt.Errorf("%s: %d key files, at most %d are read", source.Name, len(names), maxKeyFiles)
	}
	return len(names), g.addFiles(fsys, names, source)
}

// addFiles reads the named key files; one that is too large is a finding.
func (g *keyGatherer) addFiles(fsys fs.FS, names []string, source pgp.Source) error {
	sort.Strings(names)
	for _, name := range names {
		data, err := sigs.ReadCapped(fsys, name, pgp.MaxKeyFile)
		if err != nil {
			g.findings = append(g.findings, sigs.Finding{
				Code: "key-unreadable", Severity: sigs.Warning, Path: name,
				Text: fmt.Sprintf("the key file could not be read: %v", err),
				Next: "signatures by this key stay unverified; give the key with --keys",
			})
			continue
		}
		g.findings = append(g.findings, g.ring.Add(name, source, data)...)
	}
	return nil
}

// isRemote reports whether a location is a URL or an scp-like address rather than a path.
func isRemote(location string) bool {
	if strings.Contains(location, "://") {
		return true
	}
	host, rest, ok := strings.Cut(location, ":")
	return ok && strings.Contains(host, "@") && !strings.ContainsAny(host, `/\`) && rest != ""
}

type subdirectory struct{ location, sub string }

// splitSubdir splits "LOCATION//SUBDIR"; the slashes of a URL's scheme do not count.
func splitSubdir(spec string) subdirectory {
	start := 0
	if i := strings.Index(spec, "://"); i >= 0 {
		start = i + len("://")
	}
	i := strings.Index(spec[start:], "//")
	if i < 0 {
		return subdirectory{location: spec}
	}
	return subdirectory{location: spec[:start+i], sub: strings.Trim(path.Clean(spec[start+i:]), "/")}
}

func shortHash(hash string) string {
	if len(hash) > 12 {
		return hash[:12]
	}
	return hash
}
