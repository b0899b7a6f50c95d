package projects_test

import (
	"os/exec"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/sigs/projects"
)

func rulesOf(t *testing.T, project, version string) projects.Rules {
	t.Helper()
	set, err := projects.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	p, ok := set.Find(project)
	if !ok {
		t.Fatalf("no project %s", project)
	}
	r, ok := p.RepositoryFor(version)
	if !ok {
		t.Fatalf("%s has no repository for %s", project, version)
	}
	rules, err := r.Rules()
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

func TestPlaces(t *testing.T) {
	for _, test := range []struct{ project, version, path, part, release, signer string }{
		{"bitcoin", "0.15.2", "0.15.2-linux/laanwj/bitcoin-linux-0.15-build.assert", "assertion", "0.15.2-linux", "laanwj"},
		{"bitcoin", "0.15.2", "0.15.2-linux/laanwj/bitcoin-linux-0.15-build.assert.sig", "signature", "0.15.2-linux", "laanwj"},
		{"bitcoin", "0.15.2", "0.9.2rc1/laanwj/bitcoin-build.assert", "assertion", "0.9.2rc1", "laanwj"},
		{"bitcoin", "0.15.2", "0.15.2-linux/Oliver Gugger/bitcoin-linux-0.15-build.assert", "assertion", "0.15.2-linux", "Oliver Gugger"},
		{"bitcoin", "0.15.2", "0.15.2-linux/laanwj/bitcoin-linux-0.15-build.assert.asc", "misplaced", "0.15.2-linux", ""},
		{"bitcoin", "0.15.2", "0.15.2-linux/laanwj/bitcoin-linux-0.15-build.sig", "misplaced", "0.15.2-linux", ""},
		{"bitcoin", "0.15.2", "0.15.2-linux/laanwj/-build.assert", "misplaced", "0.15.2-linux", ""},
		{"bitcoin", "0.15.2", "0.15.2-linux/.laanwj/bitcoin-linux-0.15-build.assert", "misplaced", "0.15.2-linux", ""},
		{"bitcoin", "0.15.2", "0.15.2-linux/-f/bitcoin-linux-0.15-build.assert", "misplaced", "0.15.2-linux", ""},
		{"bitcoin", "0.15.2", "0.15.2-linux/bitcoin-linux-0.15-build.assert", "misplaced", "0.15.2-linux", ""},
		{"bitcoin", "0.15.2", "0.15.2-linux/a/b/bitcoin-linux-0.15-build.assert", "misplaced", "0.15.2-linux", ""},
		{"bitcoin", "0.15.2", "linux/laanwj/bitcoin-linux-0.15-build.assert", "misplaced", "", ""},
		{"bitcoin", "0.15.2", "0.15.2-linux/README.md", "other", "", ""},
		{"bitcoin", "0.15.2", "29.0/laanwj/all.SHA256SUMS", "misplaced", "29.0", ""},
		{"bitcoin", "0.15.2", "builder-keys/laanwj.gpg", "misplaced", "", ""},

		{"bitcoin", "0.15.2", "0.15.2-win-signed/laanwj/bitcoin-win-signer-build.assert", "assertion", "0.15.2-win-signed", "laanwj"},
		{"bitcoin", "0.15.2", "0.9.0rc1-osx/laanwj/osx-bitcoind-build.assert", "assertion", "0.9.0rc1-osx", "laanwj"},
		{"bitcoin", "0.15.2", "v0.20.1-linux/laanwj/bitcoin-core-linux-0.20-build.assert", "misplaced", "v0.20.1-linux", ""},
		{"bitcoin", "0.15.2", "0.20.1-Linux/laanwj/bitcoin-core-linux-0.20-build.assert", "misplaced", "0.20.1-Linux", ""},
		{"bitcoin", "0.15.2", "0.20.1_linux/laanwj/bitcoin-core-linux-0.20-build.assert", "misplaced", "0.20.1_linux", ""},
		{"bitcoin", "0.15.2", "0.20.1RC1-linux/laanwj/bitcoin-core-linux-0.20-build.assert", "misplaced", "0.20.1RC1-linux", ""},
		{"bitcoin", "0.15.2", "bitcoin-linux-0.20/laanwj/bitcoin-core-linux-0.20-build.assert", "misplaced", "bitcoin-linux-0.20", ""},
		{"bitcoin", "0.15.2", "0.20.1-linux/laanwj/zzz-build.assert", "misplaced", "0.20.1-linux", ""},
		{"bitcoin", "29.0", "v29.0/achow101/all.SHA256SUMS", "misplaced", "v29.0", ""},
		{"bitcoin", "29.0", "29.0RC1/achow101/all.SHA256SUMS", "misplaced", "29.0RC1", ""},
		{"bitcoin", "29.0", "29.0/achow101/noncodesigned.SHA256SUMS", "assertion", "29.0", "achow101"},
		{"bitcoin", "29.0", "29.0rc1/achow101/codesigned.SHA256SUMS", "assertion", "29.0rc1", "achow101"},
		{"bitcoin", "29.0", "29.0/achow101/all.SHA256SUMS.asc", "signature", "29.0", "achow101"},
		{"bitcoin", "29.0", "29.0/achow101/some.SHA256SUMS", "misplaced", "29.0", ""},
		{"bitcoin", "29.0", "29.0/achow101/SHA256SUMS", "misplaced", "29.0", ""},
		{"bitcoin", "29.0", "29.0/achow101/all.SHA256SUMS.sig", "misplaced", "29.0", ""},
		{"bitcoin", "29.0", "29.0-linux/achow101/all.SHA256SUMS", "misplaced", "29.0-linux", ""},
		{"bitcoin", "29.0", "builder-keys/achow101.gpg", "key", "", "achow101"},
		{"bitcoin", "29.0", "builder-keys/achow101.asc", "misplaced", "", ""},
		{"bitcoin", "29.0", "builder-keys/x/achow101.gpg", "misplaced", "", ""},
		{"bitcoin", "29.0", "builder-keys/README.md", "other", "", ""},
		{"bitcoin", "29.0", "builder-keys/.sh", "misplaced", "", ""},
		{"bitcoin", "29.0", "achow101.gpg", "misplaced", "", ""},
		{"bitcoin", "29.0", ".github/workflows/x.yml", "check", "", ""},
		{"bitcoin", "29.0", ".gitlab-ci.yml", "check", "", ""},
		{"bitcoin", "29.0", ".github/workflows/readme.yml", "check", "", ""},
		{"bitcoin", "29.0", ".github/README.md", "check", "", ""},
		{"bitcoin", "29.0", "CODEOWNERS", "check", "", ""},
		{"bitcoin", "29.0", "docs/CODEOWNERS", "check", "", ""},
		{"bitcoin", "29.0", "29.0/achow101/.gitattributes", "check", "", ""},
		{"bitcoin", "29.0", ".gitattributes", "check", "", ""},
		{"bitcoin", "29.0", ".gitmodules", "check", "", ""},
		{"bitcoin", "29.0", ".gitignore", "other", "", ""},
		{"bitcoin", "29.0", "contrib/verify.py", "other", "", ""},

		{"monero", "0.18.5.1", "v0.18.5.1-android/selsta/monero-android-0.18-build.assert.sig", "signature", "v0.18.5.1-android", "selsta"},
		{"monero", "0.18.5.1", "0.18.4.0-linux/selsta/monero-linux-0.18-build.assert", "misplaced", "0.18.4.0-linux", ""},
		{"monero", "0.18.5.1", "V0.18.4.0-linux/selsta/monero-linux-0.18-build.assert", "misplaced", "V0.18.4.0-linux", ""},
		{"monero", "0.18.5.1", "v0.18.4.0-Linux/selsta/monero-linux-0.18-build.assert", "misplaced", "v0.18.4.0-Linux", ""},
		{"monero", "0.18.5.1", "gitian-pubkeys/selsta.asc", "key", "", "selsta"},
		{"monero", "0.18.5.1", "gitian-pubkeys/selsta.gpg", "misplaced", "", ""},
		{"dash", "20.0", "builder-keys/pasta.pgp", "key", "", "pasta"},
		{"zcash", "6.3.0", "v6.3.0_bullseye/charlie/zcash-6.3.0-build.assert", "assertion", "v6.3.0_bullseye", "charlie"},
		{"bitcore", "0.15", "bitcoin-linux-0.15/kleetus/bitcoin-linux-0.15-res.yml", "assertion", "bitcoin-linux-0.15", "kleetus"},
		{"bitcore", "0.15", "bitcoin-linux-0.15/kleetus/bitcoin-linux-0.15-res.yml.asc", "signature", "bitcoin-linux-0.15", "kleetus"},
	} {
		got := rulesOf(t, test.project, test.version).Place(test.path)
		if string(got.Part) != test.part || got.Release != test.release || got.Signer != test.signer {
			t.Errorf("%s %s: %s is %+v, want %s of %q by %q", test.project, test.version, test.path, got, test.part, test.release, test.signer)
		}
		if (got.Part == projects.MisplacedPart) != (got.Want != "") {
			t.Errorf("%s %s: %s is %s, and due is %q", test.project, test.version, test.path, got.Part, got.Want)
		}
	}
}

// Every attestation of the corpus that is in place, and every key, has a place in the preset's rules.
func TestRealPlaces(t *testing.T) {
	for _, test := range []struct {
		repository, project, version string
		misplaced                    int // listed as evidence, and not as the rules say
	}{
		{"bitcoin-gitian.git", "bitcoin", "0.15.2", 7}, {"bitcoin-guix.git", "bitcoin", "29.0", 0}, {"monero-gitian.git", "monero", "0.18.5.1", 0}, {"bitpay-mixed.git", "bitcore", "0.15", 0},
	} {
		rules := rulesOf(t, test.project, test.version)
		listing := corpusListing(t, test.repository)
		var misplaced []string
		n := 0
		check := func(path string, want projects.Part) {
			n++
			if got := rules.Place(path); got.Part != want {
				misplaced = append(misplaced, path)
			}
		}
		for _, d := range listing.Directories {
			for _, f := range d.Files {
				check(f.Path, projects.AssertionPart)
				for _, s := range f.Signatures {
					check(s, projects.SignaturePart)
				}
			}
		}
		for _, k := range listing.KeyFiles {
			check(k, projects.KeyPart)
		}
		if n == 0 || len(misplaced) != test.misplaced {
			t.Errorf("%s: %d of %d files are misplaced, want %d:\n%s", test.repository, len(misplaced), n, test.misplaced, strings.Join(misplaced, "\n"))
		}
	}
}

func TestBadContributions(t *testing.T) {
	for _, test := range []struct{ yaml, want string }{
		{`assertions: ["{relase}/x"]`, "{relase} is not known"},
		{`assertions: ["../{release}/x"]`, "no path template"},
		{`assertions: ["/{release}/x"]`, "no path template"},
		{`assertions: ["{release/x"]`, "no path template"},
		{`signatures: [sig]`, "no ending"},
		{`signatures: ["./x"]`, "no ending"},
		{`keys: ["{}"]`, "{} is not known"},
		{`other: [x]`, "other"},
	} {
		_, err := projects.Load([]byte("projects:\n  x:\n    repositories:\n      - url: https://git.example.org/x\n        contributions:\n          " + test.yaml + "\n"))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got error %v, want %q", test.yaml, err, test.want)
		}
	}
}

