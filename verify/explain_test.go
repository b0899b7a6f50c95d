package verify_test

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/verify"
)

// build is a made-up assertion that a case changes.
type build struct{ verify.Observation }

// made returns a signer's build of a release: everybody's are the same but for the signer.
func made(release, signer string) build {
	version, platform, _ := sigs.SplitRelease(release)
	b := build{verify.Observation{
		Directory: sigs.Directory{Path: release, Release: release, Version: version, Platform: platform, Layout: sigs.GitianLayout},
		Path:      release + "/" + signer + "/prog-build.assert", Signer: signer, Name: "prog-build",
		Sum: sha256.Sum256([]byte(release + signer)), Time: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), Verified: true,
	}}
	a := &b.Assertion
	a.Format, a.Release, a.Name, a.Type = sigs.GitianFormat, release, "prog-"+platform, "build"
	for _, name := range []string{"prog-" + version + "-x86_64-linux-gnu.tar.gz", "src/prog-" + version + ".tar.gz"} {
		a.Out = append(a.Out, entry(name, "good "+release+name))
	}
	a.In = sigs.Manifest{entry("prog-desc.yml", "recipe"), entry("sdk.tar.gz", "sdk")}
	a.Commits = []sigs.Commit{{Dir: "prog", Hash: strings.Repeat("a", 40)}}
	base := sigs.Base{Name: "bionic-amd64"}
	for _, p := range []string{"apt_1.6_amd64", "binutils_2.30-1_amd64", "gcc-8_8.2.0-1_amd64", "libc6_2.27-1_amd64", "tar_1.29-1_amd64"} {
		base.Entries = append(base.Entries, entry(p+".deb", p))
	}
	a.Bases = []sigs.Base{base}
	for _, d := range []string{"boost", "qt", "zlib", "expat"} {
		a.CachePackage = append(a.CachePackage, entry("x86_64-linux-gnu/"+d+"/"+d+"-1-0123456789a.tar.gz", d))
	}
	return b
}

// broken gives the build's binary other bytes.
func (b build) broken() build {
	out := slices.Clone(b.Assertion.Out)
	out[0] = entry(out[0].Path, "other "+b.Signer)
	b.Assertion.Out = out
	return b
}

// upgraded replaces a package's version.
func (b build) upgraded(name, version string) build {
	base := b.Assertion.Bases[0]
	base.Entries = slices.Clone(base.Entries)
	for i, e := range base.Entries {
		if strings.HasPrefix(e.Path, name+"_") {
			base.Entries[i] = entry(name+"_"+version+"_amd64.deb", name+version)
		}
	}
	b.Assertion.Bases = []sigs.Base{base}
	return b
}

// with returns the build with one more package per name.
func (b build) with(names ...string) build {
	base := b.Assertion.Bases[0]
	base.Entries = slices.Clone(base.Entries)
	for _, n := range names {
		base.Entries = append(base.Entries, entry(n+"_1-1_amd64.deb", n))
	}
	slices.SortFunc(base.Entries, func(x, y sigs.Entry) int { return strings.Compare(x.Path, y.Path) })
	b.Assertion.Bases = []sigs.Base{base}
	return b
}

// input replaces an input's content, cached a cached dependency's.
func (b build) input(name, content string) build {
	b.Assertion.In = replaced(b.Assertion.In, name, content)
	return b
}

func (b build) cached(content string, names ...string) build {
	for _, n := range names {
		b.Assertion.CachePackage = replaced(b.Assertion.CachePackage, "x86_64-linux-gnu/"+n+"/", content)
	}
	return b
}

func replaced(m sigs.Manifest, prefix, content string) sigs.Manifest {
	m = slices.Clone(m)
	for i, e := range m {
		if strings.HasPrefix(e.Path, prefix) {
			m[i] = entry(e.Path, content)
		}
	}
	return m
}

// sources gives the cache downloaded sources: name to content.
func (b build) sources(contents ...string) build {
	b.Assertion.CacheCommon = nil
	for i := 0; i < len(contents); i += 2 {
		b.Assertion.CacheCommon = append(b.Assertion.CacheCommon, entry(contents[i], contents[i+1]))
	}
	return b
}

func (b build) commit(digit string) build {
	b.Assertion.Commits = []sigs.Commit{{Dir: "prog", Hash: strings.Repeat(digit, 40)}}
	return b
}

