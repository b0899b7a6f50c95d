package report_test

import (
	"bytes"
	"encoding/json"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gverify/gverify/report"
	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/verify"
	"github.com/gverify/gverify/verify/review"
)

// ordinaryReview is a review with one of everything.
func ordinaryReview() report.Review {
	broken := review.Finding{Finding: sigs.Finding{Code: "attestation-edited", Severity: sigs.Alarm, Path: "1.0-linux/bob/x-build.assert", Signer: "bob", Text: "evidence that was there is changed afterwards", Next: "ask its signer"}, Breaks: true}
	contradiction := review.Finding{Finding: sigs.Finding{Code: "contradicts-verified", Severity: sigs.Alarm, Path: "1.0-linux/mallory/x-build.assert", Signer: "mallory", Text: "mallory made another file", Next: "do not merge"}}
	note := review.Finding{Finding: sigs.Finding{Code: "other-files", Severity: sigs.Note, Path: "README.md", Text: "1 file"}}
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	side := report.ReviewSide{Attested: true, Outcome: verify.Agreed, Grounds: "enough", Voters: []string{"alice", "bob", "carol"},
		Platforms: []report.ReviewPlatform{{Name: "linux", Asked: true, Outcome: verify.Agreed, Voters: []string{"alice"}}}}
	return report.Review{
		Schema: report.ReviewSchema, Tool: "gverify", Project: report.Project{Name: "demo", Title: "Democoin"}, Outcome: review.Broken, ExitCode: 1,
		Grounds: "1 rule is broken, first: mallory", AsOf: at, Location: "repository", Range: "--range a..b", Base: report.Revision{Commit: strings.Repeat("a", 40), Time: at},
		Head: report.Revision{Commit: strings.Repeat("b", 40), Time: at}, Rules: "https://git.example.org/x", Keys: []report.KeySource{{Name: "inside", Files: 1}, {Name: "outside", Problem: "not there"}},
		Policy:   report.Policy{Name: "demo", Origin: "preset demo", Threshold: 3, Pins: []report.Pin{}, Required: []string{}, Vetoes: []string{}, GroupRules: []string{}},
		Files:    report.FileCounts{Added: 2, Changed: 1},
		Releases: []report.ReviewRelease{{Version: "1.0", Before: side, After: side}, {Version: "1.1", Before: report.ReviewSide{Voters: []string{}, Platforms: []report.ReviewPlatform{}}, After: side}},
		Attestations: []report.ReviewAttestation{
			{Path: "1.0-linux/mallory/x-build.assert", Version: "1.0", Platform: "linux", Signer: "mallory", Status: sigs.UnknownKey, Fingerprint: "ABCD", Why: "unknown key", Verified: review.Different, Agrees: []string{}, Contradicts: []string{"alice"}, Differing: []string{"x.tar.gz"}},
			{Path: "1.0-linux/carol/x-build.assert", Version: "1.0", Platform: "linux", Signer: "carol", Person: "carol", Status: sigs.Good, Votes: true, Verified: review.Same, Agrees: []string{"alice", "bob"}, Contradicts: []string{}, Differing: []string{}},
		},
		KeyFiles: []report.ReviewKey{}, Findings: []review.Finding{broken, contradiction, note}, NotProven: report.NotReviewed,
	}
}

// reviewRenderers are all formats of a review.
var reviewRenderers = map[string]func(io.Writer, report.Review, report.Options) error{
	"text": report.ReviewText, "markdown": report.ReviewMarkdown, "github": report.ReviewGitHub, "junit": report.ReviewJUnit,
	"json": func(w io.Writer, d report.Review, _ report.Options) error { return report.ReviewJSON(w, d) },
}

func renderReview(t *testing.T, format string, d report.Review, o report.Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := reviewRenderers[format](&b, d, o); err != nil {
		t.Fatalf("%s: %v", format, err)
	}
	return b.String()
}

// attackedReview puts an attack in front of every text that a repository can choose, and a line break after it.
func attackedReview(d report.Review) report.Review {
	n := 0
	var walk func(v reflect.Value)
	walk = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.String:
			if v.Type() == reflect.TypeFor[string]() || v.Type() == reflect.TypeFor[sigs.Status]() {
				if v.String() != "" && v.CanSet() {
					v.SetString(attacks[n%len(attacks)] + " " + v.String() + "\n")
					n++
				}
			}
		case reflect.Struct:
			if v.Type() == reflect.TypeFor[time.Time]() {
				return
			}
			for i := range v.NumField() {
				walk(v.Field(i))
			}
		case reflect.Slice:
			for i := range v.Len() {
				walk(v.Index(i))
			}
		}
	}
	walk(reflect.ValueOf(&d).Elem())
	d.Schema, d.NotProven, d.Tool = report.ReviewSchema, report.NotReviewed, "gverify"
	for i := range d.Findings { // codes and standings are words of ours
		d.Findings[i].Code = ordinaryReview().Findings[i].Code
	}
	for i := range d.Attestations {
		d.Attestations[i].Verified = ordinaryReview().Attestations[i].Verified
	}
	return d
}

