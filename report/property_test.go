package report_test

import (
	"encoding/xml"
	"errors"
	"io"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"

	"github.com/gverify/gverify/report"
	"github.com/gverify/gverify/verify"
)

// markdownReader turns Markdown into HTML as GitHub does before its sanitizer: raw HTML would stay, bare addresses become links.
var markdownReader = goldmark.New(goldmark.WithExtensions(extension.GFM, extension.Footnote), goldmark.WithRendererOptions(html.WithUnsafe()))

var tag = regexp.MustCompile(`<[^>]*>`)

// tagsOf are the tags of a rendered report with their attributes, in order, without those of code spans.
func tagsOf(t testing.TB, markdown string) []string {
	t.Helper()
	var b strings.Builder
	if err := markdownReader.Convert([]byte(markdown), &b); err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(tag.FindAllString(b.String(), -1), func(s string) bool { return s == "<code>" || s == "</code>" })
}

// elementsOf are a JUnit file's elements in order. It must be well-formed.
func elementsOf(t testing.TB, file string) []string {
	t.Helper()
	var out []string
	d := xml.NewDecoder(strings.NewReader(file))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, file)
		}
		if e, ok := token.(xml.StartElement); ok {
			out = append(out, e.Name.Local)
		}
	}
}

// commandName is a line that GitHub's runner, Azure Pipelines or TeamCity take for a command.
var commandName = regexp.MustCompile(`(?m)^\s*::([^\s:]*).*?::|##[a-z]*\[`)

// commandsIn are the workflow commands a runner finds in a log, by name.
func commandsIn(log string) []string {
	var out []string
	for _, m := range commandName.FindAllStringSubmatch(strings.ReplaceAll(log, "\r", "\n"), -1) {
		out = append(out, m[1])
	}
	return out
}

// shape is what a reader of a report sees besides its strings.
type shape struct{ tags, elements, commands []string }

func shapeOf(t testing.TB, d report.Document, o report.Options) shape {
	return shape{tagsOf(t, rendered(t, report.Markdown, d, o)), elementsOf(t, rendered(t, report.JUnit, d, o)), commandsIn(rendered(t, report.GitHub, d, o))}
}

// sameShape fails where the strings of a document change more of a report than its strings.
func sameShape(t testing.TB, d report.Document, changes ...func(string) string) {
	t.Helper()
	for _, o := range []report.Options{{}, {Verbose: 2, Limit: 1 << 24}} {
		want := shapeOf(t, mangled(d, func(s string) string { return "a" + s + "b" }), o)
		if len(want.tags) == 0 || len(want.elements) == 0 || len(want.commands) == 0 {
			t.Fatalf("the harmless document has the shape %q", want)
		}
		for _, change := range changes {
			strange := mangled(d, change)
			if diff := cmp.Diff(want, shapeOf(t, strange, o), cmp.AllowUnexported(shape{})); diff != "" {
				t.Errorf("the shape changed (-want +got):\n%s\nin\n%s", diff, rendered(t, report.Markdown, strange, o))
			}
			for ending, render := range renderers {
				log := rendered(t, render, strange, o)
				if got := commandsIn(log); ending != "github" && len(got) > 0 {
					t.Errorf("%s in a log is the commands %q:\n%s", ending, got, log)
				}
				harmless(t, strings.ReplaceAll(strings.ReplaceAll(log, "\ufe0f", ""), "\u00a0", " "), false)
			}
		}
	}
}

func TestSameShape(t *testing.T) {
	var changes []func(string) string
	for _, attack := range attacks {
		changes = append(changes, func(s string) string { return attack + s + "\n" + attack }, func(s string) string { return s + attack })
	}
	sameShape(t, ordinary(t), changes...)
}

// Strings put together at random from what has a meaning somewhere.
func TestSameShapeAtRandom(t *testing.T) {
	fragments := []string{"*", "_", "`", "``", "```", "~~", "|", "\\", "[", "](", ")", "<", ">", "<b>", "&lt;", "&#x41;", "!", "#", "##[", "-", "+", "1.", "1)", "=", "---", ":", "::", "::error::",
		" ", "  ", "\n", "\r", "\t", "@a", "a@b.c", "http://", "www.a.bc", "GH-1", "deadbeef", "[^1]", "]]>", "<!--", "-->", "%0A", ",", "\u202e", "\u200d", "\x00", "\x1b[", "\xff", "é", "漢", "$", "{", "'", "\"", "x", "word", "7"}
	n := 30
	if testing.Short() {
		n = 10
	}
	random := rand.New(rand.NewPCG(1, 2))
	some := func() string {
		var b strings.Builder
		for range random.IntN(9) {
			b.WriteString(fragments[random.IntN(len(fragments))])
		}
		return b.String()
	}
	d := document(verify.Disputed, "mallory", "alice")
	for range n {
		before, after := some(), some()
		sameShape(t, d, func(s string) string { return before + s + after })
		if t.Failed() {
			t.Fatalf("with %q before and %q after every string", before, after)
		}
	}
}

func FuzzSameShape(f *testing.F) {
	for i, attack := range attacks {
		f.Add(attack, attacks[(i+1)%len(attacks)])
	}
	f.Add("\xff\xfe", strings.Repeat("x", 150))
	d := document(verify.Disputed, "mallory", "alice")
	f.Fuzz(func(t *testing.T, before, after string) {
		sameShape(t, d, func(s string) string { return before + s + after })
	})
}

