package main

import (
	"context"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gverify/gverify/report"
	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/sigs/repo"
	"github.com/gverify/gverify/verify"
)

// explainOptions are the flags of gverify explain.
type explainOptions struct {
	request
	output
	signer    string
	assertion string
	history   bool
	all       bool
}

func newExplainCommand(w world) *cobra.Command {
	var o explainOptions
	cmd := &cobra.Command{
		Use:   "explain RELEASE",
		Short: "Why the hashes differ: the most likely cause, and what to do",
		Long: `Says for every file that signers got differently who stands where, what tells them apart, what differs and cannot be the
cause, and what to do. RELEASE is a version (0.18.0) or one of its directories (0.18.0-linux).

The first run reads the whole history of the attestation repository and keeps an index of it; later runs read only what is new.
The index helps to explain. It never votes, and neither does what is not verified.

Exit status:
  0    gverify could answer, also if nothing recorded explains the difference
  1    gverify could not do what was asked
  2    the command line makes no sense`,
		Example: `  gverify explain 0.18.0-linux
  gverify explain 0.18.0-linux --history
  gverify explain 0.15.0.1 --manifest result/bitcoin-linux-0.15-res.yml
  gverify explain 0.18.0-linux --signer luke-jr`,
		Args: exactArgs(1, "one version or release directory"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := fromEnvironment(cmd, w.getenv); err != nil {
				return err
			}
			o.thresholdSet = cmd.Flags().Changed("threshold")
			if err := o.release(args[0]); err != nil {
				return err
			}
			return runExplain(cmd.Context(), o, w)
		},
	}
	o.request.flags(cmd)
	o.request.narrowing(cmd)
	f := cmd.Flags()
	f.StringVar(&o.signer, "signer", "", "only where this signer stands; a directory's name")
	f.StringVar(&o.assertion, "assertion", "", "explain one assertion, by the git id of its content, against every group; replaced ones too")
	f.BoolVar(&o.history, "history", false, "ask replaced and removed attestations too")
	f.BoolVar(&o.all, "all", false, "every cause and all evidence, not only the likely ones")
	o.output.flags(cmd, "text or json")
	return cmd
}

// release reads the argument: a version, or a directory's name, which narrows the question to its platform.
func (o *explainOptions) release(name string) error {
	version, platform, ok := sigs.SplitRelease(strings.TrimSuffix(name, "/"))
	if !ok {
		return withHint(usagef("%q is neither a version nor a release directory", name), "such as 0.18.0 or 0.18.0-linux; gverify releases lists what there is")
	}
	o.version = version
	if platform != "" {
		if len(o.platforms) > 0 && !slices.Equal(o.platforms, []string{platform}) {
			return usagef("%s is of platform %s, --platform says %s", name, platform, strings.Join(o.platforms, ", "))
		}
		o.platforms = []string{platform}
	}
	if err := o.request.validate(); err != nil {
		return err
	}
	return o.output.validate("text", "json")
}

func runExplain(ctx context.Context, o explainOptions, w world) error {
	progress := w.progress(o.quiet)
	if err := keepInputs(o.output.file, o.request.files()...); err != nil {
		return err
	}
	o.narrow = o.format == "text" // which shows no verdict
	j, err := judge(ctx, o.request, w, progress)
	if err != nil {
		return err
	}
	defer j.close()
	known, err := j.corpus(ctx, progress)
	if err != nil {
		return err
	}
	inquiry, err := o.inquiry(ctx, j, known)
	if err != nil {
		return err
	}
	d := j.document(exitAgreed)
	d.Explanation = report.NewExplained(verify.Explain(j.comparison, known.of(), inquiry), known != nil, o.history)
	d.Explanation.Each(func(m *report.Member) {
		m.Removed = known != nil && !m.Replaced.IsZero() && known.removed(m.Path, m.Blob)
		m.Bad = slices.ContainsFunc(inquiry.Unread, func(v verify.Observation) bool { return v.Path == m.Path && v.Sum == m.Digest })
	})
	if o.signer != "" && o.assertion == "" {
		if err := o.only(d.Explanation, j.signed(o.signer) || slices.ContainsFunc(inquiry.Earlier, func(v verify.Observation) bool { return v.Signer == o.signer })); err != nil {
			return err
		}
	}
	return writeOutput(w, o.output.file, func(out io.Writer) error {
		if o.format == "json" {
			return report.JSON(out, d)
		}
		return report.ExplainText(out, d, o.all, o.render(w))
	})
}

