package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/gverify/gverify/verify"
)

// maxOutput is the most of the text report that goes into a JUnit file, in bytes.
const maxOutput = 64 << 10

// JUnit writes a document for the test views of CI systems. A suite for the whole release holds the verdict; then comes a suite
// per platform, with the platform's verdict and a case per artifact.
//
// The file is red, with a failure or an error in it, exactly when the exit code is not 0: the verdict's own case sees to that
// whatever else is in the file. In a red file, what the outcome rests on fails (disputed, insufficient, own build
// differs); everything else that is not agreed, and in a green file all of it, is skipped, with the reason.
func JUnit(out io.Writer, d Document, o Options) error {
	if _, err := io.WriteString(out, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(out)
	e.Indent("", "  ")
	if err := e.Encode(junitOf(d, o)); err != nil {
		return err
	}
	_, err := io.WriteString(out, "\n")
	return err
}

type junitSuites struct {
	XMLName xml.Name `xml:"testsuites"`
	Name    string   `xml:"name,attr"`
	junitCounts
	Suites []junitSuite `xml:"testsuite"`
}

type junitCounts struct {
	Tests    int `xml:"tests,attr"`
	Failures int `xml:"failures,attr"`
	Errors   int `xml:"errors,attr"`
	Skipped  int `xml:"skipped,attr"`
}

type junitSuite struct {
	Name string `xml:"name,attr"`
	junitCounts
	Timestamp string      `xml:"timestamp,attr"`
	Time      string      `xml:"time,attr"`
	Cases     []junitCase `xml:"testcase"`
	Output    *junitLog   `xml:"system-out"`
}

type junitCase struct {
	Class   string       `xml:"classname,attr"`
	Name    string       `xml:"name,attr"`
	Time    string       `xml:"time,attr"`
	Failure *junitReason `xml:"failure"`
	Error   *junitReason `xml:"error"`
	Skipped *junitReason `xml:"skipped"`
}

type junitReason struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",cdata"`
}

type junitLog struct {
	Text string `xml:",cdata"`
}

func junitOf(d Document, o Options) junitSuites {
	name := "gverify " + junitName(d.Project.Name) + " " + junitName(d.Version)
	class := "gverify." + junitName(d.Project.Name) + "." + junitName(d.Version)
	all := junitSuites{Name: name}
	all.add(d, junitSuite{Name: name, Cases: []junitCase{junitVerdict(d, class)}, Output: &junitLog{junitOutput(d, o)}})
	for _, p := range d.Platforms {
		all.add(d, junitPlatform(d, p, class+"."+junitName(p.Name)))
	}
	return all
}

// add counts a suite's cases and adds it.
func (all *junitSuites) add(d Document, s junitSuite) {
	s.Timestamp, s.Time = d.AsOf.UTC().Format("2006-01-02T15:04:05"), "0"
	for i := range s.Cases {
		c := &s.Cases[i]
		c.Time = "0"
		s.Tests++
		switch {
		case c.Error != nil:
			s.Errors++
		case c.Failure != nil:
			s.Failures++
		case c.Skipped != nil:
			s.Skipped++
		}
	}
	all.Tests += s.Tests
	all.Failures += s.Failures
	all.Errors += s.Errors
	all.Skipped += s.Skipped
	all.Suites = append(all.Suites, s)
}

// failed reports whether the document's exit code is another than 0. A document whose code contradicts its outcome failed.
func failed(d Document) bool {
	return d.ExitCode != 0 || d.Outcome != verify.Agreed || d.Own == verify.Differs
}

// junitVerdict is the verdict on the whole release.
func junitVerdict(d Document, class string) junitCase {
	c := junitCase{Class: class, Name: "verdict"}
	message := junitText(sentence(d.Grounds))
	switch {
	case !failed(d):
	case d.Outcome == verify.Disputed || d.Outcome == verify.Insufficient && d.ExitCode != 1:
		c.Failure = &junitReason{Message: message, Type: d.Outcome.String()}
	case d.Outcome == verify.Agreed && d.Own == verify.Differs:
		c.Failure = &junitReason{Message: "the signers agree, but your own build differs", Type: "own-build-differs"}
	default:
		c.Error = &junitReason{Message: message, Type: d.Outcome.String()}
	}
	return c
}

// junitPlatform is a platform's verdict and its artifacts.
func junitPlatform(d Document, p Platform, class string) junitSuite {
	name := "(no suffix)"
	if p.Name != "" {
		name = junitName(p.Name)
	}
	s := junitSuite{Name: name}
	bears := failed(d) && p.Asked
	s.Cases = append(s.Cases, junitCaseOf(class, "verdict on "+name, p.Outcome, p.Own, p.Grounds, bears))
	for _, a := range p.Artifacts {
		c := junitCaseOf(class, junitName(a.Path), a.Outcome, a.Own, a.Grounds, bears && a.Counts)
		if c.Failure != nil {
			c.Failure.Text = junitGroups(a)
		}
		s.Cases = append(s.Cases, c)
	}
	return s
}

// junitCaseOf is a case that fails, where it bears on the outcome and is not as it should be.
func junitCaseOf(class, name string, outcome verify.Outcome, own verify.Own, grounds string, bears bool) junitCase {
	c := junitCase{Class: class, Name: name}
	reason := &junitReason{Message: junitText(grounds), Type: outcome.String()}
	if own == verify.Differs {
		reason.Message += "; your own build differs"
		if outcome == verify.Agreed {
			reason.Type = "own-build-differs"
		}
	}
	switch {
	case outcome == verify.Agreed && own != verify.Differs:
	case bears:
		c.Failure = reason
	default:
		c.Skipped = &junitReason{Message: "not counted: " + reason.Type + ": " + reason.Message}
	}
	return c
}

// junitGroups is who made what of an artifact.
func junitGroups(a Artifact) string {
	var b strings.Builder
	for _, g := range a.Groups {
		fmt.Fprintf(&b, "%s %s trusted: %s; others: %s; not verified: %s\n", junitName(g.Letter), g.Digest, junitNames(g.Voters), junitNames(g.Others), junitNames(g.Claims))
	}
	if a.Own != verify.NotRun {
		fmt.Fprintf(&b, "own build %s %s\n", junitName(a.OwnDigest), a.Own)
	}
	return logLine(b.String())
}

func junitNames(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	var out []string
	for i, name := range names {
		if i == 20 {
			out = append(out, count(len(names)-i, "more name"))
			break
		}
		out = append(out, junitName(name))
	}
	return strings.Join(out, ", ")
}

// junitOutput is the text report, cut where it is long.
func junitOutput(d Document, o Options) string {
	var b strings.Builder
	if err := Text(&b, d, Options{Verbose: o.Verbose, Quiet: o.Quiet}); err != nil {
		return err.Error() // a strings.Builder has none
	}
	return junitLogText(b.String())
}

// junitLogText cuts a report at a line.
func junitLogText(text string) string {
	if len(text) <= maxOutput {
		return text
	}
	end := strings.LastIndexByte(text[:maxOutput], '\n') + 1
	return text[:end] + fmt.Sprintf("(%s omitted)\n", count(strings.Count(text[end:], "\n"), "more line"))
}

// junitName and junitText are names and sentences that may hold text from a repository; encoding/xml escapes what has a meaning
// in XML, and Quote leaves nothing that XML 1.0 does not allow. They stay harmless where the file is printed into a log.
func junitName(s string) string { return junitCut(s, maxName) }

func junitText(s string) string { return junitCut(s, maxText) }

func junitCut(s string, most int) string {
	s, more := clip(s, most)
	return logLine(Quote(s)) + omittedCharacters(more)
}