// A markdown report keeps within its limit, begins with the verdict, ends with what is not proven, and counts what it omits.
func TestMarkdownLimit(t *testing.T) {
	d := attacked(ordinary(t))
	for range 6 { // 64 times as many signers, platforms and findings
		d.Signers = append(d.Signers, d.Signers...)
		d.Platforms = append(d.Platforms, d.Platforms...)
		for i := range d.Findings {
			f := d.Findings[i]
			f.Code += "x"
			d.Findings = append(d.Findings, f)
		}
	}
	d.Grounds, d.NotProven = strings.Repeat("\U000e0001 ", 10000), strings.Repeat("\u202e", 10000)
	whole := rendered(t, report.Markdown, d, report.Options{Limit: 1 << 28})
	verdict, _, _ := strings.Cut(whole, "\n")
	if !strings.HasSuffix(verdict, ": DISPUTED") {
		t.Fatalf("the verdict is %q", verdict)
	}
	for _, limit := range []int{report.MinimalLimit, 0, len(whole) - 1, len(whole)} {
		got := rendered(t, report.Markdown, d, report.Options{Limit: limit})
		if limit == 0 {
			limit = 65_536 // what a comment on GitHub may have
		}
		if len(got) > limit {
			t.Errorf("limit %d: %d bytes", limit, len(got))
		}
		if !strings.HasPrefix(got, verdict) || !strings.Contains(got, "**Not proven:**") {
			t.Errorf("limit %d: the report lacks its verdict or its end:\n%s", limit, got)
		}
		if omitted := strings.Contains(got, " omitted: the report would be too long."); omitted != (limit < len(whole)) {
			t.Errorf("limit %d of %d: something is said to be omitted: %v", limit, len(whole), omitted)
		}
	}
}

// A JUnit file is red exactly when the exit code is not 0, and its counts are true.
func TestJUnitIsRedWhenTheCodeIsNotZero(t *testing.T) {
	for _, c := range []struct {
		outcome verify.Outcome
		own     verify.Own
		code    int
		want    string // the element of the verdict
	}{
		{verify.Agreed, verify.NotRun, 0, ""},
		{verify.Agreed, verify.Matches, 0, ""},
		{verify.Agreed, verify.Differs, 5, "failure"},
		{verify.Disputed, verify.NotRun, 3, "failure"},
		{verify.Insufficient, verify.NotRun, 4, "failure"},
		{verify.Insufficient, verify.NotRun, 1, "error"},
		{verify.Undecided, verify.NotRun, 1, "error"},
		{verify.Agreed, verify.NotRun, 1, "error"},
		{verify.Disputed, verify.NotRun, 0, "failure"}, // no such document is written, but it can be made up; as can this:
		{verify.Agreed, verify.Differs, 0, "failure"},
	} {
		d := ordinary(t)
		d.Outcome, d.Own, d.ExitCode = c.outcome, c.own, c.code
		file := rendered(t, report.JUnit, d, report.Options{})
		elements := elementsOf(t, file)
		red := slices.Contains(elements, "failure") || slices.Contains(elements, "error")
		if red != (c.want != "") {
			t.Errorf("%v, own build %v, code %d: red is %v:\n%s", c.outcome, c.own, c.code, red, file)
		}
		if verdict := elements[3]; c.want != "" && verdict != c.want {
			t.Errorf("%v, own build %v, code %d: the verdict is %s, want %s", c.outcome, c.own, c.code, verdict, c.want)
		}
		var counts struct {
			Tests    int `xml:"tests,attr"`
			Failures int `xml:"failures,attr"`
			Errors   int `xml:"errors,attr"`
			Skipped  int `xml:"skipped,attr"`
		}
		if err := xml.Unmarshal([]byte(file), &counts); err != nil {
			t.Fatal(err)
		}
		number := func(name string) (n int) {
			for _, e := range elements {
				if e == name {
					n++
				}
			}
			return n
		}
		if counts.Tests != number("testcase") || counts.Failures != number("failure") || counts.Errors != number("error") || counts.Skipped != number("skipped") {
			t.Errorf("counts %+v in\n%s", counts, file)
		}
	}
}

// Ten annotations are the most, the verdict is the first, and what is left out is counted.
func TestGitHubAnnotations(t *testing.T) {
	d := ordinary(t)
	for i := range d.Findings {
		for _, letter := range strings.Split("abcdefgh", "") {
			f := d.Findings[i]
			f.Code += letter
			d.Findings = append(d.Findings, f)
		}
	}
	log := rendered(t, report.GitHub, d, report.Options{})
	if got := commandsIn(log); len(got) != 10 || got[0] != "error" || got[9] != "notice" {
		t.Errorf("the annotations are %q", got)
	}
	if want := "::notice title=gverify::21 more annotations omitted"; !strings.Contains(log, want) {
		t.Errorf("no %q in\n%s", want, log)
	}
	d.Outcome, d.ExitCode = verify.Agreed, 0
	if got := commandsIn(rendered(t, report.GitHub, d, report.Options{Quiet: true})); !slices.Equal(got, []string{"notice"}) {
		t.Errorf("quiet and agreed: the annotations are %q", got)
	}
}
