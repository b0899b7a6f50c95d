package pgp_test

import (
	"bytes"
	"crypto"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/clearsign"
	"github.com/ProtonMail/go-crypto/openpgp/packet"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/sigs/pgp"
)

var (
	birth   = time.Date(2020, 1, 1, 12, 0, 0, 0, time.UTC)
	signing = time.Date(2021, 1, 1, 12, 0, 0, 0, time.UTC)
	today   = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	message = []byte("what came out\nof the build\n")
)

func at(t time.Time) *packet.Config {
	return &packet.Config{Algorithm: packet.PubKeyAlgoEdDSA, DefaultHash: crypto.SHA256, Time: func() time.Time { return t }}
}

func newKey(t testing.TB, name string, lifetime time.Duration) *openpgp.Entity {
	c := at(birth)
	c.KeyLifetimeSecs = uint32(lifetime.Seconds())
	e, err := openpgp.NewEntity(name, "", name+"@example.org", c)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func public(t testing.TB, e *openpgp.Entity) []byte {
	var b bytes.Buffer
	if err := e.Serialize(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func sign(t testing.TB, e *openpgp.Entity, when time.Time) []byte {
	var b bytes.Buffer
	if err := openpgp.DetachSign(&b, e, bytes.NewReader(message), at(when)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func armored(t testing.TB, kind string, data []byte) []byte {
	var b bytes.Buffer
	w, err := armor.Encode(&b, kind, nil)
	if err != nil {
		t.Fatal(err)
	}
	w.Write(data)
	w.Close()
	return append(b.Bytes(), '\n')
}

func ringOf(t testing.TB, keys ...[]byte) *pgp.Keyring {
	ring := pgp.NewKeyring()
	for _, data := range keys {
		if f := ring.Add("key", pgp.Source{Name: "test"}, data); len(f) > 0 {
			t.Fatalf("%+v", f)
		}
	}
	return ring
}

// Each case is one change away from the first, which is good.
func TestStatuses(t *testing.T) {
	alice, bob := newKey(t, "alice", 0), newKey(t, "bob", 0)
	brief := newKey(t, "brief", 2*365*24*time.Hour)
	good := sign(t, alice, signing)
	revoked := func(reason packet.ReasonForRevocation, when time.Time) (signature, key []byte) {
		e := newKey(t, "gone", 0)
		data := sign(t, e, signing)
		if err := e.RevokeKey(reason, "", at(when)); err != nil {
			t.Fatal(err)
		}
		return data, public(t, e)
	}
	hard, hardKey := revoked(packet.KeyCompromised, today.AddDate(0, -1, 0))
	soft, softKey := revoked(packet.KeySuperseded, today.AddDate(0, -1, 0))
	early, earlyKey := revoked(packet.KeySuperseded, signing.AddDate(0, -1, 0))
	long := packet.Config{Algorithm: packet.PubKeyAlgoEdDSA, SigLifetimeSecs: 3600, Time: func() time.Time { return signing }}
	var ended bytes.Buffer
	if err := openpgp.DetachSign(&ended, alice, bytes.NewReader(message), &long); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name      string
		key       []byte
		signature []byte
		asOf      time.Time
		want      sigs.Status
	}{
		{"good", public(t, alice), good, today, sigs.Good},
		{"armored", armored(t, "PGP PUBLIC KEY BLOCK", public(t, alice)), armored(t, "PGP SIGNATURE", good), today, sigs.Good},
		{"no such key", public(t, bob), good, today, sigs.UnknownKey},
		{"expired since", public(t, brief), sign(t, brief, signing), today, sigs.KeyExpiredSince},
		{"not yet expired then", public(t, brief), sign(t, brief, signing), signing, sigs.Good},
		{"compromised later", hardKey, hard, today, sigs.Revoked},
		{"compromised after the day of judging", hardKey, hard, signing, sigs.Revoked},
		{"superseded later", softKey, soft, today, sigs.KeySuperseded},
		{"superseded after the day of judging", softKey, soft, signing, sigs.Good},
		{"superseded before", earlyKey, early, today, sigs.Revoked},
		{"from the future", public(t, alice), sign(t, alice, today), signing, sigs.ImpossibleTime},
		{"its own lifetime is over", public(t, alice), ended.Bytes(), today, sigs.SignatureExpired},
	} {
		got := ringOf(t, c.key).At(c.asOf).Verify(message, c.signature)
		if len(got) != 1 || got[0].Status != c.want {
			t.Errorf("%s: %+v, want %s", c.name, got, c.want)
		}
		if bad := ringOf(t, c.key).At(c.asOf).Verify(append([]byte("x"), message...), c.signature); bad[0].Authentic() {
			t.Errorf("%s: authentic over another message", c.name)
		}
	}
}

// A revocation known from one source is not undone by a stale copy from another, in whichever order they are read.
func TestRevocationSurvivesStaleCopy(t *testing.T) {
	e := newKey(t, "alice", 0)
	stale, signature := public(t, e), sign(t, e, signing)
	if err := e.RevokeKey(packet.KeyCompromised, "", at(today)); err != nil {
		t.Fatal(err)
	}
	for _, keys := range [][][]byte{{stale, public(t, e)}, {public(t, e), stale}} {
		if got := ringOf(t, keys...).At(today).Verify(message, signature)[0].Status; got != sigs.Revoked {
			t.Errorf("%s, want %s", got, sigs.Revoked)
		}
	}
}

// Everything that is not exactly detached signature packets is malformed.
func TestMalformed(t *testing.T) {
	e := newKey(t, "alice", 0)
	good := sign(t, e, signing)
	block := string(armored(t, "PGP SIGNATURE", good))
	var inline, clear bytes.Buffer
	w, err := openpgp.Sign(&inline, e, nil, at(signing))
	if err != nil {
		t.Fatal(err)
	}
	w.Write(message)
	w.Close()
	w, err = clearsign.Encode(&clear, e.PrivateKey, at(signing))
	if err != nil {
		t.Fatal(err)
	}
	w.Write(message)
	w.Close()
	lie := bytes.Clone(good)
	lie[1]++
	ring := ringOf(t, public(t, e))
	for name, data := range map[string][]byte{
		"empty":              {},
		"inline":             inline.Bytes(),
		"inline, armored":    armored(t, "PGP MESSAGE", inline.Bytes()),
		"clear-signed":       clear.Bytes(),
		"a key":              armored(t, "PGP PUBLIC KEY BLOCK", public(t, e)),
		"trailing data":      append(bytes.Clone(good), 0xff),
		"cut off":            good[:len(good)-1],
		"a length that lies": lie,
		"17 signatures":      bytes.Repeat(good, 17),
		"text before":        []byte("hello\n" + block),
		"text after":         []byte(block + "hello\n"),
		"two blocks":         []byte(block + block),
		"wrong checksum":     []byte(strings.Replace(block, "\n=", "\n=AAAA\n=", 1)),
		"no end":             []byte(strings.Split(block, "-----END")[0]),
		"33 armor headers":   []byte(strings.Replace(block, "\n\n", "\n"+strings.Repeat("Comment: x\n", 33)+"\n", 1)),
		"too large":          bytes.Repeat([]byte{' '}, pgp.MaxSignature+1),
	} {
		for _, got := range ring.At(today).Verify(message, data) {
			if got.Status != sigs.Malformed || got.Why == "" {
				t.Errorf("%s: %+v, want malformed and why", name, got)
			}
		}
	}
	if got := ring.At(today).Verify(message, bytes.Repeat(good, 16)); len(got) != 16 || got[15].Status != sigs.Good {
		t.Errorf("16 signatures: %d results", len(got))
	}
}

// One broken key in a file does not take the others with it, and every problem names the file.
func TestBrokenKeys(t *testing.T) {
	alice, bob := newKey(t, "alice", 0), newKey(t, "bob", 0)
	var secret bytes.Buffer
	if err := bob.SerializePrivate(&secret, at(birth)); err != nil {
		t.Fatal(err)
	}
	blockA := armored(t, "PGP PUBLIC KEY BLOCK", public(t, alice))
	broken := bytes.Replace(armored(t, "PGP PUBLIC KEY BLOCK", public(t, bob)), []byte("\n\n"), []byte("\n\n!!!!\n"), 1)
	for _, c := range []struct {
		name, code string
		data       []byte
		certs      int
	}{
		{"broken block before", "key-unreadable", append(bytes.Clone(broken), blockA...), 1},
		{"broken block behind", "key-unreadable", append(bytes.Clone(blockA), broken...), 1},
		{"a key of an unknown kind before", "key-unreadable", append([]byte{0x98, 4, 9, 9, 9, 9}, public(t, alice)...), 1},
		{"cut off behind", "key-unreadable", append(public(t, alice), 0x98, 200, 4), 1},
		{"secret key", "secret-key", secret.Bytes(), 0},
		{"no key", "key-unreadable", []byte("hello"), 0},
		{"too large", "key-file-too-large", make([]byte, pgp.MaxKeyFile+1), 0},
	} {
		ring := pgp.NewKeyring()
		findings := ring.Add("some/file.asc", pgp.Source{Name: "test"}, c.data)
		if len(findings) == 0 || findings[0].Code != c.code || findings[0].Path != "some/file.asc" {
			t.Errorf("%s: findings %+v, want %s", c.name, findings, c.code)
		}
		if got := len(ring.Certificates()); got != c.certs {
			t.Errorf("%s: %d certificates, want %d", c.name, got, c.certs)
		}
	}
}

func FuzzVerify(f *testing.F) {
	e := newKey(f, "alice", 0)
	good := sign(f, e, signing)
	verifier := ringOf(f, public(f, e)).At(today)
	f.Add(good)
	f.Add(armored(f, "PGP SIGNATURE", good))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, got := range verifier.Verify(append([]byte("x"), message...), data) {
			if got.Authentic() || got.Status == "" {
				t.Errorf("%s over another message", got.Status)
			}
		}
	})
}

func FuzzAdd(f *testing.F) {
	e := newKey(f, "alice", 0)
	f.Add(public(f, e))
	f.Add(armored(f, "PGP PUBLIC KEY BLOCK", public(f, e)))
	f.Fuzz(func(t *testing.T, data []byte) {
		ring := pgp.NewKeyring()
		findings := ring.Add("file", pgp.Source{Name: "test"}, data)
		if len(ring.Certificates()) == 0 && len(findings) == 0 {
			t.Error("no key and no finding")
		}
		for _, finding := range findings {
			if finding.Path != "file" || finding.Text == "" {
				t.Errorf("%+v", finding)
			}
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	for _, algorithm := range []packet.PublicKeyAlgorithm{packet.PubKeyAlgoEdDSA, packet.PubKeyAlgoRSA} {
		c := at(birth)
		c.Algorithm, c.RSABits = algorithm, 4096
		e, err := openpgp.NewEntity("alice", "", "", c)
		if err != nil {
			b.Fatal(err)
		}
		signature := sign(b, e, signing)
		verifier := ringOf(b, public(b, e)).At(today)
		b.Run(fmt.Sprint(algorithm), func(b *testing.B) {
			for b.Loop() {
				if got := verifier.Verify(message, signature)[0].Status; got != sigs.Good {
					b.Fatal(got)
				}
			}
		})
	}
}
