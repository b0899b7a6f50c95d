package sigs_test

import (
	"fmt"
	"io/fs"
	"slices"
	"sort"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/gverify/gverify/sigs"
)

// tree makes a file system of paths; a path that ends with @ is a symbolic link, one with # a submodule.
func tree(paths ...string) fstest.MapFS {
	m := fstest.MapFS{}
	for _, p := range paths {
		f := &fstest.MapFile{Mode: 0o644, Data: []byte(p)}
		if name, ok := strings.CutSuffix(p, "@"); ok {
			p, f.Mode, f.Data = name, fs.ModeSymlink|0o777, []byte("0.1-linux")
		} else if name, ok := strings.CutSuffix(p, "#"); ok {
			p, f.Mode = name, fs.ModeIrregular|0o644
		}
		m[p] = f
	}
	return m
}

// list shows a listing in short: "layout path version platform: assertion(signer)+signature …".
func list(t *testing.T, fsys fs.FS) (dirs, findings []string) {
	t.Helper()
	l, err := sigs.List(fsys)
	if err != nil {
		t.Fatalf("List: %v", err)
	}
	for _, d := range l.Directories {
		s := fmt.Sprintf("%s %s %s %s:", d.Layout, d.Path, d.Version, d.Platform)
		for _, f := range d.Files {
			s += fmt.Sprintf(" %s(%s)", strings.TrimPrefix(f.Path, d.Path+"/"), f.Signer)
			for _, p := range f.Signatures {
				s += "+" + p[strings.LastIndexByte(p, '/')+1:]
			}
		}
		dirs = append(dirs, s)
	}
	for _, f := range l.Findings {
		if f.Text == "" || f.Severity == "" {
			t.Errorf("finding %s of %s has no text or severity", f.Code, f.Path)
		}
		if f.Severity != sigs.Note && f.Next == "" {
			t.Errorf("finding %s of %s has no next step", f.Code, f.Path)
		}
		findings = append(findings, strings.TrimSpace(f.Code+" "+f.Path))
	}
	sort.Strings(findings)
	return dirs, findings
}

func TestListLayouts(t *testing.T) {
	dirs, findings := list(t, tree(
		"0.15.2-linux/laanwj/bitcoin-linux-0.15-build.assert", "0.15.2-linux/laanwj/bitcoin-linux-0.15-build.assert.sig",
		"archive/0.12-linux/a/x-build.assert", "archive/0.12-linux/a/x-build.assert.asc",
		"v6.3.0_bullseye/charlie/zcash-6.3.0-build.assert", "v6.3.0_bullseye/charlie/zcash-6.3.0-build.assert.sig",
		"bitcoin-linux-0.15/kleetus/bitcoin-linux-0.15-res.yml", "bitcoin-linux-0.15/kleetus/bitcoin-linux-0.15-res.yml.asc",
		"0.14.1-linux/user/bitcoin-linux-0.14.1.yml", "0.14.1-linux/user/bitcoin-linux-0.14.1.yml.sig",
		"0.14.2/somebody/manifest.yml", "0.14.2/somebody/manifest.yml.sig",
		"29.0/achow101/noncodesigned.SHA256SUMS", "29.0/achow101/noncodesigned.SHA256SUMS.asc", "29.0/achow101/all.SHA256SUMS", "29.0/achow101/all.SHA256SUMS.asc",
		"0123456789abcdef0123456789abcdef01234567_buster/x/zcash-build.assert",
		"README.md", ".github/workflows/ci.yml", ".travis.yml", "contrib/verify.sh", "builder-keys/README.md",
	))
	want := []string{
		"gitian 0.15.2-linux 0.15.2 linux: laanwj/bitcoin-linux-0.15-build.assert(laanwj)+bitcoin-linux-0.15-build.assert.sig",
		"gitian 0123456789abcdef0123456789abcdef01234567_buster 0123456789abcdef0123456789abcdef01234567 buster: x/zcash-build.assert(x)",
		"result 0.14.1-linux 0.14.1 linux: user/bitcoin-linux-0.14.1.yml(user)+bitcoin-linux-0.14.1.yml.sig",
		"result 0.14.2 0.14.2 : somebody/manifest.yml(somebody)+manifest.yml.sig",
		"guix 29.0 29.0 : achow101/all.SHA256SUMS(achow101)+all.SHA256SUMS.asc achow101/noncodesigned.SHA256SUMS(achow101)+noncodesigned.SHA256SUMS.asc",
		"gitian archive/0.12-linux 0.12 linux: a/x-build.assert(a)+x-build.assert.asc",
		"result bitcoin-linux-0.15 0.15 linux: kleetus/bitcoin-linux-0.15-res.yml(kleetus)+bitcoin-linux-0.15-res.yml.asc",
		"gitian v6.3.0_bullseye 6.3.0 bullseye: charlie/zcash-6.3.0-build.assert(charlie)+zcash-6.3.0-build.assert.sig",
	}
	sort.Slice(want, func(i, j int) bool { return strings.Fields(want[i])[1] < strings.Fields(want[j])[1] })
	if diff := cmp.Diff(want, dirs); diff != "" {
		t.Errorf("directories (-want +got):\n%s", diff)
	}
	if len(findings) > 0 {
		t.Errorf("findings of an orderly repository: %q", findings)
	}
}

