package dsse_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/secure-systems-lab/go-securesystemslib/encrypted"
	"github.com/sigstore/sigstore/pkg/signature"
	"github.com/sigstore/sigstore/pkg/signature/kms"

	"github.com/gverify/gverify/sigs/dsse"
)

func block(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func der(t *testing.T, private any) []byte {
	t.Helper()
	data, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func publicPEM(t *testing.T, public any) []byte {
	t.Helper()
	data, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return block("PUBLIC KEY", data)
}

func rsaKey(t *testing.T, bits int) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func secret(text string) func() ([]byte, error) {
	return func() ([]byte, error) { return []byte(text), nil }
}

func unasked() ([]byte, error) { return nil, errors.New("asked for a passphrase without need") }

// A generated key is what cosign writes: PKCS #8 under go-securesystemslib's encryption.
func TestGenerate(t *testing.T) {
	private, public, err := dsse.Generate([]byte("correct horse"))
	if err != nil {
		t.Fatal(err)
	}
	found, rest := pem.Decode(private)
	if found == nil || found.Type != "ENCRYPTED SIGSTORE PRIVATE KEY" || len(rest) > 0 {
		t.Fatalf("private key %q", private)
	}
	plain, err := encrypted.Decrypt(found.Bytes, []byte("correct horse"))
	if err != nil {
		t.Fatal(err)
	}
	if key, err := x509.ParsePKCS8PrivateKey(plain); err != nil {
		t.Error(err)
	} else if key, ok := key.(*ecdsa.PrivateKey); !ok || key.Curve != elliptic.P256() {
		t.Errorf("a key of type %T", key)
	}
	if bytes.Contains(private, plain) {
		t.Error("the key is not encrypted")
	}
	keys, err := dsse.ReadPublicKeys(public)
	if err != nil {
		t.Fatal(err)
	}
	s, err := dsse.ReadPrivateKey(private, secret("correct horse"))
	if err != nil {
		t.Fatal(err)
	}
	if s.Public.Digest != keys[0].Digest || s.Public.Algorithm != "ECDSA P-256" {
		t.Errorf("the pair does not belong together: %v, %v", s.Public, keys)
	}
	if _, err := dsse.Verify(signed(t, s), keys, 1); err != nil {
		t.Error(err)
	}
	if _, err := dsse.ReadPrivateKey(private, secret("wrong")); !errors.Is(err, dsse.ErrPassphrase) {
		t.Errorf("a wrong passphrase: %v", err)
	}
	older := bytes.ReplaceAll(private, []byte("SIGSTORE"), []byte("COSIGN"))
	if _, err := dsse.ReadPrivateKey(older, secret("correct horse")); err != nil {
		t.Errorf("cosign's older form: %v", err)
	}
}

// Without a passphrase the key is still encrypted, with an empty one: cosign reads nothing else.
func TestGenerateWithoutPassphrase(t *testing.T) {
	private, _, err := dsse.Generate(nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := dsse.ReadPrivateKey(private, secret("")); err != nil || !bytes.Contains(private, []byte("ENCRYPTED SIGSTORE")) {
		t.Errorf("%v, %s", err, private[:40])
	}
}

func TestReadPrivateKey(t *testing.T) {
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ec, big := ecdsaKey(t), rsaKey(t, 3072)
	sec1, err := x509.MarshalECPrivateKey(ec)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"Ed25519":     {block("PRIVATE KEY", der(t, ed)), "Ed25519"},
		"ECDSA":       {block("PRIVATE KEY", der(t, ec)), "ECDSA P-256"},
		"ECDSA SEC 1": {block("EC PRIVATE KEY", sec1), "ECDSA P-256"},
		"RSA":         {block("PRIVATE KEY", der(t, big)), "RSA 3072"},
		"RSA PKCS #1": {block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(big)), "RSA 3072"},
	} {
		s, err := dsse.ReadPrivateKey(c.data, unasked)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if s.Public.Algorithm != c.want {
			t.Errorf("%s: %s, want %s", name, s.Public.Algorithm, c.want)
		}
		if _, err := dsse.Verify(signed(t, s), []dsse.PublicKey{s.Public}, 1); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"RSA 2048":          {block("PRIVATE KEY", der(t, rsaKey(t, 2048))), "RSA key of 2048 bits"},
		"ECDSA P-384":       {block("PRIVATE KEY", der(t, p384)), "curve P-384"},
		"a public key":      {publicPEM(t, &ec.PublicKey), `"PUBLIC KEY"`},
		"an OpenSSH key":    {block("OPENSSH PRIVATE KEY", []byte("x")), `"OPENSSH PRIVATE KEY"`},
		"encrypted PKCS #8": {block("ENCRYPTED PRIVATE KEY", []byte("x")), `"ENCRYPTED PRIVATE KEY"`},
		"OpenSSL's old way": {pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Headers: map[string]string{"Proc-Type": "4,ENCRYPTED", "DEK-Info": "AES-128-CBC,00"}, Bytes: sec1}), "old way"},
		"two keys":          {append(block("PRIVATE KEY", der(t, ed)), block("PRIVATE KEY", der(t, ec))...), "behind the private key"},
		"no PEM":            {[]byte("hello"), "no private key"},
		"broken":            {block("PRIVATE KEY", []byte("x")), "asn1"},
		"too large":         {make([]byte, dsse.MaxKeyFile+1), "at most"},
	} {
		s, err := dsse.ReadPrivateKey(c.data, unasked)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
		if s != (dsse.Signer{}) {
			t.Errorf("%s: a signer came together with an error", name)
		}
	}
}

