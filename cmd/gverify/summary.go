package main

import (
	"bytes"
	"fmt"
	"io"
	"os"

	"github.com/gverify/gverify/report"
)

// appendSummary adds the report to the job summary of a GitHub workflow, the file that $GITHUB_STEP_SUMMARY names. A summary
// that cannot be written is said on standard error and changes nothing else: the verdict stands in the log.
func appendSummary(w world, d report.Document, o report.Options) {
	summarise(w, o, func(out io.Writer, o report.Options) error { return report.Markdown(out, d, o) })
}

// summarise adds what markdown writes to the job summary.
func summarise(w world, o report.Options, markdown func(io.Writer, report.Options) error) {
	name := w.getenv("GITHUB_STEP_SUMMARY")
	if name == "" {
		return
	}
	if err := appendMarkdown(name, o, markdown); err != nil {
		fmt.Fprintf(w.Err, "gverify: hint: the job summary was not written: %s\n", quoteLines(err.Error()))
	}
}

// appendMarkdown appends a report to a file, which GitHub refuses as a whole when it is larger than [report.SummaryLimit].
func appendMarkdown(name string, o report.Options, markdown func(io.Writer, report.Options) error) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	defer f.Close()
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	before := ""
	if size > 0 {
		before = "\n"
	}
	o.Limit = report.SummaryLimit - int(min(size, report.SummaryLimit)) - len(before)
	if o.Limit < report.MinimalLimit {
		return fmt.Errorf("%s holds %d bytes, and GitHub takes at most %d", name, size, report.SummaryLimit)
	}
	var b bytes.Buffer
	if err := markdown(&b, o); err != nil {
		return err
	}
	if _, err := f.WriteString(before + b.String()); err != nil {
		return err
	}
	return f.Close()
}
