package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gverify/gverify/report"
	"github.com/gverify/gverify/verify"
)

// A summary takes what room others left in the file, says what it left out, and never makes the file too large.
func TestWriteSummary(t *testing.T) {
	d := report.Document{Version: "1.0", Outcome: verify.Disputed, ExitCode: exitDisputed, Project: report.Project{Name: "demo", Title: "Democoin"}, NotProven: report.NotProven}
	d.Platforms = []report.Platform{{Name: "linux", Asked: true, Outcome: verify.Disputed}}
	for i := range 5000 {
		d.Signers = append(d.Signers, report.Signer{Name: fmt.Sprint("signer ", i)})
	}
	for _, c := range []struct {
		before int
		error  bool
		note   bool
	}{
		{0, false, false},
		{report.SummaryLimit - 50_000, false, true},
		{report.SummaryLimit - report.MinimalLimit - 1, false, true},
		{report.SummaryLimit - report.MinimalLimit, true, false},
		{report.SummaryLimit + 10, true, false},
	} {
		name := filepath.Join(t.TempDir(), "summary.md")
		before := bytes.Repeat([]byte("x"), c.before)
		if err := os.WriteFile(name, before, 0o600); err != nil {
			t.Fatal(err)
		}
		markdown := func(out io.Writer, o report.Options) error { return report.Markdown(out, d, o) }
		if err := appendMarkdown(name, report.Options{}, markdown); (err != nil) != c.error {
			t.Errorf("%d bytes before: error %v", c.before, err)
		}
		got, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		added, kept := bytes.CutPrefix(got, before)
		switch {
		case !kept:
			t.Errorf("%d bytes before: they were changed", c.before)
		case c.error && len(added) > 0:
			t.Errorf("%d bytes before: an error, and %d bytes written", c.before, len(added))
		case !c.error && (len(got) > report.SummaryLimit || !strings.Contains(string(added), "DISPUTED")):
			t.Errorf("%d bytes before: %d bytes after:\n%.200s", c.before, len(got), added)
		case strings.Contains(string(added), "signers omitted") != c.note:
			t.Errorf("%d bytes before: signers were omitted is %v, want %v", c.before, !c.note, c.note)
		}
	}
}
