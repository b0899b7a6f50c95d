package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gverify/gverify/report"
	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/sigs/dsse"
)

// attestOptions are the flags of gverify attest.
type attestOptions struct {
	request
	keyFiles  []string
	file      string
	predicate string
	resource  string
	quiet     bool
}

func newAttestCommand(w world) *cobra.Command {
	var o attestOptions
	cmd := &cobra.Command{
		Use:   "attest VERSION --key KEY [-o FILE]",
		Short: "The verdict on a release as a signed statement for other tools",
		Long: `Judges a release as gverify release does, and signs the verdict with your key. FILE gets two lines, each a bare DSSE envelope
around an in-toto Statement v1 about the same files (name and sha256):

  summary   predicate https://slsa.dev/verification_summary/v1: PASSED or FAILED, the policy and its digest, the digest of every
            file that voted. The level is gverify's own: GVERIFY_REPRODUCED_BY_3 says that at least three people whose voice
            counts made every file (…_UNVETTED_KEYS: at least three keys, under --policy any). Levels of SLSA are never claimed.
  report    predicate ` + dsse.ReportType + `: the whole report, as --format json prints it.

Only an agreed release is PASSED, and then the statement names only the files that were agreed on. Any other verdict is signed as
FAILED and names every digest that was judged; so is an agreement that your own build (--manifest) contradicts.

KEY is a private key: cosign's encrypted form (gverify keygen makes one), or an unencrypted PEM file, of ECDSA P-256, Ed25519 or RSA
from 3072 bits; or the address of a key management service (awskms://…) where a provider is compiled in. The passphrase is asked for on
the terminal, or taken from GVERIFY_KEY_PASSWORD or COSIGN_PASSWORD. Nothing is sent to a transparency log, or anywhere.

The statement names the attestation repository and the policy as you gave them, also where they are paths on your machine.

` + exitHelp,
		Example: `  gverify keygen -o release
  gverify attest 29.0 --key release.key -o bitcoin-29.0.jsonl
  gverify verify-attestation bitcoin-29.0.jsonl --key release.pub --file bitcoin-29.0-x86_64-linux-gnu.tar.gz`,
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
			return runAttest(cmd.Context(), o, w)
		},
	}
	o.request.flags(cmd)
	o.request.narrowing(cmd)
	f := cmd.Flags()
	f.StringArrayVar(&o.keyFiles, "key", nil, "private key to sign with; repeatable, for several signatures")
	f.StringVarP(&o.file, "output", "o", "", "write the envelopes to this file instead of standard output")
	f.StringVar(&o.predicate, "predicate", "both", "which statements: summary, report or both")
	f.StringVar(&o.resource, "resource", "", "package URL of the release, such as pkg:github/bitcoin/bitcoin@v29.0; made from the project if not given")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "do not say what was signed")
	return cmd
}

func (o attestOptions) validate() error {
	if err := o.request.validate(); err != nil {
		return err
	}
	switch {
	case len(o.keyFiles) == 0:
		return withHint(usagef("attest needs a key to sign with: --key"), "gverify keygen makes one")
	case !slices.Contains([]string{"both", "summary", "report"}, o.predicate):
		return usagef("unknown predicate %q, want summary, report or both", o.predicate)
	case o.resource != "" && !strings.HasPrefix(o.resource, "pkg:"):
		return usagef("--resource %q is no package URL, such as pkg:github/bitcoin/bitcoin@v29.0", o.resource)
	case o.file != "" && slices.ContainsFunc(o.keyFiles, func(name string) bool { return samePath(name, o.file) }):
		return usagef("--output %s is the key itself", o.file)
	}
	return nil
}

// samePath reports whether two names are one file's.
func samePath(a, b string) bool {
	absoluteA, errA := filepath.Abs(a)
	absoluteB, errB := filepath.Abs(b)
	return errA == nil && errB == nil && absoluteA == absoluteB
}

// runAttest judges a release and signs what came out.
func runAttest(ctx context.Context, o attestOptions, w world) error {
	if err := keepInputs(o.file, append(o.request.files(), o.keyFiles...)...); err != nil {
		return err
	}
	signers, err := openSigners(ctx, o.keyFiles, w)
	if err != nil {
		return err
	}
	j, err := judge(ctx, o.request, w, w.progress(o.quiet))
	if err != nil {
		return err
	}
	defer j.close()
	status, problem := exitFor(j.verdict, j.keys)
	if problem != nil {
		return problem // too little was seen to sign anything
	}
	d := j.document(status)
	said, err := attest(d)
	if err != nil {
		return err
	}
	summary, err := j.summary(said, o.resource, w.now)
	if err != nil {
		return err
	}
	var out []byte
	for _, kind := range []string{"summary", "report"} {
		if o.predicate != "both" && o.predicate != kind {
			continue
		}
		statement, err := summary.Statement(said.subjects)
		if kind == "report" {
			statement, err = reportStatement(d, said.subjects)
		}
		if err != nil {
			return err
		}
		line, err := signedLine(ctx, statement, signers)
		if err != nil {
			return err
		}
		out = append(out, line...)
	}
	if err := writeOutput(w, o.file, func(to io.Writer) error { _, err := to.Write(out); return err }); err != nil {
		return err
	}
	if err := o.conclude(w, d, summary, len(said.subjects), signers); err != nil {
		return err
	}
	if status != exitAgreed {
		return exitStatus(status)
	}
	return nil
}

