package pgp

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/packet"

	"github.com/gverify/gverify/sigs"
)

// secretKey is a key file as gpg exports it, locked where a passphrase is given.
func secretKey(t *testing.T, passphrase string, armored bool) []byte {
	t.Helper()
	config := &packet.Config{Algorithm: packet.PubKeyAlgoEdDSA}
	e, err := openpgp.NewEntity("alice", "", "alice@example.org", config)
	if err != nil {
		t.Fatal(err)
	}
	if passphrase != "" {
		if err := e.EncryptPrivateKeys([]byte(passphrase), config); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := e.SerializePrivateWithoutSigning(&b, config); err != nil {
		t.Fatal(err)
	}
	if !armored {
		return b.Bytes()
	}
	var a bytes.Buffer
	w, err := armor.Encode(&a, openpgp.PrivateKeyType, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(b.Bytes()); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return a.Bytes()
}

func TestSecretKey(t *testing.T) {
	now := time.Now().Add(time.Minute)
	for _, armored := range []bool{false, true} {
		for _, passphrase := range []string{"", "open sesame"} {
			asked := 0
			k, err := ReadSecretKey(secretKey(t, passphrase, armored), func() ([]byte, error) { asked++; return []byte(passphrase), nil })
			if err != nil {
				t.Fatal(err)
			}
			if want := min(len(passphrase), 1); asked != want {
				t.Errorf("the passphrase was asked for %d times, want %d", asked, want)
			}
			public, err := k.Public()
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(public, []byte{0xc5}) && public[0] == 0xc5 {
				t.Error("the secret key is in the public one")
			}
			ring := NewKeyring()
			ring.Add("alice.asc", Source{}, public)
			for range 2 {
				signature, err := k.Sign([]byte("data"), armored, now)
				if err != nil {
					t.Fatal(err)
				}
				if got := ring.At(now).Verify([]byte("data"), signature); len(got) != 1 || got[0].Status != sigs.Good {
					t.Errorf("%+v", got)
				}
				if got := ring.At(now).Verify([]byte("other"), signature); len(got) != 1 || got[0].Status != sigs.Bad {
					t.Errorf("over other data: %+v", got)
				}
			}
		}
	}
}

func TestReadSecretKeyRefuses(t *testing.T) {
	locked := secretKey(t, "right", false)
	if _, err := ReadSecretKey(locked, func() ([]byte, error) { return []byte("wrong"), nil }); !errors.Is(err, ErrPassphrase) {
		t.Errorf("wrong passphrase: %v", err)
	}
	interrupted := errors.New("interrupted")
	if _, err := ReadSecretKey(locked, func() ([]byte, error) { return nil, interrupted }); !errors.Is(err, interrupted) {
		t.Errorf("not asked: %v", err)
	}
	open := secretKey(t, "", false)
	k, err := ReadSecretKey(open, nil)
	if err != nil {
		t.Fatal(err)
	}
	public, err := k.Public()
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"public": public, "empty": nil, "text": []byte("hello"), "two keys": append(bytes.Clone(open), secretKey(t, "", false)...),
		"large": append(bytes.Clone(open), make([]byte, MaxKeyFile)...), "cut off": open[:len(open)/2],
	} {
		if k, err := ReadSecretKey(data, nil); err == nil || k != nil {
			t.Errorf("%s is read as a secret key", name)
		}
	}
}

// FuzzReadSecretKey: no file makes it panic.
func FuzzReadSecretKey(f *testing.F) {
	f.Add([]byte("-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n-----END PGP PRIVATE KEY BLOCK-----\n"))
	f.Add([]byte{0xc5, 0x01, 0x04})
	f.Fuzz(func(t *testing.T, data []byte) {
		k, err := ReadSecretKey(data, func() ([]byte, error) { return []byte("x"), nil })
		if (k == nil) == (err == nil) {
			t.Errorf("%v together with %v", k, err)
		}
	})
}
