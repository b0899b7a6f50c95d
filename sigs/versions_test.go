package sigs_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gverify/gverify/sigs"
)

func paths(dirs []sigs.Directory) []string {
	var out []string
	for _, d := range dirs {
		out = append(out, d.Path)
	}
	return out
}

func TestFindAndCandidates(t *testing.T) {
	l, err := sigs.List(tree(
		"0.15.0-linux/a/x.assert", "v0.15.0-linux/b/x.assert", "0.15.0.1-linux/a/x.assert", "0.15.0rc1-linux/a/x.assert", "0.15.2-linux/a/x.assert",
		"archive/0.15.0-win/a/x.assert", "bitcoin-linux-0.15/k/bitcoin-linux-0.15-res.yml", "bitcoin-win-0.15.0/k/bitcoin-win-0.15.0-res.yml",
		"bitcoin-osx-0.16/k/bitcoin-osx-0.16-res.yml", "1.0-rc.1/a/all.SHA256SUMS", "0.14.1-linux/u/bitcoin-linux-0.14.1-res.yml",
	))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		version          string
		find, candidates []string
	}{
		{"0.15.0", []string{"0.15.0-linux", "archive/0.15.0-win", "v0.15.0-linux"}, []string{"bitcoin-linux-0.15", "bitcoin-win-0.15.0"}},
		{"v0.15.0", []string{"0.15.0-linux", "archive/0.15.0-win", "v0.15.0-linux"}, []string{"bitcoin-linux-0.15", "bitcoin-win-0.15.0"}},
		{"0.15.0.1", []string{"0.15.0.1-linux"}, []string{"bitcoin-linux-0.15", "bitcoin-win-0.15.0"}},
		{"0.15.0rc1", []string{"0.15.0rc1-linux"}, []string{"bitcoin-linux-0.15", "bitcoin-win-0.15.0"}},
		{"0.15", nil, []string{"bitcoin-linux-0.15"}},
		{"0.150.0", nil, nil},
		{"0.1", nil, nil},
		{"1.0rc1", []string{"1.0-rc.1"}, nil},
		{"1.0", nil, nil},
		{"0.14.1", []string{"0.14.1-linux"}, nil},
	} {
		if got := paths(l.Find(tt.version)); !slices.Equal(got, tt.find) {
			t.Errorf("Find(%q) = %q, want %q", tt.version, got, tt.find)
		}
		if got := paths(l.Candidates(tt.version)); !slices.Equal(got, tt.candidates) {
			t.Errorf("Candidates(%q) = %q, want %q", tt.version, got, tt.candidates)
		}
	}
}

func TestVersions(t *testing.T) {
	l, err := sigs.List(tree(
		"0.15.2-linux/a/x.assert", "0.15.2-linux/b/x.assert", "v0.15.2-win/b/x.assert", "0.15.2rc1-linux/a/x.assert", "22.0/a/all.SHA256SUMS", "22.0/a/noncodesigned.SHA256SUMS", "0.9.0/x.assert",
	))
	if err != nil {
		t.Fatal(err)
	}
	want := []sigs.VersionSummary{
		{Version: "0.9.0", Platforms: []string{""}, Signers: 1},
		{Version: "0.15.2rc1", Platforms: []string{"linux"}, Signers: 1},
		{Version: "0.15.2", Platforms: []string{"linux", "win"}, Signers: 2},
		{Version: "22.0", Platforms: []string{"all", "noncodesigned"}, Signers: 1},
	}
	if diff := cmp.Diff(want, l.Versions()); diff != "" {
		t.Errorf("Versions (-want +got):\n%s", diff)
	}
}

func TestNearest(t *testing.T) {
	g := openCorpus(t, "bitcoin-gitian.git")
	l, err := sigs.List(g)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ version, want string }{
		{"0.15", "[0.15.2 0.15.1 0.15.0]"},
		{"0.15.3", "[0.15.2 0.15.1 0.15.0]"},
		{"0.15.0rc4", "[0.15.0rc3 0.15.0rc2 0.15.0rc1]"},
		{"0.21.3", "[0.21.2 0.21.1 0.21.0]"},
		{"15.2", "[0.15.2 0.21.2 0.21.1]"},
		{"v0.15.4", "[0.15.2 0.15.1 0.15.0]"},
		{"99", "[0.21.2 0.21.2rc2 0.21.2rc1]"},
	} {
		got := fmt.Sprint(l.Nearest(tt.version, 3))
		if tt.want != "" && got != tt.want {
			t.Errorf("Nearest(%q) = %s, want %s", tt.version, got, tt.want)
		}
		t.Log(tt.version, got)
	}
	if got := l.Nearest("0.15", 100000); len(got) != len(l.Versions()) {
		t.Errorf("Nearest gives %d of %d versions when asked for all", len(got), len(l.Versions()))
	}
}
