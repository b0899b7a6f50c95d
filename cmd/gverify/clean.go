package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/gverify/gverify/report"
)

// cleanOptions are the flags of gverify clean.
type cleanOptions struct {
	cache, results, dryRun bool
	output                 string
}

func newCleanCommand(w world) *cobra.Command {
	var o cleanOptions
	cmd := &cobra.Command{
		Use:   "clean",
		Short: "Remove what building left behind: containers and images, caches, results",
		Long: `Removes the containers and images that gverify made in the Docker engine, and nothing else there. Containers of a build that is
running are left alone.

` + buildStatusHelp,
		Args: exactArgs(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := fromEnvironment(cmd, w.getenv); err != nil {
				return err
			}
			return runClean(cmd.Context(), o, w)
		},
	}
	f := cmd.Flags()
	f.BoolVar(&o.cache, "cache", false, "also remove the builds' caches, the clones of sources and the bases")
	f.BoolVar(&o.results, "results", false, "also remove the results in --output")
	f.BoolVar(&o.dryRun, "dry-run", false, "say what would be removed, and remove nothing")
	f.StringVar(&o.output, "output", defaultOutput, "directory with results, for --results")
	return cmd
}

// buildCaches are the directories of building below the user's cache.
var buildCaches = []string{"builds", "sources", "bases"}

func runClean(ctx context.Context, o cleanOptions, w world) error {
	var problems []error
	if err := cleanEngine(ctx, o, w); err != nil {
		if !o.cache && !o.results {
			return err
		}
		problems = append(problems, err)
	}
	if o.cache {
		dirs, err := findDirectories(w.getenv)
		if err != nil {
			return err
		}
		for _, name := range buildCaches {
			problems = append(problems, o.directory(w, filepath.Join(dirs.cache, name)))
		}
	}
	if o.results {
		problems = append(problems, o.cleanResults(w))
	}
	return errors.Join(problems...)
}

func cleanEngine(ctx context.Context, o cleanOptions, w world) error {
	engine, err := connect(ctx)
	if err != nil {
		return err
	}
	defer engine.Close()
	all, err := engine.Leftovers(ctx, w.now)
	if err != nil {
		return err
	}
	var problems []error
	for _, l := range all {
		what := l.Kind + " " + report.Quote(l.Name)
		if l.Busy {
			fmt.Fprintf(w.Out, "left alone, it is in use: %s\n", what)
			continue
		}
		problems = append(problems, o.remove(w, what, func() error { return engine.Remove(ctx, l) }))
	}
	if len(all) == 0 {
		fmt.Fprintln(w.Out, "nothing of gverify's is in the Docker engine")
	}
	return errors.Join(problems...)
}

// remove does it and says so, or says what it would do.
func (o cleanOptions) remove(w world, what string, do func() error) error {
	if o.dryRun {
		fmt.Fprintf(w.Out, "would remove %s\n", what)
		return nil
	}
	if err := do(); err != nil {
		return err
	}
	fmt.Fprintf(w.Out, "removed %s\n", what)
	return nil
}

func (o cleanOptions) directory(w world, dir string) error {
	if _, err := os.Lstat(dir); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return o.remove(w, report.Quote(dir), func() error { return os.RemoveAll(dir) })
}

// cleanResults removes a directory of results, if gverify made it.
func (o cleanOptions) cleanResults(w world) error {
	_, err := os.Lstat(filepath.Join(o.output, outputMark))
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Lstat(o.output); errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return withHint(fmt.Errorf("%s is left alone: gverify did not make it", o.output), "it has no file %s; name the directory of results with --output", outputMark)
	}
	if err != nil {
		return err
	}
	return o.directory(w, o.output)
}
