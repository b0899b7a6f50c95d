package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/gverify/gverify/report"
)

// Exit codes. They depend on the verdict alone: not on the format, not on a terminal.
const (
	exitAgreed       = 0
	exitError        = 1
	exitUsage        = 2
	exitDisputed     = 3
	exitInsufficient = 4
	exitOwnDiffers   = 5
	exitInterrupted  = 130
)

const exitHelp = `Exit status:
  0    agreed: the policy is met
  1    gverify could not do what was asked (network, missing data)
  2    the command line makes no sense
  3    disputed: signers whose voice counts contradict each other
  4    insufficient: nobody disagrees, but too few have signed
  5    the signers agree, but your own build differs
  130  interrupted`

// toolExitHelp is for commands that give no verdict.
const toolExitHelp = `Exit status:
  0    done
  1    gverify could not do what was asked
  2    the command line makes no sense
  130  interrupted`

// streams are the program's connections to whoever called it.
type streams struct {
	In  io.Reader
	Out io.Writer
	Err io.Writer
}

// world is all that the program sees of its surroundings.
type world struct {
	streams
	now              time.Time
	getenv           func(string) string
	outTerm, errTerm bool // the stream is a terminal
	outWidth         int  // columns of a terminal, 0 elsewhere

	// secret asks for a line that is not shown; nil where standard input is no terminal.
	secret func(ctx context.Context, prompt string) ([]byte, error)

	// raw hands every key to the program as it is pressed, until restore; nil where standard input is no terminal.
	raw func() (restore func(), err error)
}

// progress returns where progress goes: standard error on a terminal, nowhere else.
func (w world) progress(quiet bool) io.Writer {
	if !w.errTerm || quiet {
		return nil
	}
	return w.Err
}

// run is the program. It returns the exit code and never panics.
func run(ctx context.Context, args []string, w world) (code int) {
	defer func() {
		if r := recover(); r != nil {
			fmt.Fprintf(w.Err, "gverify: internal error: %v\n", r)
			if w.getenv("GVERIFY_DEBUG") != "" {
				fmt.Fprintf(w.Err, "%s", debug.Stack())
			}
			fmt.Fprintln(w.Err, "gverify: hint: this is a bug in gverify; set GVERIFY_DEBUG=1 and report what it prints")
			code = exitError
		}
	}()
	root := newRoot(w)
	root.SetArgs(args)
	return conclude(ctx, w, root.ExecuteContext(ctx))
}

// conclude prints a command's error and turns it into an exit code.
func conclude(ctx context.Context, w world, err error) int {
	var status exitStatus
	switch {
	case err == nil:
		return 0
	case errors.As(err, &status):
		return int(status)
	case ctx.Err() != nil:
		fmt.Fprintln(w.Err, "gverify: interrupted")
		return exitInterrupted
	}
	fmt.Fprintf(w.Err, "gverify: error: %s\n", quoteLines(err.Error()))
	var h *hintError
	if errors.As(err, &h) && h.hint != "" {
		fmt.Fprintf(w.Err, "gverify: hint: %s\n", quoteLines(h.hint))
	}
	var usage *usageError
	if errors.As(err, &usage) {
		return exitUsage
	}
	return exitError
}

// quoteLines makes text that may hold repository content safe for a terminal and a CI log, line by line.
func quoteLines(s string) string { return report.QuoteLines(s) }

// exitStatus ends the program with a code and no message: the report has said it all.
type exitStatus int

