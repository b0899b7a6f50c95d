package pgp

import (
	"bytes"
	"crypto"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// ErrPassphrase is a secret key that the passphrase given does not open.
var ErrPassphrase = errors.New("wrong passphrase")

// SecretKey makes detached signatures. It lives in memory only.
type SecretKey struct{ entity *openpgp.Entity }

// ReadSecretKey reads one secret key, armored or not, such as gpg --export-secret-keys gives. passphrase is asked once if the key
// is locked. Errors: ErrPassphrase, or what is wrong with the file.
func ReadSecretKey(data []byte, passphrase func() ([]byte, error)) (*SecretKey, error) {
	if len(data) > MaxKeyFile {
		return nil, fmt.Errorf("%d bytes, at most %d are read", len(data), MaxKeyFile)
	}
	read := openpgp.ReadKeyRing
	if bytes.Contains(data[:min(len(data), 1000)], []byte("-----BEGIN PGP")) {
		read = openpgp.ReadArmoredKeyRing
	}
	list, err := read(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("no OpenPGP key that can be read: %w", err)
	}
	if len(list) != 1 {
		return nil, fmt.Errorf("%d keys in the file, want one", len(list))
	}
	e := list[0]
	if e.PrivateKey == nil {
		return nil, errors.New("it is a public key; signing needs the secret one (gpg --export-secret-keys --armor)")
	}
	if locked(e) {
		secret, err := passphrase()
		if err != nil {
			return nil, err
		}
		if err := e.DecryptPrivateKeys(secret); err != nil {
			return nil, ErrPassphrase
		}
	}
	return &SecretKey{e}, nil
}

// locked reports whether a part of the key that is there needs a passphrase. Stubs for parts that are elsewhere do not count.
func locked(e *openpgp.Entity) bool {
	if e.PrivateKey.Encrypted && !e.PrivateKey.Dummy() {
		return true
	}
	for _, s := range e.Subkeys {
		if s.PrivateKey != nil && s.PrivateKey.Encrypted && !s.PrivateKey.Dummy() {
			return true
		}
	}
	return false
}

// Public returns the public key, as a key file holds it.
func (k *SecretKey) Public() ([]byte, error) {
	var b bytes.Buffer
	err := k.entity.Serialize(&b)
	return b.Bytes(), err
}

// Sign makes a detached signature dated now.
func (k *SecretKey) Sign(data []byte, armored bool, now time.Time) ([]byte, error) {
	config := &packet.Config{DefaultHash: crypto.SHA512, Time: func() time.Time { return now }}
	var b bytes.Buffer
	var w io.WriteCloser = nopCloser{&b}
	if armored {
		var err error
		if w, err = armor.Encode(&b, openpgp.SignatureType, nil); err != nil {
			return nil, err
		}
	}
	if err := openpgp.DetachSign(w, k.entity, bytes.NewReader(data), config); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	if armored {
		b.WriteByte('\n')
	}
	return b.Bytes(), nil
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }
