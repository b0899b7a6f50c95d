package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gverify/gverify/build"
	"github.com/gverify/gverify/report"
	"github.com/gverify/gverify/sigs"
)

// signOptions are the flags of gverify sign.
type signOptions struct {
	request
	results  []string // res.yml files
	releases []string // directory for each, or one for all
	signer   string
	gpgKey   string
	keyFile  string
	armored  bool
	dissent  bool
	dryRun   bool
}

func newSignCommand(w world) *cobra.Command {
	var o signOptions
	cmd := &cobra.Command{
		Use:   "sign RES.yml… --release DIR --signer NAME --sigs CLONE",
		Short: "Attest your own build: the assertion and your signature, in your clone of the attestation repository",
		Long: `Turns the result of your build into an assertion as gitian's gsign writes it (or leaves it the res.yml it is, where the repository
keeps those), signs it, checks the signature, and stores both in DIR/NAME of your clone. Nothing is overwritten. Committing and
publishing stay yours.

Before that the release is judged as gverify release does. If your build contradicts what the signers agree on, nothing is signed and
you are told what differs: one of you has other inputs, other packages, or a tampered machine. --dissent signs all the same.

The signature is made by your gpg, with its agent and cards (--gpg-key names the key), or with a secret key in a file
(--armored-key; its passphrase is asked for on the terminal, or taken from GVERIFY_KEY_PASSWORD).

With several results, give one --release for all, or one for each in the same order.

Exit status:
  0    signed and stored (or shown, with --dry-run)
  1    gverify could not do what was asked
  2    the command line makes no sense
  5    refused: your build differs from what the signers agree on
  130  interrupted`,
		Example: `  gverify sign result/bitcoin-linux-0.15-res.yml --release 0.15.2-linux --signer alice --sigs ../gitian.sigs
  gverify sign result/*-res.yml --release 1.0-linux --release 1.0-win --signer alice --sigs ../gitian.sigs --dry-run`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := fromEnvironment(cmd, w.getenv); err != nil {
				return err
			}
			o.results = args
			o.thresholdSet = cmd.Flags().Changed("threshold")
			if err := o.validate(); err != nil {
				return err
			}
			return runSign(cmd.Context(), o, w)
		},
	}
	o.request.flags(cmd)
	f := cmd.Flags()
	f.Lookup("sigs").Usage = "your clone of the attestation repository: a directory"
	f.StringArrayVar(&o.releases, "release", nil, "release directory the attestation belongs in, such as 0.15.2-linux; once, or once per result")
	f.StringVar(&o.signer, "signer", "", "your name in the repository: the directory your files are kept in")
	f.StringVar(&o.gpgKey, "gpg-key", "", "key to sign with, as gpg is told it; gpg's default key if not given")
	f.StringVar(&o.keyFile, "armored-key", "", "file with your secret key, instead of gpg")
	f.BoolVar(&o.armored, "armor", false, "write the signature as text (.asc) instead of .sig")
	f.BoolVar(&o.dissent, "dissent", false, "sign although your build differs from what the signers agree on")
	f.BoolVar(&o.dryRun, "dry-run", false, "show what would be signed and stored, and do neither")
	return cmd
}

func (o signOptions) validate() error {
	switch {
	case o.sigs == "" || isRemote(o.sigs):
		return withHint(usagef("where your clone of the attestation repository is is not said"), "git clone it, then --sigs DIRECTORY")
	case o.signer == "":
		return withHint(usagef("under which name you sign is not said"), "--signer NAME, the name of your directory in the repository")
	case len(o.releases) != 1 && len(o.releases) != len(o.results):
		return withHint(usagef("%d --release for %d results", len(o.releases), len(o.results)), "one for all, or one for each: --release 0.15.2-linux")
	case o.gpgKey != "" && o.keyFile != "":
		return usagef("--gpg-key and --armored-key: want one of them")
	case o.thresholdSet && o.threshold < 1:
		return usagef("--threshold %d: at least 1 signer must agree", o.threshold)
	}
	for _, r := range o.releases {
		if _, _, ok := sigs.SplitRelease(filepath.Base(r)); !ok {
			return withHint(usagef("--release %q is no release directory", r), "one is named after version and platform, such as 0.15.2-linux")
		}
	}
	return nil
}

// signing is one result on its way into the repository.
type signing struct {
	result    string // file
	name      string // the descriptor's
	version   string // which release it is judged with
	assertion sigs.Assertion
	new       sigs.NewAttestation
}

