package sigs_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gverify/gverify/sigs"
)

func storable() sigs.NewAttestation {
	return sigs.NewAttestation{Release: "1.0-linux", Signer: "alice", File: "small-linux-build.assert", Data: []byte("data"), Signature: []byte("sig"), Extension: ".sig"}
}

func TestStore(t *testing.T) {
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	if err := sigs.Store(root, storable()); err != nil {
		t.Fatal(err)
	}
	var names []string
	fs.WalkDir(root.FS(), ".", func(p string, d fs.DirEntry, err error) error {
		if !d.IsDir() {
			names = append(names, p)
		}
		return err
	})
	if got := strings.Join(names, " "); got != "1.0-linux/alice/small-linux-build.assert 1.0-linux/alice/small-linux-build.assert.sig" {
		t.Errorf("stored: %s", got)
	}
	l, err := sigs.List(root.FS())
	if err != nil || len(l.Directories) != 1 || len(l.Directories[0].Files[0].Signatures) != 1 {
		t.Errorf("it is not found again: %+v, %v", l, err)
	}
	if err := sigs.Store(root, storable()); !errors.Is(err, fs.ErrExist) {
		t.Errorf("stored twice: %v", err)
	}
	if data, err := os.ReadFile(filepath.Join(dir, "1.0-linux/alice/small-linux-build.assert")); string(data) != "data" {
		t.Errorf("%q, %v", data, err)
	}
}

func TestStoreRefuses(t *testing.T) {
	for _, test := range []struct {
		want   string
		change func(n *sigs.NewAttestation, dir string)
	}{
		{"no name", func(n *sigs.NewAttestation, _ string) { n.Release = "../x" }},
		{"no name", func(n *sigs.NewAttestation, _ string) { n.Release = "/x" }},
		{"no name", func(n *sigs.NewAttestation, _ string) { n.Signer = "" }},
		{"no name", func(n *sigs.NewAttestation, _ string) { n.Signer = "a/../../b" }},
		{"no name", func(n *sigs.NewAttestation, _ string) { n.Signer = `a\b` }},
		{"no name", func(n *sigs.NewAttestation, _ string) { n.Signer = "a\x1b[31m" }},
		{"begins or ends", func(n *sigs.NewAttestation, _ string) { n.Release = ".git" }},
		{"begins or ends", func(n *sigs.NewAttestation, _ string) { n.Signer = "alice." }},
		{"begins or ends", func(n *sigs.NewAttestation, _ string) { n.Signer = "-rf" }},
		{"extension", func(n *sigs.NewAttestation, _ string) { n.Extension = ".exe" }},
		{"no signature", func(n *sigs.NewAttestation, _ string) { n.Signature = nil }},
		{"nothing to store", func(n *sigs.NewAttestation, _ string) { n.Data = nil }},
		{"spelled", func(_ *sigs.NewAttestation, dir string) { os.MkdirAll(dir+"/1.0-linux/Alice", 0o755) }},
		{"no directory", func(_ *sigs.NewAttestation, dir string) { os.Symlink("/tmp", dir+"/1.0-linux") }},
		{"no directory", func(_ *sigs.NewAttestation, dir string) {
			os.Mkdir(dir+"/.git", 0o755)
			os.Mkdir(dir+"/1.0-linux", 0o755)
			os.Symlink("../.git", dir+"/1.0-linux/alice")
		}},
		{"file exists", func(_ *sigs.NewAttestation, dir string) {
			os.MkdirAll(dir+"/1.0-linux/alice", 0o755)
			os.WriteFile(dir+"/1.0-linux/alice/small-linux-build.assert.sig", []byte("old"), 0o644)
		}},
		{"file exists", func(_ *sigs.NewAttestation, dir string) {
			os.MkdirAll(dir+"/1.0-linux/alice", 0o755)
			os.Symlink("nowhere", dir+"/1.0-linux/alice/small-linux-build.assert")
		}},
	} {
		dir := t.TempDir()
		root, err := os.OpenRoot(dir)
		if err != nil {
			t.Fatal(err)
		}
		n := storable()
		test.change(&n, dir)
		before := count(root)
		if err := sigs.Store(root, n); err == nil || !strings.Contains(strings.ReplaceAll(err.Error(), "file already exists", "file exists"), test.want) {
			t.Errorf("error %v, want %q", err, test.want)
		}
		if after := count(root); after != before {
			t.Errorf("%s: %d names, then %d", test.want, before, after)
		}
		root.Close()
	}
}

func count(root *os.Root) (n int) {
	fs.WalkDir(root.FS(), ".", func(string, fs.DirEntry, error) error { n++; return nil })
	return n
}
