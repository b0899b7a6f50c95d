package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gverify/gverify/build"
	"github.com/gverify/gverify/verify"
)

// releaseOptions are the flags of gverify release.
type releaseOptions struct {
	request
	output
	build     string // platforms to build, allPlatforms, or empty: nothing
	inputs    []string
	commits   []string
	urls      []string
	baseImage string
}

// allPlatforms is what --build without a value means.
const allPlatforms = "all"

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
  gverify release 0.15.0.1 --manifest result/bitcoin-linux-0.15-res.yml
  gverify release 0.15.2 --build=linux`,
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
	f := cmd.Flags()
	f.StringVar(&o.build, "build", "", "build the release first, and compare what comes out with every signer; with a value, these platforms only: --build=linux,win")
	f.Lookup("build").NoOptDefVal = allPlatforms
	f.StringArrayVar(&o.inputs, "inputs", []string{"inputs"}, "with --build: directory with input files, as for gverify build; repeatable")
	f.StringSliceVar(&o.commits, "commit", nil, "with --build: DIR=REF, as for gverify build")
	f.StringSliceVar(&o.urls, "url", nil, "with --build: DIR=URL, as for gverify build")
	f.StringVar(&o.baseImage, "base-image", "", "with --build: image to start from instead of the suite's own")
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
	if o.build != "" {
		own, err := o.buildOwn(ctx, w)
		if err != nil {
			return err
		}
		o.manifests = append(slices.Clone(o.manifests), own...)
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

// buildOwn builds the release and returns its results' files. The report has standard output to itself.
func (o releaseOptions) buildOwn(ctx context.Context, w world) ([]string, error) {
	b := buildOptions{
		release: o.version, project: o.project, all: o.build == allPlatforms, sigs: o.sigs, keys: o.keys, offline: o.offline,
		inputs: o.inputs, commits: o.commits, urls: o.urls, baseImage: o.baseImage, jobs: build.DefaultLimits.Jobs, memory: build.DefaultLimits.Memory, run: executeOptions{output: defaultOutput},
	}
	if !b.all {
		b.platforms = strings.Split(o.build, ",")
	}
	w.Out = w.Err
	results, err := b.buildAll(ctx, w)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, r := range results {
		files = append(files, filepath.Join(b.run.output, build.ResultFile(r.Name)))
	}
	return files, nil
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