// by returns a copy of the build under another signer's name.
func (b build) by(signer string) build {
	a := made(b.Directory.Release, signer)
	a.Assertion = b.Assertion
	return a
}

// as returns a copy of the build under another release's directory.
func (b build) as(release string) build {
	a := made(release, b.Signer)
	a.Assertion = b.Assertion
	return a
}

// three are builds that agree.
func three(release string) []build {
	return []build{made(release, "alice"), made(release, "bob"), made(release, "carol")}
}

func numbered(prefix, suffix string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprint(prefix, i, suffix)
	}
	return out
}

// causeCase is a release in which mallory's build differs, and what is to be said of it.
type causeCase struct {
	name      string
	agreeing  []build // alice, bob and carol if nil
	mallory   build
	elsewhere []build // of other releases, in the index
	want      verify.CauseID
	evidence  string // a factor the first cause names
	never     string // a factor no cause names
	do        string // part of the first advice
	least     int    // percent
}

func causeCases() []causeCase {
	const r = "1.0-linux"
	m := made(r, "mallory")
	drifted := m.broken().upgraded("gcc-8", "8.3.0-1")
	refiled := m.broken().upgraded("gcc-8", "8.2.0-1") // made by upgraded: the file's content is another
	crossing := three(r)
	for i := range crossing {
		crossing[i] = crossing[i].with("g++-8-aarch64-linux-gnu")
	}
	noted := three(r) // alice has the newer tar already
	noted[0] = noted[0].upgraded("tar", "1.30-1")
	forms := three(r)
	for i := range forms {
		forms[i] = forms[i].input("sdk.tar.gz", fmt.Sprint("sdk", i))
	}
	solo := []build{made(r, "alice").broken(), made(r, "bob").broken(), made(r, "carol").broken()}
	unsigned := three("1.0-linux-unsigned")
	finalSigned := three(r) // start from what 1.0-linux-unsigned gave out
	for i := range finalSigned {
		finalSigned[i] = finalSigned[i].input("sdk.tar.gz", "good 1.0-linux-unsignedprog-1.0-x86_64-linux-gnu.tar.gz")
	}
	malloryUnsigned := made("1.0-linux-unsigned", "mallory").broken()
	swapped := []build{made(r, "alice"), made(r, "bob"), made(r, "carl").broken(), made(r, "cora").broken().upgraded("tar", "1.30-1")}
	swapped[3].Assertion.Out = swapped[2].Assertion.Out // carl and cora agree, with different tars
	fetched := three(r)
	for i := range fetched {
		fetched[i] = fetched[i].sources("boost_1_63_0.tar.bz2", "old", "boost_1_64_0.tar.bz2", "boost")
	}
	hollow := m
	hollow.Assertion.Out = sigs.Manifest{entry(m.Assertion.Out[0].Path, ""), entry(m.Assertion.Out[1].Path, "")}
	blank := m.broken()
	blank.Assertion.Bases = nil
	source := m
	source.Assertion.Out = sigs.Manifest{m.Assertion.Out[0], entry(m.Assertion.Out[1].Path, "other source")}
	idless := m.broken()
	idless.Assertion.CachePackage = nil
	for _, d := range []string{"boost", "qt"} {
		idless.Assertion.CachePackage = append(idless.Assertion.CachePackage, entry("x86_64-linux-gnu/"+d+"/"+d+"-1-ba9876543210.tar.gz", d))
	}
	return []causeCase{
		{name: "another commit", mallory: m.broken().commit("b"), want: verify.OtherCommit, evidence: "prog", do: "check out the commit", least: 95},
		{name: "a commit another release is known to have", mallory: m.broken().commit("b"), elsewhere: []build{made("1.1-linux", "alice").commit("b")}, want: verify.OtherCommit, least: 95},
		{name: "another descriptor", mallory: m.broken().input("prog-desc.yml", "other"), want: verify.OtherDescriptor, do: "descriptor from the release's tag", least: 80},
		{name: "another input", mallory: m.broken().input("sdk.tar.gz", "other"), want: verify.InputFile, evidence: "sdk.tar.gz", least: 95},
		{name: "an input of which everybody has his own form", agreeing: forms, mallory: m.broken().input("sdk.tar.gz", "other").upgraded("gcc-8", "8.3.0-1"), want: verify.PackageDrift, evidence: "gcc-8"},
		{name: "an input that is mallory's own earlier build", mallory: m.broken().input("sdk.tar.gz", "other mallory"),
			elsewhere: append(unsigned, malloryUnsigned), want: verify.UpstreamArtifact, evidence: "sdk.tar.gz", do: "explain that one first", least: 95},
		{name: "the unsigned file of another release, which agrees", agreeing: finalSigned, mallory: m.broken().input("sdk.tar.gz", "good 0.9-linux-unsignedprog-0.9-x86_64-linux-gnu.tar.gz"),
			elsewhere: append(three("0.9-linux-unsigned"), unsigned...), want: verify.UpstreamArtifact, evidence: "sdk.tar.gz",
			do: "take the file that 1.0-linux-unsigned gave out", least: 95},
		{name: "a newer compiler", mallory: drifted, want: verify.PackageDrift, evidence: "gcc-8", never: "libc6", do: "rebuild with the packages of", least: 95},
		{name: "a compiler of the same version that is another file", mallory: refiled, want: verify.PackageFile, evidence: "gcc-8", do: "compare the package's SHA-256", least: 80},
		{name: "a cross compiler for a machine nothing is built for", agreeing: crossing, mallory: crossing[0].by("mallory").broken().upgraded("g++-8-aarch64-linux-gnu", "8.3.0-1"),
			want: verify.Nondeterminism},
		{name: "an older compiler", agreeing: []build{made(r, "alice").upgraded("gcc-8", "8.3.0-1"), made(r, "bob").upgraded("gcc-8", "8.3.0-1")}, mallory: m.broken(),
			want: verify.PackageDrift, evidence: "gcc-8", do: "update the base and rebuild"},
		{name: "an exonerated archiver beside a compiler", agreeing: noted, mallory: drifted.upgraded("tar", "1.30-1"), want: verify.PackageDrift, evidence: "gcc-8", never: "tar"},
		{name: "an archiver that others have in both versions and agree", agreeing: swapped, mallory: drifted.upgraded("tar", "1.30-1"), want: verify.PackageDrift, evidence: "gcc-8", never: "tar"},
		{name: "an environment that was not recorded", mallory: blank, want: verify.Undetermined, never: "gcc-8", do: "keep the list of packages"},
		{name: "a stale cache and another source archive", mallory: source.cached("stale", "boost", "qt", "zlib", "expat"), want: verify.Nondeterminism, never: "boost"},
		{name: "two others differ though nothing else does", agreeing: solo[:2], mallory: drifted, want: verify.Nondeterminism},
		{name: "a copy of his own in another release", mallory: m.broken(), elsewhere: []build{m.broken().as("1.2-linux")}, want: verify.Nondeterminism},
		{name: "another downloaded source", agreeing: fetched, mallory: m.broken().sources("boost_1_63_0.tar.bz2", "old", "boost_1_64_0.tar.bz2", ""),
			want: verify.InputFile, evidence: "boost_1_64_0.tar.bz2", do: "delete boost_1_64_0", least: 95},
		{name: "an outgrown source left in the cache", agreeing: fetched, mallory: m.broken().sources("boost_1_63_0.tar.bz2", "", "boost_1_64_0.tar.bz2", "boost"),
			want: verify.Nondeterminism, never: "boost_1_63_0.tar.bz2"},
		{name: "apt cannot matter", mallory: m.broken().upgraded("apt", "1.8"), want: verify.Nondeterminism},
		{name: "a polluted base", mallory: m.broken().with(numbered("lib", "-dev", 30)...), want: verify.PollutedBase, do: "make a fresh base", least: 80},
		{name: "a stale cache", mallory: m.broken().cached("stale", "boost", "qt", "zlib", "expat"), want: verify.StaleCache, evidence: "boost", do: "delete the cache", least: 95},
		{name: "caches that differ among all", agreeing: []build{made(r, "alice").cached("1", "boost"), made(r, "bob").cached("2", "boost"), made(r, "carol")},
			mallory: m.broken().cached("3", "boost"), want: verify.Nondeterminism},
		{name: "cache contents that follow from the compiler", mallory: drifted.cached("new", "boost", "qt", "zlib"), want: verify.PackageDrift, evidence: "gcc-8", least: 80},
		{name: "build ids without a package to explain them", mallory: idless, want: verify.Toolchain, least: 50},
		{name: "all differ", agreeing: solo, mallory: m.broken(), want: verify.Nondeterminism, never: "gcc-8"},
		{name: "nothing recorded", mallory: m.broken(), want: verify.Nondeterminism},
		{name: "one dependency differs, one against one", agreeing: []build{made(r, "alice").cached("x", "boost")}, mallory: m.broken(), want: verify.Nondeterminism, evidence: "boost"},
		{name: "outputs of another release", mallory: made("0.9-linux", "mallory").as(r), elsewhere: three("0.9-linux"), want: verify.OtherRelease, evidence: "0.9-linux", least: 95,
			do: "by the name of its own tag"},
		{name: "outputs of another release, from its commit", mallory: made("0.9-linux", "mallory").as(r).commit("b"), elsewhere: three("0.9-linux"), want: verify.OtherRelease, least: 95,
			do: "build this release"},
		{name: "files without content", mallory: hollow, want: verify.EmptyOutput, evidence: m.Assertion.Out[0].Path, least: 95},
	}
}

