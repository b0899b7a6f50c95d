package report_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gverify/gverify/report"
	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/verify"
)

// checkOf is a check with a file of every kind, told by the given name.
func checkOf(name string, listed bool) report.Check {
	good, other := strings.Repeat("ab", 32), strings.Repeat("cd", 32)
	c := report.Check{
		Tool: "gverify test", Project: report.Project{Name: "democoin", Title: "Democoin " + name}, Outcome: verify.Disputed, Grounds: "the grounds of " + name,
		Files: []report.CheckedFile{
			{Name: name + "-1.0.zip", Path: "dl/" + name, Size: 1, Digest: good, Standing: verify.Attested, Outcome: verify.Agreed, Grounds: "grounds", Counts: true,
				Rule: true, Paths: []string{"src/" + name}, Voters: []string{"alice", name}, Others: []string{"x" + name}, Claims: []string{"y" + name}, Built: []string{good}, Own: verify.Matches},
			{Name: "changed-1.0.zip", Path: "changed-1.0.zip", Size: 2, Digest: other, Standing: verify.Contradicted, Outcome: verify.Disputed, Grounds: "grounds of " + name, Counts: true,
				Paths: []string{"changed-1.0.zip"}, Elsewhere: []string{name}, Against: []report.Group{{Letter: "A", Digest: sigs.Digest{1}, Voters: []string{"alice"}, Claims: []string{name}}}, Built: []string{good}},
			{Name: "few-1.0.zip", Digest: good, Standing: verify.Renamed, Outcome: verify.Insufficient, Counts: true, Platforms: []string{"linux"}, Paths: []string{"a.zip"}, Voters: []string{"alice"}},
			{Name: "other-1.1.zip", Digest: good, Standing: verify.OfAnotherVersion, Outcome: verify.Insufficient, Counts: true},
			{Name: "unknown-1.0.zip", Digest: good, Standing: verify.Unattested, Outcome: verify.Insufficient, Counts: true},
		},
		Skipped:  []report.Skipped{{Path: name, Why: "hidden " + name}},
		Findings: []sigs.Finding{{Code: "file-contradicted", Severity: sigs.Alarm, Path: name, Text: "these are not the bytes", Next: "do not run " + name}},
		Releases: []report.Document{document(verify.Disputed, name, "alice")},
	}
	if listed {
		c.List = &report.List{Path: "SHA256SUMS", SignedIn: name, Entries: 3, Refuted: true, Signatures: []report.ListSignature{
			{Signature: report.Signature{Status: sigs.Good, Primary: strings.Repeat("0A", 20), UserIDs: []string{name}}, Pin: "alice" + name},
			{Signature: report.Signature{Status: sigs.Good, Primary: strings.Repeat("0B", 20), UserIDs: []string{name}, Labels: []sigs.Label{sigs.WeakSHA1}}},
			{Signature: report.Signature{Status: sigs.Good, Primary: strings.Repeat("0F", 20)}, Release: "releases of " + name},
			{Signature: report.Signature{Status: sigs.UnknownKey, KeyID: strings.Repeat("01", 8)}, Release: "releases of " + name},
			{Signature: report.Signature{Status: sigs.UnknownKey, KeyID: strings.Repeat("0C", 8)}},
			{Signature: report.Signature{Status: sigs.Bad, Primary: strings.Repeat("0D", 20)}},
			{Signature: report.Signature{Status: sigs.Malformed, Why: "why " + name}},
			{Signature: report.Signature{Status: sigs.Revoked, Primary: strings.Repeat("0E", 20), Why: "taken back " + name}},
		}}
		c.Files[0].Listed, c.Files[1].Listed = good, good
		c.Files = append(c.Files, report.CheckedFile{Name: "far-1.0.zip", Listed: good, Standing: verify.Attested, Outcome: verify.Agreed, Voters: []string{"alice"}})
	}
	return c.Complete()
}

// alone is a check of its first file only.
func alone(c report.Check) report.Check {
	c.Files = c.Files[:1]
	return c
}

func TestCheckTextGolden(t *testing.T) {
	for file, c := range map[string]struct {
		check report.Check
		o     report.Options
	}{
		"check-files":   {checkOf("wallet", false), report.Options{}},
		"check-alone":   {alone(checkOf(hostile, false)), report.Options{}},
		"check-quiet":   {checkOf("wallet", true), report.Options{Quiet: true}},
		"check-list":    {checkOf("wallet", true), report.Options{Color: true}},
		"check-hostile": {checkOf(hostile, true), report.Options{Verbose: 1}},
		"check-long":    {checkOf(strings.Repeat(hostile, 60), true), report.Options{Width: 80}},
	} {
		var b bytes.Buffer
		if err := report.CheckText(&b, c.check, c.o); err != nil {
			t.Fatal(err)
		}
		name := filepath.Join("testdata", file+".txt")
		if *update {
			if err := os.WriteFile(name, b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if b.String() != string(want) {
			t.Errorf("%s: got\n%s\nwant\n%s", file, b.String(), want)
		}
		harmless(t, b.String(), c.o.Color)
	}
}

func TestParseCheck(t *testing.T) {
	var b, again bytes.Buffer
	if err := report.CheckJSON(&b, checkOf("wallet", true)); err != nil {
		t.Fatal(err)
	}
	if !report.IsCheck(b.Bytes()) {
		t.Error("the document is not seen to be a check's")
	}
	read, err := report.ParseCheck(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if err := report.CheckJSON(&again, read); err != nil {
		t.Fatal(err)
	}
	if again.String() != b.String() {
		t.Errorf("read back:\n%s\nwritten:\n%s", again.String(), b.String())
	}
	for _, c := range []struct{ data, want string }{
		{"", "not a check"}, {`{"schema":"gverify.check/v2","files":[{}]}`, "not a check"}, {`{"schema":"gverify.report/v1"}`, "not a check"},
		{`{"schema":"gverify.check/v1"}`, "names no file"}, {`{"schema":"gverify.check/v1","files":[{"standing":"trusted"}]}`, "trusted"},
		{`{"schema":"gverify.check/v1","outcome":"great","files":[{}]}`, "great"},
	} {
		if _, err := report.ParseCheck([]byte(c.data)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("ParseCheck(%s) = %v, want an error with %q", c.data, err, c.want)
		}
	}
}

// A verdict's parts never become null, and the zero check is no success.
func TestCheckHasNoNull(t *testing.T) {
	c := report.Check{Files: []report.CheckedFile{report.NewCheckedFile("1.0", verify.ItemVerdict{})}}.Complete()
	if c.Outcome == verify.Agreed || c.Files[0].Outcome == verify.Agreed {
		t.Error("the zero check agreed")
	}
	var b bytes.Buffer
	if err := report.CheckJSON(&b, c); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "null") {
		t.Errorf("null in %s", b.String())
	}
}