func (e exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// usageError is a request that makes no sense.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

func usagef(format string, args ...any) error { return &usageError{fmt.Errorf(format, args...)} }

// hintError is an error with the next thing to do.
type hintError struct {
	err  error
	hint string
}

func (e *hintError) Error() string { return e.err.Error() }
func (e *hintError) Unwrap() error { return e.err }

func withHint(err error, format string, args ...any) error {
	return &hintError{err, fmt.Sprintf(format, args...)}
}

func newRoot(w world) *cobra.Command {
	root := &cobra.Command{
		Use:   "gverify",
		Short: "Tells whether independent builders agree on a release",
		Long: `gverify tells whether independent builders got the same files from the same source.

Projects such as Bitcoin, Monero or Dash publish who rebuilt a release, what came out and a signature under it.
gverify fetches these attestations, checks every signature, and says per file who agrees with whom.

  gverify demo               see it at work, without a network
  gverify release 0.15.2     the verdict on Bitcoin Core 0.15.2
  gverify check FILE         the file you downloaded: who built the same
  gverify explain 0.18.0     why the hashes of some builders differ`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Version:       toolVersion(),
		Args:          cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return withHint(usagef("unknown command %q", args[0]), "%s", suggestion(cmd, args[0]))
			}
			return cmd.Help()
		},
	}
	root.SetIn(w.In)
	root.SetOut(w.Out)
	root.SetErr(w.Err)
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SuggestionsMinimumDistance = 2
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return withHint(&usageError{err}, "%s --help lists the flags", cmd.CommandPath())
	})
	root.AddCommand(
		newReleaseCommand(w), newCheckCommand(w), newReleasesCommand(w), newProjectsCommand(w), newRenderCommand(w),
		newBuildCommand(w), newBaseCommand(w), newCleanCommand(w), newShellCommand(w), newSignCommand(w),
		newShowCommand(w), newDemoCommand(w), newPolicyCommand(w), newCICommand(w), newDiffCommand(w), newExplainCommand(w), newScoreCommand(w),
		newAttestCommand(w), newVerifyAttestationCommand(w), newKeygenCommand(w),
		&cobra.Command{Use: "codes", Short: "What every finding means and what to do about it", Long: codesTopic()},
		&cobra.Command{Use: "config", Short: "How to add projects and redirect repositories", Long: configTopic()},
	)
	return root
}

// suggestion names the commands that look like word, else where to find them all.
func suggestion(root *cobra.Command, word string) string {
	if near := root.SuggestionsFor(word); len(near) > 0 {
		return "did you mean " + strings.Join(near, " or ") + "?"
	}
	return "gverify --help lists the commands; the verdict on a release is: gverify release VERSION"
}

// exactArgs is cobra.ExactArgs as a usage error that says what was wanted.
func exactArgs(n int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == n {
			return nil
		}
		return withHint(usagef("%s takes %s, got %d arguments", cmd.CommandPath(), what, len(args)), "%s --help", cmd.CommandPath())
	}
}

// fromEnvironment gives every flag that was not set on the command line the value of GVERIFY_<NAME>, if there is one.
func fromEnvironment(cmd *cobra.Command, getenv func(string) string) error {
	var err error
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Changed || f.Name == "help" || err != nil {
			return
		}
		name := "GVERIFY_" + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		if value := getenv(name); value != "" {
			if setErr := cmd.Flags().Set(f.Name, value); setErr != nil {
				err = usagef("%s: %w", name, setErr)
			}
		}
	})
	return err
}

// writeOutput sends what write produces to the file named, or to standard output where the name is empty. A file is replaced
// whole or not at all; what is no regular file is written to.
func writeOutput(w world, name string, write func(io.Writer) error) error {
	if name == "" || name == "-" {
		return write(w.Out)
	}
	mode := fs.FileMode(0o644)
	switch info, err := os.Stat(name); {
	case err == nil && info.IsDir():
		return withHint(fmt.Errorf("%s is a directory", name), "-o takes the name of a file to write")
	case err == nil && !info.Mode().IsRegular(): // a pipe or device is written to, not replaced
		f, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		return errors.Join(write(f), f.Close())
	case err == nil:
		mode = info.Mode().Perm()
	}
	tmp, err := os.CreateTemp(dirOf(name), ".gverify-*")
	if errors.Is(err, fs.ErrNotExist) {
		return withHint(fmt.Errorf("there is no directory %s to write %s into", dirOf(name), name), "make the directory first, or name another file with -o")
	}
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	if err := write(tmp); err != nil {
		tmp.Close()
		return err
	}
	if err := tmp.Chmod(mode); err != nil {
		tmp.Close()
		return err
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), name)
}
