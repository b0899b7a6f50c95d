package report_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/gverify/gverify/report"
	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/verify"
)

var update = flag.Bool("update", false, "write the golden files anew")

// document is a verdict on one platform with two groups, told by the given names.
func document(outcome verify.Outcome, names ...string) report.Document {
	d := report.Document{
		Schema: report.Schema, Tool: "gverify test", Project: report.Project{Name: "democoin", Title: "Democoin"}, Version: "1.0", Outcome: outcome,
		Grounds: "the grounds of the verdict", AsOf: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), NotProven: report.NotProven,
		Repository: report.Repository{Location: "https://example.org/" + names[0], Commit: strings.Repeat("ab", 20), Time: time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)},
		Keys:       []report.KeySource{{Name: names[0] + "//keys", Commit: strings.Repeat("cd", 20), Files: 3}, {Name: "elsewhere", Problem: "no route to " + names[0]}},
		Policy:     report.Policy{Name: "democoin", Origin: "preset democoin", Threshold: 2},
		Findings: []sigs.Finding{
			{Code: "bad-signature", Severity: sigs.Alarm, Path: "1.0-linux/" + names[0] + "/x.assert.sig", Signer: names[0], Text: "the signature does not match " + names[0], Next: "do not believe it"},
			{Code: "name-differs", Severity: sigs.Note, Signer: names[0], Text: "a note about " + names[0]},
		},
	}
	p := report.Platform{Name: "linux", Release: "1.0-linux", Due: true, Asked: true, Outcome: outcome, Grounds: "the grounds of linux", Voters: names[1:]}
	a := report.Artifact{Path: "democoin-1.0-" + names[0] + ".tar.gz", Outcome: outcome, Counts: true, Groups: []report.Group{{Letter: "A", Digest: sigs.Digest{1}, Voters: names[1:]}}}
	if outcome == verify.Disputed {
		a.Groups = append(a.Groups, report.Group{Letter: "B", Digest: sigs.Digest{2}, Others: names[:1]})
	}
	p.Artifacts = []report.Artifact{a}
	d.Platforms = []report.Platform{p}
	for i, name := range names {
		status := sigs.Good
		if i == 0 && outcome != verify.Disputed {
			status = sigs.Bad
		}
		d.Signers = append(d.Signers, report.Signer{Name: name, Votes: i > 0, Attestations: []report.Attestation{{
			Path: "1.0-linux/" + name + "/x.assert", Platform: "linux", Votes: i > 0, Why: "not pinned",
			Signatures: []report.Signature{{Status: status, Primary: strings.Repeat("0A", 20), UserIDs: []string{name}, Why: name}}}}})
	}
	return d
}

const hostile = "\x1b[2J::error::\u202egnp.exe\u200b|<b>&`\r\n\xff" + "# a\u0300"

var goldens = map[string]struct {
	d report.Document
	o report.Options
}{
	"agreed":         {document(verify.Agreed, "mallory", "alice", "bob"), report.Options{}},
	"agreed-quiet":   {document(verify.Agreed, "mallory", "alice", "bob"), report.Options{Quiet: true}},
	"disputed":       {document(verify.Disputed, "mallory", "alice", "bob"), report.Options{}},
	"disputed-v":     {document(verify.Disputed, "mallory", "alice", "bob"), report.Options{Verbose: 1}},
	"insufficient":   {document(verify.Insufficient, "mallory", "alice"), report.Options{Width: 80}},
	"hostile":        {document(verify.Disputed, hostile, "alice"), report.Options{Verbose: 2}},
	"hostile-colour": {document(verify.Disputed, strings.Repeat(hostile, 500), "alice"), report.Options{Color: true}},
}

