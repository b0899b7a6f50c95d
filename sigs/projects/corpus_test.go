package projects_test

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/sigs/projects"
)

// corpus returns the path of a file of the corpus of real repositories. Without the corpus the test is skipped, in CI it fails.
func corpus(t *testing.T, elements ...string) string {
	t.Helper()
	root := os.Getenv("GVERIFY_CORPUS")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared", "corpus") // beside the module's root
	}
	name := filepath.Join(append([]string{root}, elements...)...)
	if _, err := os.Stat(name); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("the corpus is missing in CI: %v", err)
		}
		t.Skipf("no corpus (GVERIFY_CORPUS names its directory): %v", err)
	}
	return name
}

// table reads a file of rows with tabs.
func table(t *testing.T, elements ...string) [][]string {
	t.Helper()
	data, err := os.ReadFile(corpus(t, elements...))
	if err != nil {
		t.Fatal(err)
	}
	var rows [][]string
	for line := range strings.Lines(string(data)) {
		rows = append(rows, strings.Split(strings.TrimSuffix(line, "\n"), "\t"))
	}
	return rows
}

// Every fingerprint a project published is pinned, under the name it was published with or as its alias, and no other is.
func TestPinsAreThePublishedOnes(t *testing.T) {
	s := load(t, "")
	for project, files := range map[string][]string{"bitcoin": {"bitcoin", "bitcoin-guix"}, "monero": {"monero"}, "dash": {"dash", "dash-guix"}} {
		published := map[string]bool{}
		p := find(t, s, project)
		for _, file := range files {
			for _, row := range table(t, "signers", file+".tsv")[1:] {
				published[row[1]] = true
				if pin, ok := holder(p, row[1]); !ok || pin.Name != row[0] && !slices.Contains(pin.Aliases, row[0]) || !slices.Contains(pin.Published, row[2]) {
					t.Errorf("%s: %s %s published in %s: pinned as %+v", project, row[0], row[1], row[2], pin)
				}
			}
		}
		for _, pin := range p.Pins {
			for _, f := range pin.Fingerprints {
				if !published[f] {
					t.Errorf("%s: %s %s was not published", project, pin.Name, f)
				}
			}
		}
	}
}

// holder returns the person a primary key is pinned for.
func holder(p projects.Project, fingerprint string) (projects.Pin, bool) {
	i := slices.IndexFunc(p.Pins, func(pin projects.Pin) bool { return slices.Contains(pin.Fingerprints, fingerprint) })
	if i < 0 {
		return projects.Pin{}, false
	}
	return p.Pins[i], true
}

// Under every name a pinned person's directories had, the aliases know him; and under none of his names stands a signature of
// another key that is valid. An alias that held such ones would make two people one.
func TestAliasesCoverRealDirectories(t *testing.T) {
	s := load(t, "")
	for project, files := range map[string][]string{"bitcoin": {"bitcoin-gitian", "bitcoin-guix"}, "monero": {"monero-gitian"}} {
		p := find(t, s, project)
		person := map[string]string{}
		for _, pin := range p.Pins {
			for _, name := range append([]string{pin.Name}, pin.Aliases...) {
				person[name] = pin.Name
			}
		}
		pinned, other, strange := 0, 0, map[string]int{}
		for _, file := range files {
			for _, row := range table(t, "gnupg", file+".signatures.tsv") {
				if row[1] != "GOODSIG" && row[1] != "EXPKEYSIG" || strings.Count(row[0], "/") < 2 { // one has no signer's directory
					continue
				}
				parts := strings.Split(row[0], "/")
				directory := parts[len(parts)-2]
				pin, ok := holder(p, row[3])
				if ok {
					pinned++
				}
				if ok && directory != pin.Name {
					other++
				}
				if person[directory] != pin.Name && !unpublished[directory+" "+row[3]] {
					strange[directory+" of "+person[directory]+" signed by "+row[3]+" of "+pin.Name]++
				}
			}
		}
		for what, n := range strange {
			t.Errorf("%s: %d signatures in the directory %s", project, n, what)
		}
		if pinned < 1000 || other == 0 {
			t.Errorf("%s: %d signatures by pinned keys, %d under other names", project, pinned, other)
		}
		t.Logf("%s: %d valid signatures by pinned keys, %d under other names", project, pinned, other)
	}
}

