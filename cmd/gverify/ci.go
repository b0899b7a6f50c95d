package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gverify/gverify/report"
	"github.com/gverify/gverify/verify/review"
)

const ciExitHelp = `Exit status:
  0    nothing is wrong: what is added votes and contradicts nothing; or no attestation is touched
  1    a rule of the repository is broken (the report says which); or gverify could not do what was asked
  2    the command line makes no sense
  3    something that is added contradicts the verified group
  4    nothing is wrong, but nothing that is added can vote yet: a new signer, usually
  130  interrupted

A broken rule (1) comes before a contradiction (3), and that before 4: whatever the files say, they may not come in like this.
The report tells of all of them. gverify help codes explains every finding.`

// ciOptions are the flags of gverify ci.
type ciOptions struct {
	request
	rangeText string
	output
}

func newCICommand(w world) *cobra.Command {
	var o ciOptions
	cmd := &cobra.Command{
		Use:   "ci",
		Short: "Judge a change to an attestation repository, such as a pull request",
		Long: `Looks at what a change does to an attestation repository: the verdict on every touched release before and after it, whether each
new attestation can vote and with whom it agrees, and whether the change keeps the repository's rules. Everything is judged with the
keys and pins from before the change: a key that comes with an attestation proves nothing about who made it.

The repository is that of the current directory, or --sigs. Only commits are read, never the files that are checked out. The change
is --range BASE..HEAD; without it GitHub's pull request, push or merge queue, or GitLab's merge request or push; else the last commit
against its first parent. A pull or merge request is judged as merged into its target as that is now, wherever it branched off.

` + ciExitHelp,
		Example: `  gverify ci
  gverify ci --range origin/master..HEAD --project monero
  gverify ci --format json -o review.json`,
		Args: exactArgs(0, "no arguments; the change goes with --range"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := fromEnvironment(cmd, w.getenv); err != nil {
				return err
			}
			o.thresholdSet = cmd.Flags().Changed("threshold")
			o.output.inWorkflow(cmd, w)
			if err := o.validate(); err != nil {
				return err
			}
			return runCI(cmd.Context(), o, w)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.rangeText, "range", "", "the change, BASE..HEAD (BASE...HEAD: what HEAD did since it branched off, merged into BASE); what the CI system says, or the last commit, if not given")
	o.request.judging(cmd)
	o.output.documentFlags(cmd)
	f.Lookup("format").Usage = "how to write the report: text, json, markdown, junit or github; github in a GitHub workflow, if not given"
	return cmd
}

func (o ciOptions) validate() error {
	if o.thresholdSet && o.threshold < 1 {
		return usagef("--threshold %d: at least 1 signer must agree", o.threshold)
	}
	if o.rangeText != "" {
		if _, err := parseRange(o.rangeText); err != nil {
			return err
		}
	}
	if o.limit < report.MinimalLimit {
		return usagef("--markdown-limit %d: at least %d bytes are needed for the outcome", o.limit, report.MinimalLimit)
	}
	return o.output.validate("text", "json", "markdown", "junit", "github")
}

// runCI goes from a range of commits to a review.
func runCI(ctx context.Context, o ciOptions, w world) error {
	if err := keepInputs(o.file, append(keyPaths(o.keys), o.policy)...); err != nil { // --sigs is a clone, of which only commits are read
		return err
	}
	location, err := attestationRepository(o.sigs)
	if err != nil {
		return err
	}
	if err := outsideChange(o.request, location); err != nil {
		return err
	}
	c, _, err := settle(o.request, w, w.progress(o.quiet))
	if err != nil {
		return err
	}
	r, err := c.opener.open(ctx, location)
	if err != nil {
		return err
	}
	defer r.Close()
	between, err := chooseRange(r, o.rangeText, w.getenv)
	if err != nil {
		return err
	}
	v := reviewing{releaseCase: c, repository: r}
	reviewed, err := v.review(ctx, between)
	if err != nil {
		return err
	}
	status, problem := exitForReview(reviewed.result, reviewed.keys)
	if err := o.output.writeReview(w, reviewed.document(status)); err != nil {
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

// exitForReview maps a review to the exit code, and says what kept gverify from a better answer. It is the only place that does.
// A source of keys that could not be read may hide a contradiction, so that nothing can be said to be right.
func exitForReview(r review.Review, keys *keyGatherer) (int, error) {
	missing := keys.unreachable()
	if (r.Outcome == review.Clean || r.Outcome == review.Voiceless) && len(r.Attestations) > 0 && len(missing) > 0 {
		return exitError, withHint(fmt.Errorf("a source of keys could not be read, so what was attested before could not all be verified: %s", strings.Join(missing, "; ")),
			"try again with a network, or give the keys yourself: --keys DIRECTORY")
	}
	switch r.Outcome {
	case review.Clean:
		return exitAgreed, nil
	case review.Broken:
		return exitError, withHint(errors.New(brokenRules(r)), "the report names each and what to do; gverify help codes explains them")
	case review.Contradicted:
		return exitDisputed, nil
	case review.Voiceless:
		return exitInsufficient, nil
	}
	return exitError, errors.New("the change was not judged")
}

// brokenRules counts them in a sentence.
func brokenRules(r review.Review) string {
	n := 0
	for _, f := range r.Findings {
		if f.Breaks {
			n++
		}
	}
	if n == 1 {
		return "1 rule of the repository is broken"
	}
	return fmt.Sprintf("%d rules of the repository are broken", n)
}

// reviewFormats are the ways a review can be written.
var reviewFormats = map[string]func(io.Writer, report.Review, report.Options) error{
	"text":     report.ReviewText,
	"json":     func(out io.Writer, d report.Review, _ report.Options) error { return report.ReviewJSON(out, d) },
	"markdown": report.ReviewMarkdown,
	"junit":    report.ReviewJUnit,
	"github":   report.ReviewGitHub,
}

// writeReview writes a review in the format asked, and in a GitHub workflow the job summary too.
func (o output) writeReview(w world, d report.Review) error {
	write, ok := reviewFormats[o.format]
	if !ok {
		return usagef("unknown format %q", o.format)
	}
	err := writeOutput(w, o.file, func(out io.Writer) error { return write(out, d, o.render(w)) })
	if err == nil && o.format == "github" {
		summarise(w, o.render(w), func(out io.Writer, at report.Options) error { return report.ReviewMarkdown(out, d, at) })
	}
	return err
}

// attestationRepository is the repository named, or the one that the current directory belongs to: the nearest checkout, or the
// outermost bare repository where the directory is in none.
func attestationRepository(named string) (string, error) {
	if named != "" {
		if !isRemote(named) && isPlainDirectory(named) {
			return "", withHint(fmt.Errorf("%s is a plain directory, and a change needs a git repository", named), "name a clone with its history: --sigs PATH")
		}
		return named, nil
	}
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	bare := ""
	for at := dir; ; at = filepath.Dir(at) {
		if exists(filepath.Join(at, ".git")) {
			return at, nil
		}
		if !isPlainDirectory(at) {
			bare = at // a change can bring files that look like a bare repository, but never a .git
		}
		if at == filepath.Dir(at) {
			if bare != "" {
				return bare, nil
			}
			return "", withHint(fmt.Errorf("%s is in no git repository", dir), "run gverify ci in a clone of the attestation repository, or name one: --sigs PATH")
		}
	}
}

// outsideChange refuses keys and policies that lie in the repository itself: the change could bring them.
func outsideChange(r request, location string) error {
	if isRemote(location) {
		return nil
	}
	for _, spec := range r.keys {
		where := strings.TrimPrefix(splitSubdir(spec).location, "file://")
		if spec == "sigs:" || strings.HasPrefix(spec, "gnupg:") || isRemote(where) {
			continue
		}
		if isWithin(where, location) {
			return withHint(usagef("--keys %s lies in the repository that is judged, so that the change itself could bring the keys", spec),
				"--keys sigs: takes those from before the change; others have to come from elsewhere")
		}
	}
	if r.policy != "" && r.policy != "any" && r.policy != "preset" && isWithin(r.policy, location) {
		return withHint(usagef("--policy %s lies in the repository that is judged, so that the change itself could bring it", r.policy),
			"take it from before the change: git show BASE:FILE > /tmp/policy.yaml")
	}
	return nil
}

// isWithin reports whether a path is a directory or lies in it: as it is spelled, or with symbolic links followed.
func isWithin(path, directory string) bool {
	return contains(absolute(directory), absolute(path)) || contains(resolved(directory), resolved(path)) || contains(resolved(directory), absolute(path))
}

func contains(directory, path string) bool {
	rel, err := filepath.Rel(directory, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

func absolute(path string) string {
	if full, err := filepath.Abs(path); err == nil {
		return full
	}
	return path
}

func resolved(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	return absolute(path)
}
