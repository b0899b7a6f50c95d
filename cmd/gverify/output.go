package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gverify/gverify/report"
)

// formats are all the ways a report can be written, and what each is for.
var formats = []struct {
	name  string
	write func(io.Writer, report.Document, report.Options) error
}{
	{"text", report.Text},
	{"json", func(out io.Writer, d report.Document, _ report.Options) error { return report.JSON(out, d) }},
	{"markdown", report.Markdown},
	{"junit", report.JUnit},
	{"github", report.GitHub},
}

const formatHelp = `Formats:
  text      for a person at a terminal
  json      the whole document, for programs; gverify render prints it again in any format
  markdown  for a pull request or a job summary, within --markdown-limit bytes; what is left out is counted
  junit     for the test view of a CI system: red exactly when the exit status is not 0
  github    the text with at most ten annotations, and the markdown in the job summary ($GITHUB_STEP_SUMMARY); release and
            render choose it in a GitHub workflow, where no other format or output file is asked for`

// output is how a report is written; several commands share it.
type output struct {
	format  string
	file    string
	verbose int
	quiet   bool
	color   string
	limit   int
}

func (o *output) flags(cmd *cobra.Command, formats string) {
	f := cmd.Flags()
	f.StringVar(&o.format, "format", "text", "how to write the report: "+formats)
	f.StringVarP(&o.file, "output", "o", "", "write the report to this file instead of standard output")
	f.CountVarP(&o.verbose, "verbose", "v", "show fingerprints, hashes, where keys came from and every finding")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "print the verdict line only")
	f.StringVar(&o.color, "color", "auto", "auto, always or never")
}

// documentFlags are those of commands that write a whole document, which they can do in every format.
func (o *output) documentFlags(cmd *cobra.Command) {
	o.flags(cmd, allFormats())
	cmd.Flags().IntVar(&o.limit, "markdown-limit", report.CommentLimit, fmt.Sprintf("the most bytes of a report in markdown, at least %d; a comment on GitHub takes the default", report.MinimalLimit))
}

func allFormats() string {
	var names []string
	for _, f := range formats {
		names = append(names, f.name)
	}
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}

// inWorkflow chooses the format for GitHub's workflow logs where a report goes to one and nobody asked for a format.
func (o *output) inWorkflow(cmd *cobra.Command, w world) {
	if !cmd.Flags().Changed("format") && o.toStandardOutput() && w.getenv("GITHUB_ACTIONS") == "true" {
		o.format = "github"
	}
}

func (o output) toStandardOutput() bool { return o.file == "" || o.file == "-" }

// validate checks the flags of a command that knows the given formats, of one that knows all where none are given.
func (o output) validate(known ...string) error {
	if len(known) == 0 {
		for _, f := range formats {
			known = append(known, f.name)
		}
		if o.limit < report.MinimalLimit {
			return usagef("--markdown-limit %d: at least %d bytes are needed for the verdict", o.limit, report.MinimalLimit)
		}
	}
	if !slices.Contains(known, o.format) {
		return usagef("unknown format %q, want %s", o.format, strings.Join(known, " or "))
	}
	if !slices.Contains([]string{"auto", "always", "never"}, o.color) {
		return usagef("--color %q, want auto, always or never", o.color)
	}
	return nil
}

// render are the options of the renderers for this run.
func (o output) render(w world) report.Options {
	color := o.color == "always"
	if o.color == "auto" {
		color = w.outTerm && o.file == "" && w.getenv("NO_COLOR") == ""
	}
	return report.Options{Verbose: o.verbose, Quiet: o.quiet, Color: color, Width: w.outWidth, Limit: o.limit}
}

// write writes a document in the format asked, and in a GitHub workflow the job summary too.
func (o output) write(w world, d report.Document) error {
	err := writeOutput(w, o.file, func(out io.Writer) error {
		for _, f := range formats {
			if f.name == o.format {
				return f.write(out, d, o.render(w))
			}
		}
		return usagef("unknown format %q", o.format)
	})
	if err == nil && o.format == "github" {
		appendSummary(w, d, o.render(w))
	}
	return err
}
