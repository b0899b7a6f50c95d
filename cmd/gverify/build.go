package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gverify/gverify/build"
	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/sigs/projects"
)

// buildOptions are the flags of gverify build.
type buildOptions struct {
	descriptor string // a file; empty with release

	release   string
	latest    bool // --release without a version
	project   string
	platforms []string
	all       bool
	sigs      string
	keys      []string

	commits, urls []string
	inputs        []string
	jobs, memory  int
	sudo          string
	scriptNetwork bool
	fetch         string
	offline       bool

	plan   bool
	format string
	file   string

	savedPlan string // --execute
	baseImage string
	run       executeOptions
}

// anyCommand is what --allow-sudo without a value means.
const anyCommand = "all"

var planFormats = []string{"text", "json", "dockerfile", "recipe"}

func newBuildCommand(w world) *cobra.Command {
	var o buildOptions
	cmd := &cobra.Command{
		Use:   "build [DESCRIPTOR]",
		Short: "Build a Gitian descriptor, or show everything a build would do",
		Long: `Builds what a Gitian descriptor says, in containers that are made for it and thrown away. DESCRIPTOR is a file, or the release of
a project is named, whose source has the descriptors:

  gverify build contrib/gitian-descriptors/gitian-linux.yml --commit bitcoin=v0.15.2
  gverify build --release 0.15.2 --platform linux

What came out lies in --output, beside NAME-res.yml, the plan that was run and the logs; its hashes are printed as gbuild does.

--plan shows what would be done and does none of it: no container is made. It may fetch the history of the sources into your cache
to look commits up; --offline keeps it from that. Formats of a plan:

  text        every input, package, root command and network access, and the script as bash gets it: for you to audit
  json        the whole plan; one that is complete can be run on another machine and gives the same bytes
  dockerfile  the environments as a Dockerfile
  recipe      the shell script that makes an environment, whose commands the plan lists

` + buildExitHelp,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := fromEnvironment(cmd, w.getenv); err != nil {
				return err
			}
			o.latest = cmd.Flags().Changed("release") && o.release == latestRelease
			if len(args) == 1 {
				o.take(args[0])
			}
			if err := o.validate(); err != nil {
				return err
			}
			return runBuild(cmd.Context(), o, w)
		},
	}
	o.flags(cmd)
	return cmd
}

// take reads the argument: a descriptor, or the version behind a --release that was written without "=".
func (o *buildOptions) take(arg string) {
	if _, platform, ok := sigs.SplitRelease(arg); o.latest && ok && platform == "" {
		o.release, o.latest = arg, false
		return
	}
	o.descriptor = arg
}

const buildExitHelp = `Exit status:
  0    built, or shown
  1    gverify could not do what was asked: the build failed, something is missing
  2    the command line makes no sense
  130  interrupted`

// latestRelease is what --release without a version means.
const latestRelease = "latest"

func (o *buildOptions) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.release, "release", "", "build this release of the project; without a version the newest one")
	f.Lookup("release").NoOptDefVal = latestRelease
	f.StringVar(&o.project, "project", projects.Default, "whose release it is; gverify projects lists them")
	f.StringSliceVar(&o.platforms, "platform", nil, "what to build of the release: linux, win, osx, win-signed, …; repeatable, or with commas")
	f.BoolVar(&o.all, "all", false, "build everything the release has descriptors for")
	f.StringVar(&o.sigs, "sigs", "", "attestation repository to learn the signers' input files from, instead of the project's")
	f.StringArrayVar(&o.keys, "keys", nil, "where public keys are, as for gverify release")
	f.StringSliceVarP(&o.commits, "commit", "c", nil, "DIR=REF: the tag, branch or commit of the remote with that directory; repeatable, or with commas")
	f.StringSliceVarP(&o.urls, "url", "u", nil, "DIR=URL: take the remote from there, a URL or a checkout of yours; repeatable, or with commas")
	f.StringArrayVar(&o.inputs, "inputs", []string{"inputs"}, "directory with the descriptor's input files; repeatable")
	f.IntVarP(&o.jobs, "num-make", "j", build.DefaultLimits.Jobs, "processes of make")
	f.IntVarP(&o.memory, "memory", "m", build.DefaultLimits.Memory, "memory of a container in MiB")
	f.StringVar(&o.sudo, "allow-sudo", "", "let a descriptor that asks for it become root in its script; with a value, for these commands only: --allow-sudo=/bin/cat")
	f.Lookup("allow-sudo").NoOptDefVal = anyCommand
	f.BoolVar(&o.scriptNetwork, "script-network", false, "let the script use the network: what it downloads is in no manifest")
	f.StringVar(&o.fetch, "fetch", "", "command that downloads the script's sources into the cache beforehand, run in build/; - for none. make -C DIR/depends download, if not given")
	f.BoolVar(&o.offline, "offline", false, "never use the network")
	f.BoolVar(&o.plan, "plan", false, "show what would be done, and do none of it")
	f.StringVar(&o.format, "format", "text", "of a plan: "+strings.Join(planFormats, ", "))
	f.StringVar(&o.file, "file", "", "write the plan to this file instead of standard output")
	f.StringVar(&o.savedPlan, "execute", "", "run this plan, saved with --plan --format json on any machine")
	f.StringVar(&o.baseImage, "base-image", "", "image to start from instead of the suite's own, such as one of yours")
	o.run.flags(f)
}

