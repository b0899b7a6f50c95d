package dsse_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"encoding/pem"
	"errors"
	"math/big"
	"strings"
	"sync"
	"testing"

	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"

	"github.com/gverify/gverify/sigs"
	"github.com/gverify/gverify/sigs/dsse"
)

// pair is a signer of tests, made without a passphrase: scrypt would take the time.
func pair(t testing.TB, private any) dsse.Signer {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	s, err := dsse.ReadPrivateKey(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func ecdsaKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

var alice = sync.OnceValue(func() dsse.Signer { return testSigner() })
var bob = sync.OnceValue(func() dsse.Signer { return testSigner() })

func testSigner() dsse.Signer {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		panic(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		panic(err)
	}
	s, err := dsse.ReadPrivateKey(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil)
	if err != nil {
		panic(err)
	}
	return s
}

func statement() dsse.Statement {
	return dsse.Statement{
		Subjects:      []dsse.Subject{{Name: "demo.tar.gz", Digest: sigs.Digest{1}}},
		PredicateType: dsse.ReportType,
		Predicate:     []byte(`{"schema":"x"}`),
	}
}

func signed(t testing.TB, signers ...dsse.Signer) dsse.Envelope {
	t.Helper()
	e, err := dsse.Sign(context.Background(), statement(), signers...)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// The vector of the DSSE protocol's own text.
func TestPreAuthentication(t *testing.T) {
	got := string(dsse.PreAuthentication("http://example.com/HelloWorld", []byte("hello world")))
	if want := "DSSEv1 29 http://example.com/HelloWorld 11 hello world"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSignAndVerify(t *testing.T) {
	e := signed(t, alice(), bob())
	v, err := dsse.Verify(e, []dsse.PublicKey{bob().Public, alice().Public}, 2)
	if err != nil {
		t.Fatal(err)
	}
	if got := v.Signers(); len(got) != 2 || got[0].Digest != bob().Public.Digest || v.Unknown() != 0 {
		t.Errorf("signers %v, unknown %d", got, v.Unknown())
	}
	s, err := v.Statement()
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Subjects) != 1 || s.Subjects[0] != statement().Subjects[0] || s.PredicateType != dsse.ReportType || string(s.Predicate) != `{"schema":"x"}` {
		t.Errorf("statement %+v", s)
	}
	if _, err := (dsse.Verified{}).Statement(); err == nil {
		t.Error("the zero Verified has a statement")
	}
}

// One change each away from an envelope that verifies with the threshold given.
func TestVerifyRefuses(t *testing.T) {
	a, b := alice().Public, bob().Public
	both := []dsse.PublicKey{a, b}
	cases := []struct {
		name      string
		change    func(*dsse.Envelope)
		keys      []dsse.PublicKey
		threshold int
		want      string
	}{
		{"payload", func(e *dsse.Envelope) { e.Payload[10] ^= 1 }, both, 1, "no good signature"},
		{"payload longer", func(e *dsse.Envelope) { e.Payload = append(e.Payload, ' ') }, both, 1, "no good signature"},
		{"payload gone", func(e *dsse.Envelope) { e.Payload = nil }, both, 1, "no payload"},
		{"payload type", func(e *dsse.Envelope) { e.PayloadType = "application/json" }, both, 1, "payload type"},
		{"payload type in capitals", func(e *dsse.Envelope) { e.PayloadType = strings.ToUpper(e.PayloadType) }, both, 1, "payload type"},
		{"signature", func(e *dsse.Envelope) { e.Signatures[0].Sig[3] ^= 1 }, both, 2, "1 distinct key, want 2"},
		{"signature cut off", func(e *dsse.Envelope) { e.Signatures[0].Sig = e.Signatures[0].Sig[:10] }, both, 2, "1 distinct key, want 2"},
		{"signatures gone", func(e *dsse.Envelope) { e.Signatures = nil }, both, 1, "no good signature"},
		{"one signature gone", func(e *dsse.Envelope) { e.Signatures = e.Signatures[:1] }, both, 2, "1 distinct key, want 2"},
		{"one signature twice", func(e *dsse.Envelope) { e.Signatures[1] = e.Signatures[0] }, both, 2, "1 distinct key, want 2"},
		{"one key under two ids", func(e *dsse.Envelope) {
			e.Signatures[1] = dsse.Signature{KeyID: "another", Sig: e.Signatures[0].Sig}
		}, both, 2, "1 distinct key, want 2"},
		{"one key given twice", func(*dsse.Envelope) {}, []dsse.PublicKey{a, a}, 2, "1 distinct key, want 2"},
		{"no key", func(*dsse.Envelope) {}, nil, 1, "no good signature"},
		{"the zero key", func(*dsse.Envelope) {}, []dsse.PublicKey{{}}, 1, "no good signature"},
		{"no threshold", func(*dsse.Envelope) {}, both, 0, "at least 1"},
		{"too many signatures", func(e *dsse.Envelope) { e.Signatures = make([]dsse.Signature, dsse.MaxSignatures+1) }, both, 1, "at most 16"},
	}
	for _, c := range cases {
		e := signed(t, alice(), bob())
		c.change(&e)
		v, err := dsse.Verify(e, c.keys, c.threshold)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: Verify() = %v, want %q", c.name, err, c.want)
		}
		if _, err := v.Statement(); err == nil {
			t.Errorf("%s: a statement came together with an error", c.name)
		}
	}
}

func TestTooFew(t *testing.T) {
	_, err := dsse.Verify(signed(t, alice()), []dsse.PublicKey{alice().Public, bob().Public}, 2)
	var few *dsse.TooFewError
	if !errors.As(err, &few) || *few != (dsse.TooFewError{Have: 1, Want: 2, Signatures: 1}) {
		t.Errorf("Verify() = %v", err)
	}
}

// Key ids are not signed, so they decide nothing: neither for nor against a signature.
func TestKeyIDsDecideNothing(t *testing.T) {
	e := signed(t, alice(), bob())
	e.Signatures[0].KeyID, e.Signatures[1].KeyID = e.Signatures[1].KeyID, "…"
	if _, err := dsse.Verify(e, []dsse.PublicKey{alice().Public, bob().Public}, 2); err != nil {
		t.Error(err)
	}
}

// A signature by a key that nobody gave neither helps nor harms.
func TestUnknownSignature(t *testing.T) {
	v, err := dsse.Verify(signed(t, alice(), bob()), []dsse.PublicKey{alice().Public}, 1)
	if err != nil || v.Unknown() != 1 || len(v.Signers()) != 1 {
		t.Errorf("signers %v, unknown %d, %v", v.Signers(), v.Unknown(), err)
	}
}

// An ECDSA signature has a twin that anyone can compute. It is no second voice.
func TestMalleatedSignature(t *testing.T) {
	key := ecdsaKey(t)
	s := pair(t, key)
	e := signed(t, s)
	twin := malleate(t, e.Signatures[0].Sig)
	message := sha256.Sum256(dsse.PreAuthentication(e.PayloadType, e.Payload))
	if !ecdsa.VerifyASN1(&key.PublicKey, message[:], twin) || bytes.Equal(twin, e.Signatures[0].Sig) {
		t.Fatal("the twin is none")
	}
	e.Signatures = append(e.Signatures, dsse.Signature{KeyID: "twin", Sig: twin})
	if _, err := dsse.Verify(e, []dsse.PublicKey{s.Public, bob().Public}, 2); err == nil {
		t.Error("one key with two signatures counts twice")
	}
}

func TestSignRefuses(t *testing.T) {
	if _, err := dsse.Sign(context.Background(), statement()); err == nil {
		t.Error("Sign() without a key signs")
	}
	if _, err := dsse.Sign(context.Background(), statement(), alice(), alice()); err == nil || !strings.Contains(err.Error(), "given twice") {
		t.Errorf("Sign() with a key twice: %v", err)
	}
	if _, err := dsse.Sign(context.Background(), dsse.Statement{}, alice()); err == nil {
		t.Error("Sign() signs the zero statement")
	}
	if _, err := dsse.Sign(context.Background(), statement(), dsse.Signer{}); err == nil {
		t.Error("Sign() with the zero signer signs")
	}
}

// Whatever single byte of a signed envelope is changed: if it still verifies, the very same payload was signed.
func FuzzMutatedEnvelope(f *testing.F) {
	e := signed(f, alice())
	data, err := e.Marshal()
	if err != nil {
		f.Fatal(err)
	}
	for i := range data {
		f.Add(i, byte(1))
	}
	f.Add(0, byte(0x20))
	f.Fuzz(func(t *testing.T, at int, flip byte) {
		if at < 0 || at >= len(data) {
			return
		}
		changed := bytes.Clone(data)
		changed[at] ^= flip
		checkForgery(t, e, changed)
	})
}

// Whatever else an envelope is made of: it verifies only with what was signed.
func FuzzEnvelope(f *testing.F) {
	e := signed(f, alice())
	data, err := e.Marshal()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"payload":"e30=","payloadType":"application/vnd.in-toto+json","signatures":[{"sig":"AAAA"}]}`))
	f.Add(append(append(bytes.Clone(data), '\n'), data...))
	f.Fuzz(func(t *testing.T, data []byte) { checkForgery(t, e, data) })
}

func checkForgery(t *testing.T, original dsse.Envelope, data []byte) {
	envelopes, err := dsse.ParseEnvelopes(data)
	if err != nil {
		return
	}
	for _, e := range envelopes {
		if len(e.Signatures) == 0 || len(e.Payload) == 0 {
			t.Fatalf("an envelope without signatures or payload was parsed: %q", data)
		}
		again, err := e.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		if parsed, err := dsse.ParseEnvelope(again); err != nil || !bytes.Equal(parsed.Payload, e.Payload) {
			t.Fatalf("%q does not read back: %v", again, err)
		}
		if _, err := dsse.Verify(e, []dsse.PublicKey{alice().Public}, 1); err == nil {
			if !bytes.Equal(e.Payload, original.Payload) || e.PayloadType != original.PayloadType {
				t.Fatalf("a forged envelope verifies: %q", data)
			}
		}
	}
}

// malleate turns the signature (r, s) into (r, n-s).
func malleate(t *testing.T, sig []byte) []byte {
	t.Helper()
	r, s := parseECDSA(t, sig)
	s.Sub(elliptic.P256().Params().N, s)
	return marshalECDSA(t, r, s)
}

func compact(t *testing.T, v any) []byte {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

type ecdsaSignature struct{ R, S *big.Int }
