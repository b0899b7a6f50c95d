package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/sigs/dsse"
)

// verifyAttestationOptions are the flags of gverify verify-attestation.
type verifyAttestationOptions struct {
	file         string
	keyFiles     []string
	threshold    int
	artifacts    []string
	resource     string
	policyDigest string
	output
}

func newVerifyAttestationCommand(w world) *cobra.Command {
	var o verifyAttestationOptions
	cmd := &cobra.Command{
		Use:   "verify-attestation FILE --key PUBLICKEY",
		Short: "Check a signed verdict, and whether it is about a file of yours",
		Long: `Checks what gverify attest wrote: the payload type, every signature, that enough distinct keys of yours signed each envelope,
the statement, its predicate and the digests of its subjects, and that the summary and the report in FILE say the same about the
same files. A key counts once, however often it is given, has signed, or is called by a key id.

--file ARTIFACT hashes a file and looks for its digest among the subjects. The digest decides; a file under another name is said
to be renamed, and does not pass if that name carries another version. A file that bears the name of a subject must have that
subject's digest.

You trust whoever holds the keys: the builders' own signatures are checked by gverify release, not here. No transparency log and no
network is used.

Exit status:
  0    enough of your keys signed it, it says PASSED, and every --file is among its subjects
  1    FILE is no signed verdict that can be read, or contradicts itself
  2    the command line makes no sense
  3    the verdict is disputed, or a --file has another digest than its subject
  4    too few of your keys signed it, the verdict is insufficient, or a --file is not among its subjects or called after another version
  5    the signers agree, but the own build of whoever signed differs
  130  interrupted`,
		Example: `  gverify verify-attestation bitcoin-29.0.jsonl --key release.pub
  gverify verify-attestation bitcoin-29.0.jsonl --key alice.pub --key bob.pub --threshold 2 \
      --resource pkg:github/bitcoin/bitcoin@v29.0 --file bitcoin-29.0-x86_64-linux-gnu.tar.gz`,
		Args: exactArgs(1, "one file of envelopes"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := fromEnvironment(cmd, w.getenv); err != nil {
				return err
			}
			o.file = args[0]
			if err := o.validate(); err != nil {
				return err
			}
			return runVerifyAttestation(cmd.Context(), o, w)
		},
	}
	f := cmd.Flags()
	f.StringArrayVar(&o.keyFiles, "key", nil, "public key you trust, in PEM form; repeatable")
	f.IntVar(&o.threshold, "threshold", 1, "how many distinct keys must have signed each envelope")
	f.StringArrayVar(&o.artifacts, "file", nil, "file of yours that must be among the subjects; repeatable")
	f.StringVar(&o.resource, "resource", "", "the package URL that the summary must be about, such as pkg:github/bitcoin/bitcoin@v29.0")
	f.StringVar(&o.policyDigest, "policy-digest", "", "the sha256 digest that the summary's policy must have")
	o.output.flags(cmd, "text or json")
	return cmd
}

func (o verifyAttestationOptions) validate() error {
	if err := o.output.validate("text", "json"); err != nil {
		return err
	}
	if len(o.keyFiles) == 0 {
		return withHint(usagef("without a key that you trust nothing can be verified: --key PUBLICKEY"), "get the public key from whoever signed, not from beside the file")
	}
	if o.threshold < 1 {
		return usagef("--threshold %d: at least 1 key must have signed", o.threshold)
	}
	if o.policyDigest != "" {
		if _, err := sigs.ParseDigest(strings.TrimPrefix(o.policyDigest, "sha256:")); err != nil {
			return usagef("--policy-digest: %w", err)
		}
	}
	return nil
}

// runVerifyAttestation checks a file of envelopes, then the user's files against it.
func runVerifyAttestation(ctx context.Context, o verifyAttestationOptions, w world) error {
	if err := keepInputs(o.output.file, slices.Concat([]string{o.file}, o.keyFiles, o.artifacts)...); err != nil {
		return err
	}
	keys, names, err := trustedKeys(o.keyFiles)
	if err != nil {
		return err
	}
	if o.threshold > len(keys) {
		return usagef("--threshold %d, and only %s given", o.threshold, plural(len(keys), "distinct key"))
	}
	data, err := readCapped(o.file, dsse.MaxFile)
	if err != nil {
		return withHint(err, "verify-attestation takes what gverify attest wrote")
	}
	c, err := checkEnvelopes(data, keys, o.threshold, w.now)
	if err == nil {
		err = c.expect(o.resource, strings.TrimPrefix(o.policyDigest, "sha256:"))
	}
	var few *dsse.TooFewError
	switch {
	case errors.As(err, &few):
		return o.refuse(w, exitInsufficient, err)
	case err != nil:
		return withHint(fmt.Errorf("%s: %w", o.file, err), "believe nothing it says; verify-attestation takes what gverify attest wrote")
	}
	for _, name := range o.artifacts {
		digest, err := hashFile(ctx, name)
		if err != nil {
			return err
		}
		c.files = append(c.files, c.look(name, digest))
	}
	if err := o.write(w, c.result(o.file, names)); err != nil {
		return err
	}
	if code := c.exitCode(); code != exitAgreed {
		return exitStatus(code)
	}
	return nil
}

// trustedKeys reads the user's public keys; names says which file each digest came from first.
func trustedKeys(files []string) ([]dsse.PublicKey, map[sigs.Digest]string, error) {
	var keys []dsse.PublicKey
	names := map[sigs.Digest]string{}
	for _, name := range files {
		data, err := readCapped(name, dsse.MaxKeyFile)
		if err != nil {
			return nil, nil, withHint(err, "--key takes a public key in PEM form")
		}
		read, err := dsse.ReadPublicKeys(data)
		if err != nil {
			return nil, nil, withHint(fmt.Errorf("%s: %w", name, err), "--key takes a public key in PEM form, ECDSA P-256, Ed25519 or RSA from 3072 bits")
		}
		for _, key := range read {
			if _, known := names[key.Digest]; !known {
				names[key.Digest] = name
				keys = append(keys, key)
			}
		}
	}
	if len(keys) > dsse.MaxKeys {
		return nil, nil, usagef("%d keys, at most %d are tried", len(keys), dsse.MaxKeys)
	}
	return keys, names, nil
}

// hashFile hashes a regular file as it streams from its handle.
func hashFile(ctx context.Context, name string) (sigs.Digest, error) {
	f, err := os.Open(name)
	if err != nil {
		return sigs.Digest{}, err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil {
		return sigs.Digest{}, err
	} else if !info.Mode().IsRegular() {
		return sigs.Digest{}, &fs.PathError{Op: "hash", Path: name, Err: errors.New("not a regular file")}
	}
	h := sha256.New()
	if _, err := io.Copy(h, contextReader{ctx, f}); err != nil {
		return sigs.Digest{}, err
	}
	return sigs.Digest(h.Sum(nil)), nil
}

// contextReader stops reading when the user interrupts.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
