package sigs

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
	"unicode"
)

// NewAttestation is an assertion and the detached signature over it, to be stored where [Scan] will find them.
type NewAttestation struct {
	Release   string // directory: "0.15.2-linux", perhaps below others
	Signer    string // directory in it
	File      string // of the assertion: "bitcoin-linux-0.15-build.assert"
	Data      []byte
	Signature []byte
	Extension string // of the signature file: ".sig" or ".asc"
}

// Paths returns where the assertion and its signature are stored.
func (n NewAttestation) Paths() (assertion, signature string) {
	assertion = path.Join(n.Release, n.Signer, n.File)
	return assertion, assertion + n.Extension
}

// Check reports why an attestation cannot be stored below root: a name that is none, or would be another one on other systems;
// a directory that is a link; a file that is there already. It writes nothing.
func (n NewAttestation) Check(root *os.Root) error {
	elements := append(strings.Split(n.Release, "/"), n.Signer, n.File)
	for _, e := range elements {
		if err := checkElement(e); err != nil {
			return err
		}
	}
	if n.Extension != ".sig" && n.Extension != ".asc" {
		return fmt.Errorf("signature file extension %q, want .sig or .asc", n.Extension)
	}
	if len(n.Data) == 0 || len(n.Data) > MaxAssertion || len(n.Signature) > MaxSignatureFile {
		return errors.New("nothing to store, or more than is ever read")
	}
	dir := "."
	for _, e := range elements[:len(elements)-1] {
		if err := checkTwin(root, dir, e); err != nil {
			return err
		}
		dir = path.Join(dir, e)
		info, err := root.Lstat(dir)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if !info.IsDir() {
			return fmt.Errorf("%s is no directory", dir)
		}
	}
	assertion, signature := n.Paths()
	for _, name := range []string{assertion, signature} {
		if _, err := root.Lstat(name); err == nil {
			return fmt.Errorf("%s: %w; nothing is overwritten", name, fs.ErrExist)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// Store writes an attestation below root, whole or not at all, and overwrites nothing. Errors are those of
// [NewAttestation.Check], and the file system's.
func Store(root *os.Root, n NewAttestation) error {
	if len(n.Signature) == 0 {
		return errors.New("no signature: an unsigned assertion is nobody's word")
	}
	if err := n.Check(root); err != nil {
		return err
	}
	assertion, signature := n.Paths()
	if err := root.MkdirAll(path.Dir(assertion), 0o755); err != nil {
		return err
	}
	if err := place(root, signature, n.Signature); err != nil {
		return err
	}
	if err := place(root, assertion, n.Data); err != nil {
		return errors.Join(err, root.Remove(signature))
	}
	return nil
}

// place writes a file under another name beside its place, then links it there: that fails where a file is.
func place(root *os.Root, name string, data []byte) error {
	temporary := path.Join(path.Dir(name), ".gverify-"+rand.Text())
	f, err := root.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	defer root.Remove(temporary)
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err = root.Link(temporary, name); err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	if _, exists := root.Lstat(name); exists == nil { // a file system without links
		return fmt.Errorf("%s: %w", name, fs.ErrExist)
	}
	return root.Rename(temporary, name)
}

// checkElement wants a name that is one directory or file on every system, and none of git's.
func checkElement(s string) error {
	switch {
	case s == "" || s == "." || s == ".." || strings.ContainsAny(s, `/\:*?"<>|`) || strings.ContainsFunc(s, unicode.IsControl):
		return fmt.Errorf("%q is no name for a file or directory", s)
	case s[0] == '.' || s[0] == '-' || s[0] == ' ' || strings.HasSuffix(s, ".") || strings.HasSuffix(s, " "):
		return fmt.Errorf("%q begins or ends with a sign that some systems or programs take for something else", s)
	case len(s) > maxName:
		return fmt.Errorf("%q… has %d bytes, at most %d", s[:40], len(s), maxName)
	}
	return nil
}

// checkTwin refuses a name that differs from one that is there in the case of its letters only.
func checkTwin(root *os.Root, dir, name string) error {
	entries, err := fs.ReadDir(root.FS(), dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() != name && strings.EqualFold(e.Name(), name) {
			return fmt.Errorf("%q is there already, spelled %q: some systems cannot tell them apart", name, e.Name())
		}
	}
	return nil
}
