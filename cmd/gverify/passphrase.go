package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/gverify/gverify/report"
	"github.com/gverify/gverify/sigs/dsse"
)

// passphraseVariables hold the passphrase of a private key, the first one first. It is never a flag: other users of the machine
// can read those.
var passphraseVariables = []string{"GVERIFY_KEY_PASSWORD", "COSIGN_PASSWORD"}

// passphraseFromEnvironment returns the passphrase a variable holds; nil: none does.
func passphraseFromEnvironment(getenv func(string) string) []byte {
	for _, name := range passphraseVariables {
		if value := getenv(name); value != "" {
			return []byte(value)
		}
	}
	return nil
}

// openSigners opens every key to sign with.
func openSigners(ctx context.Context, names []string, w world) ([]dsse.Signer, error) {
	var out []dsse.Signer
	var keys []dsse.PublicKey
	for _, name := range names {
		s, err := openSigner(ctx, name, w)
		if err != nil {
			return nil, err
		}
		out, keys = append(out, s), append(keys, s.Public)
	}
	if len(dsse.Distinct(keys)) != len(keys) {
		return nil, usagef("--key names the same key twice")
	}
	return out, nil
}

func openSigner(ctx context.Context, name string, w world) (dsse.Signer, error) {
	if dsse.IsKMS(name) {
		s, err := dsse.OpenKMS(ctx, name)
		if errors.Is(err, dsse.ErrNoProvider) {
			return dsse.Signer{}, withHint(fmt.Errorf("--key %s: %w", name, err), "sign with a key file (gverify keygen), or build gverify with sigstore's package for that service")
		}
		return s, err
	}
	data, err := readCapped(name, dsse.MaxKeyFile)
	if err != nil {
		return dsse.Signer{}, withHint(err, "--key takes a private key; gverify keygen makes one")
	}
	s, err := readSigner(ctx, name, data, w)
	switch {
	case errors.Is(err, dsse.ErrPassphrase):
		return dsse.Signer{}, withHint(fmt.Errorf("%s: %w", name, err), "give it on the terminal, or in GVERIFY_KEY_PASSWORD")
	case err != nil && ctx.Err() == nil:
		return dsse.Signer{}, withHint(fmt.Errorf("%s: %w", name, err), "--key takes a private key in PEM form; gverify keygen makes one")
	}
	return s, err
}

// readSigner reads a private key. Where no variable holds a passphrase the empty one is tried first, then the user is asked.
func readSigner(ctx context.Context, name string, data []byte, w world) (dsse.Signer, error) {
	if secret := passphraseFromEnvironment(w.getenv); secret != nil {
		return dsse.ReadPrivateKey(data, func() ([]byte, error) { return secret, nil })
	}
	s, err := dsse.ReadPrivateKey(data, func() ([]byte, error) { return []byte{}, nil })
	if !errors.Is(err, dsse.ErrPassphrase) || w.secret == nil {
		return s, err
	}
	return dsse.ReadPrivateKey(data, func() ([]byte, error) {
		return w.secret(ctx, "Passphrase of "+report.Quote(name)+": ")
	})
}

// newPassphrase returns the passphrase for a new key: from the environment, else asked for twice.
func newPassphrase(ctx context.Context, w world) ([]byte, error) {
	if secret := passphraseFromEnvironment(w.getenv); secret != nil {
		return secret, nil
	}
	if w.secret == nil {
		return nil, withHint(errors.New("no passphrase for the key, and no terminal to ask for one"), "set GVERIFY_KEY_PASSWORD, or say --no-passphrase")
	}
	first, err := w.secret(ctx, "Passphrase for the new key: ")
	if err != nil {
		return nil, err
	}
	if len(first) == 0 {
		return nil, withHint(errors.New("the passphrase is empty, nothing was written"), "whoever gets the key file could sign; if you want that, say --no-passphrase")
	}
	second, err := w.secret(ctx, "The same again: ")
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(first, second) {
		return nil, withHint(errors.New("the two passphrases differ, nothing was written"), "try again")
	}
	return first, nil
}
