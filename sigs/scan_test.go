package sigs_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/gverify/gverify/sigs"
)

func TestScanOrderAndContent(t *testing.T) {
	fsys := tree("1.0-linux/b/x.assert", "1.0-linux/b/x.assert.sig", "1.0-linux/a/x.assert", "0.9-linux/a/x.assert", "0.9-linux/a/x.assert.asc", "0.9-linux/a/x.assert.sig")
	l, err := sigs.List(fsys)
	if err != nil {
		t.Fatal(err)
	}
	reversed := []sigs.Directory{l.Directories[1], l.Directories[0]}
	var got []string
	for a, err := range sigs.Scan(fsys, reversed) {
		if err != nil {
			t.Fatal(err)
		}
		if a.Problem != "" || string(a.Data) != a.Path || a.Directory.Files != nil || a.Directory.Path == "" {
			t.Errorf("attestation %+v", a)
		}
		line := a.Path
		for _, s := range a.Signatures {
			if string(s.Data) != s.Path {
				t.Errorf("signature %+v", s)
			}
			line += " " + filepath.Ext(s.Path)
		}
		got = append(got, line)
	}
	want := "0.9-linux/a/x.assert .asc .sig|1.0-linux/a/x.assert|1.0-linux/b/x.assert .sig"
	if strings.Join(got, "|") != want {
		t.Errorf("got %q, want %s", got, want)
	}
	for range sigs.Scan(fsys, l.Directories) { // a caller may stop at any time
		break
	}
}

func TestScanProblems(t *testing.T) {
	big := &fstest.MapFile{Data: make([]byte, sigs.MaxAssertion+1)}
	fsys := fstest.MapFS{
		"1.0-linux/a/x.assert":     big,
		"1.0-linux/b/x.assert":     {Data: make([]byte, sigs.MaxAssertion)},
		"1.0-linux/b/x.assert.sig": {Data: make([]byte, sigs.MaxSignatureFile+1)},
		"1.0-linux/c/x.assert":     {Data: []byte("x")},
		"1.0-linux/c/x.assert.sig": {Data: make([]byte, sigs.MaxSignatureFile)},
		"1.0-linux/d/x.assert":     {Mode: fs.ModeSymlink, Data: []byte("../c/x.assert")},
	}
	d := sigs.Directory{Path: "1.0-linux", Files: []sigs.AssertionFile{
		{Path: "1.0-linux/a/x.assert"}, {Path: "1.0-linux/b/x.assert", Signatures: []string{"1.0-linux/b/x.assert.sig"}},
		{Path: "1.0-linux/c/x.assert", Signatures: []string{"1.0-linux/c/x.assert.sig"}}, {Path: "1.0-linux/d/x.assert"},
	}}
	var got []sigs.Attestation
	for a, err := range sigs.Scan(fsys, []sigs.Directory{d}) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, a)
	}
	if len(got) != 4 {
		t.Fatalf("%d attestations, want 4", len(got))
	}
	if a := got[0]; !strings.Contains(a.Problem, "too large") || a.Data != nil {
		t.Errorf("one byte too large: %q, %d bytes", a.Problem, len(a.Data))
	}
	if a := got[1]; a.Problem != "" || len(a.Data) != sigs.MaxAssertion || !strings.Contains(a.Signatures[0].Problem, "too large") || a.Signatures[0].Data != nil {
		t.Errorf("the largest: %q, signature: %q", a.Problem, a.Signatures[0].Problem)
	}
	if a := got[2]; a.Problem != "" || a.Signatures[0].Problem != "" || len(a.Signatures[0].Data) != sigs.MaxSignatureFile {
		t.Errorf("the largest signature: %q, %q", a.Problem, a.Signatures[0].Problem)
	}
	if a := got[3]; !strings.Contains(a.Problem, "symbolic link") || a.Data != nil {
		t.Errorf("a link: %q, %q", a.Problem, a.Data)
	}
}

// TestScanStopsAtTreeErrors pins that a file that cannot be read is no attestation that can be left out.
func TestScanStopsAtTreeErrors(t *testing.T) {
	fsys := tree("1.0-linux/a/x.assert", "1.0-linux/a/x.assert.sig", "1.0-linux/b/x.assert")
	for _, broken := range []string{"1.0-linux/a/x.assert", "1.0-linux/a/x.assert.sig"} {
		l, err := sigs.List(fsys)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		var last error
		for _, err := range sigs.Scan(brokenFS{fsys, broken}, l.Directories) {
			n++
			last = err
		}
		if n != 1 || !errors.Is(last, fs.ErrInvalid) || !strings.Contains(last.Error(), broken) {
			t.Errorf("%s: %d results, error %v", broken, n, last)
		}
	}
}

// TestReadCappedLink pins that a link in a directory of the disk is not followed.
func TestReadCappedLink(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "secret"), []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("secret", filepath.Join(dir, "link")); err != nil {
		t.Skip(err)
	}
	data, err := sigs.ReadCapped(os.DirFS(dir), "link", 100)
	if !errors.Is(err, sigs.ErrNotRegular) || data != nil {
		t.Errorf("ReadCapped of a link: %q, %v", data, err)
	}
	if data, err := sigs.ReadCapped(os.DirFS(dir), "secret", 6); err != nil || string(data) != "secret" {
		t.Errorf("ReadCapped of a file: %q, %v", data, err)
	}
	if _, err := sigs.ReadCapped(os.DirFS(dir), ".", 6); !errors.Is(err, sigs.ErrNotRegular) {
		t.Errorf("ReadCapped of a directory: %v", err)
	}
}

// TestReadCappedLiar reads a file that says it has one byte and never ends.
func TestReadCappedLiar(t *testing.T) {
	liar := &liarFS{}
	data, err := sigs.ReadCapped(liar, "x", 1000)
	if !errors.Is(err, sigs.ErrTooLarge) || data != nil {
		t.Errorf("got %d bytes, %v", len(data), err)
	}
	if liar.read > 1001 {
		t.Errorf("%d bytes were read, want at most 1001", liar.read)
	}
}

type liarFS struct{ read int }

func (l *liarFS) Open(string) (fs.File, error) { return l, nil }
func (l *liarFS) Close() error                 { return nil }
func (l *liarFS) Stat() (fs.FileInfo, error) {
	return (&gitFile{Reader: bytes.NewReader([]byte("x")), name: "x", size: 1}).Stat()
}

func (l *liarFS) Read(p []byte) (int, error) {
	if l.read > 1<<20 {
		return 0, io.ErrUnexpectedEOF
	}
	l.read += len(p)
	return len(p), nil
}
