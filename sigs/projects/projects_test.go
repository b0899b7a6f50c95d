package projects_test

import (
	"bytes"
	"encoding/csv"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/sigs/projects"
)

func load(t *testing.T, config string) *projects.Set {
	t.Helper()
	s, err := projects.Load([]byte(config))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestPresets(t *testing.T) {
	s := load(t, "")
	if got, want := strings.Join(s.Names(), " "), "bitcoin bitcore dash litecoin monero zcash"; got != want {
		t.Errorf("projects %s, want %s", got, want)
	}
	for _, c := range []struct{ project, version, repository, due string }{
		{"bitcoin", "0.15.2", "gitian.sigs", "linux osx-signed osx-unsigned win-signed win-unsigned"},
		{"bitcoin", "0.15.2rc1", "gitian.sigs", "linux osx-unsigned win-unsigned"},
		{"bitcoin", "0.8.6", "gitian.sigs", " win32"},
		{"bitcoin", "22.0rc1", "guix.sigs", "noncodesigned"},
		{"bitcoin", "29.0", "guix.sigs", "all noncodesigned"},
		{"monero", "0.14.1.0", "gitian.sigs", "linux osx win"},
		{"monero", "0.18.4.0", "gitian.sigs", "android freebsd linux osx win"},
		{"dash", "19.3.0", "gitian.sigs", "linux osx-signed osx-unsigned win-signed win-unsigned"},
		{"dash", "20.0.0-rc.1", "guix.sigs", "noncodesigned"},
	} {
		p, ok := s.Find(c.project)
		if !ok {
			t.Fatalf("no project %s", c.project)
		}
		r, ok := p.RepositoryFor(c.version)
		if !ok || !strings.HasSuffix(r.URL, "/"+c.repository) {
			t.Errorf("%s %s: repository %q, want %s", c.project, c.version, r.URL, c.repository)
		}
		if got := strings.Join(p.Due(c.version), " "); got != c.due {
			t.Errorf("%s %s: due %q, want %q", c.project, c.version, got, c.due)
		}
	}
	if got := s.Knowing("0.15.2"); !slices.Contains(got, "litecoin") || slices.Contains(got, "bitcore") {
		t.Errorf("Knowing(0.15.2) = %v", got)
	}
}

func TestConfigHelpParses(t *testing.T) {
	s := load(t, projects.ConfigHelp)
	if got := s.Rewrite("https://github.com/bitcoin-core/guix.sigs"); got != "https://git.example.org/mirror/guix.sigs" {
		t.Errorf("mirror: %s", got)
	}
	p, ok := s.Find("examplecoin")
	if !ok || p.Threshold != 2 || len(p.Pins) != 1 || len(p.Due("1.5rc1")) != 2 || len(p.Due("1.5")) != 3 {
		t.Errorf("examplecoin: %+v", p)
	}
	if p, _ := s.Find("bitcoin"); p.Threshold != 5 || len(p.Pins) < 50 {
		t.Errorf("bitcoin: threshold %d, %d pins", p.Threshold, len(p.Pins))
	}
}

func TestConfigRefused(t *testing.T) {
	for _, c := range []struct{ config, want string }{
		{"projets: {}", "field projets not found"},
		{"projects: {bitcoin: {treshold: 5}}", "field treshold not found"},
		{"projects: {bitcoin: {threshold: -1}}", "at least 1"},
		{"projects: {Bad Name: {}}", "no project name"},
		{"projects: {x: {title: x}}", "no repositories"},
		{"projects: {x: {repositories: [{url: a}, {url: b, from: '1.0'}]}}", "overlap"},
		{"projects: {x: {repositories: [{url: a}], pins: [{name: a, fingerprints: [ab]}]}}", "no fingerprint"},
		{"projects: {x: {repositories: [{url: a}], pins: [{name: a, fingerprints: [0123456789ABCDEF0123456789ABCDEF01234567]}, {name: b, fingerprints: [0123456789ABCDEF0123456789ABCDEF01234567]}]}}", "pinned for a and for b"},
		{"mirrors: {'': x}", "empty URL"},
		{"{}\n---\n{}", "more than one"},
	} {
		if _, err := projects.Load([]byte(c.config)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Load(%q) = %v, want an error with %q", c.config, err, c.want)
		}
	}
}

func corpus(t *testing.T) string {
	dir := os.Getenv("GVERIFY_CORPUS")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "corpus")
	}
	if _, err := os.Stat(filepath.Join(dir, "signers")); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("no corpus: %v", err)
		}
		t.Skipf("no corpus: %v (set GVERIFY_CORPUS)", err)
	}
	return dir
}

// Every fingerprint a project published is pinned, under the name it was published with or as its alias, and no other is.
func TestPinsAreThePublishedOnes(t *testing.T) {
	dir := corpus(t)
	s := load(t, "")
	for project, files := range map[string][]string{"bitcoin": {"bitcoin", "bitcoin-guix"}, "monero": {"monero"}, "dash": {"dash", "dash-guix"}} {
		published := map[string]bool{}
		p, _ := s.Find(project)
		for _, file := range files {
			data, err := os.ReadFile(filepath.Join(dir, "signers", file+".tsv"))
			if err != nil {
				t.Fatal(err)
			}
			r := csv.NewReader(bytes.NewReader(data))
			r.Comma = '\t'
			rows, err := r.ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			for _, row := range rows[1:] {
				published[row[1]] = true
				if !slices.ContainsFunc(p.Pins, func(pin projects.Pin) bool {
					return slices.Contains(pin.Fingerprints, row[1]) && (pin.Name == row[0] || slices.Contains(pin.Aliases, row[0]))
				}) {
					t.Errorf("%s: %s %s is not pinned", project, row[0], row[1])
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

// Every release directory of the corpus belongs to the repository it lies in.
func TestReleasesMapToTheirRepository(t *testing.T) {
	dir := corpus(t)
	s := load(t, "")
	for name, want := range map[string]struct{ project, url string }{
		"bitcoin-gitian": {"bitcoin", "bitcoin-core/gitian.sigs"}, "bitcoin-guix": {"bitcoin", "bitcoin-core/guix.sigs"}, "monero-gitian": {"monero", "monero-project/gitian.sigs"},
	} {
		out, err := exec.Command("git", "-C", filepath.Join(dir, name+".git"), "ls-tree", "--name-only", "HEAD").Output()
		if err != nil {
			t.Fatal(err)
		}
		p, _ := s.Find(want.project)
		n := 0
		for _, release := range strings.Fields(string(out)) {
			version, _, ok := sigs.SplitRelease(release)
			if !ok {
				continue
			}
			n++
			if r, ok := p.RepositoryFor(version); !ok || !strings.HasSuffix(r.URL, want.url) {
				t.Errorf("%s of %s maps to %q", release, name, r.URL)
			}
		}
		if n == 0 {
			t.Errorf("%s: no releases", name)
		}
	}
}
