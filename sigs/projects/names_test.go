package projects_test

import (
	"strings"
	"testing"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/sigs/projects"
)

// Rules are exact: a name that is almost a published one is nobody's.
func TestAttestedName(t *testing.T) {
	s := load(t, "projects: {x: {repositories: [{url: a}], names: [{published: 'x-{version}.dmg', attested: 'out/x-{version}-signed.dmg', from: '1.0', until: '2.0'}, {published: 'x-{version}.dmg', attested: new.dmg, from: '2.0'}]}}")
	for _, c := range []struct{ project, version, published, want string }{
		{"x", "1.0", "x-1.0.dmg", "out/x-1.0-signed.dmg"},
		{"x", "1.9.9", "x-1.9.9.dmg", "out/x-1.9.9-signed.dmg"},
		{"x", "2.0", "x-2.0.dmg", "new.dmg"},
		{"x", "0.9", "x-0.9.dmg", ""},
		{"x", "1.0", "x-1.1.dmg", ""},
		{"x", "1.0", "x-1.0.dmg.exe", ""},
		{"x", "1.0", "ax-1.0.dmg", ""},
		{"x", "1.0", "X-1.0.dmg", ""},
		{"x", "1.0", "x-{version}.dmg", ""},
		{"bitcoin", "0.15.2", "bitcoin-0.15.2-osx.dmg", "bitcoin-osx-signed.dmg"},
		{"bitcoin", "0.15.2", "bitcoin-0.15.1-osx.dmg", ""},
		{"bitcoin", "22.0", "bitcoin-22.0-osx.dmg", ""},
		{"bitcoin", "0.9.5", "bitcoin-0.9.5-osx.dmg", ""},
		{"monero", "0.18.4.0", "monero-linux-x64-v0.18.4.0.tar.bz2", "monero-x86_64-linux-gnu-v0.18.4.0.tar.bz2"},
		{"monero", "0.14.1.0", "monero-linux-x64-v0.14.1.0.tar.bz2", ""},
	} {
		got, ok := find(t, s, c.project).AttestedName(c.published, c.version)
		if got != c.want || ok != (c.want != "") {
			t.Errorf("%s %s: AttestedName(%q) = %q, %t, want %q", c.project, c.version, c.published, got, ok, c.want)
		}
	}
}

func TestNamesRefused(t *testing.T) {
	for _, c := range []struct{ rule, want string }{
		{"{published: 'x-{version}.dmg', attested: y}", ""},
		{"{published: x.dmg, attested: y}", "want {version} in it once"},
		{"{published: 'x-{version}-{version}.dmg', attested: y}", "want {version} in it once"},
		{"{published: 'dir/x-{version}.dmg', attested: y}", "want a file name"},
		{"{attested: y}", "want a file name"},
		{"{published: 'x-{version}.dmg'}", "want a path of a manifest"},
		{"{published: 'x-{version}.dmg', attested: ../y}", "want a path of a manifest"},
		{"{published: 'x-{version}.dmg', attested: /y}", "want a path of a manifest"},
		{"{published: 'x-{version}.dmg', attested: 'x-{version}.dmg'}", "are the same"},
		{"{published: 'x{version}y.dmg', attested: y}", "cannot read the version"},
		{"{published: 'x-{version}.dmg', attested: y, from: soon}", "is no version"},
		{"{published: 'x-{version}.dmg', attested: y, from: '2.0', until: '1.0'}", "holds no version"},
		{"{published: 'x-{version}.dmg', attested: y, until: '2.0'}, {published: 'x-{version}.dmg', attested: z, from: '1.0'}", "two attested names"},
		{"{published: 'x-{version}.dmg', attested: y, pattern: z}", "field pattern not found"},
	} {
		_, err := projects.Load([]byte("projects: {x: {repositories: [{url: a}], names: [" + c.rule + "]}}"))
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("names %s: error %v, want %q", c.rule, err, c.want)
		}
	}
}

// Every rule of a preset whose repository is at hand leads to a name that builders attest in every final release of its range that
// has that platform, and never away from a name that they attest.
func TestNamesLeadToAttestedOnes(t *testing.T) {
	s := load(t, "")
	for project, file := range map[string]string{"bitcoin": "bitcoin-gitian.tsv", "monero": "monero-gitian.tsv"} {
		p := find(t, s, project)
		attested := map[string]map[string]bool{} // by version
		for _, row := range table(t, "expected", file)[1:] {
			if len(row) < 3 {
				continue
			}
			version := releaseVersion(row[0])
			if attested[version] == nil {
				attested[version] = map[string]bool{}
			}
			attested[version][row[2]] = true
		}
		for _, rule := range p.Names {
			used := 0
			for version, names := range attested {
				published := strings.ReplaceAll(rule.Published, "{version}", version)
				path, ok := p.AttestedName(published, version)
				if names[published] && ok {
					t.Errorf("%s %s: %s is attested itself", project, version, published)
				}
				if ok && names[path] {
					used++
				}
			}
			if used < 8 {
				t.Errorf("%s: the rule for %s leads to an attested name in %d releases", project, rule.Published, used)
			}
		}
	}
}

func releaseVersion(release string) string {
	version, _, _ := sigs.SplitRelease(release)
	return version
}
