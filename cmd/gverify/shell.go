package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/gverify/gverify/build/docker"
)

func newShellCommand(w world) *cobra.Command {
	var failed bool
	cmd := &cobra.Command{
		Use:   "shell [NAME]",
		Short: "Open a shell in a build's environment, to look around",
		Long: `Opens a shell in the environment of the last build, or of the descriptor called NAME, as its unprivileged user and without a
network. What you do there is thrown away when you leave; no build goes on from there.

` + buildStatusHelp,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := fromEnvironment(cmd, w.getenv); err != nil {
				return err
			}
			o := docker.ShellOptions{Failed: failed, In: w.In, Out: w.Out, Width: uint(max(0, w.outWidth)), Height: 40}
			if len(args) == 1 {
				o.Name = args[0]
			}
			return runShell(cmd.Context(), o, w)
		},
	}
	cmd.Flags().BoolVar(&failed, "failed", false, "as the last failed script left it; only with gverify build --keep-failed")
	return cmd
}

func runShell(ctx context.Context, o docker.ShellOptions, w world) error {
	engine, err := connect(ctx)
	if err != nil {
		return err
	}
	defer engine.Close()
	if w.raw != nil {
		restore, err := w.raw()
		if err != nil {
			return err
		}
		defer restore()
	}
	return fitting(engine.Shell(ctx, o))
}
