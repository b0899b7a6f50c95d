package main

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/gverify/gverify/report"
)

// maxDocument is the largest saved report that is read, in bytes.
const maxDocument = 256 << 20

func newRenderCommand(w world) *cobra.Command {
	var o output
	cmd := &cobra.Command{
		Use:   "render FILE.json",
		Short: "Print a saved JSON report in another format",
		Long: `Prints a report that was saved with --format json. Nothing is verified again: the exit status is the one the report holds.

` + formatHelp + "\n\n" + exitHelp,
		Example: `  gverify release 0.15.2 --format json -o verdict.json
  gverify render verdict.json -v`,
		Args: exactArgs(1, "one JSON file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := fromEnvironment(cmd, w.getenv); err != nil {
				return err
			}
			o.inWorkflow(cmd, w)
			if err := o.validate(); err != nil {
				return err
			}
			return runRender(o, args[0], w)
		},
	}
	o.documentFlags(cmd)
	return cmd
}

func runRender(o output, name string, w world) error {
	if _, err := os.Stat(name); err != nil {
		return err
	}
	if err := keepInputs(o.file, name); err != nil {
		return err
	}
	data, err := readCapped(name, maxDocument)
	if err != nil {
		return err
	}
	if report.IsCheck(data) {
		return renderCheck(o, name, data, w)
	}
	d, err := report.Parse(data)
	if err != nil {
		return withHint(fmt.Errorf("%s: %w", name, err), "render takes what gverify release or check --format json wrote")
	}
	d.ExitCode = documentCode(d)
	if err := o.write(w, d); err != nil {
		return err
	}
	if d.ExitCode != exitAgreed {
		return exitStatus(d.ExitCode)
	}
	return nil
}

// renderCheck prints the document of a check again.
func renderCheck(o output, name string, data []byte, w world) error {
	c, err := report.ParseCheck(data)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if err := writeOutput(w, o.file, func(out io.Writer) error {
		if o.format == "json" {
			return report.CheckJSON(out, c)
		}
		return report.CheckText(out, c, o.render(w))
	}); err != nil {
		return err
	}
	if code := documentCode(report.Document{Outcome: c.Outcome, Own: c.Own, ExitCode: c.ExitCode}); code != exitAgreed {
		return exitStatus(code)
	}
	return nil
}