func TestReadPublicKeys(t *testing.T) {
	one, two := ecdsaKey(t), ecdsaKey(t)
	first, second := publicPEM(t, &one.PublicKey), publicPEM(t, &two.PublicKey)
	keys, err := dsse.ReadPublicKeys(append(append(append([]byte{}, first...), second...), first...))
	if err != nil || len(keys) != 3 || len(dsse.Distinct(keys)) != 2 {
		t.Errorf("%d keys, %d distinct, %v", len(keys), len(dsse.Distinct(keys)), err)
	}
	small := rsaKey(t, 2048)
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"a private key":        {block("PRIVATE KEY", der(t, one)), `"PRIVATE KEY"`},
		"a private key behind": {append(append([]byte{}, first...), block("PRIVATE KEY", der(t, one))...), `"PRIVATE KEY"`},
		"RSA 2048":             {publicPEM(t, &small.PublicKey), "2048 bits"},
		"a damaged second":     {append(append([]byte{}, first...), bytes.Replace(second, []byte("MFkw"), []byte("!!!!"), 1)...), "of which 1 can be read"},
		"nothing":              {nil, "no public key"},
		"no PEM":               {[]byte("hello"), "no public key"},
		"a certificate":        {block("CERTIFICATE", []byte("x")), `"CERTIFICATE"`},
		"too large":            {make([]byte, dsse.MaxKeyFile+1), "at most"},
	} {
		if keys, err := dsse.ReadPublicKeys(c.data); err == nil || keys != nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, %v, want %q", name, keys, err, c.want)
		}
	}
}

// memoryKMS is a key management service that holds one key.
type memoryKMS struct{ signature.SignerVerifier }

func (memoryKMS) CreateKey(context.Context, string) (crypto.PublicKey, error) {
	return nil, errors.New("no")
}
func (memoryKMS) CryptoSigner(context.Context, func(error)) (crypto.Signer, crypto.SignerOpts, error) {
	return nil, nil, errors.New("no")
}
func (memoryKMS) SupportedAlgorithms() []string { return nil }
func (memoryKMS) DefaultAlgorithm() string      { return "" }

func TestOpenKMS(t *testing.T) {
	inner, err := signature.LoadECDSASignerVerifier(ecdsaKey(t), crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	kms.AddProvider("memorykms://", func(context.Context, string, crypto.Hash, ...signature.RPCOption) (kms.SignerVerifier, error) {
		return memoryKMS{inner}, nil
	})
	s, err := dsse.OpenKMS(context.Background(), "memorykms://release")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := dsse.Verify(signed(t, s), []dsse.PublicKey{s.Public}, 1); err != nil {
		t.Error(err)
	}
	if !dsse.IsKMS("awskms:///alias/x") || dsse.IsKMS("release.key") {
		t.Error("IsKMS takes one for the other")
	}
}

// A service that is not compiled in is an error that names it; no program is started for it.
func TestOpenKMSWithoutProvider(t *testing.T) {
	dir := t.TempDir()
	marker := filepath.Join(dir, "started")
	if err := os.WriteFile(filepath.Join(dir, "sigstore-kms-awskms"), []byte("#!/bin/sh\ntouch "+marker+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	_, err := dsse.OpenKMS(context.Background(), "awskms://alias/x")
	if !errors.Is(err, dsse.ErrNoProvider) || !strings.Contains(err.Error(), "awskms://") {
		t.Errorf("OpenKMS() = %v", err)
	}
	if _, err := os.Stat(marker); err == nil {
		t.Error("a program on the PATH was started")
	}
}
