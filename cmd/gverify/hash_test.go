package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A file that grows, shrinks or is rewritten while it is hashed has no digest.
func TestHashRegularChanging(t *testing.T) {
	for _, c := range []struct {
		what   string
		change func(name string) error
		fails  bool
	}{
		{"left alone", func(string) error { return nil }, false},
		{"grown", func(name string) error { return os.WriteFile(name, make([]byte, 3<<20), 0o600) }, true},
		{"cut off", func(name string) error { return os.Truncate(name, 1<<20) }, true},
		{"grown, with its old time", func(name string) error {
			info, err := os.Stat(name)
			if err != nil {
				return err
			}
			return errors.Join(os.WriteFile(name, make([]byte, 3<<20), 0o600), os.Chtimes(name, info.ModTime(), info.ModTime()))
		}, true},
		{"rewritten", func(name string) error { return os.Chtimes(name, testTime, testTime) }, true},
	} {
		name := filepath.Join(t.TempDir(), "coin-1.0.zip")
		content := bytes.Repeat([]byte("x"), 2<<20)
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := openRegular(name)
		if err != nil {
			t.Fatal(err)
		}
		changed := &changing{change: func() error { return c.change(name) }}
		h, err := hashRegular(&meanwhile{context.Background(), changed}, f, nil)
		f.Close()
		if c.fails != (err != nil) {
			t.Errorf("%s: error %v", c.what, err)
		}
		if changed.err != nil {
			t.Fatal(changed.err)
		}
		if !c.fails && (h.digest != sha256.Sum256(content) || h.size != int64(len(content))) {
			t.Errorf("%s: %+v", c.what, h)
		}
	}
}

var testTime = judgedOn

// meanwhile changes the file when it is asked, between two reads, whether to go on.
type meanwhile struct {
	context.Context
	*changing
}

type changing struct {
	change func() error
	asked  int
	err    error
}

func (m *meanwhile) Err() error {
	if m.asked++; m.asked == 2 {
		m.err = m.change()
	}
	return nil
}

// Hashing ends when the user says so, and shows how far it is on a terminal only.
func TestHashStream(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	endless := readFunc(func(p []byte) (int, error) { cancel(); return len(p), nil })
	if _, err := hashStream(ctx, endless, "endless", 0, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("hashing that was interrupted: %v", err)
	}
	broken := readFunc(func([]byte) (int, error) { return 0, errors.New("the disk is gone") })
	if _, err := hashStream(context.Background(), broken, "coin.zip", 0, nil); err == nil || !strings.Contains(err.Error(), "coin.zip: the disk is gone") {
		t.Errorf("hashing a broken file: %v", err)
	}
	var shown bytes.Buffer
	data := strings.Repeat("x", 8<<20)
	h, err := hashStream(context.Background(), strings.NewReader(data), "co\x1b[2Jin", int64(len(data)), &shown)
	if err != nil || h.digest != sha256.Sum256([]byte(data)) {
		t.Errorf("%v, %v", h, err)
	}
	if got := shown.String(); !strings.Contains(got, "hashing co\\x1b[2Jin: 50 %") || !strings.Contains(got, "100 %") || strings.Contains(got, "\x1b") {
		t.Errorf("progress %q", got)
	}
}

type readFunc func([]byte) (int, error)

func (f readFunc) Read(p []byte) (int, error) { return f(p) }

var _ io.Reader = readFunc(nil)

// What a file is to a check follows from its name and first bytes.
func TestKindByContent(t *testing.T) {
	const digest = "48373af34af6c2f435c47a6cdfd05afb84c3bbc0e410dedb07f4b76aef7462d3"
	for _, c := range []struct {
		name, head string
		want       kindOfFile
	}{
		{"coin-1.0.zip", "PK\x03\x04", aFile},
		{"SHA256SUMS", "", aList},
		{"sha256sums.txt", "garbage", aList},
		{"all.SHA256SUMS", "garbage", aList},
		{"hashes.txt", "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n", aList},
		{"SHA256SUMS.asc", "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n", aList},
		{"SHA256SUMS.asc", "trust me\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n", aList},
		{"release.txt", "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n", aList},
		{"SHA256SUMS.asc", "-----BEGIN PGP SIGNATURE-----\n", aSignature},
		{"SHA256SUMS.sig", "\x88\x5d", aSignature},
		{"MYSHA256SUMS", "garbage", aFile},
		{"coin-1.0.zip", digest + "  coin-1.0.zip\n", aFile},
		{"coin-1.0.html", "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n", aFile},
		{"coin-1.0.zip", "-----BEGIN PGP SIGNATURE-----\n", aFile},
		{"SHA256SUMS.html", digest + "  coin-1.0.zip\n", aFile},
		{"coin-1.0-SHA256SUMS.exe", digest + "  coin-1.0.zip\n", aFile},
	} {
		if got := kindByContent(c.name, []byte(c.head)); got != c.want {
			t.Errorf("kindByContent(%q, %q) = %d, want %d", c.name, c.head, got, c.want)
		}
	}
}

// A name without a version is of the release that all the others are of.
func TestReleaseNamed(t *testing.T) {
	for _, c := range []struct {
		given string
		names []string
		want  string
		err   string
	}{
		{"", []string{"coin-1.0.zip"}, "1.0", ""},
		{"", []string{"coin-1.0.zip", "notes.txt", ""}, "1.0 1.0 1.0", ""},
		{"", []string{"coin-1.0.zip", "coin-1.0rc1.zip"}, "1.0 1.0rc1", ""},
		{"v2.0", []string{"coin-1.0.zip", "notes.txt"}, "2.0 2.0", ""},
		{"", []string{"notes.txt"}, "", "no name says which release"},
		{"", []string{""}, "", "no name says which release"},
		{"", []string{"coin-1.0.zip", "coin-1.1.zip", "notes.txt"}, "", "notes.txt names no release"},
		{"", []string{"a-1.0", "a-1.1", "a-1.2", "a-1.3", "a-1.4", "a-1.5", "a-1.6", "a-1.7", "a-1.8"}, "", "more than 8 releases"},
	} {
		got, err := releaseNamed(c.given, c.names)
		if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("releaseNamed(%q, %q): error %v, want %q", c.given, c.names, err, c.err)
		}
		if err == nil && strings.Join(got, " ") != c.want {
			t.Errorf("releaseNamed(%q, %q) = %q, want %q", c.given, c.names, got, c.want)
		}
	}
}
