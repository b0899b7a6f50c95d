package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gverify/gverify/report"
	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/sigs/pgp"
)

const (
	maxHeld  = 10_000  // files of one check
	sniffLen = 4 << 10 // bytes by which a list or a signature is recognised
)

// heldFile is a file the user asks about.
type heldFile struct {
	name string // its own name, without directories; empty: standard input without one
	path string // as given; "-" is standard input
}

// publishedFile is a release's own list of digests, and the files that sign it.
type publishedFile struct {
	path       string
	signatures []string
}

// basket is what the arguments of gverify check name.
type basket struct {
	held    []heldFile
	list    *publishedFile
	loose   []string // signatures whose file is not known yet
	skipped []report.Skipped
	dirs    []string // directories among the arguments
}

// gather sorts the arguments into files, a list of digests and its signatures.
func gather(args []string, stdinName string) (basket, error) {
	var b basket
	for _, arg := range args {
		if err := b.add(arg, stdinName); err != nil {
			return basket{}, err
		}
	}
	if err := b.pair(); err != nil {
		return basket{}, err
	}
	if len(b.held) > maxHeld {
		return basket{}, usagef("%d files, at most %d are checked at once", len(b.held), maxHeld)
	}
	if len(b.held) == 0 && b.list == nil {
		return basket{}, withHint(errors.New("no file to check in "+strings.Join(args, ", ")), "name the files you downloaded, or the directory they are in")
	}
	return b, nil
}

// add takes one argument: standard input, a directory, or a file.
func (b *basket) add(arg, stdinName string) error {
	if arg == "-" {
		if slices.ContainsFunc(b.held, func(h heldFile) bool { return h.path == "-" }) {
			return usagef("standard input (-) is given twice")
		}
		b.held = append(b.held, heldFile{stdinName, "-"})
		return nil
	}
	if arg == "" {
		return withHint(usagef("an argument is empty"), "name a file or a directory; a variable of your script may have no value")
	}
	info, err := os.Stat(arg)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return b.addDirectory(arg)
	}
	return b.addFile(arg)
}

// addDirectory takes the regular files directly in a directory; what it leaves out is said.
func (b *basket) addDirectory(dir string) error {
	b.dirs = append(b.dirs, dir)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		name := filepath.Join(dir, e.Name())
		switch {
		case strings.HasPrefix(e.Name(), "."):
			b.skip(name, "hidden")
		case !e.Type().IsRegular():
			b.skip(name, kindOf(e.Type()))
		default:
			if err := b.addFile(name); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *basket) skip(path, why string) {
	b.skipped = append(b.skipped, report.Skipped{Path: path, Why: why})
}

func (b *basket) addFile(name string) error {
	kind, err := sniff(name)
	if err != nil {
		return err
	}
	switch {
	case kind == aList:
		if b.list != nil {
			return withHint(usagef("two lists of digests: %s and %s", b.list.path, name), "check one list at a time")
		}
		b.list = &publishedFile{path: name}
	case kind == aSignature:
		b.loose = append(b.loose, name)
	case !slices.ContainsFunc(b.held, func(h heldFile) bool { return filepath.Clean(h.path) == filepath.Clean(name) }):
		b.held = append(b.held, heldFile{filepath.Base(name), name})
	}
	return nil
}

// pair gives the list its signatures: those named after it, those named after no other file, else what lies beside it.
func (b *basket) pair() error {
	for _, signature := range b.loose {
		of := strings.TrimSuffix(filepath.Base(signature), filepath.Ext(signature))
		isList := b.list != nil && of == filepath.Base(b.list.path)
		isOther := slices.ContainsFunc(b.held, func(h heldFile) bool { return h.name == of })
		switch {
		case isList || b.list != nil && !isOther:
			b.list.signatures = append(b.list.signatures, signature)
		case isOther:
			b.skip(signature, "a signature over one file; check judges those over lists of digests")
		default:
			return withHint(usagef("%s is a signature, and the file it signs is not given", signature),
				"give the list of digests that it signs: gverify check SHA256SUMS SHA256SUMS.asc")
		}
	}
	if b.list == nil || len(b.list.signatures) > 0 {
		return nil
	}
	for _, extension := range []string{".asc", ".sig", ".gpg"} {
		beside := b.list.path + extension
		if info, err := os.Lstat(beside); err == nil && info.Mode().IsRegular() {
			b.list.signatures = append(b.list.signatures, beside)
		} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// kindOfFile is what a file is to a check.
type kindOfFile int

const (
	aFile kindOfFile = iota
	aList
	aSignature
)

// sniff tells a list of digests and a signature from other files, by name and first bytes.
func sniff(name string) (kindOfFile, error) {
	f, err := openRegular(name)
	if err != nil {
		return aFile, err
	}
	defer f.Close()
	head := make([]byte, sniffLen)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return aFile, fmt.Errorf("%s: %w", name, err)
	}
	return kindByContent(filepath.Base(name), head[:n]), nil
}

// kindByContent takes only a file that is named like one for a list or a signature: otherwise a download that somebody replaced by a
// list of good digests would be read as that list, and never be compared itself.
func kindByContent(name string, head []byte) kindOfFile {
	extension := strings.ToLower(filepath.Ext(name))
	isText := extension == ".asc" || extension == ".txt"
	switch {
	case isListName(name) && !isSignatureExtension(extension), (isText || isListName(name)) && pgp.IsClearSigned(head):
		return aList
	case isSignatureExtension(extension):
		return aSignature
	}
	return aFile
}

// isListName reports whether a file is called as lists of SHA-256 digests are: SHA256SUMS, all.SHA256SUMS, SHA256SUMS.txt, and
// Monero's hashes.txt.
func isListName(name string) bool {
	if name == "hashes.txt" {
		return true
	}
	switch extension := filepath.Ext(name); strings.ToLower(extension) {
	case ".txt", ".asc":
		name = strings.TrimSuffix(name, extension)
	}
	return strings.EqualFold(name[strings.LastIndexByte(name, '.')+1:], "SHA256SUMS")
}

func isSignatureExtension(extension string) bool {
	return slices.Contains([]string{".asc", ".sig", ".gpg", ".pgp"}, extension)
}

// releaseNamed says which release each name is of: the one that was given, else the version in it, else the only version of the
// others. Names of several releases are answered each for its own.
func releaseNamed(given string, names []string) ([]string, error) {
	const mostReleases = 8
	out := make([]string, len(names))
	var found []string
	for i, name := range names {
		if given != "" {
			out[i] = strings.TrimPrefix(given, "v")
			continue
		}
		if version, ok := sigs.NamesVersion(name); ok {
			out[i] = version
			if !slices.ContainsFunc(found, func(v string) bool { return sigs.SameVersion(v, version) }) {
				found = append(found, version)
			}
			if len(found) > mostReleases {
				return nil, withHint(usagef("the names are of more than %d releases", mostReleases), "say which one: --release VERSION")
			}
		}
	}
	for i := range out {
		switch {
		case out[i] != "":
		case len(found) == 1:
			out[i] = found[0]
		case len(found) == 0:
			return nil, withHint(usagef("no name says which release it is of"), "say it: --release VERSION")
		default:
			return nil, withHint(usagef("%s names no release, and the others name several: %s", display(names[i]), strings.Join(found, ", ")), "say which one: --release VERSION")
		}
	}
	return out, nil
}

func display(name string) string {
	if name == "" {
		return "standard input"
	}
	return name
}
