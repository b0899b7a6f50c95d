package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/gverify/gverify/report"
	"github.com/gverify/gverify/sigs/dsse"
)

// keygenOptions are the flags of gverify keygen.
type keygenOptions struct {
	prefix       string
	noPassphrase bool
}

func newKeygenCommand(w world) *cobra.Command {
	var o keygenOptions
	cmd := &cobra.Command{
		Use:   "keygen [-o PREFIX]",
		Short: "Make a key pair to sign verdicts with",
		Long: `Makes an ECDSA P-256 key pair: PREFIX.key, encrypted with a passphrase as cosign does it, and PREFIX.pub. cosign can read both.
Existing files are never overwritten. The passphrase is asked for twice on the terminal, or taken from GVERIFY_KEY_PASSWORD or
COSIGN_PASSWORD. Nothing is sent to a transparency log, or anywhere: give PREFIX.pub yourself to whoever is to believe you.

` + toolExitHelp,
		Example: `  gverify keygen -o release
  gverify attest 29.0 --key release.key -o bitcoin-29.0.jsonl`,
		Args: exactArgs(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := fromEnvironment(cmd, w.getenv); err != nil {
				return err
			}
			if o.prefix == "" {
				return usagef("--output is empty")
			}
			return runKeygen(cmd.Context(), o, w)
		},
	}
	f := cmd.Flags()
	f.StringVarP(&o.prefix, "output", "o", "gverify", "write PREFIX.key and PREFIX.pub")
	f.BoolVar(&o.noPassphrase, "no-passphrase", false, "encrypt with an empty passphrase: whoever has the file can sign")
	return cmd
}

func runKeygen(ctx context.Context, o keygenOptions, w world) error {
	for _, name := range []string{o.prefix + ".key", o.prefix + ".pub"} {
		if _, err := os.Lstat(name); err == nil {
			return keyExists(name)
		}
	}
	var secret []byte
	var err error
	if !o.noPassphrase {
		if secret, err = newPassphrase(ctx, w); err != nil {
			return err
		}
	}
	private, public, err := dsse.Generate(secret)
	if err != nil {
		return err
	}
	keys, err := dsse.ReadPublicKeys(public)
	if err != nil {
		return err
	}
	if err := writeNew(o.prefix+".key", private, 0o600); err != nil {
		return err
	}
	if err := writeNew(o.prefix+".pub", public, 0o644); err != nil {
		return errors.Join(err, os.Remove(o.prefix+".key"))
	}
	lines := []string{
		fmt.Sprintf("%s.key  the private key: keep it to yourself", o.prefix),
		fmt.Sprintf("%s.pub  the public key, sha256:%s", o.prefix, keys[0].Digest),
	}
	if o.noPassphrase {
		lines = append(lines, "The private key has an empty passphrase: whoever has the file can sign.")
	}
	for _, line := range lines {
		if _, err := fmt.Fprintln(w.Out, report.Quote(line)); err != nil {
			return err
		}
	}
	return nil
}

// writeNew writes a file that must not exist yet.
func writeNew(name string, data []byte, mode fs.FileMode) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if errors.Is(err, fs.ErrExist) {
		return keyExists(name)
	}
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err := errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(name))
	}
	return nil
}

func keyExists(name string) error {
	return withHint(fmt.Errorf("%s exists, nothing was written", name), "name another prefix with -o; a key that is overwritten is lost")
}
