package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/verify"
)

// maxAnnotations is how many annotations are written: GitHub shows no more than ten of a kind for a step.
const maxAnnotations = 10

// GitHub writes the text report and then annotations, at most ten, as workflow commands for the log of a GitHub workflow. The
// lines of the report hold no command of their own, whatever a repository's text is.
//
// Errors are what keeps the exit code from being 0; everything else, alarms too, is a warning: a file that anybody can add
// to a repository must not turn a good release red. The verdict itself is always the first annotation.
func GitHub(out io.Writer, d Document, o Options) error {
	o.Color = false
	if err := Text(out, d, o); err != nil {
		return err
	}
	all := annotations(d)
	if o.Quiet {
		all = all[:1]
	}
	if len(all) > maxAnnotations {
		rest := len(all) - (maxAnnotations - 1)
		all = append(all[:maxAnnotations-1], annotation{"notice", "gverify", count(rest, "more annotation") + " omitted: see the report in the log, or the job summary"})
	}
	for _, a := range all {
		if _, err := fmt.Fprintln(out, a.command()); err != nil {
			return err
		}
	}
	return nil
}

// annotation is a message beside a workflow run.
type annotation struct {
	level string // error, warning or notice
	title string
	text  string // its lines are ours: what comes from a repository is quoted before
}

// command is the annotation as a workflow command.
func (a annotation) command() string {
	return "::" + a.level + " title=" + githubProperty(shortened(a.title, maxName)) + "::" + githubData(shortened(a.text, maxText))
}

// shortened cuts a text to a number of characters and says how many are missing.
func shortened(s string, most int) string {
	s, more := clip(s, most)
	return s + omittedCharacters(more)
}

// annotations are all that a document has to say, most important first.
func annotations(d Document) []annotation {
	of := cell(d.Project.Title, 40) + " " + cell(d.Version, 20) + ": "
	out := []annotation{annotationOf(d, of)}
	if d.Own == verify.Differs {
		out = append(out, annotation{"error", of + "own build differs", "Your own build differs from what the signers made: " + ownDiffers(d)})
	}
	for _, p := range d.Platforms {
		if p.Asked && p.Outcome != verify.Agreed {
			out = append(out, annotation{"error", of + p.Outcome.String() + " on " + platformName(p.Name), Quote(p.Grounds)})
		}
	}
	for _, k := range d.Keys {
		if k.Problem != "" {
			out = append(out, annotation{"warning", of + "keys not read", Quote(k.Name + ": " + k.Problem)})
		}
	}
	for _, k := range kinds(d.Findings, false) {
		title := of + strings.ReplaceAll(k.first.Code, "-", " ")
		if k.first.Severity == sigs.Alarm {
			title = of + "ALARM " + strings.ReplaceAll(k.first.Code, "-", " ")
		}
		text := k.text()
		if k.first.Next != "" {
			text += "\nNext: " + Quote(k.first.Next)
		}
		out = append(out, annotation{"warning", title, text})
	}
	return out
}

// ownDiffers names the platforms on which the user's own build differs.
func ownDiffers(d Document) string {
	var names []string
	for _, p := range d.Platforms {
		if p.Own == verify.Differs {
			names = append(names, platformName(p.Name))
		}
	}
	return strings.Join(names, ", ")
}

// annotationOf is the verdict as an annotation.
func annotationOf(d Document, of string) annotation {
	a := annotation{"notice", of + d.Outcome.String(), sentence(Quote(d.Grounds))}
	if failed(d) {
		a.level = "error"
	}
	if d.Own == verify.Differs {
		a.title += ", but own build differs"
	}
	return a
}