// Without contributions a repository's layout says where its files are.
func TestPlacesOfLayouts(t *testing.T) {
	r := projects.Repository{Keys: []projects.KeySource{{Dir: "keys"}, {URL: "https://git.example.org/x", Dir: "far"}}}
	for _, test := range []struct {
		layout sigs.Layout
		path   string
		want   projects.Part
	}{
		{sigs.GitianLayout, "1.0-linux/a/x-build.assert.asc", projects.SignaturePart},
		{sigs.GuixLayout, "1.0/a/all.SHA256SUMS", projects.AssertionPart},
		{sigs.GuixLayout, "1.0-linux/a/x-build.assert", projects.MisplacedPart},
		{sigs.ResultLayout, "x-linux-1.0/a/x-linux-1.0-res.yml", projects.AssertionPart},
		{"", "1.0-linux/a/x-build.assert", projects.AssertionPart},
		{"", "1.0/a/all.SHA256SUMS.asc", projects.SignaturePart},
		{"", "keys/a.pgp", projects.KeyPart},
		{"", "far/a.pgp", projects.MisplacedPart},
	} {
		r.Layout = test.layout
		rules, err := r.Rules()
		if err != nil {
			t.Fatal(err)
		}
		if got := rules.Place(test.path).Part; got != test.want {
			t.Errorf("layout %q: %s is %s, want %s", test.layout, test.path, got, test.want)
		}
	}
}

// corpusListing lists the newest commit of a repository of the corpus.
func corpusListing(t *testing.T, name string) sigs.Listing {
	t.Helper()
	out, err := exec.Command("git", "-c", "safe.directory=*", "-C", corpus(t, name), "ls-tree", "-r", "-z", "--name-only", "HEAD").Output()
	if err != nil {
		t.Fatal(err)
	}
	tree := fstest.MapFS{}
	for path := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		tree[path] = &fstest.MapFile{}
	}
	listing, err := sigs.List(tree)
	if err != nil {
		t.Fatal(err)
	}
	return listing
}
