package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/gverify/gverify/sigs/repo"
	"github.com/gverify/gverify/verify"
	"github.com/gverify/gverify/verify/score"
)

const maxCases = 64 << 20 // bytes of a file of cases

type scoreOptions struct {
	cases string
	sigs  string
	file  string
}

// newScoreCommand is for those who change how causes are weighed.
func newScoreCommand(w world) *cobra.Command {
	var o scoreOptions
	cmd := &cobra.Command{
		Use:   "score CASES.json",
		Short: "Compare explanations with mismatches whose cause is known",
		Long: `Explains every case of a file of labelled mismatches as gverify explain does, with the index of the repository's whole history, and
says at which rank the right cause stands. A case names its assertions by git blob; they may have been replaced since.

The file is a JSON list of objects:
  id                 a name
  repo               name of the repository the case is from
  label              the cause that the history shows
  acceptable_labels  the causes that a tool can know from the files to be right
  artifacts          with clusters: the files in conflict
  clusters           groups: {deviating: true|false, assertions: [{signer, path, blob}]}
  deviating, others  instead of clusters: single assertions that do not fit, and their neighbours
  release            directory; needed where a deviating assertion has no blob

Exit status:
  0    every case was explained, rightly or not
  1    a repository, a file or an assertion of a case could not be read
  2    the command line makes no sense`,
		Example: `  gverify score cases.json --sigs gitian.sigs
  gverify score cases.json --sigs repositories    # holds a clone NAME.git for every "repo" of the cases`,
		Args: exactArgs(1, "the file of cases"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := fromEnvironment(cmd, w.getenv); err != nil {
				return err
			}
			o.cases = args[0]
			if o.sigs == "" {
				return withHint(usagef("the cases' repository is missing"), "--sigs PATH names a clone, or a directory that holds NAME.git for every repository of the cases")
			}
			return runScore(cmd.Context(), o, w)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.sigs, "sigs", "", "attestation repository of the cases, or a directory of them")
	f.StringVarP(&o.file, "output", "o", "", "write the table to this file instead of standard output")
	return cmd
}

func runScore(ctx context.Context, o scoreOptions, w world) error {
	if err := keepInputs(o.file, o.cases, o.sigs); err != nil {
		return err
	}
	data, err := readCapped(o.cases, maxCases)
	if err != nil {
		return err
	}
	cases, err := score.ReadCases(data)
	if err != nil {
		return fmt.Errorf("%s: %w", o.cases, err)
	}
	dirs, err := findDirectories(w.getenv)
	if err != nil {
		return err
	}
	s := scorer{dirs: dirs, progress: w.progress(false), open: map[string]*labelled{}}
	defer s.close()
	var results []score.Result
	for _, c := range cases {
		r, err := s.score(ctx, c, o.sigs)
		if err != nil {
			return fmt.Errorf("case %s: %w", c.ID, err)
		}
		results = append(results, r)
	}
	return writeOutput(w, o.file, func(out io.Writer) error { return score.Write(out, results) })
}

// scorer keeps the repositories of cases open.
type scorer struct {
	dirs     directories
	progress io.Writer
	open     map[string]*labelled // by location
}

// labelled is a repository with the corpus of its newest commit and the places of all its assertions.
type labelled struct {
	*corpus
	reader corpusReader
	places map[string]place
}

func (s *scorer) close() {
	for _, l := range s.open {
		l.reader.repository.Close()
	}
}

// score explains the assertions of one case.
func (s *scorer) score(ctx context.Context, c score.Case, location string) (score.Result, error) {
	if named := filepath.Join(location, c.Repo+".git"); c.Repo != "" && isPlainDirectory(location) && exists(named) {
		location = named
	}
	l, err := s.repository(ctx, location)
	if err != nil {
		return score.Result{}, err
	}
	versions, err := l.find(c)
	if err != nil {
		return score.Result{}, err
	}
	var members []verify.Observation
	if err := l.reader.observe(ctx, versions, l.places, func(o verify.Observation) { members = append(members, o) }); err != nil {
		return score.Result{}, err
	}
	return score.Of(c, verify.ExplainGroups([][]verify.Observation{members}, l.index)), nil
}

func (s *scorer) repository(ctx context.Context, location string) (*labelled, error) {
	if l := s.open[location]; l != nil {
		return l, nil
	}
	if _, err := os.Stat(location); err != nil {
		return nil, err
	}
	r, err := repo.Open(ctx, location, repo.Options{})
	if err != nil {
		return nil, explainOpen(err)
	}
	l := &labelled{reader: corpusReader{repository: r, progress: s.progress}}
	s.open[location] = l
	newest, err := r.Resolve("")
	if err != nil {
		return nil, err
	}
	if l.corpus, err = (indexCache{dir: indexDirectory(s.dirs), location: r.Location()}).open(ctx, l.reader, newest, true); err != nil {
		return nil, err
	}
	l.places, err = placesOf(l.history.Versions)
	return l, err
}

// find returns the versions of a case's assertions, each once.
func (l *labelled) find(c score.Case) ([]repo.Version, error) {
	var out []repo.Version
	for _, a := range c.Assertions() {
		found := false
		for _, v := range l.history.Versions {
			p, ok := l.places[v.Path]
			if !ok || !names(a, v, p, c.Release) {
				continue
			}
			found = true
			if !slices.ContainsFunc(out, func(o repo.Version) bool { return o.Path == v.Path && o.Blob == v.Blob }) {
				out = append(out, v)
			}
		}
		if !found {
			return nil, fmt.Errorf("%s has no assertion of %s with blob %q at %q", l.reader.repository.Location(), a.Signer, a.Blob, a.Path)
		}
	}
	return out, nil
}

// names reports whether a version is the assertion that a case names: by its blob and path, else all that the signer's directory of
// the release holds now.
func names(a score.Assertion, v repo.Version, p place, release string) bool {
	if a.Blob != "" {
		return v.Blob == a.Blob && (a.Path == "" || v.Path == a.Path)
	}
	return v.Stands && p.signer == a.Signer && p.directory.Path == release
}
