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

func (l *lister) note(severity Severity, code, p, text, next string) {
	f := Finding{Code: code, Severity: severity, Path: p, Text: text, Next: next}
	l.out.Findings = append(l.out.Findings, f)
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

// walk looks for release and key directories below dir.
func (l *lister) walk(dir string, level int) error {
	entries, err := l.read(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		p := path.Join(dir, e.Name())
		if !e.IsDir() {
			if _, _, ok := SplitRelease(e.Name()); ok && !e.Type().IsRegular() {
				l.irregular(p)
			}
			continue
		}
		switch _, _, isRelease := SplitRelease(e.Name()); {
		case isRelease:
			err = l.release(p, e.Name(), level)
		case isKeyDirectory(e.Name()):
			err = l.keys(p)
		case level < maxLevels && !strings.HasPrefix(e.Name(), "."):
			err = l.walk(p, level+1)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (l *lister) irregular(p string) {
	l.note(Warning, "not-a-regular-file", p, "a symbolic link or submodule stands where a file is due; it is not followed",
		"ask the repository's maintainers to replace it by the file itself")
}

func (l *lister) keys(dir string) error {
	entries, err := l.read(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		p := path.Join(dir, e.Name())
		switch {
		case e.IsDir():
		case !e.Type().IsRegular():
			l.irregular(p)
		case IsKeyFile(e.Name()):
			l.out.KeyFiles = append(l.out.KeyFiles, p)
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
	var direct []string
	for _, e := range entries {
		p := path.Join(dir, e.Name())
		_, _, nested := SplitRelease(e.Name())
		switch {
		case e.IsDir() && nested && level < maxLevels:
			l.note(Warning, "nested-release", p, fmt.Sprintf("the release directory %q lies inside another one; it is read as a release of its own", e.Name()),
				"ask the repository's maintainers to move it up")
			err = l.release(p, e.Name(), level+1)
		case e.IsDir():
			err = l.signer(&d, p, e.Name(), level+1)
		case !e.Type().IsRegular():
			l.irregular(p)
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
	d.Layout = layoutOf(d.Files)
	l.out.Directories = append(l.out.Directories, d)
	return nil
}

// layoutOf tells the layout from the assertions' names.
func layoutOf(files []AssertionFile) Layout {
	count := map[Layout]int{}
	for _, f := range files {
		_, layout := assertionName(path.Base(f.Path))
		count[layout]++
	}
	switch {
	case count[GitianLayout] > 0:
		return GitianLayout
	case count[GuixLayout] > 0:
		return GuixLayout
	}
	return ResultLayout
}

// signer reads one signer's directory and whatever was nested in it by mistake.
func (l *lister) signer(d *Directory, dir, signer string, level int) error {
	if strings.HasPrefix(signer, ".") {
		return nil
	}
	l.oddName(dir, signer)
	entries, err := l.read(dir)
	if err != nil {
		return err
	}
	var files []string
	for _, e := range entries {
		p := path.Join(dir, e.Name())
		switch {
		case e.IsDir() && level < maxLevels:
			text := "a directory inside a signer's directory"
			if e.Name() == signer {
				text = "the signer's directory stands twice inside itself"
			}
			l.note(Warning, "nested-signer", p, text+"; its files are read as this signer's", "ask the signer to move the files up")
			if err := l.signer(d, p, signer, level+1); err != nil {
				return err
			}
		case !e.Type().IsRegular():
			if !e.IsDir() {
				l.irregular(p)
			}
		default:
			files = append(files, e.Name())
		}
	}
	l.files(d, dir, signer, files)
	return nil
}

// oddName notes signer names that a careless tool could take for another.
func (l *lister) oddName(p, name string) {
	odd := strings.HasSuffix(name, ".") || strings.HasSuffix(name, " ") || strings.HasPrefix(name, "-") || strings.HasPrefix(name, " ")
	for _, r := range name {
		odd = odd || r > 0x7e || r < 0x20
	}
	if odd {
		l.note(Warning, "odd-name", p, fmt.Sprintf("the signer's name %q can be mistaken for another one", name), "go by the fingerprint, not by the name")
	}
}

// assertionName returns the assertion's name and layout if a file name is an assertion's.
func assertionName(file string) (name string, layout Layout) {
	if name, ok := strings.CutSuffix(file, ".assert"); ok {
		return name, GitianLayout
	}
	if file == "SHA256SUMS" {
		return file, GuixLayout
	}
	if name, ok := strings.CutSuffix(file, ".SHA256SUMS"); ok {
		return name, GuixLayout
	}
	for _, ext := range []string{"-res.yml", "-res.yaml", ".yml", ".yaml"} {
		if name, ok := strings.CutSuffix(file, ext); ok {
			return name, ResultLayout
		}
	}
	return "", ""
}

// isSignature reports whether a file name is a signature's.
func isSignature(file string) bool {
	switch path.Ext(file) {
	case ".sig", ".asc", ".gpg", ".pgp":
		return true
	}
	return false
}

// files sorts the files of one directory into assertions and their signatures.
func (l *lister) files(d *Directory, dir, signer string, names []string) {
	attached := map[string]bool{}
	for _, file := range names {
		name, layout := assertionName(file)
		if layout == "" {
			continue
		}
		a := AssertionFile{Path: path.Join(dir, file), Signer: signer, Name: name}
		for _, other := range names {
			if base, ok := strings.CutPrefix(other, file); ok && isSignature(other) && base == path.Ext(other) {
				a.Signatures = append(a.Signatures, path.Join(dir, other))
				attached[other] = true
			}
		}
		l.assertion(a, signer)
		d.Files = append(d.Files, a)
	}
	for _, file := range names {
		if isSignature(file) && !attached[file] {
			l.note(Warning, "orphan-signature", path.Join(dir, file), "a signature without the assertion it should stand beside; nobody can tell what it signs",
				"ask the signer to add the assertion, or to name the signature after it")
		}
	}
}

func (l *lister) assertion(a AssertionFile, signer string) {
	if signer == "" {
		l.note(Warning, "no-signer-directory", a.Path, "the assertion lies directly in the release directory: no name says who made it",
			"ask the repository's maintainers to move it into the signer's directory")
	}
	if len(a.Signatures) > 1 {
		l.note(Note, "several-signatures", a.Path, fmt.Sprintf("%d signature files stand beside it; all are judged, the best decides who speaks", len(a.Signatures)), "")
	}
}

// twins notes signer names that differ by case only: some file systems and some readers take them for one.
func (l *lister) twins() {
	byFold := map[string]map[string]bool{}
	for _, d := range l.out.Directories {
		for _, f := range d.Files {
			key := strings.ToLower(f.Signer)
			if byFold[key] == nil {
				byFold[key] = map[string]bool{}
			}
			byFold[key][f.Signer] = true
		}
	}
	all := map[string]bool{}
	for key := range byFold {
		all[key] = true
	}
	for _, key := range sortedKeys(all) {
		if names := sortedKeys(byFold[key]); len(names) > 1 {
			l.note(Note, "case-twins", "", fmt.Sprintf("the signer names %s differ by case only", strings.Join(names, " and ")), "go by the fingerprints, not by the names")
		}
	}
}
