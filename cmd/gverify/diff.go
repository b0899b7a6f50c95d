package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gverify/gverify/report"
	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/sigs/projects"
	"github.com/gverify/gverify/sigs/repo"
	"github.com/gverify/gverify/verify"
)

// diffOptions are the flags of gverify diff.
type diffOptions struct {
	project string
	sigs    string
	offline bool
	files   [2]string
	output
}

func newDiffCommand(w world) *cobra.Command {
	var o diffOptions
	cmd := &cobra.Command{
		Use:   "diff A B",
		Short: "How two builds differ: what came out, what went in, the packages, the caches",
		Long: `Compares two assertions, build results (res.yml) or SHA256SUMS files: what came out first, which alone decides, then what
explains it. Signatures are not looked at: anybody may have written these files.

A and B are files on disk, or stand in the attestation repository (the project's, or --sigs):
  0.18.0-linux/laanwj/bitcoin-linux-0.18-build.assert            as it is at the newest commit
  0.18.0-linux/laanwj/bitcoin-linux-0.18-build.assert@1a2b3c4d   as it was at a commit, a branch or a tag
  5bae34bc                                                       by the id of its content, replaced ones too

Exit status:
  0    both list the same files with the same digests
  3    they do not
  1    gverify could not do what was asked
  2    the command line makes no sense
  130  interrupted`,
		Example: `  gverify diff result/bitcoin-linux-0.15-res.yml SHA256SUMS
  gverify diff 0.18.0-linux/achow101/bitcoin-linux-0.18-build.assert result/bitcoin-linux-0.18-res.yml`,
		Args: exactArgs(2, "two files"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := fromEnvironment(cmd, w.getenv); err != nil {
				return err
			}
			o.files = [2]string{args[0], args[1]}
			if err := o.validate("text", "json"); err != nil {
				return err
			}
			return runDiff(cmd.Context(), o, w)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.project, "project", projects.Default, "whose attestation repository; gverify projects lists them")
	f.StringVar(&o.sigs, "sigs", "", "attestation repository to use instead of the project's: a URL or a clone")
	f.BoolVar(&o.offline, "offline", false, "never use the network")
	o.output.flags(cmd, "text or json")
	return cmd
}

func runDiff(ctx context.Context, o diffOptions, w world) error {
	if err := keepInputs(o.output.file, o.files[0], o.files[1], o.sigs); err != nil {
		return err
	}
	l := locator{o: o, w: w}
	defer l.close()
	var sides [2]sigs.Assertion
	for i, name := range o.files {
		data, err := l.read(ctx, name)
		if err != nil {
			return err
		}
		if sides[i], err = parseAny(data); err != nil {
			return withHint(fmt.Errorf("%s: %w", name, err), "diff takes assertions (.assert), build results (res.yml) and SHA256SUMS files")
		}
	}
	d := report.NewDiff("gverify "+toolVersion(), o.files, verify.Diff(sides[0], sides[1]))
	if err := writeOutput(w, o.output.file, func(out io.Writer) error {
		if o.format == "json" {
			return report.DiffJSON(out, d)
		}
		return report.DiffText(out, d, o.render(w))
	}); err != nil {
		return err
	}
	if !d.Equal {
		return exitStatus(exitDisputed)
	}
	return nil
}

// locator reads files on disk and in an attestation repository, which is opened only when it is needed.
type locator struct {
	o          diffOptions
	w          world
	repository *repo.Repository
}

func (l *locator) close() {
	if l.repository != nil {
		l.repository.Close()
	}
}

const diffHint = "A and B are files on disk, paths of the attestation repository (PATH or PATH@REVISION), or ids of contents; --sigs names the repository"

// read returns the content of a file on disk, of a path of the repository (PATH or PATH@REVISION), or of a blob.
func (l *locator) read(ctx context.Context, name string) ([]byte, error) {
	data, err := readCapped(name, sigs.MaxAssertion)
	if !errors.Is(err, os.ErrNotExist) {
		return data, err
	}
	if !strings.Contains(name, "/") && !isBlobID(name) {
		return nil, withHint(err, diffHint)
	}
	if err := l.open(ctx, name); err != nil {
		return nil, err
	}
	if isBlobID(name) {
		data, _, err = l.repository.Blob(name, sigs.MaxAssertion)
	} else if data, err = l.at(name, ""); errors.Is(err, os.ErrNotExist) { // signers' names have an @ too
		if i := strings.LastIndexByte(name, '@'); i > 0 {
			data, err = l.at(name[:i], name[i+1:])
		}
	}
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, repo.ErrNoBlob) {
		return nil, withHint(fmt.Errorf("%s: neither a file on disk nor in %s: %w", name, l.repository.Location(), err), diffHint)
	}
	return data, err
}

// at reads a file of the repository as it was at a revision.
func (l *locator) at(path, revision string) ([]byte, error) {
	commit, err := l.repository.Resolve(revision)
	if err != nil {
		return nil, err
	}
	tree, err := l.repository.Tree(commit)
	if err != nil {
		return nil, err
	}
	return sigs.ReadCapped(tree, path, sigs.MaxAssertion)
}

// isBlobID reports whether a name is the first digits of an object id.
func isBlobID(name string) bool {
	return len(name) >= 7 && len(name) <= 40 && strings.Trim(strings.ToLower(name), "0123456789abcdef") == ""
}

// open opens the repository that --sigs names, else the one the project has for the version that a path begins with.
func (l *locator) open(ctx context.Context, name string) error {
	if l.repository != nil {
		return nil
	}
	dirs, err := findDirectories(l.w.getenv)
	if err != nil {
		return err
	}
	set, err := loadProjects(dirs)
	if err != nil {
		return err
	}
	project, ok := set.Find(l.o.project)
	if !ok {
		return withHint(usagef("unknown project %q", l.o.project), "known: %s", strings.Join(set.Names(), ", "))
	}
	location := l.o.sigs
	if location == "" {
		release, _, _ := strings.Cut(name, "/")
		version, _, _ := sigs.SplitRelease(release)
		repository, known := project.RepositoryFor(version)
		if location = repository.URL; !known {
			return withHint(fmt.Errorf("%s: no file on disk, and it does not say in which attestation repository to look", name), "--sigs names one")
		}
	}
	from := opener{dirs: dirs, rewrite: set.Rewrite, offline: l.o.offline, progress: l.w.progress(l.o.quiet), now: l.w.now}
	l.repository, err = from.open(ctx, location)
	return err
}
