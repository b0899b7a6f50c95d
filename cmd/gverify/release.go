package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gverify/gverify/verify"
)

// releaseOptions are the flags of gverify release.
type releaseOptions struct {
	request
	output
}

func newReleaseCommand(w world) *cobra.Command {
	var o releaseOptions
	cmd := &cobra.Command{
		Use:   "release VERSION",
		Short: "The verdict on a release: who built it, who agrees, what is missing",
		Long: `Fetches the attestations of one release, checks every signature, compares what the signers say came out of their builds,
and gives a verdict per platform. VERSION is exact: 0.15 is not 0.15.2.

` + formatHelp + "\n\n" + exitHelp,
		Example: `  gverify release 0.15.2
  gverify release 0.18.4.0 --project monero
  gverify release 0.15.2 --keys gnupg: --threshold 5
  gverify release 0.15.0.1 --manifest result/bitcoin-linux-0.15-res.yml`,
		Args: exactArgs(1, "one version"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := fromEnvironment(cmd, w.getenv); err != nil {
				return err
			}
			o.inWorkflow(cmd, w)
			o.version = args[0]
			o.thresholdSet = cmd.Flags().Changed("threshold")
			if err := o.validate(); err != nil {
				return err
			}
			return runRelease(cmd.Context(), o, w)
		},
	}
	o.request.flags(cmd)
	o.request.narrowing(cmd)
	o.documentFlags(cmd)
	return cmd
}

func (o releaseOptions) validate() error {
	if err := o.request.validate(); err != nil {
		return err
	}
	return o.output.validate()
}

// runRelease is the main job: from an attestation repository to a verdict.
func runRelease(ctx context.Context, o releaseOptions, w world) error {
	if err := keepInputs(o.file, o.request.files()...); err != nil {
		return err
	}
	j, err := judge(ctx, o.request, w, w.progress(o.quiet))
	if err != nil {
		return err
	}
	defer j.close()
	status, problem := exitFor(j.verdict, j.keys)
	if err := o.output.write(w, j.explained(status)); err != nil {
		return err
	}
	if problem != nil {
		return problem
	}
	if status != exitAgreed {
		return exitStatus(status)
	}
	return nil
}

// exitFor maps a verdict to the exit code, and says what kept gverify from a better answer. It is the only place that does.
func exitFor(v verify.Verdict, keys *keyGatherer) (int, error) {
	switch v.Outcome {
	case verify.Agreed:
		if v.Own == verify.Differs {
			return exitOwnDiffers, nil
		}
		return exitAgreed, nil
	case verify.Disputed:
		return exitDisputed, nil
	case verify.Insufficient:
		if missing := keys.unreachable(); len(missing) > 0 {
			return exitError, withHint(fmt.Errorf("too few signatures could be verified, and a source of keys could not be read: %s", strings.Join(missing, "; ")),
				"try again with a network, or give the keys yourself: --keys DIRECTORY")
		}
		return exitInsufficient, nil
	}
	return exitError, nil
}
