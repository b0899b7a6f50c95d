package verify

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gverify/gverify/sigs"
)

func TestSystemOf(t *testing.T) {
	for name, want := range map[string]string{
		"bitcoin-0.15.0-win64.zip":                       "win",
		"bitcoin-0.15.0-win32-setup-unsigned.exe":        "win",
		"bitcoin-win-0.15-desc.yml":                      "win",
		"windows":                                        "win",
		"prog-x86_64-w64-mingw32.zip":                    "win",
		"bitcoin-0.15.0-osx64.tar.gz":                    "osx",
		"bitcoin-29.0-x86_64-apple-darwin.zip":           "osx",
		"monero-x86_64-apple-darwin11.tar.gz":            "osx",
		"prog.dmg":                                       "osx",
		"bitcoin-0.15.0-x86_64-linux-gnu.tar.gz":         "linux",
		"bitcoin-0.10.0-linux32.tar.gz":                  "linux",
		"monero-android-armv7-v0.15.0.1.tar.bz2":         "android",
		"monero-arm-linux-android-v0.17.2.0.tar.bz2":     "android",
		"monero-aarch64-linux-androideabi.tar.bz2":       "android",
		"monero-x86_64-unknown-freebsd-v0.17.2.0.tar.gz": "freebsd",
		"src":                      "",
		"bitcoin-0.15.0.tar.gz":    "",
		"winning-0.15.tar.gz":      "",
		"bookworm":                 "",
		"bitcore-2-linux":          "linux",
		"darwinia-0.1.tar.gz":      "",
		"exeter-1.0-machine.tar":   "",
		"BITCOIN-0.15.0-WIN64.ZIP": "win",
	} {
		if got := systemOf(name); got != want {
			t.Errorf("systemOf(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestIsOtherVersion(t *testing.T) {
	for _, test := range []struct {
		file, version string
		want          bool
	}{
		{"bitcoin-0.15.2-win64.zip", "0.15.2", false},
		{"bitcoin-0.15.2-win64.zip", "v0.15.2", false},
		{"bitcoin-0.15.1-win64.zip", "0.15.2", true},
		{"bitcoin-0.15.2-win64.zip", "0.15", true},
		{"bitcoin-0.15.0-win64.zip", "0.15.0.1", false},
		{"bitcoin-0.15.0-win64.zip", "0.15.0rc1", false},
		{"bitcoin-0.15.0rc1-win64.zip", "0.15.0", true},
		{"bitcoin-0.15.0rc1-win64.zip", "0.15.0rc2", true},
		{"bitcoin-0.1.5-win64.zip", "0.1.51", true},
		{"bitcoin-osx-unsigned.dmg", "0.15.2", false},
		{"src/bitcoin-0.14.2.tar.gz", "0.15.0", true},
	} {
		if got := isOtherVersion(test.file, test.version); got != test.want {
			t.Errorf("isOtherVersion(%q, %q) = %t, want %t", test.file, test.version, got, test.want)
		}
	}
}

func TestReleaseVersion(t *testing.T) {
	for field, want := range map[string]string{
		"0.15.2-linux": "0.15.2", "v0.10.0-linux": "0.10.0", "0.18.0": "0.18.0", "0.9.2rc1": "0.9.2rc1", "19.3.0-rc.1-win": "19.3.0-rc.1",
		"v6.3.0_bullseye": "6.3.0", "0.15.0.1-linux": "0.15.0.1",
		"": "", "test": "", "release-v0.18-linux": "", "bitcoin-linux-0.15": "", "linux": "", "0.15.2 linux": "",
	} {
		if got, ok := releaseVersion(field); got != want || ok != (want != "") {
			t.Errorf("releaseVersion(%q) = %q, %t, want %q", field, got, ok, want)
		}
	}
}

func TestWorse(t *testing.T) {
	for _, test := range [][3]Outcome{
		{Agreed, Agreed, Agreed}, {Agreed, Insufficient, Insufficient}, {Insufficient, Disputed, Disputed}, {Disputed, Agreed, Disputed},
		{Undecided, Agreed, Undecided}, {Agreed, 7, Undecided}, {Undecided, Insufficient, Insufficient},
	} {
		for _, got := range []Outcome{worse(test[0], test[1]), worse(test[1], test[0])} {
			if got != test[2] {
				t.Errorf("worse(%v, %v) = %v, want %v", test[0], test[1], got, test[2])
			}
		}
	}
}

// TestAccepts makes sure that not even a policy nobody validated lets a status vote that never may.
func TestAccepts(t *testing.T) {
	all := []sigs.Status{sigs.Good, sigs.KeyExpiredSince, sigs.KeySuperseded, sigs.ExpiredAtSigning, sigs.Revoked, sigs.SignatureExpired,
		sigs.ImpossibleTime, sigs.KeyUnusable, sigs.Bad, sigs.UnknownKey, sigs.Malformed, sigs.Missing, ""}
	for i, status := range all {
		if got, want := (Policy{}).accepts(status), i < 3; got != want {
			t.Errorf("the default accepts %q: %t", status, got)
		}
		want := i < 4 || status == sigs.SignatureExpired
		if got := (Policy{Accept: all}).accepts(status); got != want {
			t.Errorf("a policy that names %q accepts it: %t", status, got)
		}
		if (Policy{Accept: []sigs.Status{}}).accepts(status) {
			t.Errorf("a policy that accepts nothing accepts %q", status)
		}
	}
}

func TestWords(t *testing.T) {
	for _, test := range []struct{ got, want string }{
		{listNames(nil), "nobody"},
		{listNames([]string{"a"}), "a"},
		{listNames([]string{"a", "b", "c"}), "a, b and c"},
		{listNames([]string{"a", "b", "c", "d", "e", "f", "g", "h"}), "a, b, c, d, e, f and 2 more"},
		{countFiles([]string{"a"}), "a"},
		{countFiles([]string{"a", "b", "c", "d"}), "4 files (a, b, c …)"},
		{span([]int{8, 6, 9}), "6 to 9"},
		{span([]int{6}), "6"},
		{partOf(1, 9, "is", "are"), "1 of 9 files is"},
		{partOf(9, 9, "is", "are"), "all 9 files are"},
		{partition([]GroupVerdict{
			{Digest: sigs.Digest{0x1a}, Voters: []string{"a", "b"}, Claims: []string{"c"}},
			{Digest: sigs.Digest{0x2b}, Voters: []string{"d"}},
		}), "3 signers made 1a000000… and 1 made 2b000000… (2 and 1 of them voting)"},
	} {
		if test.got != test.want {
			t.Errorf("got %q, want %q", test.got, test.want)
		}
	}
}

func TestReadOwnEmpty(t *testing.T) {
	_, err := readOwn(Comparison{Version: "1.0"}, []OwnBuild{{Name: "res.yml"}})
	if err == nil || !strings.Contains(err.Error(), "res.yml: the manifest lists no files") {
		t.Errorf("readOwn of an empty manifest returned %v", err)
	}
}

// TestExplaining makes sure that every explaining value is grouped, claims included, and that the environment's lines are one value.
func TestExplaining(t *testing.T) {
	deb := func(b byte) sigs.Manifest { return sigs.Manifest{{Path: "gcc_1_amd64.deb", Digest: sigs.Digest{b}}} }
	say := func(path, commit string, base byte) *sigs.Statement {
		return &sigs.Statement{Path: path, Assertion: sigs.Assertion{
			In:          sigs.Manifest{{Path: "prog-linux-desc.yml", Digest: sigs.Digest{1}}, {Path: "sdk.tar.gz", Digest: sigs.Digest{base}}},
			Commits:     []sigs.Commit{{Dir: "prog", Hash: commit}},
			Bases:       []sigs.Base{{Name: "bionic-amd64", Entries: deb(base)}},
			CacheCommon: deb(1),
		}}
	}
	c := Compare("1.0", []*sigs.Statement{say("a", "x", 1), say("b", "x", 2), say("c", "y", 2), {Path: "d", Unparsed: "bad"}})
	if len(c.Platforms) != 1 {
		t.Fatalf("%d platforms", len(c.Platforms))
	}
	type group map[string][]int
	got := map[string]group{}
	var kinds []string
	for _, s := range c.Platforms[0].Explaining {
		kinds = append(kinds, s.Kind)
		got[s.Kind] = group{}
		for _, g := range s.Groups {
			got[s.Kind][g.Value] = g.Statements
		}
	}
	want := map[string]group{
		"commit prog":       {"x": {0, 1}, "y": {2}},
		"descriptor":        {sigs.Digest{1}.String(): {0, 1, 2}},
		"input sdk.tar.gz":  {sigs.Digest{1}.String(): {0}, sigs.Digest{2}.String(): {1, 2}},
		"base bionic-amd64": {digestOf(deb(1)): {0}, digestOf(deb(2)): {1, 2}},
		"cache common":      {digestOf(deb(1)): {0, 1, 2}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("explaining (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"commit prog", "descriptor", "input sdk.tar.gz", "base bionic-amd64", "cache common"}, kinds); diff != "" {
		t.Errorf("kinds (-want +got):\n%s", diff)
	}
}

// TestNameVoters tells two keys under one directory name apart, and never shows a stranger under a pinned person's name.
func TestNameVoters(t *testing.T) {
	key := func(letter string) string { return strings.Repeat(letter, 40) }
	voter := func(i int, fpr string) speaker {
		return speaker{Voice: Voice{Statement: i, Fingerprint: fpr}, person: given(fpr)}
	}
	d := decision{c: Comparison{Statements: []*sigs.Statement{{Signer: "eve"}, {Signer: "eve"}, {Signer: ""}, {Signer: "eve2"}}}}
	d.speakers = []speaker{voter(0, key("A")), voter(1, key("B")), voter(2, key("C")), voter(3, key("A"))}
	d.nameVoters()
	want := map[string]string{given(key("A")): "eve", given(key("B")): "eve (key …BBBBBBBBBBBBBBBB)", given(key("C")): "(key …CCCCCCCCCCCCCCCC)"}
	if diff := cmp.Diff(want, d.names); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
}

// A group's age is told from the nearest members of both: nothing is said where they overlap.
func TestDirection(t *testing.T) {
	on := func(day int) time.Time { return time.Date(2020, 1, day, 0, 0, 0, 0, time.UTC) }
	group := func(after, before int) *SplitGroup { // of two members, the ends of whose windows the others do not show
		return &SplitGroup{Environment: Environment{After: on(after), Before: on(after + 1)}, Newest: Environment{After: on(before - 1), Before: on(before)}}
	}
	open := group(1, 3)
	open.Newest.Before = time.Time{}
	for _, c := range []struct {
		a, b *SplitGroup
		days int
	}{
		{group(1, 10), group(19, 28), -10},
		{group(19, 28), group(1, 10), 10},
		{group(1, 10), group(9, 28), 0},
		{open, group(19, 28), 0},
		{group(1, 10), &SplitGroup{}, 0},
	} {
		if got := direction(c.a, c.b); got != time.Duration(c.days)*24*time.Hour {
			t.Errorf("direction(%v, %v) = %v, want %d days", *c.a, *c.b, got, c.days)
		}
	}
}