// signedLine is a signed envelope on a line of its own.
func signedLine(ctx context.Context, s dsse.Statement, signers []dsse.Signer) ([]byte, error) {
	envelope, err := dsse.Sign(ctx, s, signers...)
	if err != nil {
		return nil, err
	}
	line, err := envelope.Marshal()
	return append(line, '\n'), err
}

// conclude says on standard output what was signed, where the envelopes went to a file.
func (o attestOptions) conclude(w world, d report.Document, s dsse.Summary, files int, signers []dsse.Signer) error {
	if o.quiet || o.file == "" || o.file == "-" {
		return nil
	}
	if err := report.Text(w.Out, d, report.Options{Quiet: true}); err != nil {
		return err
	}
	lines := []string{
		fmt.Sprintf("Signed as  %s (%s) for %s", s.Result, strings.Join(s.Levels, ", "), plural(files, "digest")),
		"release    " + s.ResourceURI,
		"policy     sha256:" + s.Policy.Digest.SHA256,
	}
	for _, signer := range signers {
		lines = append(lines, fmt.Sprintf("key        sha256:%s (%s)", signer.Public.Digest, signer.Public.Algorithm))
	}
	lines = append(lines, "Nothing was sent to a transparency log. Check it with:  gverify verify-attestation "+o.file+" --key PUBLICKEY")
	for _, line := range lines {
		if _, err := fmt.Fprintln(w.Out, report.Quote(line)); err != nil {
			return err
		}
	}
	return nil
}

// plural is a number with its noun.
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// summary is the verification summary of a judged release.
func (j *judged) summary(said attested, resource string, now time.Time) (dsse.Summary, error) {
	s := dsse.Summary{
		Verifier:     dsse.Verifier{ID: dsse.VerifierID, Version: map[string]string{"gverify": toolVersion()}},
		TimeVerified: now.UTC().Truncate(time.Second), ResourceURI: resource,
		Result: dsse.Failed, Levels: said.levels, InputAttestations: []dsse.Resource{},
	}
	if said.code == exitAgreed {
		s.Result = dsse.Passed
	}
	if resource == "" {
		s.ResourceURI = packageURL(j.project, j.version, j.asked.platforms)
	}
	var err error
	if s.Policy, err = j.policyResource(); err != nil {
		return dsse.Summary{}, err
	}
	s.InputAttestations, err = j.inputs(said.voted)
	return s, err
}

// policyResource holds the policy's canonical text, and the date keys were judged as of where that is not the time of verifying:
// it decides as much as the policy does.
func (j *judged) policyResource() (dsse.Resource, error) {
	content, err := j.policy.Canonical()
	if err != nil {
		return dsse.Resource{}, err
	}
	if j.asked.asOf != "" {
		content, err = json.Marshal(struct {
			Policy json.RawMessage `json:"policy"`
			AsOf   time.Time       `json:"keys_as_of"`
		}{content, j.asOf.UTC()})
		if err != nil {
			return dsse.Resource{}, err
		}
	}
	r := dsse.NewResource("https://github.com/gverify/gverify/policy/v1/"+percent(j.policy.Name), content)
	r.MediaType, r.Content = "application/json", content
	return r, nil
}

// inputs describes every file that voted and the signature over it, in the repository at its commit.
func (j *judged) inputs(voted []votedFile) ([]dsse.Resource, error) {
	out := []dsse.Resource{}
	for _, v := range voted {
		out = append(out, dsse.Resource{URI: j.uri(v.path), Digest: dsse.DigestSet{SHA256: v.digest.String()}})
		data, err := sigs.ReadCapped(j.src.fsys, v.signature, sigs.MaxSignatureFile)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", v.signature, err)
		}
		out = append(out, dsse.NewResource(j.uri(v.signature), data))
	}
	return out, nil
}

// uri names a file of the attestation repository: git+LOCATION@COMMIT#PATH, as SPDX writes download locations, or a file's own
// address in a plain directory.
func (j *judged) uri(name string) string {
	location := j.src.location
	if !isRemote(location) {
		if absolute, err := filepath.Abs(location); err == nil {
			location = absolute
		}
		location = "file://" + (&url.URL{Path: "/" + strings.TrimPrefix(filepath.ToSlash(location), "/")}).EscapedPath()
	}
	path := (&url.URL{Path: name}).EscapedPath()
	if j.src.commit.Hash == "" {
		return location + "/" + path
	}
	return "git+" + location + "@" + j.src.commit.Hash + "#" + path
}
