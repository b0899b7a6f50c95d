package sigs

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"slices"
	"strings"
)

// MaxSignatureFile is the largest signature file that is read, in bytes. The largest real one has 3 KB.
const MaxSignatureFile = 64 << 10

// Attestation is an assertion file and its signatures as found: untrusted bytes.
type Attestation struct {
	Directory  Directory // the release directory; Files is nil
	Path       string    // assertion file
	Signer     string    // directory name
	Name       string    // assertion name
	Data       []byte
	Signatures []SignatureFile // path order; empty: unsigned
	Problem    string          // why Data could not be read (too large, not a regular file), empty: read
}

// SignatureFile is a signature file as found.
type SignatureFile struct {
	Path    string
	Data    []byte
	Problem string // why Data could not be read
}

// What [ReadCapped] says of files that are there and are not read. Every other error is the tree's.
var (
	ErrTooLarge   = errors.New("too large")
	ErrNotRegular = errors.New("not a regular file")
)

// ReadCapped reads a regular file of at most limit bytes, and never more than limit+1 of them whatever its size is said to be.
// A symbolic link is not followed. The error is or wraps [ErrTooLarge] or [ErrNotRegular] where the file is at fault.
func ReadCapped(fsys fs.FS, name string, limit int) ([]byte, error) {
	if named, err := fs.Lstat(fsys, name); err != nil {
		return nil, err
	} else if !named.Mode().IsRegular() {
		return nil, fmt.Errorf("%w but %s", ErrNotRegular, kindOf(named.Mode()))
	} else if named.Size() > int64(limit) {
		return nil, fmt.Errorf("%w: %d bytes, at most %d are read", ErrTooLarge, named.Size(), limit)
	}
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	opened, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !opened.Mode().IsRegular() {
		return nil, fmt.Errorf("%w but %s", ErrNotRegular, kindOf(opened.Mode()))
	}
	size := min(max(opened.Size(), 0), int64(limit))
	buf := bytes.NewBuffer(make([]byte, 0, size+bytes.MinRead)) // room for the read that finds the end
	if _, err := buf.ReadFrom(io.LimitReader(f, int64(limit)+1)); err != nil {
		return nil, err
	}
	if buf.Len() > limit {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrTooLarge, limit)
	}
	return buf.Bytes(), nil
}

func kindOf(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "a directory"
	case mode&fs.ModeSymlink != 0:
		return "a symbolic link"
	}
	return "a special file"
}

// Scan reads the attestations of the given directories, in order of the directories' paths, then of the assertions'. A file that
// is too large or no regular file is an Attestation or SignatureFile with a Problem. It stops at the first other error: that is
// the tree's, and what cannot be read could be a dissenter's.
func Scan(fsys fs.FS, dirs []Directory) iter.Seq2[Attestation, error] {
	return func(yield func(Attestation, error) bool) {
		ordered := slices.Clone(dirs)
		slices.SortStableFunc(ordered, func(a, b Directory) int { return strings.Compare(a.Path, b.Path) })
		for _, d := range ordered {
			bare := d
			bare.Files = nil
			for _, f := range d.Files {
				a, err := readAttestation(fsys, bare, f)
				if err != nil {
					yield(Attestation{}, err)
					return
				}
				if !yield(a, nil) {
					return
				}
			}
		}
	}
}

func readAttestation(fsys fs.FS, d Directory, f AssertionFile) (a Attestation, err error) {
	a = Attestation{Directory: d, Path: f.Path, Signer: f.Signer, Name: f.Name}
	if a.Data, a.Problem, err = readFile(fsys, f.Path, MaxAssertion); err != nil {
		return Attestation{}, err
	}
	for _, p := range f.Signatures {
		s := SignatureFile{Path: p}
		if s.Data, s.Problem, err = readFile(fsys, p, MaxSignatureFile); err != nil {
			return Attestation{}, err
		}
		a.Signatures = append(a.Signatures, s)
	}
	return a, nil
}

// readFile reads a file, or says what is wrong with it, or fails because of the tree.
func readFile(fsys fs.FS, name string, limit int) (data []byte, problem string, err error) {
	data, err = ReadCapped(fsys, name, limit)
	if errors.Is(err, ErrTooLarge) || errors.Is(err, ErrNotRegular) {
		return nil, err.Error(), nil
	}
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w", name, err)
	}
	return data, "", nil
}
