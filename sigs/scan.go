package sigs

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
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

// errTooLarge is a file over its cap.
var errTooLarge = errors.New("too large")

// ReadCapped reads a regular file of at most limit bytes; it never reads more than limit+1.
func ReadCapped(fsys fs.FS, name string, limit int) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("not a regular file")
	}
	if info.Size() > int64(limit) {
		return nil, fmt.Errorf("%w: %d bytes, at most %d are read", errTooLarge, info.Size(), limit)
	}
	buf := make([]byte, 0, info.Size()+1)
	for len(buf) <= limit {
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
		n, err := f.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if err == io.EOF {
			return buf, nil
		}
		if err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("%w: more than %d bytes", errTooLarge, limit)
}

// Scan reads the attestations of the given directories in path order. A file that cannot be read is an Attestation with a
// Problem: one bad object does not hide the others.
func Scan(fsys fs.FS, dirs []Directory) iter.Seq2[Attestation, error] {
	return func(yield func(Attestation, error) bool) {
		for _, d := range dirs {
			bare := d
			bare.Files = nil
			for _, f := range d.Files {
				a := Attestation{Directory: bare, Path: f.Path, Signer: f.Signer, Name: f.Name}
				data, err := ReadCapped(fsys, f.Path, MaxAssertion)
				if err != nil {
					a.Problem = err.Error()
				}
				a.Data = data
				for _, p := range f.Signatures {
					s := SignatureFile{Path: p}
					if s.Data, err = ReadCapped(fsys, p, MaxSignatureFile); err != nil {
						s.Problem = err.Error()
					}
					a.Signatures = append(a.Signatures, s)
				}
				if !yield(a, nil) {
					return
				}
			}
		}
	}
}
