package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/gverify/gverify/verify/review"
)

// ReviewJUnit writes a review for the test views of CI systems: a case for the review as a whole, then one for every finding that
// breaks a rule and one for every new attestation. The file is red exactly when the exit code is not 0.
func ReviewJUnit(out io.Writer, d Review, o Options) error {
	if _, err := io.WriteString(out, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(out)
	e.Indent("", "  ")
	if err := e.Encode(junitReview(d, o)); err != nil {
		return err
	}
	_, err := io.WriteString(out, "\n")
	return err
}

func junitReview(d Review, o Options) junitSuites {
	class := "gverify.ci." + junitName(d.Project.Name)
	all := junitSuites{Name: "gverify ci " + junitName(d.Project.Name)}
	whole := junitCase{Class: class, Name: "review"}
	if d.ExitCode != 0 || d.Outcome != review.Clean {
		whole.Failure = &junitReason{Message: junitText(sentence(d.Grounds)), Type: d.Outcome.String()}
	}
	cases := []junitCase{whole}
	for _, f := range d.Findings {
		if f.Breaks {
			cases = append(cases, junitCase{Class: class + ".rules", Name: junitName(f.Code + " " + f.Path),
				Failure: &junitReason{Message: junitText(f.Text), Type: junitName(f.Code), Text: junitText(f.Next)}})
		}
	}
	for _, a := range d.Attestations {
		c := junitCase{Class: class + ".attestations", Name: junitName(a.Path)}
		switch {
		case a.Verified == review.Different:
			c.Failure = &junitReason{Message: junitText(standingText(a)), Type: "contradiction"}
		case !a.Votes:
			c.Skipped = &junitReason{Message: junitText("no vote: " + a.Why)}
		}
		cases = append(cases, c)
	}
	var text strings.Builder
	o.Color = false
	if err := ReviewText(&text, d, o); err != nil {
		fmt.Fprintf(&text, "the report could not be written: %v", err)
	}
	all.add(Document{AsOf: d.AsOf}, junitSuite{Name: all.Name, Cases: cases, Output: &junitLog{junitLogText(text.String())}})
	return all
}
