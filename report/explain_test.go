package report_test

import (
	"bytes"
	"cmp"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gverify/gverify/report"
	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/verify"
)

// observed is an assertion by a signer, with one package, whose output is n.
func observed(signer, version string, n byte, until time.Time, verified bool) verify.Observation {
	base := sigs.Base{Name: "bookworm-amd64", Entries: sigs.Manifest{{Path: "binutils_" + version + "_amd64.deb", Digest: sigs.Digest{n, 1}}, {Path: "gcc-12_" + version + "_amd64.deb", Digest: sigs.Digest{n, 2}}, {Path: "tar_1_amd64.deb", Digest: sigs.Digest{3}}}}
	return verify.Observation{Directory: sigs.Directory{Path: "1.0-linux", Release: "1.0-linux", Version: "1.0", Platform: "linux", Layout: sigs.GitianLayout},
		Path: "1.0-linux/" + signer + "/x.assert", Signer: signer, Name: "x-build", Sum: sigs.Digest{n, byte(len(signer))}, Blob: strings.Repeat("0a", 20),
		Time: day, Until: until, Verified: verified,
		Assertion: sigs.Assertion{Format: sigs.GitianFormat, Name: "x-1.0", Release: "1.0-linux", Bases: []sigs.Base{base},
			Out: sigs.Manifest{{Path: "x-1.0.tar.gz", Digest: sigs.Digest{n}}, {Path: "y-1.0.tar.gz", Digest: sigs.Digest{5}}},
			In:  sigs.Manifest{{Path: "x-desc.yml", Digest: sigs.Digest{6}}}, Commits: []sigs.Commit{{Dir: "x", Hash: strings.Repeat("1", 40)}}}}
}

var day = time.Date(2025, 6, 1, 0, 0, 0, 0, time.UTC)

// quarrel is an explanation of three signers against one name, who built again later.
func quarrel(name string) report.Document {
	d := document(verify.Disputed, name, "alice", "bob")
	e := verify.Explanation{Version: "1.0", Platforms: []verify.PlatformExplanation{verify.ExplainGroups([][]verify.Observation{
		{observed("alice", "1.0", 1, time.Time{}, true), observed("bob", "1.0", 1, time.Time{}, true), observed("carol", "1.0", 1, time.Time{}, true)},
		{observed(name, "2.0", 2, day.AddDate(0, 0, 9), false)},
	}, nil)}}
	e.Platforms[0].Platform = "linux"
	d.Explanation = report.NewExplained(e, false, true)
	return d
}

var explainGoldens = map[string]struct {
	d   report.Document
	all bool
	o   report.Options
}{
	"explain":         {quarrel("mallory"), false, report.Options{}},
	"explain-all":     {quarrel("mallory"), true, report.Options{Verbose: 1, Width: 140}},
	"explain-narrow":  {quarrel("mallory"), false, report.Options{Width: 60}},
	"explain-quiet":   {quarrel("mallory"), false, report.Options{Quiet: true}},
	"explain-hostile": {quarrel(hostile), true, report.Options{Color: true}},
}

func TestExplainTextGolden(t *testing.T) {
	for name, c := range explainGoldens {
		var b bytes.Buffer
		if err := report.ExplainText(&b, c.d, c.all, c.o); err != nil {
			t.Fatal(err)
		}
		golden(t, name, b.String())
		harmless(t, b.String(), c.o.Color)
		for line := range strings.Lines(b.String()) {
			if limit := cmp.Or(c.o.Width, 100); !c.o.Color && !c.o.Quiet && len([]rune(strings.TrimSuffix(line, "\n"))) > limit && !strings.Contains(line, "gverify diff") && !strings.HasPrefix(line, "1.0-linux") && !strings.HasPrefix(line, "most likely") {
				t.Errorf("%s: a line of more than %d columns: %s", name, limit, line)
			}
		}
	}
}

// golden compares a text with a file, or writes it with -update.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".txt")
	if flag.Lookup("update").Value.String() == "true" {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
	}
}

// An explanation survives JSON, and one that lacks its parts is refused: nothing that renders it can panic.
func TestParseExplanation(t *testing.T) {
	var b bytes.Buffer
	if err := report.JSON(&b, quarrel("mallory")); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), ": null") && strings.Contains(b.String()[strings.Index(b.String(), `"explanation"`):], ": null") {
		t.Errorf("null in %s", b.String())
	}
	d, err := report.Parse(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	var written, read bytes.Buffer
	if err := report.ExplainText(&written, quarrel("mallory"), true, report.Options{}); err != nil {
		t.Fatal(err)
	}
	if err := report.ExplainText(&read, d, true, report.Options{}); err != nil {
		t.Fatal(err)
	}
	if written.String() != read.String() {
		t.Errorf("read back:\n%s\nwritten:\n%s", read.String(), written.String())
	}
	for name, spoil := range map[string]func(*report.Explained){
		"no pairs":    func(e *report.Explained) { e.Platforms[0].Splits[0].Pairs = nil },
		"no groups":   func(e *report.Explained) { e.Platforms[0].Splits[0].Groups = nil },
		"no members":  func(e *report.Explained) { e.Platforms[0].Splits[0].Groups[0].Members = nil },
		"no causes":   func(e *report.Explained) { e.Platforms[0].Splits[0].Pairs[0].Causes = nil },
		"no evidence": func(e *report.Explained) { e.Platforms[0].Splits[0].Pairs[0].Causes[0].Evidence = nil },
	} {
		d := quarrel("mallory")
		spoil(d.Explanation)
		var b bytes.Buffer
		if err := report.JSON(&b, d); err != nil {
			t.Fatal(err)
		}
		if _, err := report.Parse(b.Bytes()); err == nil || !strings.Contains(err.Error(), "explanation") {
			t.Errorf("%s: got error %v, want one about the explanation", name, err)
		}
	}
}