// TestCauses holds the first cause of made-up releases, each a single change away from agreement.
func TestCauses(t *testing.T) {
	for _, test := range causeCases() {
		agreeing := test.agreeing
		if agreeing == nil {
			agreeing = three("1.0-linux")
		}
		x := &verify.Index{}
		var members []verify.Observation
		for _, b := range append(slices.Clone(agreeing), test.mallory) {
			members = append(members, b.Observation)
			x.Add(b.Observation)
		}
		for _, b := range test.elsewhere {
			x.Add(b.Observation)
		}
		causes := about(explain(members, x), "mallory")
		if len(causes) == 0 {
			t.Errorf("%s: no cause at all", test.name)
			continue
		}
		first := causes[0]
		if first.ID != test.want || first.Confidence.Percent() < test.least {
			t.Errorf("%s: %s with %d %%, want %s with %d %% or more", test.name, first.ID, first.Confidence.Percent(), test.want, test.least)
		}
		if test.evidence != "" && !names(first, test.evidence) {
			t.Errorf("%s: %+v does not name %s", test.name, first.Evidence, test.evidence)
		}
		if test.do != "" && !strings.Contains(first.Advice[0].Do, test.do) {
			t.Errorf("%s: the advice is %q, want %q", test.name, first.Advice[0].Do, test.do)
		}
		for _, c := range causes {
			if test.never != "" && names(c, test.never) {
				t.Errorf("%s: %s names %s", test.name, c.ID, test.never)
			}
		}
	}
}

