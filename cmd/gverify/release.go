package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gverify/gverify/report"
	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/sigs/projects"
	"github.com/gverify/gverify/verify"
)

// releaseOptions are the flags of gverify release.
type releaseOptions struct {
	version   string
	project   string
	sigs      string
	revision  string
	keys      []string
	policy    string
	threshold int
	platforms []string
	manifests []string
	asOf      string
	output
	offline bool

	thresholdSet bool
}

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
		if o.format == "json" {
			return report.JSON(out, d)
		}
		return report.Text(out, d, o.render(w))
	})
}

func newReleaseCommand(w world) *cobra.Command {
	var o releaseOptions
	cmd := &cobra.Command{
		Use:   "release VERSION",
		Short: "The verdict on a release: who built it, who agrees, what is missing",
		Long: `Fetches the attestations of one release, checks every signature, compares what the signers say came out of their builds,
and gives a verdict per platform. VERSION is exact: 0.15 is not 0.15.2.

` + exitHelp,
		Example: `  gverify release 0.15.2
  gverify release 0.18.4.0 --project monero
  gverify release 0.15.2 --keys gnupg: --threshold 5
  gverify release 0.15.0.1 --manifest result/bitcoin-linux-0.15-res.yml`,
		Args: exactArgs(1, "one version"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := fromEnvironment(cmd, w.getenv); err != nil {
				return err
			}
			o.version = args[0]
			o.thresholdSet = cmd.Flags().Changed("threshold")
			if err := o.validate(); err != nil {
				return err
			}
			return runRelease(cmd.Context(), o, w)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.project, "project", projects.Default, "whose release it is; gverify projects lists them")
	f.StringVar(&o.sigs, "sigs", "", "attestation repository to use instead of the project's: a URL, a clone, a directory")
	f.StringVar(&o.revision, "revision", "", "commit, tag or branch of the attestation repository; its newest commit if not given")
	f.StringArrayVar(&o.keys, "keys", nil, "where public keys are, instead of the project's sources: a file, a directory, gnupg:, sigs: or REPOSITORY//DIR; repeatable")
	f.StringVar(&o.policy, "policy", "", "policy file, or any: every key you gave counts; the project's if not given")
	f.IntVar(&o.threshold, "threshold", 0, "how many distinct trusted signers must agree; overrides the policy's")
	f.StringArrayVar(&o.platforms, "platform", nil, "judge this platform only; repeatable")
	f.StringArrayVar(&o.manifests, "manifest", nil, "your own build's res.yml, compared with every signer; repeatable")
	f.StringVar(&o.asOf, "as-of", "", "judge keys as of this date, such as 2021-06-30; now if not given")
	f.BoolVar(&o.offline, "offline", false, "never use the network")
	o.output.flags(cmd, "text or json")
	return cmd
}

func (o releaseOptions) validate() error {
	if o.thresholdSet && o.threshold < 1 {
		return usagef("--threshold %d: at least 1 signer must agree", o.threshold)
	}
	if _, _, ok := sigs.SplitRelease(o.version); !ok {
		return withHint(usagef("%q is no version", o.version), "a version is digits with dots, such as 0.15.2 or 22.0rc1; gverify releases lists what there is")
	}
	return o.output.validate("text", "json")
}

// runRelease is the main job: from an attestation repository to a verdict.
func runRelease(ctx context.Context, o releaseOptions, w world) error {
	c, err := prepare(o, w)
	if err != nil {
		return err
	}
	own, err := readManifests(o.manifests)
	if err != nil {
		return err
	}
	src, err := openSource(ctx, c.opener, c.location, o.revision)
	if err != nil {
		return err
	}
	defer src.close()
	listing, err := sigs.List(src.fsys)
	if err != nil {
		return fmt.Errorf("%s: %w", src.location, err)
	}
	dirs, err := releaseDirectories(listing, src, c.version, c.others)
	if err != nil {
		return err
	}
	keys, err := gatherKeys(ctx, c.opener, o.keys, src, listing, c.keySources)
	if err != nil {
		return err
	}
	statements, checkFindings, err := checkRelease(ctx, src, dirs, keys.ring.At(c.asOf))
	if err != nil {
		return err
	}
	comparison := verify.Compare(c.version, statements)
	verdict, err := c.policy.Decide(comparison, verify.Question{Platforms: o.platforms, Due: c.due, Own: own})
	if err != nil {
		return &usageError{err}
	}
	status, problem := exitFor(verdict, keys)
	document := report.New(c.subject(src, keys, comparison, verdict, status, slices.Concat(src.findings, findingsOf(listing, dirs), keys.findings, checkFindings)))
	if err := o.output.write(w, document); err != nil {
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

// releaseCase is everything about a release that is settled before its evidence is read.
type releaseCase struct {
	project    projects.Project
	version    string
	location   string // of the attestation repository
	keySources []projects.KeySource
	due        []string
	others     []string // other projects that have such versions
	policy     chosenPolicy
	asOf       time.Time
	opener     opener
	options    releaseOptions
}

// prepare reads the user's settings and settles project, repository and policy.
func prepare(o releaseOptions, w world) (releaseCase, error) {
	c := releaseCase{options: o, version: strings.TrimPrefix(o.version, "v")}
	dirs, err := findDirectories(w.getenv)
	if err != nil {
		return c, err
	}
	set, err := loadProjects(dirs)
	if err != nil {
		return c, err
	}
	project, ok := set.Find(o.project)
	if !ok {
		return c, withHint(usagef("unknown project %q", o.project), "known: %s; gverify help config says how to add one", strings.Join(set.Names(), ", "))
	}
	c.project = project
	c.others = slices.DeleteFunc(set.Knowing(c.version), func(name string) bool { return name == project.Name })
	c.opener = opener{dirs: dirs, rewrite: set.Rewrite, offline: o.offline, progress: w.progress(o.quiet), now: w.now}
	repository, known := project.RepositoryFor(c.version)
	c.location = repository.URL
	if o.sigs != "" {
		c.location = o.sigs
	} else if !known {
		hint := "gverify releases --project " + project.Name + " lists what there is"
		if len(c.others) > 0 {
			hint = "projects that have such a version: " + strings.Join(c.others, ", ") + " (--project)"
		}
		return c, withHint(fmt.Errorf("project %s has no attestation repository for version %s", project.Name, c.version), "%s", hint)
	}
	c.keySources, c.due = repository.Keys, project.Due(c.version)
	if c.policy, err = loadPolicy(o.policy, o.threshold, dirs, project); err != nil {
		return c, err
	}
	c.asOf, err = parseDate(o.asOf, w.now)
	return c, err
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

// findingsOf keeps the listing's findings that concern the directories.
func findingsOf(l sigs.Listing, dirs []sigs.Directory) []sigs.Finding {
	var out []sigs.Finding
	for _, f := range l.Findings {
		for _, d := range dirs {
			if f.Path == d.Path || strings.HasPrefix(f.Path, d.Path+"/") {
				out = append(out, f)
				break
			}
		}
	}
	return out
}