func TestTextGolden(t *testing.T) {
	for name, c := range goldens {
		var b bytes.Buffer
		if err := report.Text(&b, c.d, c.o); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join("testdata", name+".txt")
		if *update {
			if err := os.MkdirAll("testdata", 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got := b.String(); got != string(want) {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
		}
		harmless(t, b.String(), c.o.Color)
	}
}

// harmless fails where text could move a cursor, hide or reorder what a person sees.
func harmless(t testing.TB, text string, color bool) {
	t.Helper()
	if color {
		for _, code := range []string{"\x1b[0m", "\x1b[1m", "\x1b[31m", "\x1b[32m", "\x1b[33m"} {
			text = strings.ReplaceAll(text, code, "")
		}
	}
	for _, r := range text {
		if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar) {
			t.Fatalf("%q stands in the text", r)
		}
	}
}

func TestParse(t *testing.T) {
	d := document(verify.Agreed, "mallory", "alice", "bob")
	var b, again bytes.Buffer
	if err := report.JSON(&b, d); err != nil {
		t.Fatal(err)
	}
	read, err := report.Parse(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if err := report.JSON(&again, read); err != nil {
		t.Fatal(err)
	}
	if again.String() != b.String() {
		t.Errorf("read back:\n%s\nwritten:\n%s", again.String(), b.String())
	}
	for _, c := range []struct{ data, want string }{
		{"", "not a gverify report"}, {"[]", "not a gverify report"}, {`{"schema":"gverify.report/v2"}`, "not known"},
		{`{"schema":"gverify.report/v1"}`, "names no version"}, {`{"schema":"gverify.report/v1","version":"1","outcome":"great"}`, "outcome"},
	} {
		if _, err := report.Parse([]byte(c.data)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Parse(%s) = %v, want an error with %q", c.data, err, c.want)
		}
	}
}

// A saved report whose outcome does not follow from what it holds is refused, whoever wrote it.
func TestParseRefusesContradictions(t *testing.T) {
	good := document(verify.Agreed, "mallory", "alice", "bob")
	for name, change := range map[string]func(*report.Document){
		"no platform":               func(d *report.Document) { d.Platforms = nil },
		"no platform asked":         func(d *report.Document) { d.Platforms[0].Asked = false },
		"a disputed platform":       func(d *report.Document) { d.Platforms[0].Outcome = verify.Disputed },
		"insufficient as whole":     func(d *report.Document) { d.Outcome = verify.Insufficient },
		"no file":                   func(d *report.Document) { d.Platforms[0].Artifacts = nil },
		"no file that counts":       func(d *report.Document) { d.Platforms[0].Artifacts[0].Counts = false },
		"a disputed file":           func(d *report.Document) { d.Platforms[0].Artifacts[0].Outcome = verify.Disputed },
		"too few voters":            func(d *report.Document) { d.Platforms[0].Artifacts[0].Groups[0].Voters = []string{"alice"} },
		"no threshold":              func(d *report.Document) { d.Policy.Threshold = 0 },
		"an own build that differs": func(d *report.Document) { d.Platforms[0].Own, d.Own = verify.Differs, verify.Matches },
	} {
		d := document(verify.Agreed, "mallory", "alice", "bob")
		change(&d)
		var b bytes.Buffer
		if err := report.JSON(&b, d); err != nil {
			t.Fatal(err)
		}
		if _, err := report.Parse(b.Bytes()); err == nil || !strings.Contains(err.Error(), "contradicts itself") {
			t.Errorf("%s: error %v", name, err)
		}
	}
	var b bytes.Buffer
	if err := report.JSON(&b, good); err != nil {
		t.Fatal(err)
	}
	for _, twice := range []string{`"outcome": "disputed", "outcome": "agreed"`, `"Outcome": "agreed"`} {
		data := strings.Replace(b.String(), `"outcome": "agreed"`, twice, 1)
		if _, err := report.Parse([]byte(data)); err == nil {
			t.Errorf("%s was read", twice)
		}
	}
}

// New leaves no slice null, even for the zero subject, whose outcome is no success.
func TestNewHasNoNull(t *testing.T) {
	d := report.New(report.Subject{})
	if d.Outcome == verify.Agreed {
		t.Error("the zero subject agreed")
	}
	data, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(data, []byte(":null")) {
		t.Errorf("null in %s", data)
	}
}

func FuzzText(f *testing.F) {
	f.Add(hostile, hostile, 1, 80)
	f.Add("alice", "bob", 0, 0)
	f.Fuzz(func(t *testing.T, a, b string, verbose, width int) {
		d := document(verify.Disputed, a, b)
		for _, o := range []report.Options{{Verbose: verbose % 3, Width: width}, {Color: true}} {
			var out bytes.Buffer
			if err := report.Text(&out, d, o); err != nil {
				t.Fatal(err)
			}
			harmless(t, out.String(), o.Color)
		}
	})
}

func FuzzParse(f *testing.F) {
	var b bytes.Buffer
	if err := report.JSON(&b, document(verify.Agreed, "a", "b")); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	var explained bytes.Buffer
	if err := report.JSON(&explained, quarrel("mallory")); err != nil {
		f.Fatal(err)
	}
	f.Add(explained.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := report.Parse(data)
		if err != nil {
			return
		}
		var out bytes.Buffer
		if err := report.ExplainText(&out, d, true, report.Options{Verbose: 1}); err != nil {
			t.Fatal(err)
		}
		harmless(t, strings.ReplaceAll(out.String(), "\ufffd", ""), false) // JSON makes it of bytes that are no UTF-8
		if err := report.Text(&bytes.Buffer{}, d, report.Options{Verbose: 2}); err != nil {
			t.Fatal(err)
		}
	})
}

// Who names a file twice, with the leading group's digest and another, neither made the same nor another one.
func TestTwoDigestsForOneFileAreUnclear(t *testing.T) {
	d := document(verify.Insufficient, "mallory", "alice", "bob")
	a := &d.Platforms[0].Artifacts[0]
	a.Groups = append(a.Groups, report.Group{Letter: "B", Digest: sigs.Digest{2}, Voters: []string{"bob"}})
	for render, want := range map[string][]string{
		rendered(t, report.Text, d, report.Options{}):     {"alice     ✓ same", "bob       ✓ 1 unclear", "unclear: named twice with different hashes"},
		rendered(t, report.Markdown, d, report.Options{}): {"| `alice` | ✓ same |", "| `bob` | ✓ **1 file unclear** |", "unclear: named twice with different hashes"},
	} {
		for _, line := range want {
			if !strings.Contains(render, line) {
				t.Errorf("no %q in\n%s", line, render)
			}
		}
	}
}
