package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gverify/gverify/report"
	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/sigs/pgp"
)

// signFunc makes a detached signature over data.
type signFunc func(ctx context.Context, data []byte) ([]byte, error)

// signAll signs every attestation and returns the primary fingerprint of the key.
func (o signOptions) signAll(ctx context.Context, w world, all []signing) (string, error) {
	ring := pgp.NewKeyring()
	sign, err := o.signFunc(ctx, w, ring)
	if err != nil {
		return "", err
	}
	return signEach(ctx, sign, ring.At(w.now), all)
}

// signEach signs and checks each signature against the public key: one that is not good, or by another key than the others, is
// an error before anything is stored.
func signEach(ctx context.Context, sign signFunc, v sigs.Verifier, all []signing) (fingerprint string, err error) {
	for i := range all {
		s := &all[i]
		if s.new.Signature, err = sign(ctx, s.new.Data); err != nil {
			return "", err
		}
		judged := v.Verify(s.new.Data, s.new.Signature)
		if len(judged) != 1 || judged[0].Status != sigs.Good {
			return "", withHint(fmt.Errorf("the new signature over %s is not good: %s", s.result, problemOf(judged)), "nothing was stored; is the key expired, revoked, or not meant for signing?")
		}
		if fingerprint != "" && fingerprint != judged[0].Primary {
			return "", errors.New("the signatures are not all by one key; nothing was stored")
		}
		fingerprint = judged[0].Primary
	}
	return fingerprint, nil
}

func problemOf(judged []sigs.Signature) string {
	if len(judged) != 1 {
		return fmt.Sprintf("%d signatures were made", len(judged))
	}
	if judged[0].Why == "" {
		return string(judged[0].Status)
	}
	return string(judged[0].Status) + ", " + judged[0].Why
}

// signFunc opens what signs: the user's gpg, or a secret key in a file, whose public half goes into the keyring.
func (o signOptions) signFunc(ctx context.Context, w world, ring *pgp.Keyring) (signFunc, error) {
	if o.keyFile == "" {
		return func(ctx context.Context, data []byte) ([]byte, error) {
			signature, err := pgp.SignGnuPG(ctx, w.In, o.gpgKey, o.armored, data)
			if err != nil && ctx.Err() == nil {
				return nil, withHint(err, "gpg --list-secret-keys shows the keys you have (--gpg-key); if it could not ask for the passphrase: export GPG_TTY=$(tty)")
			}
			if err != nil {
				return nil, err
			}
			return signature, addGnuPGKey(ctx, ring, data, signature, w.now)
		}, nil
	}
	data, err := readCapped(o.keyFile, pgp.MaxKeyFile)
	if err != nil {
		return nil, withHint(err, "--armored-key takes a secret key: gpg --export-secret-keys --armor KEY")
	}
	key, err := pgp.ReadSecretKey(data, func() ([]byte, error) {
		if secret := passphraseFromEnvironment(w.getenv); secret != nil {
			return secret, nil
		}
		if w.secret == nil {
			return nil, pgp.ErrPassphrase
		}
		return w.secret(ctx, "Passphrase of "+report.Quote(o.keyFile)+": ")
	})
	switch {
	case errors.Is(err, pgp.ErrPassphrase):
		return nil, withHint(fmt.Errorf("%s: %w", o.keyFile, err), "give it on the terminal, or in GVERIFY_KEY_PASSWORD")
	case err != nil:
		return nil, withHint(fmt.Errorf("%s: %w", o.keyFile, err), "--armored-key takes a secret key: gpg --export-secret-keys --armor KEY")
	}
	public, err := key.Public()
	if err != nil {
		return nil, err
	}
	ring.Add(o.keyFile, pgp.Source{Name: o.keyFile, Given: true}, public)
	return func(_ context.Context, data []byte) ([]byte, error) { return key.Sign(data, o.armored, w.now) }, nil
}

// addGnuPGKey fetches the public key of a signature from the user's keyring, by the issuer the signature names.
func addGnuPGKey(ctx context.Context, ring *pgp.Keyring, data, signature []byte, now time.Time) error {
	unknown := pgp.NewKeyring().At(now).Verify(data, signature)
	if len(unknown) != 1 {
		return errors.New("gpg did not give one detached signature")
	}
	id := unknown[0].Fingerprint
	if id == "" {
		id = unknown[0].KeyID
	}
	key, err := pgp.ExportGnuPGKey(ctx, id)
	if err != nil {
		return fmt.Errorf("the public key of the new signature: %w", err)
	}
	ring.Add("your GnuPG keyring", pgp.Source{Name: "your GnuPG keyring", Given: true}, key)
	return nil
}
