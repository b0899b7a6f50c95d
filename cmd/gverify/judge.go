package main

import (
	"context"
	"errors"
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

// request says which release is to be judged, on which evidence and by whose voices. Every command that judges a release has
// these flags.
type request struct {
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
	offline   bool

	thresholdSet bool
	narrow       bool // only the evidence of the platforms is wanted, not the release's verdict
}

// flags are those that say where the evidence is and who counts.
func (r *request) flags(cmd *cobra.Command) {
	r.judging(cmd)
	f := cmd.Flags()
	f.StringVar(&r.revision, "revision", "", "commit, tag or branch of the attestation repository; its newest commit if not given")
}

// judging are those of them that any judgement needs.
func (r *request) judging(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&r.project, "project", projects.Default, "whose release it is; gverify projects lists them")
	f.StringVar(&r.sigs, "sigs", "", "attestation repository to use instead of the project's: a URL, a clone, a directory")
	f.StringArrayVar(&r.keys, "keys", nil, "where public keys are, instead of the project's sources: a file, a directory, gnupg:, sigs: or REPOSITORY//DIR; repeatable")
	f.StringVar(&r.policy, "policy", "", "policy file, or any: every key you gave counts; the project's if not given")
	f.IntVar(&r.threshold, "threshold", 0, "how many distinct trusted signers must agree; overrides the policy's")
	f.StringVar(&r.asOf, "as-of", "", "judge keys as of this date, such as 2021-06-30; now if not given")
	f.BoolVar(&r.offline, "offline", false, "never use the network")
}

// narrowing are the flags that narrow the question to platforms, and add the user's own build.
func (r *request) narrowing(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringArrayVar(&r.platforms, "platform", nil, "judge this platform only; repeatable")
	f.StringArrayVar(&r.manifests, "manifest", nil, "your own build's res.yml, compared with every signer; repeatable")
}

func (r request) validate() error {
	if r.thresholdSet && r.threshold < 1 {
		return usagef("--threshold %d: at least 1 signer must agree", r.threshold)
	}
	if version, platform, ok := sigs.SplitRelease(r.version); ok && platform != "" && len(version) < 40 {
		return withHint(usagef("%q is a version and a platform", r.version), "gverify release %s --platform %s", version, platform)
	} else if !ok {
		return withHint(usagef("%q is no version", r.version), "a version is digits with dots, such as 0.15.2 or 22.0rc1; gverify releases lists what there is")
	}
	return nil
}

// releaseCase is everything about a release that is settled before its evidence is read.
type releaseCase struct {
	asked      request
	version    string // without a leading v
	project    projects.Project
	location   string // of the attestation repository
	keySources []projects.KeySource
	due        []string
	others     []string // other projects that have such versions
	policy     chosenPolicy
	asOf       time.Time
	opener     opener
}

// judged is a release with its evidence read and judged.
type judged struct {
	releaseCase
	src        *source
	keys       *keyGatherer
	comparison verify.Comparison
	own        []verify.OwnBuild
	verdict    verify.Verdict
	findings   []sigs.Finding // besides the verdict's
}

// judge goes from an attestation repository to a verdict. Whoever called it closes what it returns.
func judge(ctx context.Context, r request, w world, progress io.Writer) (*judged, error) {
	c, err := prepare(r, w, progress)
	if err != nil {
		return nil, err
	}
	own, err := readManifests(r.manifests)
	if err != nil {
		return nil, err
	}
	src, err := openSource(ctx, c.opener, c.location, r.revision)
	if err != nil {
		return nil, err
	}
	j, err := c.judge(ctx, src, own)
	if err != nil {
		src.close()
		return nil, err
	}
	return j, nil
}

