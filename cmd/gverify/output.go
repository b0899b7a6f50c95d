package main

import (
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gverify/gverify/report"
)

// output is how a report is written; several commands share it.
type output struct {
	format  string
	file    string
	verbose int
	quiet   bool
	color   string
}

func (o *output) flags(cmd *cobra.Command, formats string) {
	f := cmd.Flags()
	f.StringVar(&o.format, "format", "text", "how to write the report: "+formats)
	f.StringVarP(&o.file, "output", "o", "", "write the report to this file instead of standard output")
	f.CountVarP(&o.verbose, "verbose", "v", "show fingerprints, hashes, where keys came from and every finding")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "print the verdict line only")
	f.StringVar(&o.color, "color", "auto", "auto, always or never")
}

func (o output) validate(formats ...string) error {
	if !slices.Contains(formats, o.format) {
		return usagef("unknown format %q, want %s", o.format, strings.Join(formats, " or "))
	}
	if !slices.Contains([]string{"auto", "always", "never"}, o.color) {
		return usagef("--color %q, want auto, always or never", o.color)
	}
	return nil
}

// render are the options of the text renderer for this run.
func (o output) render(w world) report.Options {
	color := o.color == "always"
	if o.color == "auto" {
		color = w.outTerm && o.file == "" && w.getenv("NO_COLOR") == ""
	}
	return report.Options{Verbose: o.verbose, Quiet: o.quiet, Color: color, Width: w.outWidth}
}

// write writes a document in the format asked.
func (o output) write(w world, d report.Document) error {
	return writeOutput(w, o.file, func(out io.Writer) error {
		switch o.format {
		case "json":
			return report.JSON(out, d)
		case "markdown":
			return report.Markdown(out, d, o.render(w))
		}
		return report.Text(out, d, o.render(w))
	})
}