// about returns the causes that concern a signer: of his oddities, then of the pairs he has a part in, likeliest first.
func about(e verify.PlatformExplanation, signer string) []verify.Cause {
	var out []verify.Cause
	for _, o := range e.Oddities {
		if e.Members[o.Member].Signer == signer {
			out = append(out, o.Cause)
		}
	}
	for _, s := range e.Splits {
		for _, p := range s.Pairs {
			if slices.Contains(s.Groups[p.A].Signers, signer) || slices.Contains(s.Groups[p.B].Signers, signer) {
				out = append(out, p.Causes...)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b verify.Cause) int { return b.Confidence.Percent() - a.Confidence.Percent() })
	return out
}

func names(c verify.Cause, factor string) bool {
	return slices.ContainsFunc(c.Evidence, func(v verify.Evidence) bool { return v.Factor == factor || slices.Contains(v.Names, factor) })
}

// An assertion that is too large to be read may well be one: its signer is not told to put an assertion in its place.
func TestOddityTooLarge(t *testing.T) {
	m := made("1.0-linux", "mallory")
	m.Assertion, m.Unparsed = sigs.Assertion{}, sigs.ErrTooLarge.Error()+": 5000000 bytes, at most 4194304 are read"
	e := verify.ExplainGroups([][]verify.Observation{{made("1.0-linux", "alice").Observation, m.Observation}}, nil)
	if len(e.Oddities) != 1 || !strings.Contains(e.Oddities[0].Cause.Title, "larger than gverify reads (4 MB)") || strings.Contains(e.Oddities[0].Cause.Advice[0].Do, "replace") {
		t.Errorf("got %+v", e.Oddities)
	}
}

// TestOddities holds what is said of single assertions that do not fit.
func TestOddities(t *testing.T) {
	const r = "1.0-linux"
	m := made(r, "mallory")
	out := func(b build, change func(sigs.Manifest) sigs.Manifest) build {
		b.Assertion.Out = change(slices.Clone(b.Assertion.Out))
		return b
	}
	corrupt, empty, unread := m, m, m
	corrupt.Assertion, corrupt.Unparsed = sigs.Assertion{}, sigs.ErrHTML.Error()
	empty.Assertion, empty.Unparsed = sigs.Assertion{}, sigs.ErrNoOutput.Error()
	unread.Assertion, unread.Unparsed = sigs.Assertion{}, "not parsed: its signature is bad"
	spaced := m
	spaced.Sum, spaced.Until = sha256.Sum256([]byte("with a space")), m.Time
	misplaced := made("1.0-win", "mallory").as(r)
	misplaced.Assertion.Out = sigs.Manifest{entry("prog-1.0-win64.zip", "win")}
	win := made("1.0-win", "alice")
	win.Assertion.Out = misplaced.Assertion.Out
	for _, test := range []struct {
		name      string
		mallory   []build
		elsewhere []build
		want      []verify.CauseID
	}{
		{"nothing odd", []build{m}, nil, nil},
		{"a web page", []build{corrupt}, nil, []verify.CauseID{verify.CorruptFile}},
		{"no outputs", []build{empty}, nil, []verify.CauseID{verify.EmptyOutput}},
		{"a bad signature is no corruption", []build{unread}, nil, nil},
		{"other bytes, same content", []build{m, spaced}, nil, []verify.CauseID{verify.FormattingOnly}},
		{"a file is missing", []build{out(m, func(m sigs.Manifest) sigs.Manifest { return m[1:] })}, nil, []verify.CauseID{verify.MissingArtifacts}},
		{"a file too many", []build{out(m, func(m sigs.Manifest) sigs.Manifest { return slices.Insert(m, 1, entry("src/.DS_Store", "x")) })}, nil, []verify.CauseID{verify.LeftoverOutput}},
		{"another version's names", []build{out(m, func(m sigs.Manifest) sigs.Manifest {
			return sigs.Manifest{entry("prog-1.0rc1-x86_64-linux-gnu.tar.gz", "a"), m[1]}
		})}, nil, []verify.CauseID{verify.RenamedArtifacts}},
		{"another platform's, known from its directory", []build{misplaced}, []build{win}, []verify.CauseID{verify.WrongDirectory}},
		{"another platform's, known from its names", []build{misplaced}, nil, []verify.CauseID{verify.WrongDirectory}},
		{"copied to another release as well", []build{m}, []build{made("1.1-linux", "mallory"), m.as("1.2-linux")}, nil},
	} {
		x := &verify.Index{}
		var members []verify.Observation
		for _, b := range append(three(r), test.mallory...) {
			members = append(members, b.Observation)
			x.Add(b.Observation)
		}
		for _, b := range test.elsewhere {
			x.Add(b.Observation)
		}
		e := explain(members, x)
		var got []verify.CauseID
		for _, o := range e.Oddities {
			if e.Members[o.Member].Signer != "mallory" {
				t.Errorf("%s: %s is said of %s", test.name, o.Cause.ID, e.Members[o.Member].Signer)
			}
			got = append(got, o.Cause.ID)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
		if len(e.Splits) > 0 {
			t.Errorf("%s: %d splits among those who agree", test.name, len(e.Splits))
		}
	}
}

// TestCommitsThatBeginAlike makes sure that what is shown of two commits tells them apart.
func TestCommitsThatBeginAlike(t *testing.T) {
	m := made("1.0-linux", "mallory").broken()
	m.Assertion.Commits = []sigs.Commit{{Dir: "prog", Hash: strings.Repeat("a", 20) + strings.Repeat("b", 20)}}
	members := []verify.Observation{m.Observation}
	for _, b := range three("1.0-linux") {
		members = append(members, b.Observation)
	}
	text := about(explain(members, nil), "mallory")[0].Evidence[0].Text
	if want := "A built prog from aaaaaaaaaaaaaaaaaaaaa, B from aaaaaaaaaaaaaaaaaaaab"; text != want {
		t.Errorf("%q, want %q", text, want)
	}
}