// Whatever a repository's text is, a report has the same structure: no command, no tag, no link comes from it.
func TestHostileReview(t *testing.T) {
	ordinary, hostile := ordinaryReview(), attackedReview(ordinaryReview())
	for _, o := range []report.Options{{}, {Verbose: 1}, {Quiet: true}} {
		for _, format := range []string{"text", "github"} {
			text := renderReview(t, format, hostile, o)
			if got, want := commandsIn(text), commandsIn(renderReview(t, format, ordinary, o)); !slices.Equal(got, want) {
				t.Errorf("%s %+v: commands %q, want %q in\n%s", format, o, got, want, text)
			}
			if strings.ContainsAny(text, "\x1b\x00\u202e\u200b\r") {
				t.Errorf("%s %+v: characters that do something in\n%q", format, o, text)
			}
		}
		text := renderReview(t, "markdown", hostile, o)
		if got, want := tagsOf(t, text), tagsOf(t, renderReview(t, "markdown", ordinary, o)); !slices.Equal(got, want) {
			t.Errorf("markdown %+v: tags\n%q\nwant\n%q in\n%s", o, got, want, text)
		}
		if got, want := elementsOf(t, renderReview(t, "junit", hostile, o)), elementsOf(t, renderReview(t, "junit", ordinary, o)); !slices.Equal(got, want) {
			t.Errorf("junit %+v: elements %q, want %q", o, got, want)
		}
	}
}

// Every format says the outcome, what breaks a rule, what contradicts, who cannot vote, and what is not proven.
func TestReviewSaysIt(t *testing.T) {
	d := ordinaryReview()
	for format := range reviewRenderers {
		text := renderReview(t, format, d, report.Options{})
		for _, want := range []string{"evidence that was there is changed afterwards", "mallory", "carol", "A vote shows that the holder"} {
			if !strings.Contains(strings.Join(strings.Fields(text), " "), want) {
				t.Errorf("%s does not say %q:\n%s", format, want, text)
			}
		}
		if !strings.Contains(strings.ToLower(text), "rule broken") {
			t.Errorf("%s does not say the outcome", format)
		}
	}
	if text := renderReview(t, "github", d, report.Options{}); !strings.Contains(text, "::error file=1.0-linux/bob/x-build.assert,title=gverify%3A attestation edited::") {
		t.Errorf("no annotation at the file:\n%s", text)
	}
	for range 30 {
		d.Findings = append(d.Findings, d.Findings[0])
	}
	if n := len(commandsIn(renderReview(t, "github", d, report.Options{}))); n != 10 {
		t.Errorf("%d annotations, want 10", n)
	}
}

// A JUnit file is red exactly when the exit code is not 0.
func TestReviewJUnitIsRed(t *testing.T) {
	clean := ordinaryReview()
	clean.Outcome, clean.ExitCode, clean.Findings, clean.Attestations = review.Clean, 0, clean.Findings[2:], clean.Attestations[1:]
	for _, test := range []struct {
		outcome review.Outcome
		code    int
		red     bool
	}{{review.Clean, 0, false}, {review.Clean, 1, true}, {review.Undecided, 0, true}, {review.Broken, 1, true}, {review.Contradicted, 3, true}, {review.Voiceless, 4, true}} {
		d := clean
		d.Outcome, d.ExitCode = test.outcome, test.code
		if red := strings.Contains(renderReview(t, "junit", d, report.Options{}), "<failure"); red != test.red {
			t.Errorf("%s with exit code %d: red %v, want %v", test.outcome, test.code, red, test.red)
		}
	}
}

// A long review is cut, says what is missing and keeps its outcome; it holds no null.
func TestReviewLimits(t *testing.T) {
	d := ordinaryReview()
	for i := range 2000 {
		a := d.Attestations[1]
		a.Signer = strings.Repeat("x", i)
		d.Attestations = append(d.Attestations, a)
	}
	text := renderReview(t, "markdown", d, report.Options{Limit: report.MinimalLimit})
	if len(text) > report.MinimalLimit || !strings.Contains(text, "RULE BROKEN") || !strings.Contains(text, "attestations omitted") {
		t.Errorf("%d bytes: %.500s", len(text), text)
	}
	var out bytes.Buffer
	if err := report.ReviewJSON(&out, report.ReviewSubject{}.Document()); err != nil || strings.Contains(out.String(), "null") {
		t.Errorf("an empty review: %v\n%s", err, out.String())
	}
	var back report.Review
	if err := json.Unmarshal(out.Bytes(), &back); err != nil || back.Schema != "gverify.ci/v1" || back.Outcome != review.Undecided {
		t.Errorf("%v, %+v", err, back)
	}
}
