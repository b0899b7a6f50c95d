package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gverify/gverify/report"
	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/sigs/pgp"
	"github.com/gverify/gverify/sigs/projects"
)

// showOptions are the flags of gverify show.
type showOptions struct {
	file string
	keys []string
	asOf string
	output
}

func newShowCommand(w world) *cobra.Command {
	var o showOptions
	cmd := &cobra.Command{
		Use:   "show FILE",
		Short: "Explain one file: a res.yml, an assertion, a SHA256SUMS or a signature",
		Long: `Explains what a file of a reproducible build says and what each part means when builds are compared: what came out first,
then what went in, then the build environment. A signature is judged when --keys is given and the signed file lies beside it.
Nothing is compared with other signers: that is gverify release VERSION --manifest FILE.

The exit status tells nothing of what was shown: a bad signature is shown as bad, with 0.

` + toolExitHelp,
		Example: `  gverify show result/bitcoin-linux-0.15-res.yml
  gverify show all.SHA256SUMS.asc --keys gnupg:`,
		Args: exactArgs(1, "one file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := fromEnvironment(cmd, w.getenv); err != nil {
				return err
			}
			o.file = args[0]
			if err := o.validate("text"); err != nil {
				return err
			}
			return runShow(cmd.Context(), o, w)
		},
	}
	f := cmd.Flags()
	f.StringArrayVar(&o.keys, "keys", nil, "public keys to judge signatures with: a file, a directory, gnupg: or REPOSITORY//DIR; repeatable")
	f.StringVar(&o.asOf, "as-of", "", "judge keys as of this date; now if not given")
	o.output.flags(cmd, "text")
	return cmd
}

func runShow(ctx context.Context, o showOptions, w world) error {
	signed := strings.TrimSuffix(o.file, filepath.Ext(o.file))
	if err := keepInputs(o.output.file, append(keyPaths(o.keys), o.file, signed)...); err != nil {
		return err
	}
	data, err := readCapped(o.file, sigs.MaxAssertion)
	if err != nil {
		return err
	}
	shown := report.Shown{Path: o.file}
	if looksLikeSignature(o.file, data) {
		if shown.Signatures, err = judgeFile(ctx, o, w, data); err != nil {
			return err
		}
	} else {
		a, err := parseAny(data)
		if err != nil {
			return withHint(fmt.Errorf("%s: %w", o.file, err), "show takes a res.yml, an assertion (.assert), a SHA256SUMS file or a signature (.sig, .asc)")
		}
		shown.Assertion = &a
	}
	return writeOutput(w, o.output.file, func(out io.Writer) error { return report.Show(out, shown, o.render(w)) })
}

// looksLikeSignature reports whether a file is an OpenPGP signature by its name or first bytes.
func looksLikeSignature(name string, data []byte) bool {
	for _, suffix := range []string{".sig", ".asc", ".gpg"} {
		if strings.HasSuffix(name, suffix) {
			return true
		}
	}
	return bytes.HasPrefix(data, []byte("-----BEGIN PGP")) || len(data) > 0 && data[0]&0x80 != 0
}

// judgeFile judges the signatures of a file over the file beside it whose name is the same without the last extension.
func judgeFile(ctx context.Context, o showOptions, w world, signature []byte) ([]sigs.Signature, error) {
	dirs, err := findDirectories(w.getenv)
	if err != nil {
		return nil, err
	}
	set, err := loadProjects(dirs)
	if err != nil {
		return nil, err
	}
	asOf, err := parseDate(o.asOf, w.now)
	if err != nil {
		return nil, err
	}
	from := opener{dirs: dirs, rewrite: set.Rewrite, progress: w.progress(o.quiet), now: w.now}
	g := &keyGatherer{ring: pgp.NewKeyring(), open: from.open}
	for _, spec := range o.keys {
		if err := g.addGiven(ctx, spec); err != nil {
			return nil, fmt.Errorf("keys: %w", err)
		}
	}
	signed := o.file[:max(strings.LastIndexByte(o.file, '.'), 0)]
	message, err := readCapped(signed, sigs.MaxAssertion)
	if errors.Is(err, os.ErrNotExist) {
		if len(o.keys) > 0 {
			return nil, withHint(fmt.Errorf("%s: the signed file %s is not beside it", o.file, signed), "put both into one directory, or leave --keys out to see only what the signature says of itself")
		}
		message = nil
	} else if err != nil {
		return nil, err
	}
	judged := g.ring.At(asOf).Verify(message, signature)
	for i := range judged {
		judged[i].Path = o.file
	}
	return judged, nil
}

