package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gverify/gverify/report"
)

// checkOptions are the flags of gverify check; request.version is --release.
type checkOptions struct {
	request
	output
	name     string
	listKeys []string
}

const checkHelp = `Hashes files you have and says per file who built the same bytes and who built others. The release is read from the files' names
unless --release says it. Names are exact: a file is compared with what the builders attest under its name, or under the name that
the project's rules give it (gverify help config); one that was renamed is found by its digest. In a directory the files directly
in it are checked, hidden ones are not; - is standard input.

A list of digests (called SHA256SUMS, something.SHA256SUMS, SHA256SUMS.txt or hashes.txt, or a clear-signed .asc or .txt) is checked
line by line, with the listed files that lie beside it. Its signatures (SHA256SUMS.asc) are judged and shown: they say who published
the list. They are no builds and never count as votes.

Exit status:
  0    every file is built alike by signers who suffice for the policy, and none of them built another
  1    gverify could not do what was asked: no such file, no file at all, no such release, no network
  2    the command line makes no sense
  3    signers whose voice counts built other bytes, or contradict each other; or a file is not the one on the list; or a signature
       does not fit the list and no other does
  4    too few signers whose voice counts built a file: nobody at all (not attested, of another version), or not enough
  5    the signers agree, but your own build of one of the files differs
  130  interrupted
With a list, the files you have count, and of the others those that the builders contradict; if you have none, the whole list counts.
A list that nobody signed, or with a key that is not at hand, changes nothing: the builders decide.`

func newCheckCommand(w world) *cobra.Command {
	var o checkOptions
	cmd := &cobra.Command{
		Use:   "check FILE… | DIRECTORY | SHA256SUMS [SHA256SUMS.asc]",
		Short: "The file you downloaded: who built the same",
		Long:  checkHelp,
		Example: `  gverify check bitcoin-29.0-x86_64-linux-gnu.tar.gz
  gverify check ~/Downloads/bitcoin-0.12.1-win64-setup.exe SHA256SUMS.asc
  gverify check SHA256SUMS SHA256SUMS.asc --list-keys release-key.asc --manifest res.yml
  curl -s URL | gverify check - --release 29.0 --name bitcoin-29.0-win64-setup.exe`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := fromEnvironment(cmd, w.getenv); err != nil {
				return err
			}
			o.thresholdSet = cmd.Flags().Changed("threshold")
			if err := o.validate(args); err != nil {
				return err
			}
			return runCheck(cmd.Context(), o, args, w)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.version, "release", "", "the release the files are of; read from their names if not given")
	f.StringVar(&o.name, "name", "", "what standard input (-) is called; it is looked for by its digest alone if not given")
	f.StringArrayVar(&o.listKeys, "list-keys", nil, "public keys that may have signed the list of digests, as for --keys; they never vote; repeatable")
	f.StringArrayVar(&o.manifests, "manifest", nil, "your own build's res.yml, compared with the files and with every signer; repeatable")
	o.request.flags(cmd)
	o.output.flags(cmd, "text or json")
	return cmd
}

func (o checkOptions) validate(args []string) error {
	if len(args) == 0 {
		return withHint(usagef("no files to check"), "name the files you downloaded, the directory they are in, or the SHA256SUMS of the release")
	}
	if o.name != "" && (!slices.Contains(args, "-") || strings.ContainsAny(o.name, `/\`)) {
		return usagef("--name is the name of the file that comes through standard input (-), without directories")
	}
	if o.version != "" {
		if err := o.request.validate(); err != nil {
			return err
		}
	} else if o.thresholdSet && o.threshold < 1 {
		return usagef("--threshold %d: at least 1 signer must agree", o.threshold)
	}
	return o.output.validate("text", "json")
}

// runCheck goes from files to a verdict on them: what is there, of which releases, what these are worth, what the files are.
func runCheck(ctx context.Context, o checkOptions, args []string, w world) error {
	found, err := gather(args, o.name)
	if err != nil {
		return err
	}
	if err := keepInputs(o.file, slices.Concat(found.files(), o.request.files(), keyPaths(o.listKeys))...); err != nil {
		return err
	}
	c := &check{options: o, skipped: found.skipped}
	if err := c.lay(found); err != nil {
		return err
	}
	if len(found.dirs) > 0 && !slices.ContainsFunc(c.lines, func(l line) bool { return l.held != nil }) {
		return withHint(fmt.Errorf("no file to check in %s: there is only the list %s", strings.Join(found.dirs, ", "), found.list.path),
			"%sto check the list alone: gverify check %s", leftOut(c.skipped), found.list.path)
	}
	for _, l := range c.lines { // those beside the list are known only now
		if l.held == nil {
			continue
		}
		if err := keepInputs(o.file, l.held.path); err != nil {
			return err
		}
	}
	if err := c.nameReleases(); err != nil {
		return err
	}
	progress := w.progress(o.quiet)
	defer c.close()
	if err := c.judgeReleases(ctx, w, progress); err != nil {
		return err
	}
	if err := c.hash(ctx, w, progress); err != nil {
		return err
	}
	status, problem, err := c.conclude(ctx)
	if err != nil {
		return err
	}
	if err := writeOutput(w, o.file, func(out io.Writer) error {
		if o.format == "json" {
			return report.CheckJSON(out, c.document)
		}
		return report.CheckText(out, c.document, o.render(w))
	}); err != nil {
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

// leftOut says in a hint what was not checked, for whoever expected it to be.
func leftOut(skipped []report.Skipped) string {
	if len(skipped) == 0 {
		return ""
	}
	return fmt.Sprintf("%s is left out (%s), name the file itself; ", skipped[0].Path, skipped[0].Why)
}