// judge reads the evidence of a release in an open repository and decides.
func (c releaseCase) judge(ctx context.Context, src *source, own []verify.OwnBuild) (*judged, error) {
	listing, err := sigs.List(src.fsys)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", src.location, err)
	}
	dirs, err := releaseDirectories(listing, src, c.version, c.others)
	if err != nil {
		return nil, err
	}
	if c.asked.narrow {
		dirs = onlyPlatforms(dirs, c.asked.platforms)
	}
	keys, err := gatherKeys(ctx, c.opener, c.asked.keys, src, listing, c.keySources)
	if err != nil {
		return nil, err
	}
	statements, checkFindings, err := checkRelease(ctx, src, dirs, keys.ring.At(c.asOf))
	if err != nil {
		return nil, err
	}
	j := &judged{releaseCase: c, src: src, keys: keys, comparison: verify.Compare(c.version, statements), own: own}
	j.verdict, err = c.policy.Decide(j.comparison, verify.Question{Platforms: c.asked.platforms, Due: c.due, Own: own})
	if err != nil {
		return nil, explainDecide(err)
	}
	j.findings = slices.Concat(src.findings, findingsOf(listing, dirs), keys.findings, checkFindings)
	return j, nil
}

// explainDecide says what to do about a question that cannot be decided.
func explainDecide(err error) error {
	var own *verify.OwnError
	switch {
	case !errors.As(err, &own):
		return &usageError{err}
	case own.Version != "":
		return withHint(err, "its files are named after %s: gverify release %s --manifest %s; a release of another number may have been built under that name", own.Version, own.Version, own.Name)
	}
	return withHint(err, "--manifest takes the res.yml that your build of this release wrote")
}

// onlyPlatforms keeps the directories of platforms, and those that may hold several. Where nothing is left it keeps all.
func onlyPlatforms(dirs []sigs.Directory, platforms []string) []sigs.Directory {
	var out []sigs.Directory
	for _, d := range dirs {
		if d.Layout == sigs.GuixLayout || d.Descriptor || slices.Contains(platforms, d.Platform) {
			out = append(out, d)
		}
	}
	if len(platforms) == 0 || len(out) == 0 {
		return dirs
	}
	return out
}

// document is the report of a judged release that ends the program with the given code.
func (j *judged) document(status int) report.Document { return report.New(j.subject(status)) }

func (j *judged) close() { j.src.close() }

// prepare reads the user's settings and settles project, repository and policy.
func prepare(r request, w world, progress io.Writer) (releaseCase, error) {
	c, set, err := settle(r, w, progress)
	if err != nil {
		return c, err
	}
	c.version = strings.TrimPrefix(r.version, "v")
	c.others = slices.DeleteFunc(set.Knowing(c.version), func(name string) bool { return name == c.project.Name })
	repository, known := c.project.RepositoryFor(c.version)
	c.location = repository.URL
	if r.sigs != "" {
		c.location = r.sigs
	} else if !known {
		hint := "gverify releases --project " + c.project.Name + " lists what there is"
		if len(c.others) > 0 {
			hint = "projects that have such a version: " + strings.Join(c.others, ", ") + " (--project)"
		}
		return c, withHint(fmt.Errorf("project %s has no attestation repository for version %s", c.project.Name, c.version), "%s", hint)
	}
	c.keySources, c.due = repository.Keys, c.project.Due(c.version)
	return c, nil
}

// settle is what prepare does whatever the version: project, policy and the day as of which keys are judged.
func settle(r request, w world, progress io.Writer) (releaseCase, *projects.Set, error) {
	c := releaseCase{asked: r}
	dirs, err := findDirectories(w.getenv)
	if err != nil {
		return c, nil, err
	}
	set, err := loadProjects(dirs)
	if err != nil {
		return c, nil, err
	}
	project, ok := set.Find(r.project)
	if !ok {
		return c, nil, withHint(usagef("unknown project %q", r.project), "known: %s; gverify help config says how to add one", strings.Join(set.Names(), ", "))
	}
	c.project = project
	c.opener = opener{dirs: dirs, rewrite: set.Rewrite, offline: r.offline, progress: progress, now: w.now}
	if c.policy, err = loadPolicy(r.policy, r.threshold, dirs, project); err != nil {
		return c, nil, err
	}
	c.asOf, err = parseDate(r.asOf, w.now)
	return c, set, err
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