// of returns the index, nil where there is none.
func (c *corpus) of() *verify.Index {
	if c == nil {
		return nil
	}
	return c.index
}

// removed reports whether a content of a path was removed without another taking its place.
func (c *corpus) removed(path, blob string) bool {
	i, _ := slices.BinarySearchFunc(c.history.Versions, path, func(v repo.Version, path string) int { return strings.Compare(v.Path, path) })
	for ; i < len(c.history.Versions) && c.history.Versions[i].Path == path; i++ {
		if v := c.history.Versions[i]; v.Blob == blob {
			return v.Gone.Hash != "" && v.By == ""
		}
	}
	return false
}

// signed reports whether somebody of this name has an assertion in what was judged.
func (j *judged) signed(name string) bool {
	return slices.ContainsFunc(j.comparison.Statements, func(s *sigs.Statement) bool { return s.Signer == name })
}

// only narrows an explanation to a signer, who has to stand in it.
func (o explainOptions) only(e *report.Explained, signed bool) error {
	names := map[string]bool{}
	for _, p := range e.Platforms {
		for _, s := range p.Splits {
			for _, g := range s.Groups {
				for _, name := range g.Signers {
					names[name] = true
				}
			}
		}
	}
	if !names[o.signer] {
		for name := range names {
			if strings.EqualFold(name, o.signer) {
				return withHint(usagef("--signer %s: nobody is called so", o.signer), "did you mean %s?", name)
			}
		}
		text := "--signer %s: nobody called that signed %s"
		if signed {
			text = "--signer %s differs from nobody in %s"
		}
		return withHint(usagef(text, o.signer, strings.Join(append([]string{o.version}, o.platforms...), "-")), "gverify release %s lists who signed", o.version)
	}
	e.Only(o.signer)
	return nil
}

// corpus returns what the history of the release's repository says; nil for a plain directory, which has none.
func (j *judged) corpus(ctx context.Context, progress io.Writer) (*corpus, error) {
	if j.src.repo == nil {
		return nil, nil
	}
	x, err := j.indexes().open(ctx, corpusReader{j.src.repo, progress}, j.src.commit, j.src.revision == "")
	if err != nil {
		return nil, err
	}
	j.findings = append(j.findings, x.findings...)
	return x, nil
}

func (j *judged) indexes() indexCache {
	return indexCache{dir: indexDirectory(j.opener.dirs), location: j.src.location}
}

// explained is the document of a judged release, with the causes where its signers dispute it or the user's own build was
// compared. The index of the history helps if it is at hand: nothing is read for it.
func (j *judged) explained(status int) report.Document {
	d := j.document(status)
	q := verify.Inquiry{}
	for _, b := range j.own {
		q.Subjects = append(q.Subjects, verify.ObserveOwn(b))
	}
	for _, p := range j.verdict.Platforms {
		if p.Asked && p.Outcome == verify.Disputed || p.Own != verify.NotRun {
			q.Platforms = append(q.Platforms, p.Name)
		}
	}
	if len(q.Platforms) == 0 {
		return d
	}
	var known *corpus
	if j.src.repo != nil {
		if cached, err := j.indexes().load(j.src.commit.Hash); err == nil {
			known = cached
		}
	}
	d.Explanation = report.NewExplained(verify.Explain(j.comparison, known.of(), q), known != nil, false)
	return d
}