// unpublished are older keys of pinned people that the project did not publish: they do not vote.
var unpublished = map[string]bool{
	"btcdrak C93F3219C7FE9867B918A46FE5D138F5E73A1AF2":       true,
	"jonasschnelli D2D1085B9425F9DEFA06E7932270E30C522739F6": true,
	"prab EA695E0CE2D0DCB0D65167A8D1CBA2A21BCD88F6":          true,
}

// releases returns the versions of a repository of the corpus and the platforms each has.
func releases(t *testing.T, name string) map[string][]string {
	t.Helper()
	out, err := exec.Command("git", "--git-dir="+corpus(t, name+".git"), "ls-tree", "-r", "--name-only", "HEAD").Output()
	if err != nil {
		t.Fatalf("git ls-tree: %v", err)
	}
	found := map[string][]string{}
	for line := range strings.Lines(string(out)) {
		parts := strings.Split(strings.TrimSuffix(line, "\n"), "/")
		version, platform, ok := sigs.SplitRelease(parts[0])
		if !ok || len(parts) < 2 {
			continue
		}
		if guix, ok := strings.CutSuffix(strings.TrimSuffix(parts[len(parts)-1], ".asc"), ".SHA256SUMS"); ok {
			platform = guix
		}
		if !slices.Contains(found[version], platform) {
			found[version] = append(found[version], platform)
		}
	}
	if len(found) < 20 {
		t.Fatalf("%s: %d releases", name, len(found))
	}
	return found
}

// Every release of the corpus belongs to the repository it lies in and has the platforms it owes; the ones that lack some, and
// the platforms nobody owes, are named here.
func TestRealReleasesHaveWhatTheyOwe(t *testing.T) {
	s := load(t, "")
	lacking := map[string]map[string]string{
		"bitcoin-gitian": { // "" is linux, without a suffix then
			"0.4.0": "win32", "0.4.6": "", "0.5.3.1": "", "0.5.5": "",
			"0.11.3": "osx-signed win-signed", "0.21.1": "win-signed",
		},
		"bitcoin-guix": {}, "monero-gitian": {},
	}
	extra := map[string]map[string]string{
		"bitcoin-gitian": {"0.5.6rc2": "osx", "0.5.6rc3": "osx", "0.6.3": "osx", "0.9.4": "linux", "0.11.0": "win"},
		"bitcoin-guix":   {"22.0rc1": "codesigned"},
		"monero-gitian":  {},
	}
	for name, want := range map[string]struct{ project, url string }{
		"bitcoin-gitian": {"bitcoin", "bitcoin-core/gitian.sigs"}, "bitcoin-guix": {"bitcoin", "bitcoin-core/guix.sigs"}, "monero-gitian": {"monero", "monero-project/gitian.sigs"},
	} {
		p := find(t, s, want.project)
		without, beyond := map[string]string{}, map[string]string{}
		for version, platforms := range releases(t, name) {
			r, ok := p.RepositoryFor(version)
			if !ok || !strings.HasSuffix(r.URL, want.url) {
				t.Errorf("%s of %s maps to %q", version, name, r.URL)
			}
			if r.Newest == "" || sigs.CompareVersions(version, r.Newest) > 0 {
				t.Errorf("%s: %s is newer than the newest, %q", name, version, r.Newest)
			}
			due := p.Due(version)
			if missing := difference(due, platforms); missing != nil {
				without[version] = strings.Join(missing, " ")
			}
			if !sigs.IsFinal(version) { // candidates do not owe the signed stages and may have them
				final, _, _ := strings.Cut(version, "rc")
				due = append(slices.Clone(due), p.Due(final)...)
			}
			if more := difference(platforms, due); more != nil {
				beyond[version] = strings.Join(more, " ")
			}
		}
		if diff := cmp.Diff(lacking[name], without); diff != "" {
			t.Errorf("%s: releases that lack what they owe (-want +got):\n%s", name, diff)
		}
		if diff := cmp.Diff(extra[name], beyond); diff != "" {
			t.Errorf("%s: releases with platforms they do not owe (-want +got):\n%s", name, diff)
		}
		t.Logf("%s: %d releases lack something: %v", name, len(without), slices.Sorted(maps.Keys(without)))
	}
}

// difference returns what of a is not in b, sorted, nil if nothing.
func difference(a, b []string) []string {
	var out []string
	for _, s := range a {
		if !slices.Contains(b, s) {
			out = append(out, s)
		}
	}
	slices.Sort(out)
	return out
}
