package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/gverify/gverify/report"
	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/sigs/pgp"
	"github.com/gverify/gverify/sigs/projects"
	"github.com/gverify/gverify/testdata/example"
	"github.com/gverify/gverify/verify"
)

func newDemoCommand(w world) *cobra.Command {
	var o output
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "See gverify at work on a small built-in repository, without a network",
		Long: `Judges a release of an invented project, with invented signers, that is built into the program. It exits with 0 when the
verdict is the one that was planted: disputed. With another --format than text it writes the report alone.

Exit status:
  0    the verdict is the planted one, although that is disputed
  1    it is not, which is a bug in gverify; or gverify could not do what was asked
  2    the command line makes no sense
  130  interrupted`,
		Args: exactArgs(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := fromEnvironment(cmd, w.getenv); err != nil {
				return err
			}
			if err := o.validate(); err != nil {
				return err
			}
			return runDemo(cmd.Context(), o, w)
		},
	}
	o.documentFlags(cmd)
	return cmd
}

func runDemo(ctx context.Context, o output, w world) error {
	j, err := judgeDemo(ctx)
	if err != nil {
		return err
	}
	d := j.explained(exitDisputed)
	if o.format != "text" || o.quiet {
		if err := o.write(w, d); err != nil {
			return err
		}
	} else if err := writeOutput(w, o.file, func(out io.Writer) error {
		if _, err := fmt.Fprint(out, example.Introduction+"\n"); err != nil {
			return err
		}
		if err := report.Text(out, d, o.render(w)); err != nil {
			return err
		}
		_, err := fmt.Fprint(out, "\n"+example.Explanation)
		return err
	}); err != nil {
		return err
	}
	return asPlanted(j.verdict, d.Explanation)
}

// judgeDemo judges the built-in repository.
func judgeDemo(ctx context.Context) (*judged, error) {
	src := &source{fsys: example.FS(), location: "the demonstration repository inside gverify", close: func() error { return nil }}
	listing, err := sigs.List(src.fsys)
	if err != nil {
		return nil, err
	}
	keys := &keyGatherer{ring: pgp.NewKeyring()}
	if err := keys.addInside(src, listing, false); err != nil {
		return nil, err
	}
	policy, err := verify.ParsePolicy(example.Policy())
	if err != nil {
		return nil, fmt.Errorf("the demonstration's policy: %w", err)
	}
	statements, findings, err := checkRelease(ctx, src, listing.Find(example.Version), keys.ring.At(example.Day))
	if err != nil {
		return nil, err
	}
	j := &judged{src: src, keys: keys, comparison: verify.Compare(example.Version, statements), findings: append(keys.findings, findings...)}
	j.project, j.asOf = projects.Project{Name: "demo", Title: "Democoin"}, example.Day
	j.policy = chosenPolicy{Policy: policy, origin: "built into the demonstration", pins: "the demonstration"}
	j.verdict, err = policy.Decide(j.comparison, verify.Question{Due: []string{"linux", "osx", "win"}})
	return j, err
}

// asPlanted compares the verdict and the cause of its dispute with what the demonstration was made to show.
func asPlanted(v verify.Verdict, e *report.Explained) error {
	want := map[string]verify.Outcome{"linux": verify.Agreed, "win": verify.Disputed, "osx": verify.Insufficient}
	for _, p := range v.Platforms {
		if want[p.Name] != p.Outcome {
			return withHint(fmt.Errorf("the demonstration says %s for %s, want %s", p.Outcome, p.Name, want[p.Name]), "this is a bug in gverify: please report it")
		}
		delete(want, p.Name)
	}
	if len(want) > 0 {
		return errors.New("the demonstration lacks a platform")
	}
	if cause := firstCause(e); cause.ID != string(verify.PackageDrift) || cause.Evidence[0].Factor != "binutils" {
		return withHint(fmt.Errorf("the demonstration names %q as the cause, want %s of binutils", cause.ID, verify.PackageDrift), "this is a bug in gverify: please report it")
	}
	return nil
}

// firstCause is the most likely cause of the first split that was explained; the zero Cause where there is none.
func firstCause(e *report.Explained) report.Cause {
	if e == nil || len(e.Platforms) == 0 || len(e.Platforms[0].Splits) == 0 {
		return report.Cause{}
	}
	return e.Platforms[0].Splits[0].Pairs[0].Causes[0]
}