// policyOptions are the flags of gverify policy init.
type policyOptions struct {
	project string
	file    string
	keys    []string
}

func newPolicyCommand(w world) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "policy",
		Short: "Who votes: what a policy file says, and a start for your own",
		Long:  policyTopic() + "\n\n" + toolExitHelp,
		Args:  exactArgs(0, "a subcommand, init"),
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	var o policyOptions
	initialise := &cobra.Command{
		Use:   "init",
		Short: "Write a policy file to start from",
		Long: `Writes a policy with a project's pinned signers, or, with --keys, with the keys you name as pins that you uncomment one by one
as you check whose they are. Nothing that exists is overwritten.

` + toolExitHelp,
		Args: exactArgs(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := fromEnvironment(cmd, w.getenv); err != nil {
				return err
			}
			return runPolicyInit(cmd.Context(), o, w)
		},
	}
	f := initialise.Flags()
	f.StringVar(&o.project, "project", projects.Default, "whose signers to start from")
	f.StringVarP(&o.file, "output", "o", "", "write to this file; standard output if not given")
	f.StringArrayVar(&o.keys, "keys", nil, "list these keys as candidates; repeatable")
	cmd.AddCommand(initialise)
	return cmd
}

func runPolicyInit(ctx context.Context, o policyOptions, w world) error {
	dirs, err := findDirectories(w.getenv)
	if err != nil {
		return err
	}
	set, err := loadProjects(dirs)
	if err != nil {
		return err
	}
	project, ok := set.Find(o.project)
	if !ok {
		return withHint(usagef("unknown project %q", o.project), "known: %s", strings.Join(set.Names(), ", "))
	}
	from := opener{dirs: dirs, rewrite: set.Rewrite, now: w.now}
	g := &keyGatherer{ring: pgp.NewKeyring(), open: from.open}
	for _, spec := range o.keys {
		if err := g.addGiven(ctx, spec); err != nil {
			return fmt.Errorf("keys: %w", err)
		}
	}
	if o.file != "" && exists(o.file) {
		return withHint(fmt.Errorf("%s exists, nothing was written", o.file), "name another file")
	}
	return writeOutput(w, o.file, func(out io.Writer) error {
		_, err := io.WriteString(out, policyDraft(project, g.ring.Certificates()))
		return err
	})
}

// policyDraft is a policy file: the project's pins, then candidates as comments.
func policyDraft(project projects.Project, candidates []pgp.Certificate) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Who votes on releases of %s. gverify help policy explains every field.\nname: my-%s\nthreshold: %d\n", project.Title, project.Name, max(project.Threshold, 1))
	pinned := map[string]bool{}
	b.WriteString("pins:")
	if len(project.Pins) == 0 {
		b.WriteString(" []   # the project published no fingerprints; pin only keys whose owner you have checked")
	}
	b.WriteString("\n")
	for _, pin := range project.Pins {
		fmt.Fprintf(&b, "  - name: %q\n    fingerprints: [%s]\n", pin.Name, strings.Join(pin.Fingerprints, ", "))
		if len(pin.Aliases) > 0 {
			fmt.Fprintf(&b, "    aliases: [%s]\n", quoteAll(pin.Aliases))
		}
		for _, fingerprint := range pin.Fingerprints {
			pinned[fingerprint] = true
		}
	}
	for _, c := range candidates {
		if pinned[c.Fingerprint] {
			continue
		}
		name := c.Fingerprint
		if len(c.UserIDs) > 0 {
			name = c.UserIDs[0]
		}
		fmt.Fprintf(&b, "#  - name: %q\n#    fingerprints: [%s]\n", report.Quote(name), c.Fingerprint)
	}
	return b.String()
}

func quoteAll(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = fmt.Sprintf("%q", name)
	}
	return strings.Join(quoted, ", ")
}
