package dsse

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/secure-systems-lab/go-securesystemslib/encrypted"
	"github.com/sigstore/sigstore/pkg/cryptoutils"
	"github.com/sigstore/sigstore/pkg/signature"

	"github.com/gverify/gverify/sigs"
)

// MaxKeyFile is the largest key file that is read, in bytes.
const MaxKeyFile = 64 << 10

// Sizes of RSA keys, in bits.
const (
	minRSA = 3072
	maxRSA = 16384
)

// encryptedTypes are the PEM types of cosign's encrypted keys, today's first.
var encryptedTypes = []string{"ENCRYPTED SIGSTORE PRIVATE KEY", "ENCRYPTED COSIGN PRIVATE KEY"}

// ErrPassphrase says that a passphrase does not open a key.
var ErrPassphrase = errors.New("the passphrase is wrong, or the key file is damaged")

// PublicKey is a key that may have signed.
type PublicKey struct {
	Digest    sigs.Digest // of the key's DER form (SubjectPublicKeyInfo): two files with one digest are one key
	Algorithm string      // "ECDSA P-256", "Ed25519", "RSA 4096"

	verifier signature.Verifier
}

// Signer can sign; its public key tells whose signatures it makes.
type Signer struct {
	Public PublicKey

	signer signature.Signer
}

// ReadPublicKeys reads a PEM file of public keys: at least one, and nothing else.
func ReadPublicKeys(data []byte) ([]PublicKey, error) {
	if len(data) > MaxKeyFile {
		return nil, fmt.Errorf("%d bytes, at most %d are read", len(data), MaxKeyFile)
	}
	var keys []PublicKey
	rest := data
	for {
		var block *pem.Block
		block, rest = pem.Decode(rest)
		if block == nil {
			break
		}
		if block.Type != "PUBLIC KEY" {
			return nil, fmt.Errorf("a PEM block of type %q, want PUBLIC KEY", block.Type)
		}
		public, err := cryptoutils.UnmarshalPEMToPublicKey(pem.EncodeToMemory(block))
		if err != nil {
			return nil, err
		}
		key, err := newPublicKey(public)
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	if n := bytes.Count(data, []byte("-----BEGIN ")); n != len(keys) {
		return nil, fmt.Errorf("%s of which %d can be read", count(n, "PEM block"), len(keys))
	}
	if len(keys) == 0 {
		return nil, errors.New("no public key in PEM form in it")
	}
	return keys, nil
}

// newPublicKey accepts ECDSA P-256, Ed25519 and RSA of at least 3072 bits.
func newPublicKey(public crypto.PublicKey) (PublicKey, error) {
	algorithm, err := algorithmOf(public)
	if err != nil {
		return PublicKey{}, err
	}
	der, err := cryptoutils.MarshalPublicKeyToDER(public)
	if err != nil {
		return PublicKey{}, err
	}
	verifier, err := signature.LoadVerifier(public, crypto.SHA256)
	if err != nil {
		return PublicKey{}, err
	}
	return PublicKey{Digest: sha256.Sum256(der), Algorithm: algorithm, verifier: verifier}, nil
}

func algorithmOf(public crypto.PublicKey) (string, error) {
	switch key := public.(type) {
	case *ecdsa.PublicKey:
		if key.Curve != elliptic.P256() {
			return "", fmt.Errorf("an ECDSA key on the curve %s, want P-256", key.Curve.Params().Name)
		}
		return "ECDSA P-256", nil
	case ed25519.PublicKey:
		return "Ed25519", nil
	case *rsa.PublicKey:
		if bits := key.N.BitLen(); bits < minRSA || bits > maxRSA {
			return "", fmt.Errorf("an RSA key of %d bits, want %d to %d", bits, minRSA, maxRSA)
		}
		return fmt.Sprintf("RSA %d", key.N.BitLen()), nil
	}
	return "", fmt.Errorf("a key of type %T, want ECDSA P-256, Ed25519 or RSA", public)
}

// ReadPrivateKey reads a PEM file with one private key: cosign's encrypted form, or unencrypted PKCS #8, SEC 1 or PKCS #1. The
// passphrase is asked for only where the file is encrypted; the error is [ErrPassphrase] where it does not fit.
func ReadPrivateKey(data []byte, passphrase func() ([]byte, error)) (Signer, error) {
	if len(data) > MaxKeyFile {
		return Signer{}, fmt.Errorf("%d bytes, at most %d are read", len(data), MaxKeyFile)
	}
	block, rest := pem.Decode(data)
	if block == nil {
		return Signer{}, errors.New("no private key in PEM form in it")
	}
	if len(bytes.TrimSpace(rest)) > 0 {
		return Signer{}, errors.New("something stands behind the private key, want one PEM block alone")
	}
	private, err := parsePrivate(block, passphrase)
	if err != nil {
		return Signer{}, err
	}
	signer, err := signature.LoadSigner(private, crypto.SHA256)
	if err != nil {
		return Signer{}, fmt.Errorf("a key of type %T, want ECDSA P-256, Ed25519 or RSA", private)
	}
	return newSigner(signer)
}

func parsePrivate(block *pem.Block, passphrase func() ([]byte, error)) (crypto.PrivateKey, error) {
	if block.Headers["DEK-Info"] != "" {
		return nil, errors.New("a key encrypted in OpenSSL's old way, want cosign's encrypted form (gverify keygen makes one)")
	}
	switch block.Type {
	case encryptedTypes[0], encryptedTypes[1]:
		secret, err := passphrase()
		if err != nil {
			return nil, err
		}
		der, err := encrypted.Decrypt(block.Bytes, secret)
		if err != nil {
			return nil, fmt.Errorf("%w (%w)", ErrPassphrase, err)
		}
		return x509.ParsePKCS8PrivateKey(der)
	case "PRIVATE KEY":
		return x509.ParsePKCS8PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		return x509.ParseECPrivateKey(block.Bytes)
	case "RSA PRIVATE KEY":
		return x509.ParsePKCS1PrivateKey(block.Bytes)
	}
	return nil, fmt.Errorf("a PEM block of type %q, want %s or PRIVATE KEY", block.Type, encryptedTypes[0])
}

func newSigner(s signature.Signer) (Signer, error) {
	public, err := s.PublicKey()
	if err != nil {
		return Signer{}, err
	}
	key, err := newPublicKey(public)
	if err != nil {
		return Signer{}, err
	}
	return Signer{Public: key, signer: s}, nil
}

// Generate makes an ECDSA P-256 key pair as cosign makes and reads it: the private key encrypted with the passphrase (also with
// an empty one), both in PEM form.
func Generate(passphrase []byte) (private, public []byte, err error) {
	if passphrase == nil {
		passphrase = []byte{} // nil would leave the key unencrypted
	}
	return cryptoutils.GeneratePEMEncodedECDSAKeyPair(elliptic.P256(), cryptoutils.StaticPasswordFunc(passphrase))
}