// runSign prepares every attestation before it signs the first, and signs all before it stores one.
func runSign(ctx context.Context, o signOptions, w world) error {
	root, err := os.OpenRoot(o.sigs)
	if err != nil {
		return withHint(err, "--sigs takes your clone of the attestation repository")
	}
	defer root.Close()
	listing, err := sigs.List(root.FS())
	if err != nil {
		return err
	}
	var all []signing
	for i, result := range o.results {
		s, err := o.prepare(listing, result, o.releases[min(i, len(o.releases)-1)])
		if err != nil {
			return err
		}
		if err := s.new.Check(root); err != nil {
			return withHint(fmt.Errorf("%s: %w", o.sigs, err), "what is there already is somebody's word: move it away yourself if it is yours and wrong")
		}
		all = append(all, s)
	}
	if err := o.compare(ctx, w, listing, all); err != nil {
		return err
	}
	if o.dryRun {
		return o.show(w, all)
	}
	fingerprint, err := o.signAll(ctx, w, all)
	if err != nil {
		return err
	}
	if err := o.place(w, all[0].version, fingerprint); err != nil {
		return err
	}
	for _, s := range all {
		if err := sigs.Store(root, s.new); err != nil {
			return fmt.Errorf("%s: %w", o.sigs, err)
		}
		assertion, signature := s.new.Paths()
		fmt.Fprintf(w.Out, "%s\n%s\n", report.Quote(assertion), report.Quote(signature))
	}
	fmt.Fprintf(w.Out, "Signed by the key %s.\nNow publish it: git -C %s add . && git -C %s commit\n", fingerprint, report.Quote(o.sigs), report.Quote(o.sigs))
	return nil
}

// prepare reads a result and makes the attestation in the layout of the repository.
func (o signOptions) prepare(listing sigs.Listing, result, release string) (signing, error) {
	hint := "gverify sign takes the res.yml that a build wrote, usually result/NAME-res.yml"
	data, err := readCapped(result, sigs.MaxAssertion)
	if err != nil {
		return signing{}, withHint(err, "%s", hint)
	}
	a, err := sigs.ParseAssertion(data)
	if err != nil {
		return signing{}, withHint(fmt.Errorf("%s: %w", result, err), "%s", hint)
	}
	s := signing{result: result, assertion: a, name: descriptorName(a)}
	if s.name == "" {
		return s, withHint(fmt.Errorf("%s does not say which descriptor it was built from", result), "its in_manifest should begin with NAME-desc.yml; %s", hint)
	}
	s.version, _, _ = sigs.SplitRelease(filepath.Base(release))
	s.new = sigs.NewAttestation{Release: filepath.ToSlash(filepath.Clean(release)), Signer: o.signer, Extension: ".sig"}
	if o.armored {
		s.new.Extension = ".asc"
	}
	assertion, err := build.Assert(data, filepath.Base(release), s.name)
	if err != nil { // in every layout: what is signed is a result as it left the build
		return s, withHint(fmt.Errorf("%s: %w", result, err), "%s", hint)
	}
	switch layoutFor(listing, s.new.Release) {
	case sigs.GuixLayout:
		return s, withHint(fmt.Errorf("%s holds Guix attestations, and %s is a Gitian build", o.sigs, result), "Guix builds are attested with guix-attest of the project's source")
	case sigs.ResultLayout:
		s.new.File, s.new.Data = build.ResultFile(s.name), data
		if version := carriedVersion(a.Out); version != "" { // the directory has the descriptor's version
			s.version = version
		}
	default:
		s.new.File, s.new.Data = build.AssertionFile(s.name), assertion
	}
	return s, nil
}

// descriptorName is what an in_manifest calls its descriptor.
func descriptorName(a sigs.Assertion) string {
	found := ""
	for _, e := range a.In {
		if name, ok := strings.CutSuffix(e.Path, "-desc.yml"); ok {
			if found != "" {
				return ""
			}
			found = name
		}
	}
	return found
}

// carriedVersion is the version all files' names carry, empty where they carry none or several.
func carriedVersion(m sigs.Manifest) string {
	found := ""
	for _, e := range m {
		version, ok := sigs.NamesVersion(e.Path)
		if ok && found != "" && !sigs.SameVersion(version, found) {
			return ""
		}
		if ok {
			found = version
		}
	}
	return found
}

// layoutFor is the layout of a release directory; of a new one that of most others.
func layoutFor(listing sigs.Listing, release string) sigs.Layout {
	count := map[sigs.Layout]int{}
	for _, d := range listing.Directories {
		if d.Path == release {
			return d.Layout
		}
		count[d.Layout]++
	}
	best := sigs.GitianLayout
	for _, layout := range []sigs.Layout{sigs.ResultLayout, sigs.GuixLayout} {
		if count[layout] > count[best] {
			best = layout
		}
	}
	return best
}

// show says what would be signed.
func (o signOptions) show(w world, all []signing) error {
	for _, s := range all {
		assertion, signature := s.new.Paths()
		fmt.Fprintf(w.Out, "Would sign %s and store it as\n  %s\n  %s\nIt says that this came out of the build:\n", report.Quote(s.result), report.Quote(assertion), report.Quote(signature))
		for _, e := range s.assertion.Out {
			fmt.Fprintf(w.Out, "  %s  %s\n", e.Digest, report.Quote(e.Path))
		}
	}
	_, err := fmt.Fprintln(w.Out, "Nothing was signed or written.")
	return err
}

// errDiffers ends a refusal that has been explained.
var errDiffers = exitStatus(exitOwnDiffers)

// unjudged explains why it is not known whether the signers agree.
func unjudged(err error) error {
	var status exitStatus
	if errors.As(err, &status) {
		return err
	}
	return withHint(fmt.Errorf("whether your build contradicts the signers is not known: %w", err), "try again with a network or other --keys; --dissent signs without that comparison")
}