// TestListOddities has one oddity per case, and the finding that names it.
func TestListOddities(t *testing.T) {
	for _, tt := range []struct {
		name     string
		paths    []string
		dirs     []string
		findings []string
	}{
		{"release inside another", []string{"0.10.3-win/0.10.3-win-unsigned/jonas/x.assert", "0.10.3-win/a/x.assert"},
			[]string{"gitian 0.10.3-win 0.10.3 win: a/x.assert(a)", "gitian 0.10.3-win/0.10.3-win-unsigned 0.10.3 win-unsigned: jonas/x.assert(jonas)"},
			[]string{"nested-release 0.10.3-win/0.10.3-win-unsigned"}},
		{"signer called like a release", []string{"1.0-linux/1.2.3/x.assert"}, []string{"gitian 1.0-linux 1.0 linux: 1.2.3/x.assert(1.2.3)"}, nil},
		{"signer doubled", []string{"1.0-linux/david/david/x.assert"}, []string{"gitian 1.0-linux 1.0 linux: david/david/x.assert(david)"}, []string{"doubled-signer 1.0-linux/david/david"}},
		{"signer called like a release, doubled", []string{"1.0-linux/1.2/1.2/x.assert"}, []string{"gitian 1.0-linux 1.0 linux: 1.2/1.2/x.assert(1.2)"}, []string{"doubled-signer 1.0-linux/1.2/1.2"}},
		{"directory below a signer", []string{"1.0-linux/david/new/x.assert"}, []string{"gitian 1.0-linux 1.0 linux: david/new/x.assert(david)"}, []string{"nested-directory 1.0-linux/david/new"}},
		{"no signer", []string{"0.6.0.7rc1-win32/bitcoin-build.assert", "0.6.0.7rc1-win32/bitcoin-build.assert.sig"},
			[]string{"gitian 0.6.0.7rc1-win32 0.6.0.7rc1 win32: bitcoin-build.assert()+bitcoin-build.assert.sig"}, []string{"assertion-without-signer 0.6.0.7rc1-win32/bitcoin-build.assert"}},
		{"orphan that matches another file", []string{"1.0-linux/a/bitcoin-linux-1.0-build.assert", "1.0-linux/a/other-linux-1.0-build.assert.sig"},
			[]string{"gitian 1.0-linux 1.0 linux: a/bitcoin-linux-1.0-build.assert(a)"}, []string{"orphan-signature 1.0-linux/a/other-linux-1.0-build.assert.sig"}},
		{"only an orphan", []string{"1.0-linux/a/x-build.assert.sig"}, nil, []string{"orphan-signature 1.0-linux/a/x-build.assert.sig"}},
		{"misnamed", []string{"1.0-linux/a/x-build.assert", "1.0-linux/a/x-build.sig"},
			[]string{"gitian 1.0-linux 1.0 linux: a/x-build.assert(a)+x-build.sig"}, []string{"misnamed-signature 1.0-linux/a/x-build.sig"}},
		{"misnamed for two", []string{"1.0/a/x.SHA256SUMS", "1.0/a/x.assert", "1.0/a/x.sig"},
			[]string{"gitian 1.0 1.0 : a/x.SHA256SUMS(a) a/x.assert(a)"}, []string{"mixed-layouts 1.0", "unrecognised-file 1.0/a/x.sig"}},
		{".assert.gpg", []string{"1.0-linux/a/x-build.assert", "1.0-linux/a/x-build.assert.gpg"},
			[]string{"gitian 1.0-linux 1.0 linux: a/x-build.assert(a)+x-build.assert.gpg"}, []string{"unusual-signature-name 1.0-linux/a/x-build.assert.gpg"}},
		{".sig and .asc", []string{"1.0-linux/a/x-build.assert", "1.0-linux/a/x-build.assert.sig", "1.0-linux/a/x-build.assert.asc"},
			[]string{"gitian 1.0-linux 1.0 linux: a/x-build.assert(a)+x-build.assert.asc+x-build.assert.sig"}, []string{"several-signatures 1.0-linux/a/x-build.assert"}},
		{"several assertions", []string{"1.0-linux/a/x-build.assert", "1.0-linux/a/y-build.assert"},
			[]string{"gitian 1.0-linux 1.0 linux: a/x-build.assert(a) a/y-build.assert(a)"}, []string{"several-assertions 1.0-linux/a"}},
		{"other version", []string{"0.15.2-linux/a/bitcoin-linux-0.16-build.assert"}, []string{"gitian 0.15.2-linux 0.15.2 linux: a/bitcoin-linux-0.16-build.assert(a)"},
			[]string{"other-version-name 0.15.2-linux/a/bitcoin-linux-0.16-build.assert"}},
		{"other platform", []string{"0.15.2-win-signed/a/bitcoin-dmg-signer-build.assert"}, []string{"gitian 0.15.2-win-signed 0.15.2 win-signed: a/bitcoin-dmg-signer-build.assert(a)"},
			[]string{"other-platform-name 0.15.2-win-signed/a/bitcoin-dmg-signer-build.assert"}},
		{"case twins", []string{"1.0-linux/PRab/x.assert", "1.1-linux/prab/x.assert"},
			[]string{"gitian 1.0-linux 1.0 linux: PRab/x.assert(PRab)", "gitian 1.1-linux 1.1 linux: prab/x.assert(prab)"}, []string{"signer-case-twins 1.1-linux/prab"}},
		{"Unicode twins", []string{"1.0-linux/laanwj/x.assert", "1.0-linux/l\u0430anwj/x.assert"},
			[]string{"gitian 1.0-linux 1.0 linux: laanwj/x.assert(laanwj) l\u0430anwj/x.assert(l\u0430anwj)"}, []string{"signer-look-alikes 1.0-linux/l\u0430anwj"}},
		{"composed and decomposed", []string{"1.0-linux/Jos\u00e9/x.assert", "1.0-linux/Jose\u0301/x.assert"},
			[]string{"gitian 1.0-linux 1.0 linux: Jose\u0301/x.assert(Jose\u0301) Jos\u00e9/x.assert(Jos\u00e9)"}, []string{"signer-look-alikes 1.0-linux/Jos\u00e9"}},
		{"trailing dot", []string{"1.0-linux/a./x.assert", "1.0-linux/a/x.assert"}, []string{"gitian 1.0-linux 1.0 linux: a./x.assert(a.) a/x.assert(a)"},
			[]string{"odd-name 1.0-linux/a.", "signer-look-alikes 1.0-linux/a."}},
		{"leading dash", []string{"1.0-linux/-rf/x.assert"}, []string{"gitian 1.0-linux 1.0 linux: -rf/x.assert(-rf)"}, []string{"odd-name 1.0-linux/-rf"}},
		{"hidden signer", []string{"1.0-linux/.a/x.assert"}, []string{"gitian 1.0-linux 1.0 linux: .a/x.assert(.a)"}, []string{"odd-name 1.0-linux/.a"}},
		{"bidi", []string{"1.0-linux/a\u202eb/x.assert"}, []string{"gitian 1.0-linux 1.0 linux: a\u202eb/x.assert(a\u202eb)"}, []string{"odd-name 1.0-linux/a\u202eb"}},
		{"names of people", []string{"1.0-linux/Oliver Gugger/x.assert", "1.0-linux/gavin@example.com/x.assert", "1.0-linux/Jörg/x.assert"},
			[]string{"gitian 1.0-linux 1.0 linux: Jörg/x.assert(Jörg) Oliver Gugger/x.assert(Oliver Gugger) gavin@example.com/x.assert(gavin@example.com)"}, nil},
		{"release's case", []string{"1.0-linux/a/x.assert", "1.0-Linux/a/x.assert"}, []string{"gitian 1.0-Linux 1.0 Linux: a/x.assert(a)", "gitian 1.0-linux 1.0 linux: a/x.assert(a)"},
			[]string{"release-case-twins 1.0-linux"}},
		{"release twice", []string{"1.0-linux/a/x.assert", "v1.0-linux/a/x.assert"}, []string{"gitian 1.0-linux 1.0 linux: a/x.assert(a)", "gitian v1.0-linux 1.0 linux: a/x.assert(a)"},
			[]string{"release-twice v1.0-linux"}},
		{"links", []string{"1.0-linux/a/x.assert", "1.0-linux/a/x.assert.sig@", "1.0-linux/b@", "1.1-linux@", "1.2-linux#", "1.0-linux/c/y.assert@"},
			[]string{"gitian 1.0-linux 1.0 linux: a/x.assert(a)"},
			[]string{"not-a-regular-file 1.0-linux/a/x.assert.sig", "not-a-regular-file 1.0-linux/b", "not-a-regular-file 1.0-linux/c/y.assert", "not-a-regular-file 1.1-linux", "not-a-regular-file 1.2-linux"}},
		{"outside", []string{"master/a/x.assert", "x.assert", "a/all.SHA256SUMS"}, nil, []string{"outside-release a/all.SHA256SUMS", "outside-release master/a/x.assert", "outside-release x.assert"}},
		{"unrecognised", []string{"1.0-linux/a/x.assert", "1.0-linux/a/notes.txt", "1.0-linux/a/config.yml", "1.0-linux/a/x-desc.yml", "1.0-linux/a/key.asc", "1.0-linux/a/README"},
			[]string{"gitian 1.0-linux 1.0 linux: a/x.assert(a)"},
			[]string{"unrecognised-file 1.0-linux/a/config.yml", "unrecognised-file 1.0-linux/a/key.asc", "unrecognised-file 1.0-linux/a/notes.txt", "unrecognised-file 1.0-linux/a/x-desc.yml"}},
		{"too deep", []string{"1/2/3/4/5/6/7/1.0-linux/a/x.assert"}, nil, []string{"too-deep 1/2/3/4/5/6/7"}},
		{"nothing", []string{"README.md"}, nil, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dirs, findings := list(t, tree(tt.paths...))
			if diff := cmp.Diff(tt.dirs, dirs); diff != "" {
				t.Errorf("directories (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.findings, findings); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

// TestOrphanNamesItsMatch pins that the reader is told which file an orphan may belong to.
func TestOrphanNamesItsMatch(t *testing.T) {
	l, err := sigs.List(tree("1.0-linux/a/bitcoin-linux-1.0-build.assert", "1.0-linux/a/other-linux-1.0-build.assert.sig"))
	if err != nil {
		t.Fatal(err)
	}
	if len(l.Findings) != 1 || !strings.Contains(l.Findings[0].Text, "bitcoin-linux-1.0-build.assert") {
		t.Errorf("findings: %+v", l.Findings)
	}
}

func TestKeyFiles(t *testing.T) {
	l, err := sigs.List(tree("builder-keys/a.gpg", "gitian-keys/b.pgp", "gitian-pubkeys/c.asc", "sub/keys/d.key", "builder-keys/link.gpg@", "builder-keys/notes.txt",
		"builder-keys/README.md", "builder-keys/.gitkeep", "builder-keys/sub/e.gpg", "1.0-linux/keys/f.asc", "f.gpg"))
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"builder-keys/a.gpg", "gitian-keys/b.pgp", "gitian-pubkeys/c.asc", "sub/keys/d.key"}; !slices.Equal(l.KeyFiles, want) {
		t.Errorf("key files: %q, want %q", l.KeyFiles, want)
	}
	var got []string
	for _, f := range l.Findings {
		got = append(got, f.Code+" "+f.Path)
	}
	sort.Strings(got)
	want := []string{"not-a-regular-file builder-keys/link.gpg", "unrecognised-file 1.0-linux/keys/f.asc", "unrecognised-file builder-keys/notes.txt", "unrecognised-file builder-keys/sub"}
	if !slices.Equal(got, want) {
		t.Errorf("findings: %q, want %q", got, want)
	}
}

func TestListCapsFindings(t *testing.T) {
	m := fstest.MapFS{}
	for i := range 10_100 {
		m[fmt.Sprintf("1.0-linux/a/note-%d.txt", i)] = &fstest.MapFile{}
	}
	l, err := sigs.List(m)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(l.Findings); n != 10_001 || l.Findings[n-1].Code != "too-many-findings" {
		t.Errorf("%d findings, the last %+v", n, l.Findings[n-1])
	}
}

func TestListFails(t *testing.T) {
	if _, err := sigs.List(brokenFS{tree("1.0-linux/a/x.assert"), "1.0-linux/a"}); err == nil {
		t.Error("a directory that cannot be read is no error")
	}
}

// brokenFS fails to open one name.
type brokenFS struct {
	fstest.MapFS
	broken string
}

func (b brokenFS) Open(name string) (fs.File, error) {
	if name == b.broken {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	return b.MapFS.Open(name)
}

func (b brokenFS) ReadDir(name string) ([]fs.DirEntry, error) {
	if name == b.broken {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: fs.ErrInvalid}
	}
	return b.MapFS.ReadDir(name)
}