func (o buildOptions) validate() error {
	switch {
	case o.format == "recipe" && o.plan: // needs no descriptor
	case o.savedPlan != "" && (o.plan || o.descriptor != "" || o.release != ""):
		return usagef("--execute runs the plan it names and nothing else")
	case o.savedPlan != "":
	case o.descriptor == "" && o.release == "":
		return withHint(usagef("what is to be built is not said"), "gverify build DESCRIPTOR.yml, or gverify build --release VERSION --platform linux")
	case o.descriptor != "" && o.release != "":
		return usagef("a descriptor and --release: want one of them")
	case o.release != "" && len(o.platforms) == 0 && !o.all:
		return withHint(usagef("which platform of the release is not said"), "--platform linux, or --all")
	case o.release == "" && (len(o.platforms) > 0 || o.all):
		return withHint(usagef("--platform and --all are about a release"), "--release VERSION; a descriptor says itself what it builds")
	}
	if !slices.Contains(planFormats, o.format) {
		return usagef("--format %q, want one of %s", o.format, strings.Join(planFormats, ", "))
	}
	if o.jobs < 1 || o.memory < 1 {
		return usagef("-j and -m want numbers above zero")
	}
	return nil
}

// runBuild plans, and shows the plans or runs them.
func runBuild(ctx context.Context, o buildOptions, w world) error {
	if o.plan && o.format == "recipe" {
		return writeOutput(w, o.file, func(out io.Writer) error {
			_, err := io.WriteString(out, build.Recipe().Text)
			return err
		})
	}
	if o.plan {
		stages, missing, err := o.stages(ctx, w)
		if err != nil {
			return err
		}
		return writePlans(w, o, stages, missing)
	}
	_, err := o.buildAll(ctx, w)
	return err
}

// buildAll plans what the command line names and runs it. It returns what was built, also together with an error.
func (o buildOptions) buildAll(ctx context.Context, w world) ([]build.Result, error) {
	run := o.run
	run.inputs, run.offline = o.inputs, o.offline
	if o.savedPlan != "" {
		return executeSaved(ctx, w, o.savedPlan, run)
	}
	stages, missing, err := o.stages(ctx, w)
	if err != nil {
		return nil, err
	}
	if o.release != "" {
		run.scope = o.project
	}
	plans, err := possible(w, stages, missing)
	if err != nil {
		return nil, err
	}
	return execute(ctx, w, plans, run)
}

// executeSaved runs a plan from a file.
func executeSaved(ctx context.Context, w world, name string, run executeOptions) ([]build.Result, error) {
	hint := "gverify build --plan --format json --file PLAN.json saves one"
	data, err := readCapped(name, build.MaxPlan)
	if err != nil {
		return nil, withHint(err, "%s", hint)
	}
	plan, err := build.ReadPlan(data)
	if err != nil {
		return nil, withHint(fmt.Errorf("%s: %w", name, err), "%s", hint)
	}
	if plan.Recipe.Digest != build.Recipe().Digest {
		fmt.Fprintf(w.Err, "gverify: note: the plan makes its environment by another script than this gverify's own; it is in the plan\n")
	}
	return execute(ctx, w, []build.Plan{plan}, run)
}

// stage is one descriptor of a build with everything that is known about it.
type stage struct {
	platform string // of a release; empty for a descriptor by itself
	path     string // of the descriptor
	plan     build.Plan
}

// stages plans what the command line names, in the order it has to be built.
func (o buildOptions) stages(ctx context.Context, w world) ([]stage, []missingInput, error) {
	p, err := newPlanner(o, w)
	if err != nil {
		return nil, nil, err
	}
	defer p.close()
	if o.release != "" {
		return p.release(ctx)
	}
	data, err := readCapped(o.descriptor, build.MaxDescriptor)
	if err != nil {
		return nil, nil, withHint(err, "gverify build takes a descriptor, such as contrib/gitian-descriptors/gitian-linux.yml; releases are built with --release VERSION")
	}
	d, err := parseDescriptor(o.descriptor, data)
	if err != nil {
		return nil, nil, err
	}
	plan, err := p.plan(ctx, d, build.Request{Commits: p.commits, URLs: p.urls})
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", o.descriptor, err)
	}
	return []stage{{path: o.descriptor, plan: plan}}, nil, nil
}

func parseDescriptor(name string, data []byte) (build.Descriptor, error) {
	d, err := build.ParseDescriptor(data)
	if err != nil {
		return d, withHint(fmt.Errorf("%s: %w", name, err), "correct the descriptor, or ask the project's maintainers to; gverify never guesses what is meant")
	}
	return d, nil
}

// pairs reads DIR=VALUE flags.
func pairs(flag string, values []string) (map[string]string, error) {
	out := map[string]string{}
	for _, v := range values {
		dir, value, ok := strings.Cut(v, "=")
		if !ok || dir == "" || value == "" {
			return nil, withHint(usagef("--%s %s: want DIRECTORY=VALUE", flag, v), "the directory is the remote's dir in the descriptor: --%s bitcoin=…", flag)
		}
		if _, twice := out[dir]; twice {
			return nil, usagef("--%s names %s twice", flag, dir)
		}
		out[dir] = value
	}
	return out, nil
}
