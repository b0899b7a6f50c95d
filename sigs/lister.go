package sigs

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// lister makes a Listing.
type lister struct {
	fsys  fs.FS
	out   Listing
	names int
}

func (l *lister) read(dir string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(l.fsys, dir)
	if err != nil {
		return nil, err
	}
	if l.names += len(entries); l.names > maxListed {
		return nil, fmt.Errorf("more than %d names: not an attestation repository", maxListed)
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, nil
}

// walk looks for release and key directories below dir, and for assertions that stand in neither.
func (l *lister) walk(dir string, level int) error {
	entries, err := l.read(dir)
	if err != nil {
		return err
	}
	var files []string
	for _, e := range entries {
		p := path.Join(dir, e.Name())
		_, _, isRelease := SplitRelease(e.Name())
		switch {
		case strings.HasPrefix(e.Name(), "."): // .git, .github, .travis.yml
		case e.IsDir() && isRelease:
			err = l.release(p, e.Name(), level)
		case e.IsDir() && isKeyDirectory(e.Name()):
			err = l.keys(p)
		case e.IsDir() && level < maxLevels:
			err = l.walk(p, level+1)
		case e.IsDir():
			l.tooDeep(p)
		case !e.Type().IsRegular():
			if isRelease || isKeyDirectory(e.Name()) || isAssertionName(e.Name()) {
				l.irregular(p, e.Type())
			}
		default:
			files = append(files, e.Name())
		}
		if err != nil {
			return err
		}
	}
	if i := slices.IndexFunc(files, isAssertionName); i >= 0 {
		l.outside(dir, files[i])
	}
	return nil
}

// keys lists the key files of one directory.
func (l *lister) keys(dir string) error {
	entries, err := l.read(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		p := path.Join(dir, e.Name())
		switch {
		case strings.HasPrefix(e.Name(), ".") || isReadme(e.Name()):
		case !e.IsDir() && !e.Type().IsRegular():
			l.irregular(p, e.Type())
		case !e.IsDir() && IsKeyFile(e.Name()):
			l.out.KeyFiles = append(l.out.KeyFiles, p)
		default:
			l.note(Note, "unrecognised-file", p, "this is not read: public keys are files named .asc, .gpg, .pgp, .key or .pub, directly in the directory",
				"if it is a signer's key, give it with --keys")
		}
	}
	return nil
}

// release reads one release directory.
func (l *lister) release(dir, name string, level int) error {
	version, platform, _ := SplitRelease(name)
	d := Directory{Path: dir, Release: name, Version: version, Platform: platform, Descriptor: isInfix(name)}
	entries, err := l.read(dir)
	if err != nil {
		return err
	}
	l.oddName(dir, "release directory", name)
	var direct []string
	for _, e := range entries {
		p := path.Join(dir, e.Name())
		switch {
		case e.IsDir():
			err = l.within(&d, p, e.Name(), level+1)
		case !e.Type().IsRegular():
			l.irregular(p, e.Type())
		default:
			direct = append(direct, e.Name())
		}
		if err != nil {
			return err
		}
	}
	l.files(&d, dir, "", direct)
	if len(d.Files) == 0 {
		return nil
	}
	slices.SortFunc(d.Files, func(a, b AssertionFile) int { return strings.Compare(a.Path, b.Path) })
	l.layout(&d)
	l.strangers(&d)
	l.out.Directories = append(l.out.Directories, d)
	return nil
}

// within reads a directory of a release directory: a signer's, or another release's that was put there by mistake. A signer
// may be called like a release (1.2.3), but has no signers below him.
func (l *lister) within(d *Directory, dir, name string, level int) error {
	if level > maxLevels {
		l.tooDeep(dir)
		return nil
	}
	if _, _, ok := SplitRelease(name); ok {
		entries, err := l.read(dir)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.IsDir() && e.Name() != name }) {
			l.note(Warning, "nested-release", dir, "a release directory lies inside another one; it is read as a release of its own",
				"ask the repository's maintainers to move it up")
			return l.release(dir, name, level)
		}
	}
	l.oddName(dir, "signer", name)
	return l.signer(d, dir, name, level)
}

// signer reads one signer's directory and whatever was nested in it by mistake.
func (l *lister) signer(d *Directory, dir, signer string, level int) error {
	entries, err := l.read(dir)
	if err != nil {
		return err
	}
	var files []string
	for _, e := range entries {
		p := path.Join(dir, e.Name())
		switch {
		case e.IsDir() && level >= maxLevels:
			l.tooDeep(p)
		case e.IsDir():
			if e.Name() == signer {
				l.note(Warning, "doubled-signer", p, "the signer's directory stands inside itself once more; its files are read as this signer's",
					"ask the signer to move the files up")
			} else {
				l.note(Warning, "nested-directory", p, fmt.Sprintf("a directory inside that of the signer %s; its files are read as this signer's", signer),
					"ask the signer to move the files up; if they are somebody else's, go by the fingerprint")
			}
			if err := l.signer(d, p, signer, level+1); err != nil {
				return err
			}
		case !e.Type().IsRegular():
			l.irregular(p, e.Type())
		default:
			files = append(files, e.Name())
		}
	}
	l.files(d, dir, signer, files)
	return nil
}

// layout tells the layout from the assertions' names.
func (l *lister) layout(d *Directory) {
	count := map[Layout]int{}
	for _, f := range d.Files {
		_, layout := assertionName(path.Base(f.Path))
		count[layout]++
	}
	switch {
	case count[GitianLayout] > 0:
		d.Layout = GitianLayout
	case count[GuixLayout] > 0:
		d.Layout = GuixLayout
	default:
		d.Layout = ResultLayout
	}
	if len(count) > 1 {
		l.note(Note, "mixed-layouts", d.Path, fmt.Sprintf("the directory holds assertions of several kinds (%d of gitian, %d docker-based results, %d SHA256SUMS); each is read as what it is, the directory as %s",
			count[GitianLayout], count[ResultLayout], count[GuixLayout], d.Layout), "")
	}
}