// Only keeps the splits and pairs of one signer.
func TestExplainedOnly(t *testing.T) {
	for signer, want := range map[string]int{"mallory": 1, "alice": 1, "nobody": 0} {
		d := quarrel("mallory")
		d.Explanation.Only(signer)
		if got := len(d.Explanation.Platforms[0].Splits); got != want {
			t.Errorf("Only(%s): got %d splits, want %d", signer, got, want)
		}
	}
}

func TestDiffTextGolden(t *testing.T) {
	a, b := observed("alice", "1.0", 1, time.Time{}, true).Assertion, observed("bob", "2.0", 2, time.Time{}, true).Assertion
	odd := b
	odd.Out = append(odd.Out, sigs.Entry{Path: hostile, Digest: sigs.Digest{7}})
	odd.Bases = []sigs.Base{{Name: hostile}, b.Bases[0]}
	odd.Commits = []sigs.Commit{{Dir: hostile, Hash: hostile}}
	odd.Release = hostile
	for name, c := range map[string]struct {
		d report.Diff
		o report.Options
	}{
		"diff":         {report.NewDiff("gverify test", [2]string{"a.yml", "b.yml"}, verify.Diff(a, b)), report.Options{}},
		"diff-equal":   {report.NewDiff("gverify test", [2]string{"a.yml", "a.yml"}, verify.Diff(a, a)), report.Options{}},
		"diff-hostile": {report.NewDiff("gverify test", [2]string{hostile, "b.yml"}, verify.Diff(a, odd)), report.Options{Verbose: 1}},
	} {
		var out bytes.Buffer
		if err := report.DiffText(&out, c.d, c.o); err != nil {
			t.Fatal(err)
		}
		golden(t, name, out.String())
		harmless(t, out.String(), false)
	}
}

// An own build that lacks files is not said to match, in one line or in many.
func TestMatchesInPart(t *testing.T) {
	d := quarrel("mallory")
	missing := report.Cause{ID: "missing-artifacts", Title: "files missing that the others list", Evidence: []report.Evidence{{Text: "1 file is missing"}}}
	d.Explanation.Platforms[0].Subjects = []report.ExplainedSubject{{Subject: report.Member{Own: true, Path: "res.yml"}, Matches: []string{"a", "b"}, Oddities: []report.Cause{missing}}}
	for _, test := range []struct {
		quiet bool
		want  string
	}{
		{false, "your build res.yml matches in part: in 2 files that most signers list too"},
		{true, "in part: files missing that the others list"},
	} {
		var b bytes.Buffer
		if err := report.ExplainText(&b, d, false, report.Options{Quiet: test.quiet}); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.String(), test.want) {
			t.Errorf("%q is not in\n%s", test.want, b.String())
		}
	}
}

