package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/verify/review"
)

// ReviewGitHub writes the text of a review and then annotations at the files they are about, at most ten, as workflow commands
// for the log of a GitHub workflow. Errors are what keeps the exit code from being 0, but for a new signer who cannot vote yet.
func ReviewGitHub(out io.Writer, d Review, o Options) error {
	o.Color = false
	if err := ReviewText(out, d, o); err != nil {
		return err
	}
	all := reviewAnnotations(d)
	if o.Quiet {
		all = all[:1]
	}
	if len(all) > maxAnnotations {
		rest := len(all) - (maxAnnotations - 1)
		all = append(all[:maxAnnotations-1], fileAnnotation{annotation: annotation{"notice", "gverify", count(rest, "more annotation") + " omitted: see the report in the log, or the job summary"}})
	}
	for _, a := range all {
		if _, err := fmt.Fprintln(out, a.command()); err != nil {
			return err
		}
	}
	return nil
}

// fileAnnotation is an annotation at a file of the change.
type fileAnnotation struct {
	annotation
	file string // empty: about the change as a whole
}

func (a fileAnnotation) command() string {
	command := a.annotation.command()
	if a.file == "" {
		return command
	}
	return strings.Replace(command, " title=", " file="+githubProperty(shortened(a.file, 4*maxName))+",title=", 1)
}

// reviewAnnotations are all that a review has to say: its outcome, then the findings, those that break rules first.
func reviewAnnotations(d Review) []fileAnnotation {
	level := "error"
	switch d.Outcome {
	case review.Clean:
		level = "notice"
	case review.Voiceless:
		level = "warning"
	}
	out := []fileAnnotation{{annotation{level, "gverify: " + d.Outcome.String(), sentence(Quote(d.Grounds))}, ""}}
	for _, f := range d.Findings {
		level := "warning"
		switch {
		case f.Breaks || f.Code == "contradicts-verified" || f.Code == "new-attestations-disagree":
			level = "error"
		case f.Severity == sigs.Note:
			level = "notice"
		}
		text := Quote(f.Text)
		if f.Next != "" {
			text += "\nNext: " + Quote(f.Next)
		}
		out = append(out, fileAnnotation{annotation{level, "gverify: " + strings.ReplaceAll(f.Code, "-", " "), text}, f.Path})
	}
	return out
}