// A group's packages are of all its members' times, from the oldest environment to the newest.
func TestExplainDatesWholeGroup(t *testing.T) {
	d := quarrel("mallory")
	s := &d.Explanation.Platforms[0].Splits[0]
	s.Groups[0].Environment = report.Environment{After: day, Before: day.AddDate(0, 0, 5)}
	s.Groups[0].Newest = report.Environment{After: day.AddDate(0, 0, 30), Before: day.AddDate(0, 0, 40)}
	s.Groups[1].Environment = report.Environment{After: day.AddDate(0, 0, 60), Before: day.AddDate(0, 0, 61)}
	s.Groups[1].Newest = s.Groups[1].Environment
	s.Pairs[0].DirectionDays = -20
	var b, j bytes.Buffer
	if err := errors.Join(report.ExplainText(&b, d, false, report.Options{Width: 140}), report.JSON(&j, d)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"packages of about 2025-06-01 … 06-06, the newest of about 2025-07-01 … 07-11", "packages of about 2025-07-31 … 08-01 (about 3 weeks newer)"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
	if !strings.Contains(j.String(), `"newest_environment"`) {
		t.Error("JSON lacks the newest environment")
	}
}

// Thousands of assertions of one signer, and dozens of groups, do not bury the rest; what is left out is counted.
func TestExplainTextFlood(t *testing.T) {
	d := quarrel("mallory")
	p := &d.Explanation.Platforms[0]
	odd := func(signer string) report.ExplainedOddity {
		return report.ExplainedOddity{Member: report.Member{Signer: signer, Replaced: day}, Cause: report.Cause{ID: "missing-artifacts", Title: "files missing that the others list",
			Evidence: []report.Evidence{{Text: "10 files are missing"}}}}
	}
	for range 4000 {
		p.Oddities = append(p.Oddities, odd("mallory"))
	}
	for i := range 50 {
		p.Oddities = append(p.Oddities, odd(fmt.Sprintf("sock%d", i)))
	}
	s := &p.Splits[0]
	g, pair := s.Groups[1], s.Pairs[0]
	for i := range 40 {
		g.Letter = verify.GroupLetter(i + 2)
		pair.B = g.Letter
		s.Groups, s.Pairs = append(s.Groups, g), append(s.Pairs, pair)
	}
	var b, all bytes.Buffer
	if err := errors.Join(report.ExplainText(&b, d, false, report.Options{}), report.ExplainText(&all, d, true, report.Options{})); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(b.String(), "\n"); n > 250 {
		t.Errorf("got %d lines", n)
	}
	for _, want := range []string{"and        3999 more attestations of mallory with this fault: --all", "odd  39 more attestations that do not fit: --all", "and 30 more groups with other files: --all", "  L  1 signer"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
	if n := strings.Count(all.String(), "odd  "); n != 4050 {
		t.Errorf("--all: got %d assertions that do not fit, want 4050", n)
	}
	d.Explanation.Platforms[0].Splits[0].Pairs = s.Pairs[39:40] // as --signer leaves them: his group is shown
	b.Reset()
	if err := report.ExplainText(&b, d, false, report.Options{}); err != nil || !strings.Contains(b.String(), "  "+s.Pairs[0].B+"  1 signer") {
		t.Errorf("%v: the group that was asked for is not shown:\n%s", err, b.String())
	}
}

// What a side does not list is said in so many words, doubts about what is not shown are counted, and one's own build is "you".
func TestExplainTextWords(t *testing.T) {
	moved := func(name string, a, b []string, weight float64, doubt string) report.Evidence {
		return report.Evidence{Kind: "package", Factor: name, A: a, B: b, Names: []string{name}, Weight: weight, Doubt: doubt}
	}
	for name, c := range map[string]struct {
		evidence     []report.Evidence
		want, absent []string
	}{
		"not listed": {[]report.Evidence{moved("gcc-8", []string{"8.3"}, []string{""}, 1, "")},
			[]string{"your build lists no gcc-8", "one side lists packages that the other does not", "you none", "you  1 signer   your build"},
			[]string{"the distribution updated", "no version of these packages"}},
		"not listed by some": {[]report.Evidence{moved("gcc-8", []string{"", "8.3"}, []string{"8.4"}, 1, "")},
			[]string{"A none or 8.3  you 8.4", "the distribution updated", "no version of these packages"}, []string{"lists no"}},
		"doubts": {[]report.Evidence{moved("gcc-8", []string{"1"}, []string{"2"}, 1, "in 0.9 it made no difference"), moved("tar", []string{"1"}, []string{"2"}, 0.01, "in 0.9 it made no difference"),
			moved("sed", []string{"1"}, []string{"2"}, 0.01, "")},
			[]string{"gcc-8: in 0.9 it made no difference; and 1 of those not shown is in doubt too: --all"}, nil},
	} {
		d := quarrel("mallory")
		s := &d.Explanation.Platforms[0].Splits[0]
		s.Groups[1].Members = []report.Member{{Own: true}}
		s.Groups[1].Signers, s.Groups[1].Earlier = []string{"your build"}, false
		s.Pairs[0].Causes[0].Evidence = c.evidence
		var b bytes.Buffer
		if err := report.ExplainText(&b, d, false, report.Options{Width: 160}); err != nil {
			t.Fatal(err)
		}
		for _, want := range c.want {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%s: no %q in\n%s", name, want, b.String())
			}
		}
		for _, absent := range c.absent {
			if strings.Contains(b.String(), absent) {
				t.Errorf("%s: %q in\n%s", name, absent, b.String())
			}
		}
	}
}

// Where nothing that was recorded differs, that is said.
func TestExplainTextNothingRecorded(t *testing.T) {
	odd := observed("carol", "1.0", 1, time.Time{}, true)
	odd.Assertion.Out = sigs.Manifest{{Path: "x-1.0.tar.gz", Digest: sigs.Digest{9}}, {Path: "y-1.0.tar.gz", Digest: sigs.Digest{5}}}
	e := verify.Explanation{Version: "1.0", Platforms: []verify.PlatformExplanation{
		verify.ExplainGroups([][]verify.Observation{{observed("alice", "1.0", 1, time.Time{}, true), observed("bob", "1.0", 1, time.Time{}, true)}, {odd}}, nil)}}
	d := document(verify.Disputed, "alice", "bob", "carol")
	d.Explanation = report.NewExplained(e, false, false)
	var b bytes.Buffer
	if err := report.ExplainText(&b, d, false, report.Options{Width: 160}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "nothing they recorded differs in a way that could explain it") {
		t.Errorf("got\n%s", b.String())
	}
}
